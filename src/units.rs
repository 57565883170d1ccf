//! Quantities, a type each, so that a byte count cannot be added to a packet count nor a second
//! taken for a timestamp. Owns no state and knows no clock, no packet and no file.

use serde::{Deserialize, Serialize};
use std::ops::{Add, AddAssign};

/// Nanoseconds of one second.
pub const NANOS: i64 = 1_000_000_000;

/// A point in time: nanoseconds since the Unix epoch, UTC. Good for the years 1678 to 2262.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
pub struct Nanos(pub i64);

impl Nanos {
    /// The second that this point lies in.
    pub fn second(self) -> Second {
        Second(self.0.div_euclid(NANOS))
    }

    /// The nanoseconds past the start of that second.
    pub fn fraction(self) -> u32 {
        self.0.rem_euclid(NANOS) as u32
    }
}

/// A second of UTC: whole seconds since the Unix epoch.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
pub struct Second(pub i64);

impl Second {
    /// The first nanosecond of this second.
    pub fn start(self) -> Nanos {
        Nanos(self.0.saturating_mul(NANOS))
    }

    /// The second after this one.
    #[must_use]
    pub fn next(self) -> Second {
        Second(self.0.saturating_add(1))
    }

    /// The second that begins this second's minute.
    #[must_use]
    pub fn minute(self) -> Second {
        Second(self.0.saturating_sub(self.0.rem_euclid(60)))
    }
}

/// How often the wall clock has jumped since the history began. Seconds are keyed by second *and*
/// epoch, so that a clock that goes back never meets a second that was already written.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
pub struct Epoch(pub u32);

/// The key of one second of history.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
pub struct Moment {
    pub second: Second,
    pub epoch: Epoch,
}

/// A frame's place in the order of capture, from 1. The number of a flow's first frame is the
/// flow's identity: it does not depend on how many workers there are.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
pub struct FrameNumber(pub u64);

/// Frames and their bytes, one way. Bytes are original lengths, link header included.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    pub packets: u64,
    pub bytes: u64,
}

impl Tally {
    /// Counts one frame of `length` bytes.
    pub fn count(&mut self, length: u32) {
        self.packets += 1;
        self.bytes += u64::from(length);
    }

    pub fn is_zero(self) -> bool {
        self.packets == 0
    }
}

impl AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        self.packets += other.packets;
        self.bytes += other.bytes;
    }
}

impl Add for Tally {
    type Output = Self;
    fn add(mut self, other: Self) -> Self {
        self += other;
        self
    }
}

/// Frames and bytes both ways, as this host sees them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Traffic {
    pub inbound: Tally,
    pub outbound: Tally,
}

impl Traffic {
    /// The side that a frame of this direction counts on.
    pub fn side(&mut self, direction: Direction) -> &mut Tally {
        match direction {
            Direction::In => &mut self.inbound,
            Direction::Out => &mut self.outbound,
        }
    }

    /// Packets in, bytes in, packets out, bytes out.
    pub fn figures(self) -> [u64; 4] {
        let Traffic { inbound, outbound } = self;
        [
            inbound.packets,
            inbound.bytes,
            outbound.packets,
            outbound.bytes,
        ]
    }

    /// The same four as one.
    pub fn of_figures([pi, bi, po, bo]: [u64; 4]) -> Traffic {
        let tally = |packets, bytes| Tally { packets, bytes };
        Traffic {
            inbound: tally(pi, bi),
            outbound: tally(po, bo),
        }
    }

    /// Both ways together.
    pub fn total(self) -> Tally {
        self.inbound + self.outbound
    }
}

impl AddAssign for Traffic {
    fn add_assign(&mut self, other: Self) {
        self.inbound += other.inbound;
        self.outbound += other.outbound;
    }
}

/// Which way a frame went, as seen from this host.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Direction {
    In,
    Out,
}
