//! `POST /api/config/aggregate` and `/api/config/cleanup`: roll-up and retention, now.

use super::context::Context;
use super::problem::Problem;
use super::reply::Reply;
use super::request::Request;
use super::route::{Answer, Gives, Guard, Route, shape};
use crate::store::{Error, What};
use serde::Serialize;
use utoipa::ToSchema;

pub(super) const AGGREGATE: Route = Route {
    name: "POST /api/config/aggregate",
    guard: Guard::Token,
    about: "Rolls up what is over, and tells what was done.",
    takes: &[],
    body: None,
    gives: Gives::Json(shape::<Upkept>),
    answer: Answer::Handler(aggregate),
};

pub(super) const CLEANUP: Route = Route {
    name: "POST /api/config/cleanup",
    about: "Removes what is too old or too much, and tells what was done.",
    answer: Answer::Handler(cleanup),
    ..AGGREGATE
};

/// What was done.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Upkept {
    /// Minutes, hours and days that were made, or blocks and connections that were removed.
    entries: u64,
    /// Rows that were added up, or removed.
    rows: u64,
    /// Bytes that were added, or freed: the file itself does not shrink, it has room then.
    bytes: u64,
    took_ms: u64,
}

fn aggregate(context: &Context, _: &Request) -> Result<Reply, Problem> {
    upkeep(context, What::Aggregate)
}

fn cleanup(context: &Context, _: &Request) -> Result<Reply, Problem> {
    upkeep(context, What::Cleanup)
}

fn upkeep(context: &Context, what: What) -> Result<Reply, Problem> {
    let did = (context.upkeep)(what).map_err(|error| match error {
        Error::StillWorking | Error::Closed => Problem::busy(error.to_string()),
        inside => Problem::internal(inside),
    })?;
    Reply::json(&Upkept {
        entries: did.entries,
        rows: did.rows,
        bytes: did.bytes,
        took_ms: did.took.0.max(0) as u64 / 1_000_000,
    })
}
