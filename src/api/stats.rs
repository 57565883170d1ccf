//! `/api/stats`: totals, series, the most of everything, and what is going on now.

use super::context::Context;
use super::problem::Problem;
use super::reply::Reply;
use super::request::Request;
use super::route::{Answer, FROM, Gives, Guard, INTERFACE, LIMIT, Parameter, Route, TO, shape};
use crate::query::{Bandwidth, Stats, Summary, Talks, Timeline};

pub(super) const STATS: Route = Route {
    name: "GET /api/stats",
    guard: Guard::Token,
    about: "Totals of a range, with every loss.",
    takes: &[INTERFACE, FROM, TO],
    body: None,
    gives: Gives::Json(shape::<Stats>),
    answer: Answer::Handler(stats),
};

pub(super) const TIMELINE: Route = Route {
    name: "GET /api/stats/timeline",
    about: "A series over a range.",
    takes: &[INTERFACE, FROM, TO, STEP],
    gives: Gives::Json(shape::<Timeline>),
    answer: Answer::Handler(timeline),
    ..STATS
};

pub(super) const SUMMARY: Route = Route {
    name: "GET /api/stats/summary",
    about: "The range, and its top applications, sites and protocols.",
    takes: &[INTERFACE, FROM, TO, LIMIT],
    gives: Gives::Json(shape::<Summary>),
    answer: Answer::Handler(summary),
    ..STATS
};

pub(super) const TALKS: Route = Route {
    name: "GET /api/stats/talks",
    about: "Which application talked to which site, most bytes first.",
    takes: &[INTERFACE, FROM, TO, LIMIT],
    gives: Gives::Json(shape::<Talks>),
    answer: Answer::Handler(talks),
    ..STATS
};

pub(super) const BANDWIDTH: Route = Route {
    name: "GET /api/stats/bandwidth",
    about: "Rates over the last five seconds.",
    takes: &[INTERFACE],
    gives: Gives::Json(shape::<Bandwidth>),
    answer: Answer::Handler(bandwidth),
    ..STATS
};

const STEP: Parameter = Parameter {
    name: "step",
    about: "Seconds a point, or hour, day, week, month, year. Default: at most 600 points.",
};

fn stats(context: &Context, request: &Request) -> Result<Reply, Problem> {
    Reply::json(&context.query.stats(&request.ask()?)?)
}

fn timeline(context: &Context, request: &Request) -> Result<Reply, Problem> {
    Reply::json(&context.query.timeline(&request.ask()?)?)
}

fn summary(context: &Context, request: &Request) -> Result<Reply, Problem> {
    Reply::json(&context.query.summary(&request.ask()?)?)
}

fn talks(context: &Context, request: &Request) -> Result<Reply, Problem> {
    Reply::json(&context.query.talks(&request.ask()?)?)
}

fn bandwidth(context: &Context, request: &Request) -> Result<Reply, Problem> {
    Reply::json(&context.query.bandwidth(&request.ask()?))
}
