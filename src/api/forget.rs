//! Forgetting, and the file written anew: both are answered with lines of JSON that tell how far it is,
//! and at last what was done. Forgetting goes on when the client leaves; writing the file anew ends.

use super::context::Context;
use super::history::{LINES, Nothing, line, streamed, turn};
use super::problem::Problem;
use super::reply::Reply;
use super::request::Request;
use super::route::{Answer, Gives, Guard, Parameter, Route, shape};
use crate::query::time;
use crate::store::care::Compacted;
use crate::store::{AppId, Error, Forgotten, Order, Told, Waiting, Wish};
use serde::{Deserialize, Serialize};
use std::net::IpAddr;
use utoipa::ToSchema;

pub(super) const NAMED: Route = Route {
    name: "POST /api/store/forget",
    guard: Guard::Token,
    about: "Forgets an application, a site or a domain by its name; lines of JSON.",
    takes: &[],
    body: Some(shape::<Named>),
    gives: Gives::Other(LINES),
    answer: Answer::Handler(named),
};

pub(super) const APPLICATION: Route = Route {
    name: "DELETE /api/applications/{id}",
    about: "Forgets one application; lines of JSON.",
    takes: &[Parameter {
        name: "id",
        about: "The application's number.",
    }],
    body: None,
    answer: Answer::Handler(application),
    ..NAMED
};

pub(super) const DOMAIN: Route = Route {
    name: "DELETE /api/domains/{id}",
    about: "Forgets a domain with every name in it; lines of JSON.",
    takes: &[Parameter {
        name: "id",
        about: "The domain's name, or an address.",
    }],
    body: None,
    answer: Answer::Handler(domain),
    ..NAMED
};

pub(super) const RANGE: Route = Route {
    name: "DELETE /api/range",
    about: "Forgets the seconds of a range, or everything; lines of JSON.",
    takes: &[FROM, TO, EVERYTHING],
    body: None,
    answer: Answer::Handler(range),
    ..NAMED
};

pub(super) const COMPACT: Route = Route {
    name: "POST /api/store/compact",
    about: "Writes the file anew, so that free pages are given back and hold nothing; lines of JSON.",
    body: Some(shape::<Nothing>),
    answer: Answer::Handler(compact),
    ..NAMED
};

const FROM: Parameter = Parameter {
    name: "from",
    about: "RFC 3339, or seconds since 1970: the first second that goes.",
};
const TO: Parameter = Parameter {
    name: "to",
    about: "RFC 3339, or seconds since 1970: the first second after it that stays.",
};
const EVERYTHING: Parameter = Parameter {
    name: "everything",
    about: "`true`, in the place of a range: all that was committed.",
};

/// One of these.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Named {
    /// Every application of this name or path, whoever ran it.
    pub application: Option<String>,
    /// A host name or an address.
    pub site: Option<String>,
    /// A domain, with every name in it.
    pub domain: Option<String>,
}

/// What was forgotten.
#[derive(Debug, Serialize)]
pub struct ForgottenItem {
    pub words: u64,
    pub rows: u64,
    pub connections: u64,
    /// The seconds that went, where it was a range.
    pub from: Option<String>,
    pub to: Option<String>,
    /// The file, before and after it was written anew.
    pub before_bytes: Option<u64>,
    pub after_bytes: Option<u64>,
    /// Why it was not: what was forgotten may lie in free pages of it until it is.
    pub not_rewritten: Option<String>,
}

/// The file, before and after.
#[derive(Debug, Serialize)]
pub struct CompactedItem {
    pub before_bytes: u64,
    pub after_bytes: u64,
}

impl ForgottenItem {
    pub fn of(forgotten: Forgotten) -> ForgottenItem {
        let range = forgotten.range;
        ForgottenItem {
            words: forgotten.words,
            rows: forgotten.rows,
            connections: forgotten.connections,
            from: range.as_ref().map(|range| time(range.start)),
            to: range.as_ref().map(|range| time(range.end)),
            before_bytes: forgotten.rewritten.map(|one| one.before_bytes),
            after_bytes: forgotten.rewritten.map(|one| one.after_bytes),
            not_rewritten: forgotten.not_rewritten,
        }
    }
}

