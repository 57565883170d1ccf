//! `GET /api/interfaces`: what is watched, and how well.

use super::context::Context;
use super::problem::Problem;
use super::reply::Reply;
use super::request::Request;
use super::route::{Answer, Gives, Guard, INTERFACE, Route, page};
use crate::query::InterfaceItem;

pub(super) const ROUTE: Route = Route {
    name: "GET /api/interfaces",
    guard: Guard::Token,
    about: "Interfaces, roles, counters, drops.",
    takes: &[INTERFACE],
    body: None,
    gives: Gives::Json(page::<InterfaceItem>),
    answer: Answer::Handler(interfaces),
};

fn interfaces(context: &Context, request: &Request) -> Result<Reply, Problem> {
    let now = (context.interfaces)();
    Reply::json(&context.query.interfaces(&request.ask()?, &now))
}
