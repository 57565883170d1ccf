//! The pcapng format: sections of either byte order, interfaces of different links and time units,
//! enhanced, simple and obsolete packet blocks, and the processes that Apple's captures tell
//! (<https://datatracker.ietf.org/doc/draft-ietf-opsawg-pcapng/>). Other blocks are passed over: a
//! custom block, statistics, names, secrets, whatever is new.
//!
//! Reading stops at the first block that is damaged, with its place and why: what follows one that
//! lies about itself cannot be trusted, and a count that skips silently is a wrong count.

mod fields;
mod interfaces;
mod packets;
mod processes;

use super::intake::{Intake, Record};
use super::pcap::ended;
use super::window::Window;
use super::{Damage, Place, Step};
use crate::capture::process::Process;
use bytes::Bytes;
use fields::Fields;
use interfaces::Described;
use processes::Processes;
use std::sync::Arc;

const SECTION: u32 = 0x0a0d_0d0a;
const INTERFACE: u32 = 1;
const OBSOLETE_PACKET: u32 = 2;
const SIMPLE_PACKET: u32 = 3;
const ENHANCED_PACKET: u32 = 6;
const PROCESS: u32 = 0x8000_0001;
const BYTE_ORDER: u32 = 0x1a2b_3c4d;
/// A block's type and length before its body, and its length again behind it.
const LEAST: usize = 12;
/// No block is longer than this (libpcap's limit, too).
const LONGEST: usize = 16 * 1024 * 1024;

/// What is wrong with a block, if something is.
type Result<T> = std::result::Result<T, String>;

/// Does a pcapng file begin like this?
pub(super) fn begins(head: &[u8]) -> bool {
    head.first_chunk::<4>()
        .is_some_and(|magic| u32::from_le_bytes(*magic) == SECTION)
}

/// The section being read: its byte order, its interfaces and its processes.
#[derive(Debug, Default)]
pub(super) struct Sections {
    big: bool,
    interfaces: Vec<Described>,
    processes: Processes,
}

impl Sections {
    /// Takes in blocks until a batch is full or the window is used up.
    pub(super) fn step(&mut self, window: &mut Window, intake: &mut Intake) -> Step {
        let slab = window.slab.clone();
        let read = self.read(window, &slab, intake);
        intake.flush(&slab);
        drop(slab);
        match read {
            Ok(None) => Step::More,
            Ok(Some(needed)) if window.refill(needed, &mut intake.pool) => Step::More,
            Ok(Some(_)) => ended(window),
            Err(why) => Step::Damaged(Damage {
                place: Place::Byte(window.offset()),
                why,
            }),
        }
    }

    /// Reads blocks up to one that is not whole in the window, and gives its length; `None` when
    /// the batch is full.
    fn read(
        &mut self,
        window: &mut Window,
        slab: &Bytes,
        intake: &mut Intake,
    ) -> Result<Option<usize>> {
        loop {
            let length = self.block_length(window.rest())?;
            let Some(block) = window.rest().get(..length) else {
                return Ok(Some(length));
            };
            let room = self.block(block, window.start, slab, intake)?;
            window.consume(length);
            if !room {
                return Ok(None);
            }
        }
    }

    /// The whole length of the block at hand (12 where even that is not in the window); a section
    /// header sets the byte order first. Lengths are multiples of four; that of a block whose
    /// writer forgot is rounded up.
    fn block_length(&mut self, rest: &[u8]) -> Result<usize> {
        let fields = |big| Fields { bytes: rest, big };
        let Some(kind) = fields(self.big).u32(0) else {
            return Ok(LEAST);
        };
        if kind == SECTION {
            let Some(order) = fields(false).u32(8) else {
                return Ok(LEAST);
            };
            self.big = match order {
                BYTE_ORDER => false,
                swapped if swapped.swap_bytes() == BYTE_ORDER => true,
                other => return Err(format!("a section begins with byte order mark {other:#x}")),
            };
        }
        let Some(length) = fields(self.big).u32(4) else {
            return Ok(LEAST);
        };
        let length = length as usize;
        if !(LEAST..=LONGEST).contains(&length) || (!length.is_multiple_of(4) && kind == SECTION) {
            return Err(format!("a block of type {kind:#x} claims {length} bytes"));
        }
        Ok(length.next_multiple_of(4))
    }

    /// Reads one whole block, which begins at `start` of the slab; false when the batch is full.
    fn block(
        &mut self,
        block: &[u8],
        start: usize,
        slab: &Bytes,
        intake: &mut Intake,
    ) -> Result<bool> {
        let (kind, body) = self.opened(block)?;
        let (record, process) = match kind {
            SECTION => return self.section(body).map(|()| true),
            INTERFACE => {
                self.interfaces.push(Described::of(body, intake)?);
                return Ok(true);
            }
            PROCESS => return self.processes.describe(body).map(|()| true),
            ENHANCED_PACKET => self.enhanced(body)?,
            SIMPLE_PACKET => (packets::simple(body, &self.interfaces)?, None),
            OBSOLETE_PACKET => (packets::obsolete(body, &self.interfaces)?, None),
            _ => return Ok(true),
        };
        let offset = start + 8 + record.offset;
        Ok(intake.take_of(slab, Record { offset, ..record }, process))
    }

    /// A block's type and body, if both its lengths agree.
    fn opened<'a>(&self, block: &'a [u8]) -> Result<(u32, Fields<'a>)> {
        let fields = |bytes| Fields {
            bytes,
            big: self.big,
        };
        let whole = fields(block);
        let kind = whole.u32(0).unwrap_or_default();
        let end = block.len().saturating_sub(4);
        if whole.u32(4) != whole.u32(end) {
            return Err(format!(
                "a block of type {kind:#x} ends with another length"
            ));
        }
        Ok((kind, fields(block.get(8..end).unwrap_or_default())))
    }

    /// A section header: what was described before it is over. Its own length is not needed, and
    /// may be absent.
    fn section(&mut self, body: Fields) -> Result<()> {
        self.interfaces.clear();
        self.processes.clear();
        match body.u16(4) {
            Some(1) => Ok(()),
            Some(major) => Err(format!("pcapng version {major} is not known")),
            None => Err("a section header is too short".into()),
        }
    }

    #[inline]
    fn enhanced(&mut self, body: Fields) -> Result<(Record, Option<Arc<Process>>)> {
        let (record, options) = packets::enhanced(body, &self.interfaces)?;
        Ok((record, self.processes.of_packet(body, options)))
    }
}

#[cfg(test)]
mod damage_tests;
#[cfg(test)]
mod test_blocks;
#[cfg(test)]
mod tests;
