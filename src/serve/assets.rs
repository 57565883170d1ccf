//! The dashboard's files over HTTP: found by exact name, compressed where that is accepted, and not
//! sent again to whom has them already.

use crate::api::{Body, Problem, Reply};
use crate::dashboard;
use bytes::Bytes;
use hyper::StatusCode;
use hyper::header::{
    ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, ETAG, HeaderMap, HeaderValue, IF_NONE_MATCH,
    LOCATION, VARY,
};

const HOME: &str = "/dashboard/";

/// `path` as it was sent; nothing is decoded and no file system is asked.
pub(super) fn asset(path: &str, headers: &HeaderMap) -> Result<Reply, Problem> {
    let asset = dashboard::asset(path).ok_or_else(Problem::not_found)?;
    let packed = asset.gzip.filter(|_| accepts_gzip(headers));
    let content = packed.unwrap_or(asset.identity);
    let mut reply = Reply::of(asset.content_type, Body::Whole(Bytes::from_static(content)));
    reply.headers = vec![
        (ETAG, HeaderValue::from_static(asset.etag)),
        (VARY, HeaderValue::from_static("accept-encoding")),
        (CACHE_CONTROL, HeaderValue::from_static("no-cache")),
    ];
    if has_it(headers, asset.etag) {
        reply.status = StatusCode::NOT_MODIFIED;
        reply.body = Body::Whole(Bytes::new());
    } else if packed.is_some() {
        reply
            .headers
            .push((CONTENT_ENCODING, HeaderValue::from_static("gzip")));
    }
    Ok(reply)
}

/// `/` leads to the dashboard.
pub(super) fn home() -> Reply {
    let mut reply = Reply::text("text/plain; charset=utf-8", Bytes::new());
    reply.status = StatusCode::TEMPORARY_REDIRECT;
    reply
        .headers
        .push((LOCATION, HeaderValue::from_static(HOME)));
    reply
}

fn accepts_gzip(headers: &HeaderMap) -> bool {
    items(headers, &ACCEPT_ENCODING).any(|item| {
        let (coding, quality) = item.split_once(';').unwrap_or((item, ""));
        let refused = quality
            .trim()
            .strip_prefix("q=")
            .and_then(|q| q.parse::<f32>().ok())
            == Some(0.0);
        coding.trim().eq_ignore_ascii_case("gzip") && !refused
    })
}

/// Weak comparison: the same content, however it was packed.
fn has_it(headers: &HeaderMap, etag: &str) -> bool {
    let weak = |tag: &str| tag.strip_prefix("W/").unwrap_or(tag).to_owned();
    items(headers, &IF_NONE_MATCH).any(|item| item == "*" || weak(item) == weak(etag))
}

fn items<'a>(
    headers: &'a HeaderMap,
    name: &hyper::header::HeaderName,
) -> impl Iterator<Item = &'a str> {
    let values = headers.get_all(name).into_iter();
    let texts = values.filter_map(|value| value.to_str().ok());
    texts.flat_map(|text| text.split(',')).map(str::trim)
}
