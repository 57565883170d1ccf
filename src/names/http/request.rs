//! The first request of a client: the names in it, each by its place.

use super::line::{self, RequestLine, unfinished};
use super::{authority, head};
use crate::names::{Name, Parsed};

/// The names that a request's head holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// Host, without its port; an address without its brackets (RFC 9110, 7.2).
    pub host: Option<Name>,
    /// Host with its port, as it was said.
    pub said: Option<Name>,
    /// The host of an absolute-form target, as a proxy is sent it (RFC 9112, 3.2.2).
    pub target: Option<Name>,
    /// The host that a tunnel is asked for (RFC 9112, 3.2.3).
    pub connect: Option<Name>,
    /// The length of the head: what follows a CONNECT begins there.
    pub length: usize,
}

/// The first request, once its head is whole.
pub fn request(bytes: &[u8]) -> Parsed<Request> {
    let bytes = super::looked_at(bytes);
    let line = match line::first(bytes) {
        Parsed::Done(line) => line,
        Parsed::More => return Parsed::More,
        Parsed::Not => return Parsed::Not,
    };
    let head = head::read(line.rest);
    let Some(rest) = head.rest else {
        return unfinished(bytes);
    };
    Parsed::Done(named(
        &line,
        head.host,
        bytes.len().saturating_sub(rest.len()),
    ))
}

/// Host alone, where its line is whole though the head is not: for a head that was cut, or that is
/// longer than what is waited for.
pub fn partial(bytes: &[u8]) -> Option<Name> {
    let line = line::first(super::looked_at(bytes)).done()?;
    head::read(line.rest).host.and_then(authority::host)
}

fn named(line: &RequestLine<'_>, host: Option<&[u8]>, length: usize) -> Request {
    let tunnel = line.method == "CONNECT";
    Request {
        host: host.and_then(authority::host),
        said: host.and_then(authority::said),
        target: authority::of_absolute(line.target).filter(|_| !tunnel),
        connect: Some(line.target)
            .filter(|_| tunnel)
            .and_then(authority::host),
        length,
    }
}
