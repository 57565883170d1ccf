//! NetBIOS names (RFC 1001 and 1002): sixteen bytes written as thirty-two letters, the last byte
//! saying what kind of name it is. Its name service looks like DNS, its datagrams do not.

use super::answers::{Answer, Answers};
use super::labels::{Budget, end, expand};
use super::records::{NB, Records, Section};
use super::{MOST_RECORDS, text};
use crate::names::Name;
use std::net::Ipv4Addr;

/// Letters of an encoded name (RFC 1001, 14.1).
const ENCODED: usize = 32;
/// Bytes of a name before the one that says its kind.
const SPELT: usize = 15;
/// A group's addresses are those of whoever is in it (RFC 1002, 4.2.1.3).
const GROUP: u8 = 0x80;

/// The name that begins at `at`, with its scope if it has one. The wildcard that asks for a
/// node's status (RFC 1001, 17.2) is no name.
pub(super) fn name_at(message: &[u8], at: usize, budget: &mut Budget) -> Option<Name> {
    let text = expand(message, at, budget)?;
    let (encoded, scope) = text.as_bytes().split_first_chunk::<ENCODED>()?;
    let bytes = decoded(encoded)?;
    let spelt = bytes.first_chunk::<SPELT>()?;
    let kept = spelt.iter().rposition(|byte| !matches!(byte, b' ' | 0))?;
    let name = spelt.get(..=kept).filter(|name| *name != b"*")?;
    if !scope.is_empty() && scope.first() != Some(&b'.') {
        return None;
    }
    text::shown(&[name, scope].concat())
}

/// Two letters a byte, `A` for 0 to `P` for 15; they come in lower case here.
fn decoded(encoded: &[u8; ENCODED]) -> Option<[u8; ENCODED / 2]> {
    let mut bytes = [0; ENCODED / 2];
    for (byte, pair) in bytes.iter_mut().zip(encoded.as_chunks().0) {
        let [high, low] = pair.map(|letter: u8| letter.wrapping_sub(b'a'));
        if high > 15 || low > 15 {
            return None;
        }
        *byte = high << 4 | low;
    }
    Some(bytes)
}

/// The addresses that a response gives for a name that is no group's.
pub(super) fn answer(
    message: &[u8],
    records: Records<'_>,
    budget: &mut Budget,
    answers: &mut Answers,
) {
    for record in records.filter(|record| record.section == Section::Answer) {
        let name = name_at(message, record.owner, budget);
        answers.asked = answers.asked.take().or_else(|| name.clone());
        let (Some(name), NB, None) = (name, record.kind, answers.failed) else {
            continue;
        };
        for &[flags, _, a, b, c, d] in record.data.as_chunks().0 {
            if flags & GROUP == 0 && answers.addresses.len() < MOST_RECORDS {
                answers.addresses.push(Answer {
                    address: Ipv4Addr::new(a, b, c, d).into(),
                    name: name.clone(),
                    ttl: record.ttl,
                    alias: false,
                    hint: false,
                });
            }
        }
    }
}

/// The name that a NetBIOS datagram (RFC 1002, 4.4) is for.
pub fn nbdgm(bytes: &[u8]) -> Option<Name> {
    let destination = match *bytes.first()? {
        // Direct to one, to a group, or to all: the sender's name comes first.
        0x10..=0x12 => end(bytes, 14)?,
        // What a distribution server is asked and says.
        0x14..=0x16 => 10,
        _ => return None,
    };
    name_at(bytes, destination, &mut Budget::new())
}
