//! A server with a history in a folder of its own.

use crate::client::{Answer, ask};
use crate::history::{delta, open};
use netmonitor::api::{
    Context, DaemonStatus, Filter, FlowStatus, Guard, HelperStatus, OwnersState, OwnersStatus,
    RingStatus, Route, Rung, RungState, RungStatus, StoreStatus, Token, Use, routes,
};
use netmonitor::capture::filter::Named;
use netmonitor::clock::Clock;
use netmonitor::measure::{Meters, Stages};
use netmonitor::platform::Role;
use netmonitor::query::{Class, InterfaceNow, Query, Recent};
use netmonitor::serve::{Config, Serve, listen};
use netmonitor::store::care::Care;
use netmonitor::store::{self, Did, Hooks, Store, What, Writer};
use netmonitor::units::{Nanos, Second};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use tempfile::TempDir;

/// When these tests happen: 2026-01-02T03:00:00Z.
pub const START: Second = Second(1_767_322_800);

pub struct House {
    pub port: u16,
    pub token: Token,
    pub meters: Meters,
    query: Arc<Query>,
    care: Care,
    recent: Recent,
    writer: Option<Writer>,
    serve: Option<Serve>,
    _folder: TempDir,
}

impl House {
    pub fn new() -> House {
        House::with(&Config::default())
    }

    pub fn with(config: &Config) -> House {
        House::whose_writer(Hooks::default(), config)
    }

    /// One whose history is written with these hooks.
    pub fn whose_writer(hooks: Hooks, config: &Config) -> House {
        let folder = tempfile::tempdir().unwrap();
        let (clock, _) = Clock::manual(Nanos(START.start().0 + 60_000_000_000));
        let settings = store::Config {
            classes: vec!["web".into()],
            ..store::Config::default()
        };
        let store = Store::open(folder.path(), settings, clock.now().wall).unwrap();
        let reader = store.reader();
        let writer = Writer::start(store, clock.clone(), hooks).unwrap();
        let recent = Recent::new(writer.committed());
        let care = Care::new(reader.clone());
        let query = Arc::new(Query::new(reader, recent.clone(), vec![web()]));
        let token = Token::open(folder.path()).unwrap();
        let mut house = House {
            port: 0,
            token,
            meters: Meters::default(),
            query,
            care,
            recent,
            writer: Some(writer),
            serve: None,
            _folder: folder,
        };
        let listeners = listen(0).unwrap();
        let serve = Serve::start(listeners, config, house.context(), clock).unwrap();
        house.port = serve.port();
        house.serve = Some(serve);
        house
    }

    pub fn care(&self) -> &Care {
        &self.care
    }

    pub fn context(&self) -> Context {
        Context {
            query: self.query.clone(),
            care: self.care.clone(),
            stages: Stages::new(START.start()),
            meters: self.meters.clone(),
            token: self.token.clone(),
            filters: filters(),
            capture_filter: None,
            status: Box::new(status),
            owners: Box::new(owners),
            upkeep: self.upkeep(),
            interfaces: Box::new(|| vec![eth0()]),
            connections: Box::new(Vec::new),
            flows: Arc::new(|| 12),
        }
    }

    fn upkeep(&self) -> Box<dyn Fn(What) -> Result<Did, store::Error> + Send + Sync> {
        let upkeep = self.writer.as_ref().unwrap().upkeep();
        Box::new(move |what| upkeep.run(what, Duration::from_secs(10)))
    }

    /// The `n`th second after the start is cut: `n` times a hundred bytes came in, ten went out.
    pub fn cut(&self, n: i64) {
        let delta = Arc::new(delta(Second(START.0 + n), n as u64));
        self.recent
            .push(delta.clone(), Some(open(Second(START.0 + n + 1))));
        self.writer.as_ref().unwrap().commit(delta, Nanos(0));
    }

    /// Some seconds, committed.
    pub fn with_history() -> House {
        let house = House::new();
        (1..=5).for_each(|n| house.cut(n));
        let last = Some(Second(START.0 + 5));
        until("the history was committed", || {
            house
                .recent
                .committed()
                .through()
                .map(|moment| moment.second)
                == last
        });
        house
    }

    pub fn host(&self) -> String {
        format!("Host: 127.0.0.1:{}", self.port)
    }

    pub fn authorization(&self) -> String {
        format!("Authorization: Bearer {}", self.token.text())
    }

