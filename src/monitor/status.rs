//! How the service is: what the API is told of rings, flows, interfaces and own cost.

use super::path::worker_count;
use super::service::{Called, Watched};
use crate::api::{CheckedItem, DaemonStatus, FlowStatus, RingStatus, StoreStatus};
use crate::capture::live::Problems;
use crate::capture::{Interface, Link};
use crate::clock::Clock;
use crate::config::Config;
use crate::flow::Tables;
use crate::owners::Carriers;
use crate::platform::{self, Nic, Role};
use crate::query::{InterfaceNow, LiveConnection, time, time_of};
use crate::ring::Gauge;
use crate::store::{self, Committed};
use crate::tick::{Cost, Merged, connection};
use crate::units::Nanos;
use parking_lot::Mutex;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

/// Most live connections that are looked through for one answer.
const MOST_CONNECTIONS: usize = 10_000;

pub(super) struct Status {
    clock: Clock,
    started: (Nanos, Nanos),
    data_dir: PathBuf,
    workers: usize,
    flows_max: u64,
    committed: Committed,
    opened: AtomicU64,
    evicted: AtomicU64,
    cost: Mutex<Cost>,
    way: OnceLock<(Vec<Gauge>, Tables)>,
}

impl Status {
    pub(super) fn new(config: &Config, clock: &Clock, committed: Committed) -> Status {
        let now = clock.now();
        Status {
            clock: clock.clone(),
            started: (now.wall, now.steady),
            data_dir: config.data_dir.clone(),
            workers: worker_count(config.workers),
            flows_max: config.flow.max as u64,
            committed,
            opened: AtomicU64::new(0),
            evicted: AtomicU64::new(0),
            cost: Mutex::default(),
            way: OnceLock::new(),
        }
    }

    /// Where to look for rings and flows.
    pub(super) fn watch(&self, gauges: Vec<Gauge>, tables: Tables) {
        // Set once, right after the start.
        let _ = self.way.set((gauges, tables));
    }

    /// A second was cut.
    pub(super) fn second(&self, second: &Merged, cost: Cost) {
        let opened = second.rows.iter().filter(|row| row.opened).count() as u64;
        let folded = second.folded.iter().map(|folded| u64::from(folded.opened));
        self.opened
            .fetch_add(opened + folded.sum::<u64>(), Ordering::Relaxed);
        self.evicted.fetch_add(second.evicted, Ordering::Relaxed);
        *self.cost.lock() = cost;
    }

    pub(super) fn now(&self) -> DaemonStatus {
        let cost = *self.cost.lock();
        let up = self.clock.steady().0 - self.started.1.0;
        DaemonStatus {
            version: env!("CARGO_PKG_VERSION"),
            pid: std::process::id(),
            started: time_of(self.started.0),
            uptime_s: (up / crate::units::NANOS) as u64,
            data_dir: self.data_dir.to_string_lossy().into_owned(),
            workers: self.workers,
            rings: self.rings(),
            flows: self.flows(),
            cpu_ms_per_s: cost.cpu.0 as f64 / 1e6,
            resident_bytes: cost.resident,
            store: self.store(),
            sse_clients: 0,
        }
    }

    fn rings(&self) -> Vec<RingStatus> {
        let gauges = self.way.get().map_or(&[][..], |(gauges, _)| gauges);
        let ring = |(worker, gauge): (usize, &Gauge)| RingStatus {
            worker,
            depth: gauge.depth(),
            capacity: gauge.capacity(),
            dropped_packets: gauge.dropped(),
        };
        gauges.iter().enumerate().map(ring).collect()
    }

    fn flows(&self) -> FlowStatus {
        FlowStatus {
            live: self.way.get().map_or(0, |(_, tables)| tables.live() as u64),
            max: self.flows_max,
            opened: self.opened.load(Ordering::Relaxed),
            evicted: self.evicted.load(Ordering::Relaxed),
        }
    }

    fn store(&self) -> StoreStatus {
        let progress = self.committed.now();
        let file = std::fs::metadata(self.data_dir.join(store::FILE));
        StoreStatus {
            file_bytes: file.map_or(0, |file| file.len()),
            committed_through: progress.through.map(|through| time(through.second)),
            pending_seconds: progress.pending as u64,
            degraded: progress.degraded,
            damaged_seconds: progress.damaged,
            checked: progress.checked.map(CheckedItem::of),
        }
    }
}

/// This machine's interfaces, which of them are watched, and why others are not.
pub(super) fn interfaces(
    watched: &Watched,
    problems: &Problems,
    filter: Option<&str>,
    carriers: &Carriers,
) -> Vec<InterfaceNow> {
    let watched: Vec<Arc<Interface>> = watched.lock().values().cloned().collect();
    let nics = platform::nics().unwrap_or_else(|error| {
        tracing::warn!("the interfaces cannot be listed: {error}");
        Vec::new()
    });
    let files = watched
        .iter()
        .filter(|one| one.role == Role::File)
        .map(|one| InterfaceNow {
            name: one.name.to_string(),
            role: one.role,
            link: name_of(one.link),
            up: true,
            watched: true,
            addresses: Vec::new(),
            snaplen: Some(one.snaplen),
            filter: filter.map(Into::into),
            problem: None,
            carrier: None,
        });
    let known = nics.iter().map(|nic| {
        let mut same = watched.iter().filter(|one| *one.name == *nic.name);
        let problem = problems.of(&nic.name).filter(|_| nic.up);
        let capture = same.next_back().filter(|_| nic.up && problem.is_none());
        InterfaceNow {
            name: nic.name.clone(),
            role: nic.role,
            link: capture.map_or_else(String::new, |one| name_of(one.link)),
            up: nic.up,
            watched: capture.is_some(),
            addresses: nic.addresses.iter().map(ToString::to_string).collect(),
            snaplen: capture.map(|one| one.snaplen),
            filter: capture.and(filter).map(Into::into),
            problem,
            carrier: carrier(nic, carriers),
        }
    });
    files.chain(known).collect()
}

fn carrier(nic: &Nic, carriers: &Carriers) -> Option<String> {
    let app = carriers.get(&nic.name).filter(|_| nic.role == Role::Tunnel);
    Some(app?.name.to_string())
}

/// A link's name as the API says it.
fn name_of(link: Link) -> String {
    match link {
        Link::Other(number) => format!("linktype-{number}"),
        known => serde_json::to_value(known)
            .ok()
            .and_then(|value| value.as_str().map(Into::into))
            .unwrap_or_default(),
    }
}

/// The connections that were heard from last.
pub(super) fn connections(
    tables: &Tables,
    watched: &Watched,
    labels: &Called,
) -> Vec<LiveConnection> {
    let watched = watched.lock().clone();
    let live = tables.latest(MOST_CONNECTIONS, |_| true);
    let named = live.iter().filter_map(|flow| {
        let interface = watched.get(&flow.key.interface())?;
        let nic = store::Nic {
            name: interface.name.clone(),
            role: interface.role,
        };
        Some(LiveConnection {
            nic,
            connection: connection(flow, labels.lock().of(flow)),
        })
    });
    named.collect()
}
