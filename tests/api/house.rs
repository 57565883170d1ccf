//! A server with a history in a folder of its own.

use crate::client::{Answer, ask};
use netmonitor::api::{
    Context, DaemonStatus, FlowStatus, Guard, RingStatus, Route, StoreStatus, Token, routes,
};
use netmonitor::clock::Clock;
use netmonitor::measure::{Meters, Stages};
use netmonitor::serve::{Config, Serve};
use netmonitor::units::Nanos;
use tempfile::TempDir;

pub struct House {
    pub port: u16,
    pub token: String,
    pub meters: Meters,
    serve: Option<Serve>,
    _folder: TempDir,
}

impl House {
    pub fn new() -> House {
        let folder = tempfile::tempdir().unwrap();
        let token = Token::open(folder.path()).unwrap();
        let meters = Meters::default();
        let context = Context {
            stages: Stages::new(Nanos(0)),
            meters: meters.clone(),
            token: token.clone(),
            filters: Vec::new(),
            capture_filter: None,
            status: Box::new(status),
            interfaces: Box::new(Vec::new),
        };
        let config = Config {
            port: 0,
            ..Config::default()
        };
        let serve = Serve::start(&config, context, Clock::system()).unwrap();
        House {
            port: serve.port(),
            token: token.text().to_owned(),
            meters,
            serve: Some(serve),
            _folder: folder,
        }
    }

    pub fn host(&self) -> String {
        format!("Host: 127.0.0.1:{}", self.port)
    }

    pub fn authorization(&self) -> String {
        format!("Authorization: Bearer {}", self.token)
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
    route.path().replace('*', "index.html")
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
        },
        sse_clients: 0,
    }
}
