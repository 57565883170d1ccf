//! `GET /api/coverage`: how much of what the interfaces carried is counted, named, owned.

use super::context::Context;
use super::problem::Problem;
use super::reply::Reply;
use super::request::Request;
use super::route::{Answer, Gives, Guard, Route, shape};
use crate::query::Coverage;

pub(super) const ROUTE: Route = Route {
    name: "GET /api/coverage",
    guard: Guard::Token,
    about: "How much of what the interfaces carried is counted, named, owned.",
    takes: &[],
    body: None,
    gives: Gives::Json(shape::<Coverage>),
    answer: Answer::Handler(coverage),
};

fn coverage(context: &Context, request: &Request) -> Result<Reply, Problem> {
    let filter = context.capture_filter.clone();
    Reply::json(&context.query.coverage(request.now.second(), filter)?)
}
