//! One request: guards, route, answer, and the headers that every answer has; timed by route.

use super::doors::{Permit, Visitor};
use super::{Server, assets, events, guard, stream};
use crate::api::{self, Answer, Body, Guard, Problem, Reply, Request, Route};
use crate::dashboard;
use crate::units::Nanos;
use bytes::Bytes;
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt, Empty, Full, Limited};
use hyper::body::{Frame, Incoming, SizeHint};
use hyper::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderName, HeaderValue, REFERRER_POLICY,
    X_CONTENT_TYPE_OPTIONS,
};
use hyper::http::request::Parts;
use hyper::{Method, Response, StatusCode};
use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

const MAX_BODY: usize = 64 * 1024;
const BODY_PATIENCE: Duration = Duration::from_secs(5);

/// What every answer says, whatever it is.
const ALWAYS: [(HeaderName, &str); 4] = [
    (CONTENT_SECURITY_POLICY, dashboard::CONTENT_SECURITY_POLICY),
    (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (REFERRER_POLICY, "no-referrer"),
    (
        HeaderName::from_static("cross-origin-resource-policy"),
        "same-origin",
    ),
];

/// An answer's body. Whoever gets it counts as being answered until it is gone.
pub(super) struct Answered {
    body: BoxBody<Bytes, Infallible>,
    #[expect(dead_code, reason = "held until the body is gone, then given back")]
    permit: Option<Permit>,
}

pub(super) async fn answer(
    server: Arc<Server>,
    visitor: Arc<Visitor>,
    request: hyper::Request<Incoming>,
) -> Result<Response<Answered>, Infallible> {
    let began = server.clock.steady();
    let Some(permit) = visitor.ask() else {
        let busy = Problem::busy("Too many requests are being answered; try again.");
        return Ok(whole(busy.reply(), None));
    };
    let (parts, body) = request.into_parts();
    let entered = guard::enter(&parts, &server.hosts).and_then(|()| find(&parts));
    let (index, route) = match entered {
        Ok(found) => found,
        Err(problem) => return Ok(whole(problem.reply(), Some(permit))),
    };
    let head = parts.method == Method::HEAD;
    let reply = reply(&server, route, parts, body).await;
    if let Some(timing) = server.timings.get(index) {
        timing.record(Nanos(server.clock.steady().0 - began.0));
    }
    Ok(send(
        &server,
        reply.unwrap_or_else(Problem::reply),
        head,
        permit,
    ))
}

/// The route of this path; where there are several, the one of this method.
fn find(parts: &Parts) -> Result<(usize, &'static Route), Problem> {
    let path = parts.uri.path();
    let mut at_path = api::routes()
        .iter()
        .enumerate()
        .filter(|(_, route)| route.matches(path));
    let first = at_path.next().ok_or_else(Problem::not_found)?;
    let suits = |(_, route): &(usize, &Route)| guard::suits(&parts.method, route);
    let rest = at_path.find(suits).filter(|_| !suits(&first));
    Ok(rest.unwrap_or(first))
}

async fn reply(
    server: &Server,
    route: &'static Route,
    parts: Parts,
    body: Incoming,
) -> Result<Reply, Problem> {
    if route.guard == Guard::Token {
        guard::token(&parts.headers, &server.context)?;
    }
    guard::method(&parts, route)?;
    match route.answer {
        Answer::Home => return Ok(assets::home()),
        Answer::Asset => return assets::asset(parts.uri.path(), &parts.headers),
        Answer::Handler(_) => {}
    }
    let body = match route.body {
        Some(_) => read(body).await?,
        None => Bytes::new(),
    };
    let now = server.clock.now().wall;
    let request = Request::new(parts.uri.query().unwrap_or_default(), body, now);
    let request = request.with_named(route.named(parts.uri.path()))?;
    if route.guard == Guard::Open {
        return route.call(&server.context, &request);
    }
    let context = server.context.clone();
    tokio::task::spawn_blocking(move || route.call(&context, &request))
        .await
        .unwrap_or_else(|failed| Err(Problem::internal(failed)))
}

async fn read(body: Incoming) -> Result<Bytes, Problem> {
    let collected = Limited::new(body, MAX_BODY).collect();
    let slow = || Problem::new(StatusCode::REQUEST_TIMEOUT, "The body took too long.");
    let whole = tokio::time::timeout(BODY_PATIENCE, collected)
        .await
        .map_err(|_| slow())?;
    let whole = whole.map_err(|error| {
        if error.is::<http_body_util::LengthLimitError>() {
            Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "A body may have 64 KiB.")
        } else {
            Problem::bad_request("The body could not be read.")
        }
    })?;
    Ok(whole.to_bytes())
}

/// The answer as hyper sends it.
fn send(server: &Server, reply: Reply, head: bool, permit: Permit) -> Response<Answered> {
    let Body::Events(_) = &reply.body else {
        return whole(reply, Some(permit));
    };
    let Some(permit) = permit.stay() else {
        let busy = Problem::busy("Too many clients follow the live stream.");
        return whole(busy.reply(), None);
    };
    let (parts, body) = split(reply);
    let body = match body {
        Body::Events(events) if !head => {
            events::stream(events, server.heartbeat, server.stop.clone())
        }
        Body::Whole(_) | Body::Events(_) | Body::Stream(_) => Empty::new().boxed(),
    };
    let permit = Some(permit);
    Response::from_parts(parts, Answered { body, permit })
}

/// Every answer but the live stream.
fn whole(reply: Reply, permit: Option<Permit>) -> Response<Answered> {
    let (parts, body) = split(reply);
    let bytes = match body {
        Body::Whole(bytes) => bytes,
        Body::Events(_) => Bytes::new(),
        Body::Stream(chunks) => {
            let body = stream::Chunks(chunks).boxed();
            return Response::from_parts(parts, Answered { body, permit });
        }
    };
    let body = Full::new(bytes).boxed();
    Response::from_parts(parts, Answered { body, permit })
}

fn split(reply: Reply) -> (hyper::http::response::Parts, Body) {
    let (mut parts, ()) = Response::new(()).into_parts();
    parts.status = reply.status;
    let headers = &mut parts.headers;
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(reply.content_type));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    for (name, value) in ALWAYS {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers.extend(
        reply
            .headers
            .into_iter()
            .map(|(name, value)| (Some(name), value)),
    );
    (parts, reply.body)
}

impl hyper::body::Body for Answered {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        Pin::new(&mut self.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
