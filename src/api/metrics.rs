//! `GET /metrics`: OpenMetrics text for Prometheus. Base units, no peers in labels; every cap stands
//! beside its limit.

mod attribution;

use super::context::Context;
use super::daemon::{DaemonStatus, RingStatus};
use super::openmetrics::{CONTENT_TYPE, Page};
use super::problem::Problem;
use super::reply::Reply;
use super::request::Request;
use super::route::{Answer, Gives, Guard, Route};
use crate::measure::{Kind, Reading, StageSnapshot};
use crate::query::NicTotal;
use crate::store::BACKLOG_SECONDS;
use std::collections::BTreeMap;
use std::sync::Arc;

pub(super) const ROUTE: Route = Route {
    name: "GET /metrics",
    guard: Guard::Token,
    about: "OpenMetrics text.",
    takes: &[],
    body: None,
    gives: Gives::Other(CONTENT_TYPE),
    answer: Answer::Handler(metrics),
};

fn metrics(context: &Context, request: &Request) -> Result<Reply, Problem> {
    let mut page = Page::new();
    status(&mut page, &(context.status)());
    // The other series are told even where the history cannot be read.
    if let Ok(covered) = context.query.covered_lately(request.now.second()) {
        attribution::coverage(&mut page, &covered);
    }
    attribution::owners(&mut page, &(context.owners)());
    interfaces(&mut page, &context.query.recent().totals());
    stages(&mut page, &context.stages.snapshot());
    for reading in context.meters.snapshot() {
        meter(&mut page, &reading);
    }
    Ok(Reply::text(CONTENT_TYPE, page.text()?))
}

fn status(page: &mut Page, status: &DaemonStatus) {
    let version = vec![("version", status.version.to_owned())];
    page.gauges("build", "The version that runs.", [(version, 1.0)]);
    page.gauge(
        "uptime_seconds",
        "Time since the start.",
        status.uptime_s as f64,
    );
    page.gauge(
        "cpu_ratio",
        "Cores used in the last second.",
        status.cpu_ms_per_s / 1e3,
    );
    page.gauge(
        "resident_bytes",
        "Resident memory.",
        status.resident_bytes as f64,
    );
    page.cap(
        "flows",
        "Flows in the tables.",
        status.flows.live,
        status.flows.max,
    );
    page.counter("flows_opened", "Flows that began.", status.flows.opened);
    page.counter(
        "flows_evicted",
        "Flows given up to make room.",
        status.flows.evicted,
    );
    rings(page, status);
    let store = &status.store;
    page.gauge(
        "store_file_bytes",
        "Size of the history's file.",
        store.file_bytes as f64,
    );
    let degraded = f64::from(u8::from(store.degraded.is_some()));
    page.gauge(
        "store_degraded",
        "1: seconds cannot be committed.",
        degraded,
    );
    page.counter(
        "store_damaged_seconds",
        "Stored seconds that were found damaged.",
        store.damaged_seconds,
    );
    let damaged = store.checked.as_ref().map_or(0, |checked| checked.damaged);
    page.gauge(
        "store_check_damaged",
        "Values that the last daily check found damaged.",
        damaged as f64,
    );
    let waiting = "Seconds that wait for their commit.";
    let most = BACKLOG_SECONDS as u64;
    page.cap(
        "store_pending_seconds",
        waiting,
        store.pending_seconds,
        most,
    );
}

fn rings(page: &mut Page, status: &DaemonStatus) {
    let each = |value: fn(&RingStatus) -> f64| {
        let rings = status.rings.iter();
        let labelled = rings.map(|ring| (vec![("worker", ring.worker.to_string())], value(ring)));
        labelled.collect::<Vec<_>>()
    };
    page.gauges(
        "ring_batches",
        "Batches that wait.",
        each(|ring| ring.depth as f64),
    );
    let limits = each(|ring| ring.capacity as f64);
    page.gauges("ring_batches_limit", "Batches that may wait.", limits);
    let dropped = status.rings.iter();
    let dropped = dropped.map(|ring| {
        (
            vec![("worker", ring.worker.to_string())],
            ring.dropped_packets,
        )
    });
    page.counters(
        "ring_dropped_packets",
        "Packets dropped at a full ring.",
        dropped,
    );
}

fn interfaces(page: &mut Page, totals: &BTreeMap<Arc<str>, NicTotal>) {
    let ways = |value: fn(&NicTotal) -> [u64; 2]| {
        let each = totals.iter().flat_map(move |(name, total)| {
            let [inbound, outbound] = value(total);
            let label = |way: &str| {
                vec![
                    ("interface", name.to_string()),
                    ("direction", way.to_owned()),
                ]
            };
            [(label("in"), inbound), (label("out"), outbound)]
        });
        each.collect::<Vec<_>>()
    };
    let bytes = ways(|nic| [nic.traffic.inbound.bytes, nic.traffic.outbound.bytes]);
    page.counters(
        "interface_bytes",
        "Whole frames, link header included.",
        bytes,
    );
    let packets = ways(|nic| [nic.traffic.inbound.packets, nic.traffic.outbound.packets]);
    page.counters(
        "interface_packets",
        "Frames as they were captured.",
        packets,
    );
    let lost = totals.iter().flat_map(|(name, total)| {
        let loss = &total.loss;
        let causes = [
            ("kernel", loss.kernel_packets),
            ("interface", loss.interface_packets),
            ("ring", loss.ring_packets),
        ];
        causes.map(|(cause, count)| {
            let label = vec![("interface", name.to_string()), ("cause", cause.to_owned())];
            (label, count)
        })
    });
    page.counters(
        "lost_packets",
        "Frames that existed and were not counted.",
        lost,
    );
}

fn stages(page: &mut Page, stages: &[StageSnapshot]) {
    let name = |stage: &StageSnapshot| ("stage", stage.name.to_owned());
    let passed = stages.iter().filter(|stage| stage.minute.count > 0);
    let quantiles = passed.flat_map(|stage| {
        let minute = &stage.minute;
        let at = [
            ("0.5", minute.p50_ns),
            ("0.99", minute.p99_ns),
            ("1", minute.max_ns),
        ];
        at.map(|(at, value)| {
            (
                vec![name(stage), ("quantile", at.to_owned())],
                value as f64 / 1e9,
            )
        })
    });
    page.gauges("stage_seconds", "Latency over the last minute.", quantiles);
    let counts = stages
        .iter()
        .map(|stage| (vec![name(stage)], stage.start.count));
    page.counters("stage_passes", "How often a stage was passed.", counts);
}

fn meter(page: &mut Page, reading: &Reading) {
    match (reading.kind, reading.limit) {
        (Kind::Counter, _) => page.counter(reading.name, reading.about, reading.value),
        (Kind::Gauge, None) => page.gauge(reading.name, reading.about, reading.value as f64),
        (Kind::Gauge, Some(limit)) => {
            page.cap(reading.name, reading.about, reading.value, limit);
        }
    }
}
