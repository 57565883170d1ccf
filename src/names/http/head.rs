//! The fields of a head (RFC 9112, 5), line by line, as far as they are there. Of all fields only
//! Host is heard.

use super::line::split;

/// What the fields said.
#[derive(Default)]
pub(super) struct Head<'a> {
    /// The first Host field's value (a second one is invalid: RFC 9112, 3.2).
    pub(super) host: Option<&'a [u8]>,
    /// What follows the empty line; `None` while that has not come.
    pub(super) rest: Option<&'a [u8]>,
}

/// The fields in these bytes, which follow the request line.
pub(super) fn read(mut bytes: &[u8]) -> Head<'_> {
    let mut head = Head::default();
    let mut hearing = Hearing::Fields;
    while let Some((line, rest)) = split(bytes) {
        if line.is_empty() {
            head.rest = Some(rest);
            return head;
        }
        hearing = hearing.next(line, &mut head);
        bytes = rest;
    }
    head
}

#[derive(Clone, Copy)]
enum Hearing {
    Fields,
    /// A Host field without a value: a folded line may bring it (obs-fold, RFC 9112, 5.2).
    Folded,
    /// A line was no field: what comes after it may be anything.
    Nothing,
}

impl Hearing {
    fn next<'a>(self, line: &'a [u8], head: &mut Head<'a>) -> Hearing {
        let folded = line.first().is_some_and(|byte| b" \t".contains(byte));
        match self {
            Hearing::Nothing => Hearing::Nothing,
            Hearing::Folded if folded => heard(line, head),
            _ if folded => Hearing::Fields,
            _ => field(line, head),
        }
    }
}

fn field<'a>(line: &'a [u8], head: &mut Head<'a>) -> Hearing {
    let Some(colon) = line.iter().position(|byte| *byte == b':') else {
        return Hearing::Nothing;
    };
    let (name, value) = line.split_at_checked(colon).unwrap_or_default();
    if !name.eq_ignore_ascii_case(b"host") || head.host.is_some() {
        return Hearing::Fields;
    }
    heard(value.get(1..).unwrap_or_default(), head)
}

fn heard<'a>(value: &'a [u8], head: &mut Head<'a>) -> Hearing {
    let value = value.trim_ascii();
    if value.is_empty() {
        return Hearing::Folded;
    }
    head.host = Some(value);
    Hearing::Fields
}
