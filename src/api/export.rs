//! `GET /api/export`: whole ranges of the history, and lists and series, as CSV, JSON or NDJSON.
//! Streamed by a thread of its own, which ends when the client leaves.

use super::chunks::{self, Broken};
use super::context::Context;
use super::problem::Problem;
use super::reply::Reply;
use super::request::Request;
use super::route::{Answer, Gives, Guard, LIMIT, NARROWED, Parameter, Route, with};
use super::stats::BY;
use crate::export::{self, Format, What, Wish};
use crate::query::{By, Span, time};
use crate::store::Tier;
use crate::units::Second;
use hyper::header::{CONTENT_DISPOSITION, HeaderName, HeaderValue};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

pub(super) const ROUTE: Route = Route {
    name: "GET /api/export",
    guard: Guard::Token,
    about: "A range, a list or a series as CSV, JSON or NDJSON.",
    takes: &with::<11, 7, 18>(NARROWED, [WHAT, FORMAT, TIER, STEP, LIMIT, BY, RESUME]),
    body: None,
    gives: Gives::Other("text/csv"),
    answer: Answer::Handler(export),
};

const WHAT: Parameter = Parameter {
    name: "what",
    about: "rows (the default), totals, interfaces, connections; or timeline, applications, sites, \
            protocols, talks, top (with `by`).",
};
const FORMAT: Parameter = Parameter {
    name: "format",
    about: "csv, json or ndjson. Default: csv.",
};
const TIER: Parameter = Parameter {
    name: "tier",
    about: "second, minute, hour or day. Default: the finest that is left of each part.",
};
const STEP: Parameter = Parameter {
    name: "step",
    about: "Seconds a point of `timeline`; or `hour`, `day`, `week`, `month`, `year`.",
};
const RESUME: Parameter = Parameter {
    name: "resume",
    about: "The second to go on from, without what stands at the beginning; not in JSON.",
};

/// Exports at a time.
const MOST: usize = 4;
/// Ranges that the header tells.
const RANGES: usize = 20;

/// Told in answers whose format has no place for it.
const RANGE: HeaderName = HeaderName::from_static("netmonitor-range");
const MISSING: HeaderName = HeaderName::from_static("netmonitor-missing");

/// Counts exports that are under way.
#[derive(Clone, Default)]
pub struct Exports(Arc<AtomicUsize>);

/// One of them.
struct Turn(Exports);

impl Exports {
    fn turn(&self) -> Result<Turn, Problem> {
        let turn = Turn(self.clone());
        if self.0.fetch_add(1, Ordering::Relaxed) >= MOST {
            let why = format!("{MOST} exports are under way: try again when one is done.");
            return Err(Problem::busy(why));
        }
        Ok(turn)
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.0.0.fetch_sub(1, Ordering::Relaxed);
    }
}

fn export(context: &Context, request: &Request) -> Result<Reply, Problem> {
    let wish = wish(request)?;
    let from = match request.time("resume")? {
        Some(_) if wish.format == Format::Json || !wish.what.is_range() => {
            let why = "`resume` is for ranges as CSV or NDJSON.";
            return Err(Problem::bad_request(why));
        }
        from => from,
    };
    let plan = wish.plan_from(&context.query, from).map_err(problem)?;
    let turn = context.exports.turn()?;
    let headers = headers(&wish, &plan);
    let mut reply = if wish.what.is_range() {
        streamed(context, wish, plan, from, turn)?
    } else {
        whole(context, &wish, &plan)?
    };
    reply.headers.extend(headers);
    Ok(reply)
}

/// A list or a series is short, and its limits are known when it is made.
fn whole(context: &Context, wish: &Wish, plan: &export::Plan) -> Result<Reply, Problem> {
    let mut bytes = Vec::new();
    let mut give = |piece: Vec<u8>| {
        bytes.extend(piece);
        Ok(())
    };
    let written = wish.write(&context.query, plan, &mut give);
    written.map_err(problem)?;
    Ok(Reply::text(wish.format.content_type(), bytes))
}

fn streamed(
    context: &Context,
    wish: Wish,
    plan: export::Plan,
    from: Option<Second>,
    turn: Turn,
) -> Result<Reply, Problem> {
    let query = context.query.clone();
    chunks::made(wish.format.content_type(), "api-export", move |give| {
        let _turn = turn;
        let mut give = |chunk| give(chunk).map_err(|Broken| export::Error::Gone);
        let written = wish.write_from(&query, &plan, from, &mut give);
        written.map(|_| ()).map_err(|error| {
            if !matches!(error, export::Error::Gone) {
                tracing::error!("an export broke off: {error}");
            }
            Broken
        })
    })
}

fn wish(request: &Request) -> Result<Wish, Problem> {
    let whats = one_of(What::ALL.map(What::word));
    let formats = one_of(Format::ALL.map(Format::word));
    let tiers = one_of(Tier::ALL.map(Tier::word));
    Ok(Wish {
        what: request.parsed("what", &whats)?.unwrap_or(What::Rows),
        format: request.parsed("format", &formats)?.unwrap_or(Format::Csv),
        tier: request.parsed("tier", &tiers)?,
        by: request.parsed("by", &one_of(By::ALL.map(By::word)))?,
        ask: request.ask()?,
    })
}

fn one_of<const N: usize>(words: [&str; N]) -> String {
    format!("one of {}", words.join(", "))
}

fn headers(wish: &Wish, plan: &export::Plan) -> Vec<(HeaderName, HeaderValue)> {
    let (from, to) = (time(plan.range.start), time(plan.range.end));
    let missing = plan.missing.iter().take(RANGES);
    let missing = missing.map(|Span { from, to }| format!("{from}/{to}"));
    let missing = missing.collect::<Vec<_>>().join(", ");
    let name = format!(
        "attachment; filename=\"netmonitor-{}.{}\"",
        wish.what.word(),
        wish.format.word()
    );
    let headers = [
        (RANGE, format!("{from}/{to}")),
        (MISSING, missing),
        (CONTENT_DISPOSITION, name),
    ];
    let told = headers.into_iter().filter(|(_, value)| !value.is_empty());
    told.filter_map(|(name, value)| Some((name, HeaderValue::from_str(&value).ok()?)))
        .collect()
}

fn problem(error: export::Error) -> Problem {
    match error {
        export::Error::Query(inside) => inside.into(),
        export::Error::Gone => Problem::unheard(),
        export::Error::Unfit(_) | export::Error::Narrowed(_) | export::Error::By(_) => {
            Problem::bad_request(format!("{error}."))
        }
        inside => Problem::internal(inside),
    }
}
