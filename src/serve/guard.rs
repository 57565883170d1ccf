//! Who gets in. A page of another site, or a name that was bound to this machine's address, must
//! not reach the API through somebody's browser: so a request must name this server exactly, and
//! what a browser says of its origin must be this server's own.

use crate::api::{Context, Problem, Route, routes};
use hyper::header::{
    AUTHORIZATION, CONTENT_TYPE, HOST, HeaderMap, HeaderName, HeaderValue, ORIGIN,
};
use hyper::http::request::Parts;
use hyper::{Method, StatusCode};

const FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
const FETCH_MODE: HeaderName = HeaderName::from_static("sec-fetch-mode");
const FETCH_DEST: HeaderName = HeaderName::from_static("sec-fetch-dest");

/// The names under which this server may be asked.
pub(super) fn hosts(port: u16) -> Vec<String> {
    let names = ["127.0.0.1", "localhost", "[::1]"];
    let with_port = names.iter().map(|name| format!("{name}:{port}"));
    // Browsers leave out the port that http has anyway.
    let without = names
        .iter()
        .filter(|_| port == 80)
        .map(|name| (*name).to_owned());
    with_port.chain(without).collect()
}

/// The checks that hold for every path and method.
pub(super) fn enter(parts: &Parts, hosts: &[String]) -> Result<(), Problem> {
    host(parts, hosts)?;
    for origin in parts.headers.get_all(ORIGIN) {
        if !is_own_origin(origin, hosts) {
            return Err(foreign());
        }
    }
    for site in parts.headers.get_all(FETCH_SITE) {
        if site != "same-origin" && site != "none" && !opens_a_page(parts) {
            return Err(foreign());
        }
    }
    Ok(())
}

/// The checks of a guarded route.
pub(super) fn token(headers: &HeaderMap, context: &Context) -> Result<(), Problem> {
    let mut offers = headers.get_all(AUTHORIZATION).into_iter();
    let offer = offers.next().and_then(bearer);
    match (offer, offers.next()) {
        (Some(offer), None) if context.token.is(offer) => Ok(()),
        _ => Err(Problem::unauthorized()),
    }
}

/// Is this the route's method? HEAD is a GET without its body.
pub(super) fn suits(method: &Method, route: &Route) -> bool {
    method.as_str() == route.method() || (method == Method::HEAD && route.method() == "GET")
}

/// Is this the route's method, and what is sent of the right kind?
pub(super) fn method(parts: &Parts, route: &Route) -> Result<(), Problem> {
    if !suits(&parts.method, route) {
        return Err(Problem::method_not_allowed(methods(
            parts.uri.path(),
            route,
        )));
    }
    if route.body.is_some() && !is_json(&parts.headers) {
        let detail = "Send JSON, with `Content-Type: application/json`.";
        return Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, detail));
    }
    Ok(())
}

/// What may be done at a path that this route answers.
fn methods(path: &str, route: &Route) -> &'static str {
    let mut routes = routes().iter().filter(|one| one.matches(path));
    let may_go = routes.any(|one| one.method() == "DELETE");
    match route.method() {
        "GET" if may_go => "GET, HEAD, DELETE",
        "GET" => "GET, HEAD",
        only => only,
    }
}

fn host(parts: &Parts, hosts: &[String]) -> Result<(), Problem> {
    let mut said = parts.headers.get_all(HOST).into_iter();
    let (Some(host), None) = (said.next(), said.next()) else {
        return Err(Problem::bad_request("Send one Host header."));
    };
    let is_ours = |name: &[u8]| {
        hosts
            .iter()
            .any(|ours| ours.as_bytes().eq_ignore_ascii_case(name))
    };
    let authority = parts
        .uri
        .authority()
        .map(|authority| authority.as_str().as_bytes());
    let agrees = authority.is_none_or(|authority| authority.eq_ignore_ascii_case(host.as_bytes()));
    let scheme = parts.uri.scheme_str().unwrap_or("http");
    if is_ours(host.as_bytes()) && agrees && scheme == "http" {
        return Ok(());
    }
    let detail =
        "This server has another name: ask http://127.0.0.1 or http://localhost, with its port.";
    Err(Problem::new(StatusCode::MISDIRECTED_REQUEST, detail))
}

fn is_own_origin(origin: &HeaderValue, hosts: &[String]) -> bool {
    let origin = origin.as_bytes();
    let Some(host) = origin.strip_prefix(b"http://") else {
        return false;
    };
    hosts
        .iter()
        .any(|ours| ours.as_bytes().eq_ignore_ascii_case(host))
}

/// Somebody followed a link to us, as from the private page that `netmonitor open` makes: a page of
/// its own in the browser, which the site that led here can neither read nor frame, and which
/// cannot bear the token.
fn opens_a_page(parts: &Parts) -> bool {
    let only = |name: HeaderName| {
        let mut said = parts.headers.get_all(name).into_iter();
        said.next().filter(|_| said.next().is_none())
    };
    parts.method == Method::GET
        && only(FETCH_MODE).is_some_and(|mode| mode == "navigate")
        && only(FETCH_DEST).is_some_and(|dest| dest == "document")
}

fn foreign() -> Problem {
    Problem::new(
        StatusCode::FORBIDDEN,
        "Requests from other sites are refused.",
    )
}

fn bearer(value: &HeaderValue) -> Option<&[u8]> {
    let (scheme, token) = value.as_bytes().split_at_checked(7)?;
    scheme.eq_ignore_ascii_case(b"bearer ").then_some(token)
}

fn is_json(headers: &HeaderMap) -> bool {
    let mut types = headers.get_all(CONTENT_TYPE).into_iter();
    let (Some(Ok(only)), None) = (types.next().map(HeaderValue::to_str), types.next()) else {
        return false;
    };
    let (essence, _) = only.split_once(';').unwrap_or((only, ""));
    essence.trim().eq_ignore_ascii_case("application/json")
}
