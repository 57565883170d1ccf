//! `/api/domains`: registrable domains, and one of them by its name.

use super::context::Context;
use super::problem::Problem;
use super::reply::Reply;
use super::request::Request;
use super::route::{
    Answer, CURSOR, DOMAIN, Gives, Guard, LIMIT, NARROWED, Parameter, Route, STEP, shape, with,
    without,
};
use crate::query::{By, DomainBrowsers, DomainList, DomainPage, Timeline, TopList};

pub(super) const LIST: Route = Route {
    name: "GET /api/domains",
    guard: Guard::Token,
    about: "The registrable domains of a range, most bytes first.",
    takes: &with::<11, 2, 13>(NARROWED, [LIMIT, CURSOR]),
    body: None,
    gives: Gives::Json(shape::<DomainList>),
    answer: Answer::Handler(list),
};

/// Before the routes of one domain: a domain has a dot, and is not called `top`.
pub(super) const TOP: Route = Route {
    name: "GET /api/domains/top/{limit}",
    about: "The domains with the most bytes, and how much the rest was.",
    takes: &with::<11, 1, 12>(NARROWED, [LIMIT]),
    gives: Gives::Json(shape::<TopList>),
    answer: Answer::Handler(top),
    ..LIST
};

pub(super) const ONE: Route = Route {
    name: "GET /api/domains/{id}",
    about: "One domain: its sites, and the applications that talked to them.",
    takes: &with::<11, 1, 12>(OF_ONE, [LIMIT]),
    gives: Gives::Json(shape::<DomainPage>),
    answer: Answer::Handler(one),
    ..LIST
};

pub(super) const TIMELINE: Route = Route {
    name: "GET /api/domains/{id}/timeline",
    about: "One domain's series over a range.",
    takes: &with::<11, 1, 12>(OF_ONE, [STEP]),
    gives: Gives::Json(shape::<Timeline>),
    answer: Answer::Handler(timeline),
    ..LIST
};

pub(super) const BROWSERS: Route = Route {
    name: "GET /api/domains/{id}/browsers",
    about: "The browsers that talked to a domain.",
    takes: &with::<11, 1, 12>(OF_ONE, [LIMIT]),
    gives: Gives::Json(shape::<DomainBrowsers>),
    answer: Answer::Handler(browsers),
    ..LIST
};

const OF_ONE: [Parameter; 11] = with::<1, 10, 11>([ID], without(NARROWED, [DOMAIN]));

const ID: Parameter = Parameter {
    name: "id",
    about: "The domain's name.",
};

fn list(context: &Context, request: &Request) -> Result<Reply, Problem> {
    Reply::json(&context.query.domains(&request.ask()?)?)
}

fn top(context: &Context, request: &Request) -> Result<Reply, Problem> {
    let wrong = |_| Problem::bad_request("`limit` must be a number from 1 to 1000.");
    let mut ask = request.ask()?;
    ask.limit = Some(request.named()?.parse().map_err(wrong)?);
    Reply::json(&context.query.top(&ask, By::Domain, false)?)
}

fn one(context: &Context, request: &Request) -> Result<Reply, Problem> {
    Reply::json(&context.query.domain(&request.ask()?, request.named()?)?)
}

fn timeline(context: &Context, request: &Request) -> Result<Reply, Problem> {
    let told = context
        .query
        .domain_timeline(&request.ask()?, request.named()?);
    Reply::json(&told?)
}

fn browsers(context: &Context, request: &Request) -> Result<Reply, Problem> {
    let told = context
        .query
        .domain_browsers(&request.ask()?, request.named()?);
    Reply::json(&told?)
}
