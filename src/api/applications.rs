//! `/api/applications`: who used the network, and one of them.

use super::context::Context;
use super::problem::Problem;
use super::reply::Reply;
use super::request::Request;
use super::route::{
    APPLICATION, Answer, CURSOR, Gives, Guard, LIMIT, NARROWED, Parameter, Route, STEP, USER,
    shape, with, without,
};
use crate::query::{ApplicationList, ApplicationPage, Timeline};

pub(super) const LIST: Route = Route {
    name: "GET /api/applications",
    guard: Guard::Token,
    about: "Every application of a range, most bytes first.",
    takes: &with::<11, 2, 13>(NARROWED, [LIMIT, CURSOR]),
    body: None,
    gives: Gives::Json(shape::<ApplicationList>),
    answer: Answer::Handler(list),
};

pub(super) const ONE: Route = Route {
    name: "GET /api/applications/{id}",
    about: "One application: what it is, and its sites, protocols and classes.",
    takes: &with::<10, 1, 11>(OF_ONE, [LIMIT]),
    gives: Gives::Json(shape::<ApplicationPage>),
    answer: Answer::Handler(one),
    ..LIST
};

pub(super) const TIMELINE: Route = Route {
    name: "GET /api/applications/{id}/timeline",
    about: "One application's series over a range.",
    takes: &with::<10, 1, 11>(OF_ONE, [STEP]),
    gives: Gives::Json(shape::<Timeline>),
    answer: Answer::Handler(timeline),
    ..LIST
};

/// An application is of one user.
const OF_ONE: [Parameter; 10] = with::<1, 9, 10>([ID], without(NARROWED, [APPLICATION, USER]));

const ID: Parameter = Parameter {
    name: "id",
    about: "The application's number.",
};

fn list(context: &Context, request: &Request) -> Result<Reply, Problem> {
    Reply::json(&context.query.applications(&request.ask()?)?)
}

fn one(context: &Context, request: &Request) -> Result<Reply, Problem> {
    Reply::json(&context.query.application(&request.ask()?, id(request)?)?)
}

fn timeline(context: &Context, request: &Request) -> Result<Reply, Problem> {
    let told = context
        .query
        .application_timeline(&request.ask()?, id(request)?);
    Reply::json(&told?)
}

fn id(request: &Request) -> Result<u32, Problem> {
    let wrong = |_| Problem::bad_request("An application's `id` is a number.");
    request.named()?.parse().map_err(wrong)
}
