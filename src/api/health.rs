//! `GET /health`: for whoever watches over the service. Open, so it says no more than that.

use super::context::Context;
use super::problem::Problem;
use super::reply::Reply;
use super::request::Request;
use super::route::{Answer, Gives, Guard, Route, shape};
use serde::Serialize;
use utoipa::ToSchema;

pub(super) const ROUTE: Route = Route {
    name: "GET /health",
    guard: Guard::Open,
    about: "Is it up, and what is committed.",
    takes: &[],
    body: None,
    gives: Gives::Json(shape::<Health>),
    answer: Answer::Handler(health),
};

#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Health {
    pub status: State,
    /// Why it is degraded.
    pub reason: Option<String>,
    /// Everything up to and including this second survives a crash.
    pub committed_through: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub(super) enum State {
    Ok,
    /// Nothing was committed yet.
    Starting,
    Degraded,
}

fn health(context: &Context, _: &Request) -> Result<Reply, Problem> {
    let store = (context.status)().store;
    let status = match (&store.degraded, &store.committed_through) {
        (Some(_), _) => State::Degraded,
        (None, None) => State::Starting,
        (None, Some(_)) => State::Ok,
    };
    Reply::json(&Health {
        status,
        reason: store.degraded,
        committed_through: store.committed_through,
    })
}
