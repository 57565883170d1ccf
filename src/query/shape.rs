//! The words that many answers share: counts, losses, times, pages. `docs/api.md` is the contract.

use crate::store::{Gap, NicSecond, Plan, Why};
use crate::units::{Moment, Second, Traffic};
use serde::Serialize;
use std::ops::Range;
use utoipa::ToSchema;

/// What is counted: whole frames, link header included.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct Counts {
    pub bytes_in: u64,
    pub bytes_out: u64,
    pub packets_in: u64,
    pub packets_out: u64,
}

impl From<Traffic> for Counts {
    fn from(traffic: Traffic) -> Counts {
        Counts {
            bytes_in: traffic.inbound.bytes,
            bytes_out: traffic.outbound.bytes,
            packets_in: traffic.inbound.packets,
            packets_out: traffic.outbound.packets,
        }
    }
}

impl Counts {
    pub fn bytes(&self) -> u64 {
        self.bytes_in + self.bytes_out
    }

    /// What remains when a part is taken away.
    #[must_use]
    pub(super) fn less(self, part: Counts) -> Counts {
        Counts {
            bytes_in: self.bytes_in.saturating_sub(part.bytes_in),
            bytes_out: self.bytes_out.saturating_sub(part.bytes_out),
            packets_in: self.packets_in.saturating_sub(part.packets_in),
            packets_out: self.packets_out.saturating_sub(part.packets_out),
        }
    }
}

impl std::ops::AddAssign for Counts {
    fn add_assign(&mut self, other: Counts) {
        self.bytes_in += other.bytes_in;
        self.bytes_out += other.bytes_out;
        self.packets_in += other.packets_in;
        self.packets_out += other.packets_out;
    }
}

/// Frames that existed and were not counted, and time that was not watched.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct Loss {
    pub kernel_packets: u64,
    pub interface_packets: u64,
    pub ring_packets: u64,
    pub ring_bytes: u64,
    /// Milliseconds in which not all that is counted was watched.
    pub gap_ms: u64,
}

impl Loss {
    /// One interface's second.
    pub(super) fn of(nic: &NicSecond) -> Loss {
        Loss {
            kernel_packets: nic.kernel_dropped,
            interface_packets: nic.interface_dropped,
            ring_packets: nic.ring_dropped.packets,
            ring_bytes: nic.ring_dropped.bytes,
            gap_ms: nic.gap_ms.into(),
        }
    }

    pub fn packets(&self) -> u64 {
        self.kernel_packets + self.interface_packets + self.ring_packets
    }

    /// Adds another interface's loss in the same second: gaps at the same time are one gap.
    pub(super) fn beside(&mut self, other: Loss) {
        let gap_ms = self.gap_ms.max(other.gap_ms);
        self.then(other);
        self.gap_ms = gap_ms;
    }

    /// Adds the loss of another second.
    pub(super) fn then(&mut self, other: Loss) {
        self.kernel_packets += other.kernel_packets;
        self.interface_packets += other.interface_packets;
        self.ring_packets += other.ring_packets;
        self.ring_bytes += other.ring_bytes;
        self.gap_ms += other.gap_ms;
    }
}

/// A part of a range.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Span {
    pub from: String,
    pub to: String,
}

impl Span {
    /// The parts of a range that a plan cannot tell.
    pub(super) fn missing(plan: &Plan) -> Vec<Span> {
        Span::of(&plan.missing)
    }

    pub(super) fn of(ranges: &[Range<Second>]) -> Vec<Span> {
        let spans = ranges.iter().map(|range| Span {
            from: time(range.start),
            to: time(range.end),
        });
        spans.collect()
    }

    /// The parts of a range that were forgotten, put together where they follow each other.
    pub(super) fn forgotten(gaps: &[Gap], range: &Range<Second>) -> Vec<Span> {
        let mut parts = Vec::<Range<Second>>::new();
        for gap in gaps.iter().filter(|gap| gap.why == Why::Forgotten) {
            let part = gap.first.second.max(range.start)..gap.end().min(range.end);
            match parts.last_mut() {
                Some(last) if last.end >= part.start => last.end = last.end.max(part.end),
                _ => parts.push(part),
            }
        }
        let spans = parts.into_iter().map(|part| Span {
            from: time(part.start),
            to: time(part.end),
        });
        spans.collect()
    }
}

/// A page of a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Page<T> {
    pub items: Vec<T>,
    /// Goes back as `?cursor=`; `null` at the end.
    pub next: Option<String>,
}

/// A second as RFC 3339 text.
pub fn time(second: Second) -> String {
    let earliest = jiff::Timestamp::MIN.as_second();
    let clamped = second.0.clamp(earliest, jiff::Timestamp::MAX.as_second());
    jiff::Timestamp::from_second(clamped)
        .map_or_else(|_| clamped.to_string(), |time| time.to_string())
}

/// A point in time as RFC 3339 text.
pub fn time_of(nanos: crate::units::Nanos) -> String {
    jiff::Timestamp::from_nanosecond(nanos.0.into())
        .map_or_else(|_| nanos.0.to_string(), |time| time.to_string())
}

/// The second of a moment as text: readers of the API see no epochs.
pub(super) fn time_of_moment(moment: Moment) -> String {
    time(moment.second)
}
