//! What a handler answers: a whole body, one that comes in chunks, or events that come one a second.

use super::live::Events;
use super::problem::Problem;
use bytes::Bytes;
use hyper::StatusCode;
use hyper::header::{HeaderName, HeaderValue};
use serde::Serialize;
use tokio::sync::mpsc;

/// An answer before the server adds what every answer has.
pub struct Reply {
    pub status: StatusCode,
    pub content_type: &'static str,
    pub headers: Vec<(HeaderName, HeaderValue)>,
    pub body: Body,
}

pub enum Body {
    Whole(Bytes),
    /// In chunks, `None` after the last: without it the answer broke off. Whoever makes them waits for
    /// a slow client, and notices that one left.
    Stream(mpsc::Receiver<Option<Bytes>>),
    /// Server-sent events, until the client or the server leaves.
    Events(Events),
}

impl Reply {
    pub fn of(content_type: &'static str, body: Body) -> Reply {
        Reply {
            status: StatusCode::OK,
            content_type,
            headers: Vec::new(),
            body,
        }
    }

    pub fn json(value: &impl Serialize) -> Result<Reply, Problem> {
        let json = serde_json::to_vec(value).map_err(Problem::internal)?;
        Ok(Reply::of(
            "application/json",
            Body::Whole(Bytes::from(json)),
        ))
    }

    pub fn text(content_type: &'static str, text: impl Into<Bytes>) -> Reply {
        Reply::of(content_type, Body::Whole(text.into()))
    }
}
