//! The records of a message in their order (RFC 1035, 4.1.3): where each lies and what it says of
//! itself. What a record's data means is the reader's business.

use super::MOST_RECORDS;
use super::labels;

pub(super) const A: u16 = 1;
pub(super) const CNAME: u16 = 5;
pub(super) const AAAA: u16 = 28;
/// RFC 1002, 4.2.1.3: a NetBIOS name's addresses.
pub(super) const NB: u16 = 32;
/// RFC 2782.
pub(super) const SRV: u16 = 33;
/// RFC 6672.
pub(super) const DNAME: u16 = 39;
/// RFC 9460.
pub(super) const SVCB: u16 = 64;
/// RFC 9460.
pub(super) const HTTPS: u16 = 65;

/// The Internet's class; multicast DNS sets a bit above it (RFC 6762, 10.2).
const INTERNET: u16 = 1;
const CACHE_FLUSH: u16 = 0x8000;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Section {
    Answer,
    Authority,
    Additional,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Record<'m> {
    pub section: Section,
    /// Where in the message its owner's name begins.
    pub owner: usize,
    pub kind: u16,
    class: u16,
    /// Seconds; a value with the highest bit set counts as none (RFC 2181, 8).
    pub ttl: u32,
    /// Where in the message its data begins, for the names in it.
    pub data_at: usize,
    pub data: &'m [u8],
}

impl Record<'_> {
    pub(super) fn is_internet(&self) -> bool {
        self.class & !CACHE_FLUSH == INTERNET
    }
}

/// Gives the records until the counts or the message end, or one is damaged.
#[derive(Clone, Debug)]
pub(super) struct Records<'m> {
    message: &'m [u8],
    at: usize,
    counts: [u16; 3],
    left: usize,
}

impl<'m> Records<'m> {
    pub(super) fn new(message: &'m [u8], at: usize, counts: [u16; 3]) -> Records<'m> {
        Records {
            message,
            at,
            counts,
            left: MOST_RECORDS,
        }
    }

    /// Where the last record that was given ends.
    pub(super) fn at(&self) -> usize {
        self.at
    }

    fn section(&mut self) -> Option<Section> {
        self.left = self.left.checked_sub(1)?;
        let sections = [Section::Answer, Section::Authority, Section::Additional];
        let (count, section) = self
            .counts
            .iter_mut()
            .zip(sections)
            .find(|(count, _)| **count > 0)?;
        *count -= 1;
        Some(section)
    }
}

impl<'m> Iterator for Records<'m> {
    type Item = Record<'m>;

    fn next(&mut self) -> Option<Record<'m>> {
        let section = self.section()?;
        let owner = self.at;
        let fixed = labels::end(self.message, owner)?;
        let words = self
            .message
            .get(fixed..)?
            .as_chunks()
            .0
            .first_chunk::<5>()?;
        let [kind, class, long, ttl, length] = words.map(u16::from_be_bytes);
        let data_at = fixed.checked_add(10)?;
        let data = self.message.get(data_at..)?.get(..usize::from(length))?;
        self.at = data_at.checked_add(data.len())?;
        let ttl = u32::from(long) << 16 | u32::from(ttl);
        Some(Record {
            section,
            owner,
            kind,
            class,
            ttl: if ttl > i32::MAX as u32 { 0 } else { ttl },
            data_at,
            data,
        })
    }
}
