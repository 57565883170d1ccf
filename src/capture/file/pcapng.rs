//! The pcapng format: sections of either byte order, interfaces of different links and time units,
//! enhanced, simple and obsolete packet blocks
//! (<https://datatracker.ietf.org/doc/draft-ietf-opsawg-pcapng/>). Other blocks are passed over.

use super::intake::{Intake, Record};
use super::pcap::ended;
use super::window::Window;
use super::{Damage, Place, Step};
use crate::capture::frame::Link;
use crate::key::InterfaceId;
use crate::units::{NANOS, Nanos};
use bytes::Bytes;

const SECTION: u32 = 0x0a0d_0d0a;
const INTERFACE: u32 = 1;
const OBSOLETE_PACKET: u32 = 2;
const SIMPLE_PACKET: u32 = 3;
const ENHANCED_PACKET: u32 = 6;
const BYTE_ORDER: u32 = 0x1a2b_3c4d;
/// No block is longer than this (libpcap's limit, too).
const LONGEST: usize = 16 * 1024 * 1024;

/// Does a pcapng file begin like this?
pub(super) fn begins(head: &[u8]) -> bool {
    head.first_chunk::<4>()
        .is_some_and(|magic| u32::from_le_bytes(*magic) == SECTION)
}

/// The section being read: its byte order and its interfaces.
#[derive(Debug, Default)]
pub(super) struct Sections {
    big: bool,
    interfaces: Vec<Described>,
}

/// An interface of this section.
#[derive(Clone, Copy, Debug)]
struct Described {
    id: InterfaceId,
    snaplen: u32,
    unit: Unit,
    /// Seconds to add to each time (if_tsoffset).
    offset: i64,
}

/// How long a unit of an interface's timestamps is.
#[derive(Clone, Copy, Debug)]
enum Unit {
    /// This many nanoseconds.
    Nanos(u64),
    /// This many units make a nanosecond.
    Finer(u64),
    /// 2 to the power of this many units make a second.
    Binary(u32),
}

/// A reader of fields in a block's body. Past its end everything is absent.
#[derive(Clone, Copy)]
struct Fields<'a> {
    bytes: &'a [u8],
    big: bool,
}

type Result<T> = std::result::Result<T, String>;

impl Sections {
    /// Takes in blocks until a batch is full or the window is used up.
    pub(super) fn step(&mut self, window: &mut Window, intake: &mut Intake) -> Step {
        let slab = window.slab.clone();
        let needed = loop {
            let length = match self.block_length(window.rest()) {
                Ok(length) if window.rest().len() < length => break length,
                Ok(length) => length,
                Err(why) => {
                    intake.flush(&slab);
                    return Step::Damaged(Damage {
                        place: Place::Byte(window.offset()),
                        why,
                    });
                }
            };
            match self.block(window, length, &slab, intake) {
                Ok(room) => {
                    window.consume(length);
                    if !room {
                        intake.flush(&slab);
                        return Step::More;
                    }
                }
                Err(why) => {
                    intake.flush(&slab);
                    return Step::Damaged(Damage {
                        place: Place::Byte(window.offset()),
                        why,
                    });
                }
            }
        };
        intake.flush(&slab);
        drop(slab);
        if window.refill(needed, &mut intake.pool) {
            Step::More
        } else {
            ended(window)
        }
    }

    /// The whole length of the block at hand (12 where even that is not in the window); a section
    /// header sets the byte order first.
    fn block_length(&mut self, rest: &[u8]) -> Result<usize> {
        let fields = |big| Fields { bytes: rest, big };
        let Some(kind) = fields(self.big).u32(0) else {
            return Ok(12);
        };
        if kind == SECTION {
            let Some(order) = fields(false).u32(8) else {
                return Ok(12);
            };
            self.big = match order {
                BYTE_ORDER => false,
                swapped if swapped.swap_bytes() == BYTE_ORDER => true,
                other => return Err(format!("a section begins with byte order mark {other:#x}")),
            };
        }
        let Some(length) = fields(self.big).u32(4) else {
            return Ok(12);
        };
        let length = length as usize;
        if !(12..=LONGEST).contains(&length) || (!length.is_multiple_of(4) && kind == SECTION) {
            return Err(format!("a block of type {kind:#x} claims {length} bytes"));
        }
        Ok(length.next_multiple_of(4))
    }

