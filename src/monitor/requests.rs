//! What a signal asks of the running service: a report to the log, or the configuration read again.
//! On a thread of its own, so that neither keeps a frame waiting.

use super::Error;
use super::reload::Reload;
use super::status::Status;
use crate::api::DaemonStatus;
use crate::capture::live::Request;
use crate::query::{NicTotal, Recent};
use crossbeam_channel::Receiver;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::thread::{Builder, JoinHandle};

/// Whom to ask how things are.
#[derive(Clone)]
pub(super) struct Reporter {
    pub status: Arc<Status>,
    pub recent: Recent,
}

/// Answers until the source that takes the signals is gone.
pub(super) fn answer(
    asked: Receiver<Request>,
    reporter: Reporter,
    mut reload: Reload,
) -> Result<JoinHandle<()>, Error> {
    let answer = move || {
        for request in asked {
            match request {
                Request::Reload => reload.again(),
                Request::Report => tracing::info!("{}", reporter.report()),
            }
        }
    };
    Ok(Builder::new().name("monitor".into()).spawn(answer)?)
}

impl Reporter {
    fn report(&self) -> String {
        report(&self.status.now(), &self.recent.totals())
    }
}

fn report(status: &DaemonStatus, totals: &BTreeMap<Arc<str>, NicTotal>) -> String {
    let sum = |of: fn(&NicTotal) -> u64| totals.values().map(of).sum::<u64>();
    let (flows, store) = (&status.flows, &status.store);
    let mut said = format!(
        "how it is: {} frames, {} bytes on all interfaces; lost: {} by the kernel, {} by \
         interfaces, {} by rings, {} ms not watched; rings {}; flows {} of {}, {} given up; \
         committed through {}, {} s wait; memory {} bytes; CPU {:.1} ms a second",
        sum(|nic| nic.traffic.total().packets),
        sum(|nic| nic.traffic.total().bytes),
        sum(|nic| nic.loss.kernel_packets),
        sum(|nic| nic.loss.interface_packets),
        sum(|nic| nic.loss.ring_packets),
        sum(|nic| nic.loss.gap_ms),
        rings(status),
        flows.live,
        flows.max,
        flows.evicted,
        store.committed_through.as_deref().unwrap_or("nothing yet"),
        store.pending_seconds,
        status.resident_bytes,
        status.cpu_ms_per_s,
    );
    if let Some(why) = &store.degraded {
        said += "; the history is degraded: ";
        said += why;
    }
    said
}

/// How full each is.
fn rings(status: &DaemonStatus) -> String {
    let rings = status.rings.iter();
    let each: Vec<String> = rings
        .map(|ring| format!("{}/{}", ring.depth, ring.capacity))
        .collect();
    each.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::{FlowStatus, RingStatus, StoreStatus};
    use crate::platform::Role;
    use crate::query::Loss;
    use crate::units::{Tally, Traffic};

    fn status() -> DaemonStatus {
        let ring = |depth| RingStatus {
            worker: 0,
            depth,
            capacity: 64,
            dropped_packets: 0,
        };
        DaemonStatus {
            version: "",
            pid: 1,
            started: String::new(),
            uptime_s: 0,
            data_dir: String::new(),
            workers: 2,
            rings: vec![ring(3), ring(0)],
            flows: FlowStatus {
                live: 12,
                max: 100,
                opened: 20,
                evicted: 1,
            },
            cpu_ms_per_s: 1.25,
            resident_bytes: 5_000,
            store: StoreStatus {
                pending_seconds: 2,
                degraded: Some("no space".into()),
                ..StoreStatus::default()
            },
            sse_clients: 0,
        }
    }

    #[test]
    fn a_report_adds_the_interfaces_up() {
        let tally = |packets, bytes| Tally { packets, bytes };
        let nic = |packets| NicTotal {
            role: Role::Uplink,
            traffic: Traffic {
                inbound: tally(packets, 100),
                outbound: tally(1, 10),
            },
            loss: Loss {
                kernel_packets: 1,
                interface_packets: 2,
                ring_packets: 3,
                ring_bytes: 400,
                gap_ms: 5,
            },
        };
        let totals = BTreeMap::from([("eth0".into(), nic(4)), ("eth1".into(), nic(6))]);
        assert_eq!(
            report(&status(), &totals),
            "how it is: 12 frames, 220 bytes on all interfaces; lost: 2 by the kernel, 4 by \
             interfaces, 6 by rings, 10 ms not watched; rings 3/64 0/64; flows 12 of 100, 1 given \
             up; committed through nothing yet, 2 s wait; memory 5000 bytes; CPU 1.2 ms a second; \
             the history is degraded: no space"
        );
    }
}
