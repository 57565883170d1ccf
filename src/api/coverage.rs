//! `GET /api/coverage`: how much of what the interfaces carried is counted, named, owned.

use super::context::Context;
use super::problem::Problem;
use super::reply::Reply;
use super::request::Request;
use super::route::{Answer, FROM, Gives, Guard, INTERFACE, Route, TO, shape};
use crate::query::Coverage;

pub(super) const ROUTE: Route = Route {
    name: "GET /api/coverage",
    guard: Guard::Token,
    about: "How much of what the interfaces carried is counted, named, owned.",
    takes: &[FROM, TO, INTERFACE],
    body: None,
    gives: Gives::Json(shape::<Coverage>),
    answer: Answer::Handler(coverage),
};

fn coverage(context: &Context, request: &Request) -> Result<Reply, Problem> {
    let filter = context.capture_filter.clone();
    let mut told = context.query.coverage(request.now.second(), filter)?;
    let ask = request.ask()?;
    if ask.from.is_some() || ask.to.is_some() {
        told.range = Some(context.query.covered_in(&ask)?);
    }
    Reply::json(&told)
}