    /// Reads one whole block; false when the batch is full.
    fn block(
        &mut self,
        window: &Window,
        length: usize,
        slab: &Bytes,
        intake: &mut Intake,
    ) -> Result<bool> {
        let block = window.rest().get(..length).unwrap_or_default();
        let fields = Fields {
            bytes: block,
            big: self.big,
        };
        let kind = fields.u32(0).unwrap_or_default();
        if fields.u32(4) != fields.u32(length - 4) {
            return Err(format!(
                "a block of type {kind:#x} ends with another length"
            ));
        }
        let body = Fields {
            bytes: block.get(8..length - 4).unwrap_or_default(),
            big: self.big,
        };
        let record = match kind {
            SECTION => return self.section(body).map(|()| true),
            INTERFACE => return self.interface(body, intake).map(|()| true),
            ENHANCED_PACKET => self.enhanced(body)?,
            SIMPLE_PACKET => self.simple(body)?,
            OBSOLETE_PACKET => self.obsolete(body)?,
            _ => return Ok(true),
        };
        Ok(intake.take(
            slab,
            Record {
                offset: window.start + 8 + record.offset,
                ..record
            },
        ))
    }

    fn section(&mut self, body: Fields) -> Result<()> {
        self.interfaces.clear();
        match body.u16(4) {
            Some(1) => Ok(()),
            Some(major) => Err(format!("pcapng version {major} is not known")),
            None => Err("a section header is too short".into()),
        }
    }

    fn interface(&mut self, body: Fields, intake: &mut Intake) -> Result<()> {
        let (Some(link), Some(snaplen)) = (body.u16(0), body.u32(4)) else {
            return Err("an interface description is too short".into());
        };
        let mut described = Described {
            id: InterfaceId(0),
            snaplen,
            unit: Unit::Nanos(1_000),
            offset: 0,
        };
        let mut name = None;
        for (code, value) in body.options(8)? {
            match (code, value.bytes) {
                (2, bytes) => name = Some(String::from_utf8_lossy(bytes).into_owned()),
                (9, [resolution, ..]) => described.unit = Unit::of(*resolution)?,
                (14, _) => described.offset = value.i64(0).unwrap_or_default(),
                _ => {}
            }
        }
        described.id = intake
            .interface(Link::of(link), snaplen, name)
            .ok_or("more interfaces than any capture has")?;
        self.interfaces.push(described);
        Ok(())
    }

    fn enhanced(&self, body: Fields) -> Result<Record> {
        let (Some(index), Some(high), Some(low), Some(captured), Some(length)) = (
            body.u32(0),
            body.u32(4),
            body.u32(8),
            body.u32(12),
            body.u32(16),
        ) else {
            return Err("a packet block is too short".into());
        };
        self.packet(body, index, (high, low), captured, length, 20)
    }

    fn obsolete(&self, body: Fields) -> Result<Record> {
        let (Some(index), Some(high), Some(low), Some(captured), Some(length)) = (
            body.u16(0),
            body.u32(4),
            body.u32(8),
            body.u32(12),
            body.u32(16),
        ) else {
            return Err("a packet block is too short".into());
        };
        self.packet(body, u32::from(index), (high, low), captured, length, 20)
    }

    /// A simple packet block has no time, and no captured length but what there is room for.
    fn simple(&self, body: Fields) -> Result<Record> {
        let Some(length) = body.u32(0) else {
            return Err("a packet block is too short".into());
        };
        let interface = self.described(0)?;
        let limit = if interface.snaplen == 0 {
            u32::MAX
        } else {
            interface.snaplen
        };
        let captured = length.min(limit).min(body.bytes.len() as u32 - 4);
        Ok(Record {
            at: None,
            offset: 4,
            captured,
            length,
            interface: interface.id,
        })
    }

