//! `/api/historical/*`, `/api/stats/percentile` and `/api/at`: the calendar's view of the history.

use super::context::Context;
use super::problem::Problem;
use super::reply::Reply;
use super::request::Request;
use super::route::{Answer, FILTERS, Gives, Guard, LIMIT, NARROWED, Parameter, Route, shape, with};
use crate::query::{At, Heatmap, Percentile, Periods};
use crate::store::Cycle;

pub(super) const HOURLY: Route = Route {
    name: "GET /api/historical/hourly",
    guard: Guard::Token,
    about: "What each hour carried, beside the one before.",
    takes: &with::<N, 1, { N + 1 }>(NARROWED, [PERIODS]),
    body: None,
    gives: Gives::Json(shape::<Periods>),
    answer: Answer::Handler(hourly),
};

pub(super) const DAILY: Route = Route {
    name: "GET /api/historical/daily",
    about: "What each day carried, beside the one before.",
    answer: Answer::Handler(daily),
    ..HOURLY
};

pub(super) const WEEKLY: Route = Route {
    name: "GET /api/historical/weekly",
    about: "What each week carried, beside the one before.",
    answer: Answer::Handler(weekly),
    ..HOURLY
};

pub(super) const MONTHLY: Route = Route {
    name: "GET /api/historical/monthly",
    about: "What each month carried, beside the one before.",
    answer: Answer::Handler(monthly),
    ..HOURLY
};

pub(super) const YEARLY: Route = Route {
    name: "GET /api/historical/yearly",
    about: "What each year carried, beside the one before.",
    answer: Answer::Handler(yearly),
    ..HOURLY
};

pub(super) const BILLING: Route = Route {
    name: "GET /api/historical/billing",
    about: "What each billing cycle carried, beside the one before.",
    takes: &with::<N, 2, { N + 2 }>(NARROWED, [PERIODS, CYCLE_DAY]),
    answer: Answer::Handler(billing),
    ..HOURLY
};

pub(super) const HEATMAP: Route = Route {
    name: "GET /api/historical/heatmap",
    about: "What each hour of the week carries.",
    takes: &NARROWED,
    gives: Gives::Json(shape::<Heatmap>),
    answer: Answer::Handler(heatmap),
    ..HOURLY
};

pub(super) const PERCENTILE: Route = Route {
    name: "GET /api/stats/percentile",
    about: "The 95th percentile of five-minute means.",
    takes: &NARROWED,
    gives: Gives::Json(shape::<Percentile>),
    answer: Answer::Handler(percentile),
    ..HOURLY
};

pub(super) const AT: Route = Route {
    name: "GET /api/at",
    about: "What happened at a second.",
    takes: &with::<1, 10, 11>([TS], with::<9, 1, 10>(FILTERS, [LIMIT])),
    gives: Gives::Json(shape::<At>),
    answer: Answer::Handler(at),
    ..HOURLY
};

const N: usize = NARROWED.len();

const PERIODS: Parameter = Parameter {
    name: "limit",
    about: "Without `from`: how many periods up to `to`.",
};
const CYCLE_DAY: Parameter = Parameter {
    name: "cycle_day",
    about: "The day of the month on which a billing cycle begins, 1 to 28. Default: 1.",
};
const TS: Parameter = Parameter {
    name: "ts",
    about: "RFC 3339, or seconds since 1970. Must be told.",
};

fn hourly(context: &Context, request: &Request) -> Result<Reply, Problem> {
    periods(context, request, Cycle::Hour)
}

fn daily(context: &Context, request: &Request) -> Result<Reply, Problem> {
    periods(context, request, Cycle::Day)
}

fn weekly(context: &Context, request: &Request) -> Result<Reply, Problem> {
    periods(context, request, Cycle::Week)
}

fn monthly(context: &Context, request: &Request) -> Result<Reply, Problem> {
    periods(context, request, Cycle::Month)
}

fn yearly(context: &Context, request: &Request) -> Result<Reply, Problem> {
    periods(context, request, Cycle::Year)
}

fn billing(context: &Context, request: &Request) -> Result<Reply, Problem> {
    let expected = "a day of every month, 1 to 28";
    let day = request.parsed::<u8>("cycle_day", expected)?.unwrap_or(1);
    if !(1..=28).contains(&day) {
        return Err(Problem::bad_request(format!(
            "`cycle_day` must be {expected}."
        )));
    }
    periods(context, request, Cycle::Billing(day))
}

fn periods(context: &Context, request: &Request, cycle: Cycle) -> Result<Reply, Problem> {
    Reply::json(&context.query.periods(&request.ask()?, cycle)?)
}

fn heatmap(context: &Context, request: &Request) -> Result<Reply, Problem> {
    Reply::json(&context.query.heatmap(&request.ask()?)?)
}

fn percentile(context: &Context, request: &Request) -> Result<Reply, Problem> {
    Reply::json(&context.query.percentile(&request.ask()?)?)
}

fn at(context: &Context, request: &Request) -> Result<Reply, Problem> {
    let Some(at) = request.time("ts")? else {
        return Err(Problem::bad_request(
            "`ts` must be told: the second that is meant.",
        ));
    };
    Reply::json(&context.query.at(&request.ask()?, at)?)
}
