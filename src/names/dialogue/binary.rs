//! Protocols of messages with a length, whose client asks for TLS with one of them.

use super::{Kind, records};
use crate::names::Parsed::{self, Done, More, Not};

/// Requests before the one that asks; a client that looks longer means to stay.
const MOST: usize = 8;

/// A message with this length and this content asks for PostgreSQL's TLS, or for its GSSAPI.
const POSTGRES_TLS: [u8; 8] = [0, 0, 0, 8, 4, 0xd2, 0x16, 0x2f];
const POSTGRES_GSSAPI: [u8; 8] = [0, 0, 0, 8, 4, 0xd2, 0x16, 0x30];

/// The name of LDAP's extended request for TLS.
const LDAP_TLS: &[u8] = b"1.3.6.1.4.1.1466.20037";

/// The length of MySQL's request, with its head, and the two abilities that it says it has.
const MYSQL_LENGTH: usize = 36;
const MYSQL_TLS: u32 = 0x800;
const MYSQL_VERSION_4_1: u32 = 0x200;

pub(super) fn begins(bytes: &[u8]) -> Parsed<Kind> {
    let tests = [
        postgres(bytes).map(|()| Kind::Postgres),
        mysql(bytes).map(|_| Kind::Mysql),
        rdp(bytes).map(|_| Kind::Rdp),
        ldap(bytes).map(|_| Kind::Ldap),
    ];
    tests
        .into_iter()
        .find(|parsed| *parsed != Not)
        .unwrap_or(Not)
}

pub(super) fn upgrade(kind: Kind, bytes: &[u8]) -> Parsed<usize> {
    let asked = match kind {
        Kind::Postgres => return after_postgres(bytes),
        Kind::Ldap => return after_ldap(bytes),
        Kind::Mysql => mysql(bytes),
        Kind::Rdp => rdp(bytes),
        _ => Not,
    };
    match asked {
        Done(length) => records(bytes, length),
        other => other,
    }
}

fn postgres(bytes: &[u8]) -> Parsed<()> {
    match bytes.first_chunk() {
        Some(&(POSTGRES_TLS | POSTGRES_GSSAPI)) => Done(()),
        None if POSTGRES_TLS.starts_with(bytes) || POSTGRES_GSSAPI.starts_with(bytes) => More,
        _ => Not,
    }
}

/// Each of the two requests is made at most once.
fn after_postgres(bytes: &[u8]) -> Parsed<usize> {
    let mut at = 0;
    for _ in 0..2 {
        let rest = bytes.get(at..).unwrap_or_default();
        match postgres(rest) {
            Done(()) => at += POSTGRES_TLS.len(),
            More => return More,
            Not => return Not,
        }
        let asked = rest.starts_with(&POSTGRES_TLS);
        match records(bytes, at) {
            known @ (Done(_) | More) if asked => return known,
            _ => {}
        }
    }
    Not
}

/// A request's length: nineteen zeros tell it from anything else.
fn mysql(bytes: &[u8]) -> Parsed<usize> {
    let start = bytes.get(..4).unwrap_or(bytes);
    if !([32, 0, 0, 1].starts_with(start)) {
        return Not;
    }
    let Some(request) = bytes.get(..MYSQL_LENGTH) else {
        return More;
    };
    let abilities = request.get(4..).and_then(<[u8]>::first_chunk).copied();
    let abilities = u32::from_le_bytes(abilities.unwrap_or_default());
    let wanted = MYSQL_TLS | MYSQL_VERSION_4_1;
    let zeros = request.get(13..32) == Some(&[0; 19]);
    if zeros && abilities & wanted == wanted {
        Done(MYSQL_LENGTH)
    } else {
        Not
    }
}

/// The length of a connection request (RFC 1006, 6; X.224, 13.3) that asks for TLS.
fn rdp(bytes: &[u8]) -> Parsed<usize> {
    let fits = |place: usize, byte: u8| match place {
        0 => byte == 3,
        1 | 2 | 6 | 7 | 10 => byte == 0,
        5 => byte == 0xe0,
        _ => true,
    };
    let head = bytes.get(..RDP_HEAD).unwrap_or(bytes);
    if !head
        .iter()
        .enumerate()
        .all(|(place, byte)| fits(place, *byte))
    {
        return Not;
    }
    let [_, _, _, length, header, _, _, _, _, _, _] = head else {
        return More;
    };
    if header.checked_add(5) != Some(*length) || usize::from(*length) < RDP_HEAD {
        return Not;
    }
    match bytes.get(RDP_HEAD..usize::from(*length)) {
        Some(rest) if negotiates(rest) => Done(usize::from(*length)),
        Some(_) => Not,
        None => More,
    }
}

const RDP_HEAD: usize = 11;

/// MS-RDPBCGR, 2.2.1.1.1: a negotiation of more than RDP's own security, behind a cookie.
fn negotiates(rest: &[u8]) -> bool {
    let line = rest
        .iter()
        .position(|byte| *byte == b'\n')
        .filter(|_| rest.starts_with(b"Cookie: "));
    let asked = line.and_then(|end| rest.get(end + 1..)).unwrap_or(rest);
    matches!(asked, [1, _, 8, 0, protocols, ..] if *protocols != 0)
}

/// A message of LDAP (RFC 4511, 4.2): what it asks, and how long it is.
struct Message {
    operation: u8,
    asks: bool,
    length: usize,
}

const BIND: u8 = 0x60;
const SEARCH: u8 = 0x63;
const EXTENDED: u8 = 0x77;

fn ldap(bytes: &[u8]) -> Parsed<Message> {
    let (head, length) = match bytes {
        [0x30, length @ 0..=0x7f, ..] => (2, usize::from(*length)),
        [0x30, 0x81, length, ..] => (3, usize::from(*length)),
        [0x30, 0x82, high, low, ..] => (4, usize::from(u16::from_be_bytes([*high, *low]))),
        [0x30, 0x84, 0, 0, high, low, ..] => (6, usize::from(u16::from_be_bytes([*high, *low]))),
        []
        | [0x30]
        | [0x30, 0x81 | 0x82 | 0x84]
        | [0x30, 0x82 | 0x84, _]
        | [0x30, 0x84, _, _]
        | [0x30, 0x84, _, _, _] => return More,
        _ => return Not,
    };
    let body = bytes.get(head..).unwrap_or_default();
    let operation = match body {
        [2, size @ 1..=4, rest @ ..] => rest.get(usize::from(*size)).copied(),
        [] | [2] => return More,
        _ => return Not,
    };
    match operation {
        Some(BIND | SEARCH | EXTENDED) => {}
        None if body.len() < 7 => return More,
        _ => return Not,
    }
    let Some(body) = body.get(..length) else {
        return More;
    };
    Done(Message {
        operation: operation.unwrap_or_default(),
        asks: operation == Some(EXTENDED)
            && body.windows(LDAP_TLS.len()).any(|part| part == LDAP_TLS),
        length: head + length,
    })
}

/// Some clients look at what the server can do before they ask.
fn after_ldap(bytes: &[u8]) -> Parsed<usize> {
    let mut at = 0;
    for _ in 0..MOST {
        match ldap(bytes.get(at..).unwrap_or_default()) {
            Done(message) if message.operation == BIND => return Not,
            Done(message) => {
                at += message.length;
                match records(bytes, at) {
                    known @ (Done(_) | More) if message.asks => return known,
                    _ => {}
                }
            }
            More => return More,
            Not => return Not,
        }
    }
    Not
}