impl CompactedItem {
    pub fn of(compacted: Compacted) -> CompactedItem {
        CompactedItem {
            before_bytes: compacted.before_bytes,
            after_bytes: compacted.after_bytes,
        }
    }
}

fn named(context: &Context, request: &Request) -> Result<Reply, Problem> {
    let Named {
        application,
        site,
        domain,
    } = request.json()?;
    let wish = match (application, site, domain) {
        (Some(name), None, None) => Wish::AppNamed(name),
        (None, Some(name), None) => Wish::SiteNamed(name),
        (None, None, Some(name)) => Wish::Domain(name),
        _ => {
            return Err(Problem::bad_request(
                "Name one: `application`, `site` or `domain`.",
            ));
        }
    };
    ordered(context, Order::Forget(wish))
}

fn application(context: &Context, request: &Request) -> Result<Reply, Problem> {
    let number = request.named()?.parse();
    let number = number.map_err(|_| Problem::nothing("An application has a number."))?;
    ordered(context, Order::Forget(Wish::App(AppId(number))))
}

fn domain(context: &Context, request: &Request) -> Result<Reply, Problem> {
    let name = request.named()?.to_owned();
    let wish = match name.parse::<IpAddr>() {
        Ok(_) => Wish::SiteNamed(name),
        Err(_) => Wish::Domain(name),
    };
    ordered(context, Order::Forget(wish))
}

fn range(context: &Context, request: &Request) -> Result<Reply, Problem> {
    let asked = request.ask()?;
    let everything = request.parsed::<bool>("everything", "true or false")? == Some(true);
    let wish = match (asked.from, asked.to, everything) {
        (None, None, true) => Wish::Everything,
        (Some(from), Some(to), false) if from < to => Wish::Range(from..to),
        (Some(_), Some(_), false) => {
            return Err(Problem::bad_request("`from` must be before `to`."));
        }
        _ => {
            return Err(Problem::bad_request(
                "Give `from` and `to`, or `everything=true`.",
            ));
        }
    };
    ordered(context, Order::Forget(wish))
}

fn compact(context: &Context, request: &Request) -> Result<Reply, Problem> {
    request.json::<Nothing>()?;
    ordered(context, Order::Compact)
}

/// Has it done; the first that is told of it decides whether it is.
pub(super) fn ordered(context: &Context, order: Order) -> Result<Reply, Problem> {
    let turn = turn(context)?;
    let busy = |error: Error| Problem::busy(error.to_string());
    let waiting = context.orders.give(order).map_err(busy)?;
    let first = match waiting.next() {
        Told::Failed(Error::Nothing(named)) => {
            return Err(Problem::nothing(format!(
                "The history has nothing of that: {named}."
            )));
        }
        Told::Failed(error @ (Error::NoRoom { .. } | Error::TooSlow | Error::Closed)) => {
            return Err(busy(error));
        }
        Told::Failed(error) => return Err(Problem::internal(error)),
        first => first,
    };
    streamed(turn, LINES, move |_, give| told(first, &waiting, give))
}

fn told(mut next: Told, waiting: &Waiting, give: &mut super::history::Give) -> Result<(), Error> {
    loop {
        let last = match next {
            Told::Progress(done, total) => {
                give(line(&serde_json::json!({"done": done, "total": total})))?;
                next = waiting.next();
                continue;
            }
            Told::Forgotten(forgotten) => {
                serde_json::json!({"forgotten": ForgottenItem::of(forgotten)})
            }
            Told::Compacted(compacted) => {
                serde_json::json!({"compacted": CompactedItem::of(compacted)})
            }
            Told::Failed(error) => serde_json::json!({"error": error.to_string()}),
        };
        return give(line(&last));
    }
}
