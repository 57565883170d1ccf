//! Interface description blocks (pcapng, 4.2): what the packets of a section's interfaces are, and
//! in which units their times are told.

use super::Result;
use super::fields::Fields;
use crate::capture::file::intake::Intake;
use crate::capture::frame::Link;
use crate::key::InterfaceId;
use crate::label::harmless;
use crate::units::{NANOS, Nanos};

const NAME: u16 = 2;
const TIME_RESOLUTION: u16 = 9;
const TIME_OFFSET: u16 = 14;
/// More bytes than any interface's name has.
const LONGEST_NAME: usize = 253;

/// An interface of a section.
#[derive(Clone, Copy, Debug)]
pub(super) struct Described {
    pub id: InterfaceId,
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

impl Described {
    /// Reads a description and announces the interface.
    pub(super) fn of(body: Fields, intake: &mut Intake) -> Result<Described> {
        let (Some(link), Some(snaplen)) = (body.u16(0), body.u32(4)) else {
            return Err("an interface description is too short".into());
        };
        let (mut unit, mut offset, mut name) = (Unit::Nanos(1_000), 0, None);
        for option in body.options(8) {
            let (code, value) = option?;
            match (code, value.bytes) {
                (NAME, bytes) => name = called(bytes),
                (TIME_RESOLUTION, [resolution, ..]) => unit = Unit::of(*resolution)?,
                (TIME_OFFSET, _) => offset = value.i64(0).unwrap_or_default(),
                _ => {}
            }
        }
        let id = intake
            .interface(Link::of(link), snaplen, name)
            .ok_or("more interfaces than any capture has")?;
        Ok(Described {
            id,
            snaplen,
            unit,
            offset,
        })
    }

    /// The most bytes of a packet that are captured.
    pub(super) fn limit(&self) -> u32 {
        match self.snaplen {
            0 => u32::MAX,
            snaplen => snaplen,
        }
    }

    /// A timestamp in nanoseconds since 1970; `None` where it is absurd.
    pub(super) fn time(&self, ticks: u64) -> Option<Nanos> {
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

/// A name as it is told: up to a zero, which some writers end it with.
fn called(bytes: &[u8]) -> Option<String> {
    let name = bytes.split(|byte| *byte == 0).next().unwrap_or_default();
    let name = harmless(&String::from_utf8_lossy(name), LONGEST_NAME);
    (!name.is_empty()).then_some(name)
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
