//! What an imported sum is made into: an interface's part of a bucket, and its bucket's head.

use super::Sum;
use crate::store::coarse::Part;
use crate::store::second::{NicSecond, Second};
use crate::store::word::NicId;
use crate::tick::Cost;
use crate::units::{self, Moment, NANOS, Nanos, Tally, Traffic};

/// Packets were not told: there are none.
pub(super) fn traffic(sum: &Sum) -> Traffic {
    let tally = |bytes| Tally { packets: 0, bytes };
    Traffic {
        inbound: tally(sum.bytes_in),
        outbound: tally(sum.bytes_out),
    }
}

pub(super) fn part(start: units::Second, span: u32) -> Part {
    Part {
        second: Second {
            moment: Moment {
                second: start,
                ..Moment::default()
            },
            span,
            width: Nanos(i64::from(span) * NANOS),
            cost: Cost::default(),
            nics: Vec::new(),
        },
        rows: Vec::new(),
    }
}

pub(super) fn counted(nic: NicId, span: u32, traffic: Traffic) -> NicSecond {
    NicSecond {
        nic,
        carrier: None,
        delivered: traffic.total(),
        ring_dropped: Tally::default(),
        kernel_dropped: 0,
        interface_dropped: 0,
        late_frames: 0,
        untimed_frames: 0,
        counters: Some(traffic),
        gap_ms: 0,
        watched: span,
        flowed: traffic,
        unflowed: Vec::new(),
    }
}
