//! `GET /api/config/daemon/status`: what this process is, holds and uses.

use super::SSE_CLIENTS;
use super::context::Context;
use super::history::CheckedItem;
use super::problem::Problem;
use super::reply::Reply;
use super::request::Request;
use super::route::{Answer, Gives, Guard, Route, shape};
use serde::Serialize;
use utoipa::ToSchema;

pub(super) const ROUTE: Route = Route {
    name: "GET /api/config/daemon/status",
    guard: Guard::Token,
    about: "Version, uptime, rings, flows, own cost, file.",
    takes: &[],
    body: None,
    gives: Gives::Json(shape::<DaemonStatus>),
    answer: Answer::Handler(status),
};

#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct DaemonStatus {
    pub version: &'static str,
    pub pid: u32,
    /// RFC 3339.
    pub started: String,
    pub uptime_s: u64,
    pub data_dir: String,
    pub workers: usize,
    pub rings: Vec<RingStatus>,
    pub flows: FlowStatus,
    /// CPU time, user and system, in the last second.
    pub cpu_ms_per_s: f64,
    /// Resident memory, the kernel's mapped capture rings not counted.
    pub resident_bytes: u64,
    pub store: StoreStatus,
    /// Clients of the live stream; filled in here, the server counts them.
    pub sse_clients: u64,
}

/// The way to one worker.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct RingStatus {
    pub worker: usize,
    /// Batches that wait, and how many may.
    pub depth: usize,
    pub capacity: usize,
    pub dropped_packets: u64,
}

#[derive(Clone, Debug, Default, Serialize, ToSchema)]
pub struct FlowStatus {
    pub live: u64,
    pub max: u64,
    pub opened: u64,
    pub evicted: u64,
}

#[derive(Clone, Debug, Default, Serialize, ToSchema)]
pub struct StoreStatus {
    pub file_bytes: u64,
    /// RFC 3339; everything up to and including this second survives a crash.
    pub committed_through: Option<String>,
    /// Seconds that wait in memory for their commit.
    pub pending_seconds: u64,
    /// Why seconds cannot be committed now, if so.
    pub degraded: Option<String>,
    /// Seconds whose stored values were found damaged since the start: they are gaps now.
    pub damaged_seconds: u64,
    /// When all of it was checked last, and what was found.
    pub checked: Option<CheckedItem>,
}

fn status(context: &Context, _: &Request) -> Result<Reply, Problem> {
    let mut status = (context.status)();
    status.sse_clients = context.meters.gauge(SSE_CLIENTS, "Live streams.").get();
    Reply::json(&status)
}
