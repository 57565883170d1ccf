//! `GET /api/connections`: who talks or talked to whom.

use super::context::Context;
use super::problem::Problem;
use super::reply::Reply;
use super::request::Request;
use super::route::{
    APPLICATION, Answer, CLASS, COUNTRY, CURSOR, DOMAIN, FROM, Gives, Guard, INTERFACE, LIMIT,
    PROTOCOL, Parameter, Route, SITE, TO, USER, page,
};
use crate::flow::Ending;
use crate::query::{ConnectionItem, State, Which};

pub(super) const ROUTE: Route = Route {
    name: "GET /api/connections",
    guard: Guard::Token,
    about: "Live or ended connections.",
    takes: &[
        STATE,
        FROM,
        TO,
        INTERFACE,
        APPLICATION,
        SITE,
        DOMAIN,
        PROTOCOL,
        USER,
        CLASS,
        COUNTRY,
        REMOTE,
        PORT,
        PROCESS,
        ENDING,
        LIMIT,
        CURSOR,
    ],
    body: None,
    gives: Gives::Json(page::<ConnectionItem>),
    answer: Answer::Handler(connections),
};

const STATE: Parameter = Parameter {
    name: "state",
    about: "`live` or `ended`. Default: both, live first.",
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
        remotes: request.each("remote", "an address")?,
        ports: request.each("port", "a port")?,
        processes: request.each("process", "the number of a process")?,
        endings: endings(request)?,
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
