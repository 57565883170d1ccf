//! A tunnel through an HTTP proxy: TLS begins behind the head of the CONNECT that the proxy granted.
//! One that was refused (RFC 9110, 15.5.8: the proxy wants a login) is followed by another request.

use super::{Kind, records};
use crate::names::Parsed::{self, Done, More, Not};
use crate::names::http::{self, Opening};

/// A client asks at most this often.
const MOST: usize = 8;

pub(super) fn begins(bytes: &[u8]) -> Parsed<Kind> {
    match http::opening(bytes) {
        Done(Opening::Connect) => Done(Kind::Connect),
        More => More,
        _ => Not,
    }
}

pub(super) fn upgrade(bytes: &[u8]) -> Parsed<usize> {
    let mut at = 0;
    for _ in 0..MOST {
        match http::request(bytes.get(at..).unwrap_or_default()) {
            Done(request) if request.length > 0 => at += request.length,
            Done(_) | Not => return Not,
            More => return More,
        }
        match records(bytes, at) {
            Not => {}
            known => return known,
        }
    }
    Not
}
