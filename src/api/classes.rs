//! `GET /api/classes`: named traffic classes and their bytes.

use super::context::Context;
use super::problem::Problem;
use super::reply::Reply;
use super::request::Request;
use super::route::{Answer, Gives, Guard, NARROWED, Route, shape};
use crate::query::ClassList;

pub(super) const ROUTE: Route = Route {
    name: "GET /api/classes",
    guard: Guard::Token,
    about: "Named traffic classes and their bytes.",
    takes: &NARROWED,
    body: None,
    gives: Gives::Json(shape::<ClassList>),
    answer: Answer::Handler(classes),
};

fn classes(context: &Context, request: &Request) -> Result<Reply, Problem> {
    Reply::json(&context.query.classes(&request.ask()?)?)
}
