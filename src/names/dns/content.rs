//! Whether bytes on a port that says nothing are a DNS message.

use super::header::{Header, LENGTH};
use super::labels::{Budget, expand};
use super::questions::Questions;

/// More records of a section than this are no sign of a usual message.
const MOST_USUAL: u16 = 64;
/// The reserved bit (RFC 1035, 4.1.1).
const RESERVED: u16 = 0x0040;

/// The bytes are a whole DNS message, as far as it can be told: a header that makes sense, one
/// question that does, and records from there to the last byte.
pub fn looks_like_dns(message: &[u8]) -> bool {
    Header::of(message).is_some_and(|header| {
        is_usual(header) && is_question(message) && ends_there(message, header)
    })
}

fn is_usual(header: Header) -> bool {
    let few = |count| count <= MOST_USUAL;
    let counts = if header.is_response() {
        few(header.answers) && few(header.authorities) && few(header.additionals)
    } else {
        header.answers == 0
            && header.authorities == 0
            && header.additionals <= 2
            && header.response_code() == 0
    };
    counts && header.questions == 1 && header.opcode() == 0 && header.flags & RESERVED == 0
}

/// A name of letters, digits, hyphens and underlines, a type that is assigned, and a class.
fn is_question(message: &[u8]) -> bool {
    let Some(name) = expand(message, LENGTH, &mut Budget::new()) else {
        return false;
    };
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_');
    // Nothing before the first name can be pointed to: what it takes on the wire is two bytes more.
    let rest = name
        .as_bytes()
        .len()
        .checked_add(LENGTH + 2)
        .and_then(|end| message.get(end..));
    let Some(&[a, b, c, d]) = rest.and_then(<[u8]>::first_chunk) else {
        return false;
    };
    let kind = u16::from_be_bytes([a, b]);
    let assigned = matches!(kind, 1..=71 | 99..=109 | 249..=262 | 32768..=32769);
    let class = u16::from_be_bytes([c, d]);
    !name.is_root()
        && name.as_bytes().iter().all(plain)
        && assigned
        && matches!(class, 1 | 3 | 4 | 255)
}

fn ends_there(message: &[u8], header: Header) -> bool {
    let Some(at) = Questions::end(message, header) else {
        return false;
    };
    let said = [header.answers, header.authorities, header.additionals].map(usize::from);
    let mut records = header.records(message, at);
    records.by_ref().count() == said.iter().sum::<usize>() && records.at() == message.len()
}
