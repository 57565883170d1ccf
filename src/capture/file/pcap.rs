//! The classic pcap format, version 2.4: both byte orders, micro- and nanoseconds
//! (<https://datatracker.ietf.org/doc/draft-ietf-opsawg-pcap/>).

use super::intake::{Intake, Record};
use super::window::Window;
use super::{Damage, Place, Step};
use crate::capture::frame::Link;
use crate::key::InterfaceId;
use crate::units::{NANOS, Nanos};

/// Length of the file's header.
pub(super) const FILE_HEADER: usize = 24;
const RECORD_HEADER: usize = 16;
/// No capture is longer than this (libpcap's limit, too).
const LONGEST: u32 = 262_144;

/// What a pcap file's header says.
#[derive(Clone, Copy, Debug)]
pub(super) struct Layout {
    pub link: Link,
    pub snaplen: u32,
    big: bool,
    /// Nanoseconds in a unit of the time's fraction.
    unit: i64,
}

impl Layout {
    /// The layout of a file that begins like this, if it is pcap 2.4.
    pub(super) fn of(head: &[u8]) -> Option<Layout> {
        let header: &[u8; FILE_HEADER] = head.first_chunk()?;
        let (big, unit) = match word(header, 0, false) {
            0xa1b2_c3d4 => (false, 1_000),
            0xd4c3_b2a1 => (true, 1_000),
            0xa1b2_3c4d => (false, 1),
            0x4d3c_b2a1 => (true, 1),
            _ => return None,
        };
        let version = word(header, 4, big);
        let two_four = if big { 0x0002_0004 } else { 0x0004_0002 };
        (version == two_four).then(|| Layout {
            link: Link::of(word(header, 20, big) as u16),
            snaplen: word(header, 16, big),
            big,
            unit,
        })
    }

    /// Takes in frames until the batch is full or the window is used up.
    pub(super) fn step(&self, window: &mut Window, intake: &mut Intake) -> Step {
        if self.big {
            self.run::<true>(window, intake)
        } else {
            self.run::<false>(window, intake)
        }
    }

    fn run<const BIG: bool>(&self, window: &mut Window, intake: &mut Intake) -> Step {
        let slab = window.slab.clone();
        let needed = loop {
            let rest = window.rest();
            let Some(header) = rest.first_chunk::<RECORD_HEADER>() else {
                break RECORD_HEADER;
            };
            let captured = word(header, 8, BIG);
            let whole = RECORD_HEADER + captured as usize;
            if captured > LONGEST {
                intake.flush(&slab);
                return Step::Damaged(too_long(window.offset(), captured));
            }
            if rest.len() < whole {
                break whole;
            }
            let record = Record {
                at: Some(self.time::<BIG>(header)),
                offset: window.start + RECORD_HEADER,
                captured,
                length: word(header, 12, BIG),
                interface: InterfaceId(0),
            };
            window.consume(whole);
            if !intake.take(&slab, record) {
                intake.flush(&slab);
                return Step::More;
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

    #[inline]
    fn time<const BIG: bool>(&self, header: &[u8; RECORD_HEADER]) -> Nanos {
        let seconds = i64::from(word(header, 0, BIG));
        Nanos(seconds * NANOS + i64::from(word(header, 4, BIG)) * self.unit)
    }
}

/// Is this a pcap file of another version, or one with longer record headers?
pub(super) fn is_old(head: &[u8]) -> bool {
    let Some(magic) = head.first_chunk::<4>() else {
        return false;
    };
    let (little, big) = (u32::from_le_bytes(*magic), u32::from_be_bytes(*magic));
    [0xa1b2_c3d4, 0xa1b2_3c4d, 0xa1b2_cd34, 0xa1e2_cb12]
        .iter()
        .any(|known| little == *known || big == *known)
}

/// The end of the input: clean, or in the middle of something.
pub(super) fn ended(window: &Window) -> Step {
    let left = window.rest().len();
    let why = match &window.failure {
        Some(problem) => problem.to_string(),
        None if left == 0 => return Step::End,
        None => format!("the file is cut: its last {left} bytes are not a whole record"),
    };
    Step::Damaged(Damage {
        place: Place::Byte(window.offset()),
        why,
    })
}

fn too_long(offset: u64, captured: u32) -> Damage {
    let why =
        format!("a record claims {captured} captured bytes; no frame has more than {LONGEST}");
    Damage {
        place: Place::Byte(offset),
        why,
    }
}

/// The 32-bit number at `at`, which must lie within the header.
#[inline]
fn word<const N: usize>(header: &[u8; N], at: usize, big: bool) -> u32 {
    let bytes = header
        .get(at..)
        .and_then(|rest| rest.first_chunk())
        .copied()
        .unwrap_or_default();
    if big {
        u32::from_be_bytes(bytes)
    } else {
        u32::from_le_bytes(bytes)
    }
}
