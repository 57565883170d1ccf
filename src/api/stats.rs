//! `/api/stats`: totals, series, the most of everything, and what is going on now.

use super::context::Context;
use super::problem::Problem;
use super::reply::Reply;
use super::request::Request;
use super::route::{
    Answer, Gives, Guard, INTERFACE, LIMIT, NARROWED, Parameter, Route, STEP, shape, with,
};
use crate::query::{Bandwidth, By, Stats, Summary, Talks, Timeline, TopList};

pub(super) const STATS: Route = Route {
    name: "GET /api/stats",
    guard: Guard::Token,
    about: "Totals of a range, with every loss.",
    takes: &NARROWED,
    body: None,
    gives: Gives::Json(shape::<Stats>),
    answer: Answer::Handler(stats),
};

pub(super) const TIMELINE: Route = Route {
    name: "GET /api/stats/timeline",
    about: "A series over a range.",
    takes: &with::<11, 1, 12>(NARROWED, [STEP]),
    gives: Gives::Json(shape::<Timeline>),
    answer: Answer::Handler(timeline),
    ..STATS
};

pub(super) const SUMMARY: Route = Route {
    name: "GET /api/stats/summary",
    about: "The range, and its top applications, sites and protocols.",
    takes: &with::<11, 1, 12>(NARROWED, [LIMIT]),
    gives: Gives::Json(shape::<Summary>),
    answer: Answer::Handler(summary),
    ..STATS
};

pub(super) const TALKS: Route = Route {
    name: "GET /api/stats/talks",
    about: "Which application talked to which site, most bytes first.",
    takes: &with::<11, 1, 12>(NARROWED, [LIMIT]),
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

pub(super) const TOP: Route = Route {
    name: "GET /api/stats/top",
    about: "The most of one kind, how much the rest was, and what it was before.",
    takes: &with::<11, 3, 14>(NARROWED, [BY, LIMIT, COMPARE]),
    gives: Gives::Json(shape::<TopList>),
    answer: Answer::Handler(top),
    ..STATS
};

pub(super) const BY: Parameter = Parameter {
    name: "by",
    about: "`application`, `site`, `domain`, `interface`, `protocol`, `country`, `direction`, `user`, `class` or \
            `talk`.",
};
const COMPARE: Parameter = Parameter {
    name: "compare",
    about: "`previous`: with what each was in the period of the same length before.",
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

fn top(context: &Context, request: &Request) -> Result<Reply, Problem> {
    let kinds = By::ALL.map(By::word).join(", ");
    let by = request.parsed("by", &format!("one of {kinds}"))?;
    let by = by.ok_or_else(|| Problem::bad_request(format!("Say `by=`: one of {kinds}.")))?;
    let compare = match request.one("compare")? {
        None => false,
        Some("previous") => true,
        Some(_) => return Err(Problem::bad_request("`compare` must be previous.")),
    };
    Reply::json(&context.query.top(&request.ask()?, by, compare)?)
}

fn talks(context: &Context, request: &Request) -> Result<Reply, Problem> {
    Reply::json(&context.query.talks(&request.ask()?)?)
}

fn bandwidth(context: &Context, request: &Request) -> Result<Reply, Problem> {
    Reply::json(&context.query.bandwidth(&request.ask()?))
}