    /// A request as the dashboard sends it.
    pub fn get(&self, target: &str) -> Answer {
        let headers = [self.host(), self.authorization()];
        ask(self.port, &format!("GET {target} HTTP/1.1"), &headers, b"").unwrap()
    }

    /// A POST as the dashboard sends it.
    pub fn post(&self, target: &str, body: &str) -> Answer {
        let headers = [
            self.host(),
            self.authorization(),
            "Content-Type: application/json".to_owned(),
            format!("Content-Length: {}", body.len()),
        ];
        let head = format!("POST {target} HTTP/1.1");
        ask(self.port, &head, &headers, body.as_bytes()).unwrap()
    }

    pub fn gauge(&self, name: &str) -> u64 {
        let readings = self.meters.snapshot();
        let reading = readings.iter().find(|reading| reading.name == name);
        reading
            .unwrap_or_else(|| panic!("there is no meter {name}"))
            .value
    }

    pub fn stop(mut self) {
        self.serve.take().unwrap().stop();
    }
}

/// A path that this route answers.
pub fn target(route: &Route) -> String {
    let path = route.path().replace('*', "index.html");
    let id = if path.contains("/domains/") {
        "example.org"
    } else {
        "1"
    };
    let path = path.replace("{id}", id).replace("{limit}", "10");
    match path.as_str() {
        "/api/at" => format!("{path}?ts=2026-01-02T03:00:05Z"),
        "/api/stats/top" => format!("{path}?by=site"),
        _ => path,
    }
}

pub fn guarded() -> impl Iterator<Item = &'static Route> {
    routes().iter().filter(|route| route.guard == Guard::Token)
}

/// Waits for what another thread brings about.
pub fn until(what: &str, mut happened: impl FnMut() -> bool) {
    for _ in 0..6_000 {
        if happened() {
            return;
        }
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    panic!("{what} did not happen within a minute");
}

impl Drop for House {
    fn drop(&mut self) {
        drop(self.serve.take());
        self.writer.take().map(Writer::stop);
    }
}

fn web() -> Class {
    Class {
        name: "web".into(),
        expression: "tcp port 80 or tcp port 443".into(),
    }
}

fn filters() -> Vec<Filter> {
    let named = Named::new(&BTreeMap::new());
    named
        .iter()
        .map(|filter| Filter::of(filter, vec![Use::Class]))
        .collect()
}

fn eth0() -> InterfaceNow {
    InterfaceNow {
        name: "eth0".into(),
        role: Role::Uplink,
        link: "ethernet".into(),
        up: true,
        watched: true,
        addresses: vec!["192.0.2.9".into()],
        snaplen: Some(2_048),
        filter: None,
        problem: None,
        carrier: None,
    }
}

fn owners() -> OwnersStatus {
    let refused = "the kernel refused the programs: Operation not permitted";
    OwnersStatus {
        state: OwnersState::Running,
        reason: None,
        rung: Some(Rung::Sockets),
        since: Some("2026-01-02T03:04:05Z".into()),
        rungs: vec![
            RungStatus::new(Rung::Kernel, RungState::Fails, Some(refused.into())),
            RungStatus::new(Rung::Pktap, RungState::NotHere, None),
            RungStatus::new(Rung::Sockets, RungState::Works, None),
        ],
        helper: HelperStatus {
            pid: Some(4242),
            started: Some("2026-01-02T03:04:05Z".into()),
            restarts: 2,
        },
        events_lost: 5,
        asks_pending: 3,
        asks_max: 65_536,
        processes: 80,
        processes_max: 16_384,
    }
}

fn status() -> DaemonStatus {
    DaemonStatus {
        version: env!("CARGO_PKG_VERSION"),
        pid: std::process::id(),
        started: "2026-01-02T03:04:05Z".into(),
        uptime_s: 12,
        data_dir: "/var/lib/netmonitor".into(),
        workers: 1,
        rings: vec![RingStatus {
            worker: 0,
            depth: 1,
            capacity: 64,
            dropped_packets: 7,
        }],
        flows: FlowStatus {
            live: 12,
            max: 262_144,
            opened: 100,
            evicted: 3,
        },
        cpu_ms_per_s: 1.5,
        resident_bytes: 12_345_678,
        store: StoreStatus {
            file_bytes: 1_000_000,
            committed_through: Some("2026-01-02T03:04:05Z".into()),
            pending_seconds: 1,
            degraded: None,
            damaged_seconds: 0,
        },
        sse_clients: 0,
    }
}
