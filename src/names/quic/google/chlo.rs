//! The CHLO message: a table of tags, each with the end of its value, then the values.

use super::super::bytes::Bytes;
use crate::names::{Name, Parsed};

/// More tags than this no implementation takes.
const MOST_TAGS: u16 = 128;

/// The server's name in a CHLO, if it has one.
pub(in super::super) fn name(message: &[u8]) -> Parsed<Option<Name>> {
    let start = message.len().min(MESSAGE.len());
    if message.get(..start) != MESSAGE.get(..start) {
        return Parsed::Not;
    }
    let mut rest = Bytes(message);
    let (Some([_, _, _, _]), Some(tags), Some([_, _])) = (
        rest.array(),
        rest.array().map(u16::from_le_bytes),
        rest.array(),
    ) else {
        return Parsed::More;
    };
    if tags > MOST_TAGS {
        return Parsed::Not;
    }
    server_name(rest, usize::from(tags))
}

fn server_name(table: Bytes<'_>, tags: usize) -> Parsed<Option<Name>> {
    let mut rest = table;
    let mut from = 0;
    for _ in 0..tags {
        let (Some(tag), Some(to)) = (rest.array(), rest.array().map(u32::from_le_bytes)) else {
            return Parsed::More;
        };
        let to = to as usize;
        if to < from {
            return Parsed::Not;
        }
        if tag == SERVER_NAME {
            let values = table.0.get(tags * 8..);
            let value = values.and_then(|values| values.get(from..to));
            return value.map_or(Parsed::More, |value| Parsed::Done(Name::of(value)));
        }
        from = to;
    }
    Parsed::Done(None)
}

const MESSAGE: [u8; 4] = *b"CHLO";
const SERVER_NAME: [u8; 4] = *b"SNI\0";
