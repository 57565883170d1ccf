//! HPACK (RFC 7541): a header block, read for the authority in it. Names and values that are not
//! asked for are measured, which the dynamic table needs, and forgotten.

use super::huffman;
use super::table::{Entry, Field, Table};
use crate::names::http::authority;
use crate::names::{Name, Parsed};
use std::borrow::Cow;

/// A table larger than this is asked for by nobody who sends a first request.
const LARGEST_TABLE: usize = 64 * 1024;

/// A request has fewer fields; its authority is among the first.
const MOST_FIELDS: usize = 256;

/// The authority that a block names: `:authority`, else Host. `Not` where the block is damaged.
pub(super) fn authority(block: &[u8]) -> Parsed<Option<Name>> {
    let mut reader = Reader { bytes: block };
    let mut table = Table::default();
    let mut host = None;
    for _ in 0..MOST_FIELDS {
        let Some(first) = reader.byte() else {
            break;
        };
        match reader.line(first, &mut table) {
            Some(Line::Field(entry)) if entry.field == Field::Authority => {
                if !entry.value.is_empty() {
                    return Parsed::Done(authority::host(&entry.value));
                }
            }
            Some(Line::Field(entry)) if entry.field == Field::Host && host.is_none() => {
                host = authority::host(&entry.value);
            }
            Some(_) => {}
            None => return Parsed::Not,
        }
    }
    Parsed::Done(host)
}

/// What a representation says (section 6).
enum Line {
    Field(Entry),
    /// The table has another size.
    Resized,
}

struct Reader<'a> {
    bytes: &'a [u8],
}

impl<'a> Reader<'a> {
    fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.bytes.split_first()?;
        self.bytes = rest;
        Some(*first)
    }

    fn line(&mut self, first: u8, table: &mut Table) -> Option<Line> {
        if first & 0x80 != 0 {
            let index = self.integer(first, 7)?;
            return table.at(index).map(Line::Field);
        }
        if first & 0xc0 == 0x40 {
            let entry = self.literal(first, 6, table)?;
            table.insert(entry.clone());
            return Some(Line::Field(entry));
        }
        if first & 0xe0 == 0x20 {
            let size = self
                .integer(first, 5)
                .filter(|size| *size <= LARGEST_TABLE)?;
            table.resize(size);
            return Some(Line::Resized);
        }
        self.literal(first, 4, table).map(Line::Field)
    }

    fn literal(&mut self, first: u8, bits: u32, table: &Table) -> Option<Entry> {
        let (field, name) = match self.integer(first, bits)? {
            0 => {
                let name = self.string()?;
                (Field::of(&name), name.len())
            }
            index => table.name_at(index)?,
        };
        let value = self.string()?;
        Some(Entry::new(field, name, value))
    }

    /// Section 5.1. What needs more than four bytes more is no length of ours.
    fn integer(&mut self, first: u8, bits: u32) -> Option<usize> {
        let most = (1_usize << bits) - 1;
        let mut value = usize::from(first) & most;
        if value < most {
            return Some(value);
        }
        for shift in [0, 7, 14, 21] {
            let byte = self.byte()?;
            value += usize::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Some(value);
            }
        }
        None
    }

    /// Section 5.2.
    fn string(&mut self) -> Option<Cow<'a, [u8]>> {
        let first = self.byte()?;
        let length = self.integer(first, 7)?;
        let (text, rest) = self.bytes.split_at_checked(length)?;
        self.bytes = rest;
        if first & 0x80 == 0 {
            return Some(Cow::Borrowed(text));
        }
        huffman::decoded(text).map(Cow::Owned)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_are_those_of_rfc_7541_c_1() {
        for (bytes, bits, wanted) in [
            (&[0x0a_u8][..], 5, Some(10)),
            (&[0x1f, 0x9a, 0x0a], 5, Some(1337)),
            (&[0x2a], 7, Some(42)),
            (&[0x1f, 0x80], 5, None),
            (&[0x1f, 0xff, 0xff, 0xff, 0xff, 0x00], 5, None),
        ] {
            let mut reader = Reader { bytes };
            let first = reader.byte().unwrap();
            assert_eq!(reader.integer(first, bits), wanted, "{bytes:?}");
        }
    }
}
