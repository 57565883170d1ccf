//! The request line (RFC 9112, 3): method, target, version. It is what makes the first bytes of a
//! stream certainly HTTP: SIP, RTSP and ICAP share methods with it and end in versions of their own.

use super::method::{blank_skipped, method};
use crate::names::Parsed;
use std::io::BufRead;

/// What a stream that begins as HTTP begins with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Opening {
    Request,
    /// A tunnel is asked for (RFC 9110, 9.3.6).
    Connect,
    /// A search or a notice of SSDP (UPnP Device Architecture 2.0, 1.2 and 1.3).
    Discovery,
}

/// What the first line says, once it is whole.
pub fn opening(bytes: &[u8]) -> Parsed<Opening> {
    let bytes = super::looked_at(bytes);
    first(bytes).map(|line| match (line.method, line.target) {
        ("CONNECT", _) => Opening::Connect,
        ("NOTIFY" | "M-SEARCH", b"*") => Opening::Discovery,
        _ => Opening::Request,
    })
}

/// A request line, taken apart.
pub(super) struct RequestLine<'a> {
    pub(super) method: &'static str,
    pub(super) target: &'a [u8],
    /// What comes after the line.
    pub(super) rest: &'a [u8],
}

/// The request line at the start of a client's stream.
pub(super) fn first(bytes: &[u8]) -> Parsed<RequestLine<'_>> {
    let start = blank_skipped(bytes);
    let method = match method(start) {
        Parsed::Done(method) => method,
        Parsed::More => return unfinished(bytes),
        Parsed::Not => return Parsed::Not,
    };
    let Some((line, rest)) = split(start) else {
        return unfinished(bytes);
    };
    match target(line.get(method.len()..).unwrap_or_default()) {
        Some(target) => Parsed::Done(RequestLine {
            method,
            target,
            rest,
        }),
        None => Parsed::Not,
    }
}

/// The first line without its end, and what follows. Bare line feeds end lines as well (RFC 9112,
/// 2.2).
pub(super) fn split(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let mut rest = bytes;
    let length = rest.skip_until(b'\n').ok()?;
    let line = bytes.get(..length)?.strip_suffix(b"\n")?;
    Some((line.strip_suffix(b"\r").unwrap_or(line), rest))
}

/// The rest may come, unless it would lie beyond what is looked at.
pub(super) fn unfinished<T>(bytes: &[u8]) -> Parsed<T> {
    if bytes.len() < super::LONGEST {
        Parsed::More
    } else {
        Parsed::Not
    }
}

/// The target, where a version of HTTP follows it. Some clients leave blanks in a target.
fn target(line: &[u8]) -> Option<&[u8]> {
    let line = line.trim_ascii();
    let blank = line.iter().rposition(|byte| *byte == b' ')?;
    let (target, version) = line.split_at_checked(blank)?;
    let [
        b'H' | b'h',
        b'T' | b't',
        b'T' | b't',
        b'P' | b'p',
        b'/',
        digit,
        ..,
    ] = version.trim_ascii()
    else {
        return None;
    };
    let target = target.trim_ascii();
    (digit.is_ascii_digit() && !target.is_empty()).then_some(target)
}