    fn packet(
        &self,
        body: Fields,
        index: u32,
        time: (u32, u32),
        captured: u32,
        length: u32,
        offset: usize,
    ) -> Result<Record> {
        if body.bytes.len() < offset + captured as usize {
            return Err(format!(
                "a packet block claims {captured} captured bytes and has fewer"
            ));
        }
        let interface = self.described(index)?;
        let at = interface.time(u64::from(time.0) << 32 | u64::from(time.1));
        Ok(Record {
            at,
            offset,
            captured,
            length,
            interface: interface.id,
        })
    }

    fn described(&self, index: u32) -> Result<&Described> {
        let missing = || format!("a packet of interface {index}, which was not described");
        self.interfaces.get(index as usize).ok_or_else(missing)
    }
}

impl Described {
    /// A timestamp in nanoseconds since 1970; `None` where it is absurd.
    fn time(&self, ticks: u64) -> Option<Nanos> {
        let nanos = match self.unit {
            Unit::Nanos(nanos) => i64::try_from(ticks.checked_mul(nanos)?).ok()?,
            Unit::Finer(units) => i64::try_from(ticks / units).ok()?,
            Unit::Binary(shift) => {
                let nanos = (u128::from(ticks) * NANOS as u128) >> shift;
                i64::try_from(nanos).ok()?
            }
        };
        nanos
            .checked_add(self.offset.checked_mul(NANOS)?)
            .map(Nanos)
    }
}

impl Unit {
    /// if_tsresol: a negative power of ten, or of two where the highest bit is set.
    fn of(resolution: u8) -> Result<Unit> {
        let power = u32::from(resolution & 0x7f);
        match resolution {
            0x80.. if power < 64 => Ok(Unit::Binary(power)),
            0..=9 => Ok(Unit::Nanos(10u64.pow(9 - power))),
            10..=19 => Ok(Unit::Finer(10u64.pow(power - 9))),
            _ => Err(format!(
                "an interface's time resolution {resolution:#x} is not possible"
            )),
        }
    }
}

impl<'a> Fields<'a> {
    fn chunk<const N: usize>(&self, at: usize) -> Option<[u8; N]> {
        self.bytes.get(at..)?.first_chunk().copied()
    }

    /// The `N` bytes at `at` in little-endian order, whatever the section's.
    #[inline]
    fn little<const N: usize>(&self, at: usize) -> Option<[u8; N]> {
        let mut bytes = self.chunk(at)?;
        if self.big {
            bytes.reverse();
        }
        Some(bytes)
    }

    #[inline]
    fn u32(&self, at: usize) -> Option<u32> {
        self.little(at).map(u32::from_le_bytes)
    }

    fn u16(&self, at: usize) -> Option<u16> {
        self.little(at).map(u16::from_le_bytes)
    }

    fn i64(&self, at: usize) -> Option<i64> {
        self.little(at).map(i64::from_le_bytes)
    }

    /// The options from `at` on: code and value. Each takes at least four bytes of the block, so
    /// there are no more of them than it is long.
    fn options(&self, mut at: usize) -> Result<Vec<(u16, Fields<'a>)>> {
        let mut options = Vec::new();
        while let (Some(code), Some(length)) = (self.u16(at), self.u16(at + 2)) {
            if code == 0 {
                break;
            }
            let value = self.bytes.get(at + 4..at + 4 + usize::from(length));
            let bytes = value.ok_or_else(|| format!("option {code} is longer than its block"))?;
            options.push((
                code,
                Fields {
                    bytes,
                    big: self.big,
                },
            ));
            at += 4 + usize::from(length).next_multiple_of(4);
        }
        Ok(options)
    }
}
