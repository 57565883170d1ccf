//! `GET /api/connections`: who talks or talked to whom.

use super::context::Context;
use super::problem::Problem;
use super::reply::Reply;
use super::request::Request;
use super::route::{
    Answer, CURSOR, DIRECTION, Gives, Guard, LIMIT, NARROWED, Parameter, Route, page, with, without,
};
use crate::flow::Ending;
use crate::label::{OwnerSource, SiteSource};
use crate::names::Protocol;
use crate::query::{ConnectionItem, State, Which};

pub(super) const ROUTE: Route = Route {
    name: "GET /api/connections",
    guard: Guard::Token,
    about: "Live or ended connections.",
    takes: &with::<11, 13, 24>(with([STATE], EITHER_WAY), WHICH),
    body: None,
    gives: Gives::Json(page::<ConnectionItem>),
    answer: Answer::Handler(connections),
};

/// A connection has both directions.
const EITHER_WAY: [Parameter; 10] = without(NARROWED, [DIRECTION]);

const WHICH: [Parameter; 13] = [
    LOCAL,
    REMOTE,
    PORT,
    PROCESS,
    CONTAINER,
    UNIT,
    OWNER_SOURCE,
    SITE_SOURCE,
    SPEAKS,
    JA4,
    ENDING,
    LIMIT,
    CURSOR,
];

const STATE: Parameter = Parameter {
    name: "state",
    about: "`live` or `ended`. Default: both, live first.",
};

const LOCAL: Parameter = Parameter {
    name: "local",
    about: "The address of the local end; may be repeated.",
};
const REMOTE: Parameter = Parameter {
    name: "remote",
    about: "The address of the remote end; may be repeated.",
};
const PORT: Parameter = Parameter {
    name: "port",
    about: "A port of either end; may be repeated.",
};
const PROCESS: Parameter = Parameter {
    name: "process",
    about: "The number of a process that has the local end; may be repeated.",
};
const CONTAINER: Parameter = Parameter {
    name: "container",
    about: "The container of the process that has the local end; may be repeated.",
};
const UNIT: Parameter = Parameter {
    name: "unit",
    about: "The systemd unit of the process that has the local end; may be repeated.",
};
const OWNER_SOURCE: Parameter = Parameter {
    name: "owner_source",
    about: "How its owner is known: `kernel`, `exact` and so on; may be repeated.",
};
const SITE_SOURCE: Parameter = Parameter {
    name: "site_source",
    about: "How its site is known: `sni`, `dns-answer` and so on; may be repeated.",
};
const SPEAKS: Parameter = Parameter {
    name: "speaks",
    about: "What it speaks, by content or by port: `tls`, `http` and so on; may be repeated.",
};
const JA4: Parameter = Parameter {
    name: "ja4",
    about: "The client's TLS fingerprint; may be repeated.",
};
const ENDING: Parameter = Parameter {
    name: "ending",
    about: "`closed`, `reset`, `idle`, `evicted` or `stopped`; may be repeated.",
};

fn connections(context: &Context, request: &Request) -> Result<Reply, Problem> {
    let state = match request.one("state")? {
        None => State::Both,
        Some("live") => State::Live,
        Some("ended") => State::Ended,
        Some(_) => return Err(Problem::bad_request("`state` must be live or ended.")),
    };
    let which = Which {
        state,
        locals: request.each("local", "an address")?,
        remotes: request.each("remote", "an address")?,
        ports: request.each("port", "a port")?,
        processes: request.each("process", "the number of a process")?,
        endings: endings(request)?,
        owner_sources: words(
            request,
            "owner_source",
            &OwnerSource::ALL,
            OwnerSource::word,
        )?,
        site_sources: words(request, "site_source", &SiteSource::ALL, SiteSource::word)?,
        speaks: words(request, "speaks", Protocol::ALL, Protocol::word)?,
        ja4s: request.values("ja4"),
        containers: request.values("container"),
        units: request.values("unit"),
    };
    let live = || (context.connections)();
    Reply::json(&context.query.connections(&request.ask()?, which, live)?)
}

fn endings(request: &Request) -> Result<Vec<Ending>, Problem> {
    let ending = |text: &str| {
        let wrong = |_| Problem::bad_request(format!("`ending` must be {}.", ENDING.about));
        serde_json::from_value(text.into()).map_err(wrong)
    };
    request.all("ending").map(ending).collect()
}

/// Those that have these words.
fn words<T: Copy>(
    request: &Request,
    name: &str,
    all: &[T],
    word: fn(T) -> &'static str,
) -> Result<Vec<T>, Problem> {
    let known = |text: &str| {
        let found = all.iter().copied().find(|one| word(*one) == text);
        let wrong = || {
            let all: Vec<_> = all.iter().map(|one| word(*one)).collect();
            Problem::bad_request(format!("`{name}` must be one of {}.", all.join(", ")))
        };
        found.ok_or_else(wrong)
    };
    request.all(name).map(known).collect()
}
