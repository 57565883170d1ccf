//! `GET /api/latency`: how long each stage takes, netmonitor's own requests among them.

use super::context::Context;
use super::problem::Problem;
use super::reply::Reply;
use super::request::Request;
use super::route::{Answer, Gives, Guard, Parameter, Route, shape};
use crate::measure::StageSnapshot;
use serde::Serialize;
use utoipa::ToSchema;

const LOG: &str = "text/plain; charset=utf-8";

pub(super) const ROUTE: Route = Route {
    name: "GET /api/latency",
    guard: Guard::Token,
    about: "Latency of every stage, in JSON or HdrHistogram's log format.",
    takes: &[Parameter {
        name: "format",
        about: "`json` (default) or `hlog`.",
    }],
    body: None,
    gives: Gives::JsonOr(shape::<Latency>, LOG),
    answer: Answer::Handler(latency),
};

#[derive(Serialize, ToSchema)]
pub(super) struct Latency {
    pub stages: Vec<StageSnapshot>,
}

fn latency(context: &Context, request: &Request) -> Result<Reply, Problem> {
    match request.one("format")?.unwrap_or("json") {
        "json" => Reply::json(&Latency {
            stages: context.stages.snapshot(),
        }),
        "hlog" => Ok(Reply::text(
            LOG,
            context.stages.log().map_err(Problem::internal)?,
        )),
        _ => Err(Problem::bad_request("`format` must be json or hlog.")),
    }
}
