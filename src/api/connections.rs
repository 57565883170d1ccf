//! `GET /api/connections`: who talks or talked to whom.

use super::context::Context;
use super::problem::Problem;
use super::reply::Reply;
use super::request::Request;
use super::route::{
    Answer, CURSOR, FROM, Gives, Guard, INTERFACE, LIMIT, Parameter, Route, TO, page,
};
use crate::query::{ConnectionItem, State};

pub(super) const ROUTE: Route = Route {
    name: "GET /api/connections",
    guard: Guard::Token,
    about: "Live or ended connections.",
    takes: &[STATE, INTERFACE, FROM, TO, LIMIT, CURSOR],
    body: None,
    gives: Gives::Json(page::<ConnectionItem>),
    answer: Answer::Handler(connections),
};

const STATE: Parameter = Parameter {
    name: "state",
    about: "`live` or `ended`. Default: both, live first.",
};

fn connections(context: &Context, request: &Request) -> Result<Reply, Problem> {
    let state = match request.one("state")? {
        None => State::Both,
        Some("live") => State::Live,
        Some("ended") => State::Ended,
        Some(_) => return Err(Problem::bad_request("`state` must be live or ended.")),
    };
    let live = || (context.connections)();
    Reply::json(&context.query.connections(&request.ask()?, state, live)?)
}
