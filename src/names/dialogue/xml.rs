//! XMPP (RFC 6120): a stream of XML, in which the client asks with `<starttls/>`. Tags alone are
//! read; the first that is no stream's head and does not ask means that it will not.

use super::{Kind, records};
use crate::names::Parsed::{self, Done, More, Not};

/// No tag before TLS is longer.
const LONGEST_TAG: usize = 2048;

const STREAM: &[u8] = b"stream:stream";

pub(super) fn begins(bytes: &[u8]) -> Parsed<Kind> {
    let mut at = 0;
    loop {
        match tag(bytes, at) {
            Done((name, end)) if name.starts_with(b"?xml") => at = end,
            Done((name, _)) if is(name, STREAM) => return Done(Kind::Xmpp),
            Done(_) | Not => return Not,
            More => return More,
        }
    }
}

/// Where TLS begins: behind the tag that asks, and the blanks that some clients send after it.
pub(super) fn upgrade(bytes: &[u8]) -> Parsed<usize> {
    let mut at = 0;
    loop {
        let (name, end) = match tag(bytes, at) {
            Done(found) => found,
            More => return More,
            Not => return Not,
        };
        at = end;
        let asks = is(name, b"starttls") && name.ends_with(b"/") || is(name, b"/starttls");
        if asks {
            at += blanks(bytes, at);
            return records(bytes, at);
        }
        if !name.starts_with(b"?xml") && !is(name, STREAM) && !is(name, b"starttls") {
            return Not;
        }
    }
}

/// The next tag without its brackets, and where it ends. Only blanks may come before it.
fn tag(bytes: &[u8], at: usize) -> Parsed<(&[u8], usize)> {
    let start = at + blanks(bytes, at);
    let rest = bytes.get(start..).unwrap_or_default();
    let Some((first, rest)) = rest.split_first() else {
        return if start - at < LONGEST_TAG { More } else { Not };
    };
    let window = rest.get(..LONGEST_TAG).unwrap_or(rest);
    if *first != b'<' || !may_be_tag(window) {
        return Not;
    }
    match window.iter().position(|byte| *byte == b'>') {
        Some(length) => Done((window.get(..length).unwrap_or_default(), start + length + 2)),
        None if window.len() < LONGEST_TAG => More,
        None => Not,
    }
}

/// Whether a tag that is not yet whole can be one that this room goes on after.
fn may_be_tag(text: &[u8]) -> bool {
    [&b"?xml"[..], STREAM, b"starttls", b"/starttls"]
        .iter()
        .any(|name| text.starts_with(name) || name.starts_with(text))
}

fn is(tag: &[u8], name: &[u8]) -> bool {
    let rest = tag.strip_prefix(name);
    rest.is_some_and(|rest| rest.first().is_none_or(|byte| b" \t\r\n/".contains(byte)))
}

fn blanks(bytes: &[u8], at: usize) -> usize {
    let rest = bytes.get(at..).unwrap_or_default();
    rest.iter()
        .take_while(|byte| byte.is_ascii_whitespace())
        .count()
}
