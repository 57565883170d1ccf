//! `GET /metrics`: OpenMetrics text for Prometheus. Base units, no peers in labels; every cap stands
//! beside its limit.

use super::context::Context;
use super::daemon::DaemonStatus;
use super::problem::Problem;
use super::reply::Reply;
use super::request::Request;
use super::route::{Answer, Gives, Guard, Route};
use crate::measure::{Kind, Reading, StageSnapshot};
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;
use std::sync::atomic::AtomicU64;

const OPENMETRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

pub const ROUTE: Route = Route {
    name: "GET /metrics",
    guard: Guard::Token,
    about: "OpenMetrics text.",
    takes: &[],
    body: None,
    gives: Gives::Other(OPENMETRICS),
    answer: Answer::Handler(metrics),
};

type Labels = Vec<(&'static str, String)>;

/// The metrics of one scrape.
struct Page(Registry);

fn metrics(context: &Context, _: &Request) -> Result<Reply, Problem> {
    let mut page = Page(Registry::with_prefix("netmonitor"));
    page.status(&(context.status)());
    page.stages(&context.stages.snapshot());
    for reading in context.meters.snapshot() {
        page.reading(&reading);
    }
    let mut text = String::new();
    encode(&mut text, &page.0).map_err(Problem::internal)?;
    Ok(Reply::text(OPENMETRICS, text))
}

impl Page {
    fn status(&mut self, status: &DaemonStatus) {
        let version = vec![("version", status.version.to_owned())];
        self.gauges("build", "The version that runs.", [(version, 1.0)]);
        self.gauge(
            "uptime_seconds",
            "Time since the start.",
            status.uptime_s as f64,
        );
        self.gauge(
            "cpu_ratio",
            "Cores used in the last second.",
            status.cpu_ms_per_s / 1e3,
        );
        self.gauge(
            "resident_bytes",
            "Resident memory.",
            status.resident_bytes as f64,
        );
        self.cap(
            "flows",
            "Flows in the tables.",
            status.flows.live,
            status.flows.max,
        );
        self.counter("flows_opened", "Flows that began.", status.flows.opened);
        self.counter(
            "flows_evicted",
            "Flows given up to make room.",
            status.flows.evicted,
        );
        self.rings(status);
        let store = &status.store;
        self.gauge(
            "store_file_bytes",
            "Size of the history's file.",
            store.file_bytes as f64,
        );
        let degraded = f64::from(u8::from(store.degraded.is_some()));
        self.gauge(
            "store_degraded",
            "1: seconds cannot be committed.",
            degraded,
        );
        self.gauge(
            "store_pending_seconds",
            "Seconds that wait for their commit.",
            store.pending_seconds as f64,
        );
    }

    fn rings(&mut self, status: &DaemonStatus) {
        let each = |value: fn(&super::daemon::RingStatus) -> f64| {
            let rings = status.rings.iter();
            let labelled =
                rings.map(|ring| (vec![("worker", ring.worker.to_string())], value(ring)));
            labelled.collect::<Vec<_>>()
        };
        self.gauges(
            "ring_batches",
            "Batches that wait.",
            each(|ring| ring.depth as f64),
        );
        let limits = each(|ring| ring.capacity as f64);
        self.gauges("ring_batches_limit", "Batches that may wait.", limits);
        let dropped = status.rings.iter();
        let dropped = dropped.map(|ring| {
            (
                vec![("worker", ring.worker.to_string())],
                ring.dropped_packets,
            )
        });
        self.counters(
            "ring_dropped_packets",
            "Packets dropped at a full ring.",
            dropped,
        );
    }

    fn stages(&mut self, stages: &[StageSnapshot]) {
        let name = |stage: &StageSnapshot| ("stage", stage.name.to_owned());
        let quantiles = stages.iter().flat_map(|stage| {
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
        self.gauges("stage_seconds", "Latency over the last minute.", quantiles);
        let counts = stages
            .iter()
            .map(|stage| (vec![name(stage)], stage.start.count));
        self.counters("stage_passes", "How often a stage was passed.", counts);
    }

    fn reading(&mut self, reading: &Reading) {
        match (reading.kind, reading.limit) {
            (Kind::Counter, _) => self.counter(reading.name, reading.about, reading.value),
            (Kind::Gauge, None) => self.gauge(reading.name, reading.about, reading.value as f64),
            (Kind::Gauge, Some(limit)) => {
                self.cap(reading.name, reading.about, reading.value, limit);
            }
        }
    }

    fn cap(&mut self, name: &str, about: &str, value: u64, limit: u64) {
        self.gauge(name, about, value as f64);
        self.gauge(
            &format!("{name}_limit"),
            &format!("{about} At most."),
            limit as f64,
        );
    }

    fn gauge(&mut self, name: &str, about: &str, value: f64) {
        self.gauges(name, about, [(Labels::new(), value)]);
    }

    fn counter(&mut self, name: &str, about: &str, value: u64) {
        self.counters(name, about, [(Labels::new(), value)]);
    }

    fn gauges(&mut self, name: &str, about: &str, values: impl IntoIterator<Item = (Labels, f64)>) {
        let family = Family::<Labels, Gauge<f64, AtomicU64>>::default();
        for (labels, value) in values {
            family.get_or_create(&labels).set(value);
        }
        self.0.register(name, about.trim_end_matches('.'), family);
    }

    fn counters(
        &mut self,
        name: &str,
        about: &str,
        values: impl IntoIterator<Item = (Labels, u64)>,
    ) {
        let family = Family::<Labels, Counter>::default();
        for (labels, value) in values {
            family.get_or_create(&labels).inc_by(value);
        }
        self.0.register(name, about.trim_end_matches('.'), family);
    }
}
