//! `GET /api/live`: each second as it is cut. A client that reads slowly gets what it missed with
//! its next turn, as far back as seconds are kept; nobody waits for it.

use super::context::Context;
use super::problem::Problem;
use super::reply::Body;
use super::reply::Reply;
use super::request::Request;
use super::route::{Answer, Gives, Guard, INTERFACE, Route, shape};
use crate::query::{Live, Query};
use bytes::Bytes;
use std::sync::Arc;
use tokio::sync::watch;

const STREAM: &str = "text/event-stream";

pub(super) const ROUTE: Route = Route {
    name: "GET /api/live",
    guard: Guard::Token,
    about: "Server-sent events, one a second.",
    takes: &[INTERFACE],
    body: None,
    gives: Gives::Events(shape::<Live>),
    answer: Answer::Handler(live),
};

/// One client's events.
pub struct Events {
    query: Arc<Query>,
    flows: Arc<dyn Fn() -> u64 + Send + Sync>,
    interfaces: Vec<String>,
    cut: watch::Receiver<u64>,
    /// The last second that this client was told of.
    told: u64,
}

fn live(context: &Context, request: &Request) -> Result<Reply, Problem> {
    let events = Events {
        query: context.query.clone(),
        flows: context.flows.clone(),
        interfaces: request.ask()?.interfaces,
        cut: context.query.recent().subscribe(),
        told: 0,
    };
    Ok(Reply::of(STREAM, Body::Events(events.with_the_last())))
}

impl Events {
    /// Changes whenever a second is cut.
    pub fn cut(&mut self) -> &mut watch::Receiver<u64> {
        &mut self.cut
    }

    /// The seconds that this client was not told of yet.
    pub fn fresh(&mut self) -> Option<Bytes> {
        let flows = (self.flows)();
        let seconds = self.query.live_after(self.told, &self.interfaces, flows);
        let (last, _) = seconds.last()?;
        self.told = *last;
        let events = seconds.iter().map(|(_, second)| event(second));
        Some(Bytes::from(events.collect::<String>()))
    }

    /// The last second that was cut is told at once: a page need not wait to show something.
    fn with_the_last(mut self) -> Events {
        self.told = self.cut.borrow().saturating_sub(1);
        self.cut.mark_changed();
        self
    }
}

fn event(second: &Live) -> String {
    let json = serde_json::to_string(second).unwrap_or_default();
    format!("event: second\ndata: {json}\n\n")
}
