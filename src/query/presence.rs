//! Which seconds of a range were watched: a bit each, and a number for each bucket of a coarser tier. What is missing is a gap, never a zero.

use super::look::Picked;
use super::shape::Loss;
use crate::store::Plan;
use crate::units::{NANOS, Nanos, Second};
use std::collections::BTreeMap;
use std::ops::Range;

const SECOND_MS: u64 = 1_000;

/// Seconds by 64, where any was watched; and of buckets how long they are, and for how many seconds
/// of them something was.
#[derive(Default)]
pub(super) struct Presence {
    seconds: BTreeMap<i64, u64>,
    buckets: BTreeMap<Second, Bucket>,
    /// The longest of them.
    longest: i64,
    /// What is not told whether it was watched: it is no gap.
    left_out: Vec<Range<Second>>,
}

#[derive(Clone, Copy, Default)]
struct Bucket {
    span: i64,
    watched: i64,
}

impl Presence {
    /// Of what a plan tells.
    pub(super) fn of(plan: &Plan) -> Presence {
        Presence {
            left_out: plan.missing.clone(),
            ..Presence::default()
        }
    }

    /// Notes a second, or a bucket's part, of which something was watched.
    pub(super) fn note(&mut self, picked: &Picked) {
        let (at, span) = (picked.second.moment.second, picked.second.span);
        if span > 1 {
            let bucket = self.buckets.entry(at).or_default();
            bucket.span = span.into();
            self.longest = self.longest.max(bucket.span);
            bucket.watched = bucket.span.min(bucket.watched + watched(picked));
        } else if was_watched(picked) {
            let word = self.seconds.entry(at.0.div_euclid(64)).or_default();
            *word |= 1 << at.0.rem_euclid(64);
        }
    }

    /// Milliseconds of the seconds of a range that are missing altogether. Of a bucket that reaches
    /// out of the range, as much as may lie in it.
    pub(super) fn missing_ms(&self, range: Range<Second>) -> u64 {
        let length = range.end.0.saturating_sub(range.start.0).max(0);
        let watched = self.watched(&range);
        let left_out = self.left_out.iter().map(|out| {
            let end = out.end.0.min(range.end.0);
            (end - out.start.0.max(range.start.0)).max(0)
        });
        (length - watched - left_out.sum::<i64>()).max(0) as u64 * SECOND_MS
    }

    /// For how many seconds of a range something was watched.
    pub(super) fn watched(&self, range: &Range<Second>) -> i64 {
        self.watched_seconds(range) + self.watched_buckets(range)
    }

    fn watched_seconds(&self, range: &Range<Second>) -> i64 {
        if range.is_empty() {
            return 0;
        }
        let (first, last) = (
            range.start.0.div_euclid(64),
            (range.end.0 - 1).div_euclid(64),
        );
        let words = self.seconds.range(first..=last).map(|(place, word)| {
            let mut word = *word;
            if *place == first {
                word &= u64::MAX << range.start.0.rem_euclid(64);
            }
            if *place == last {
                word &= u64::MAX >> (63 - (range.end.0 - 1).rem_euclid(64));
            }
            i64::from(word.count_ones())
        });
        words.sum()
    }

    fn watched_buckets(&self, range: &Range<Second>) -> i64 {
        let from = Second(range.start.0.saturating_sub(self.longest));
        let buckets = self.buckets.range(from..range.end.max(from));
        let watched = buckets.map(|(start, bucket)| {
            let end = range.end.0.min(start.0.saturating_add(bucket.span));
            let within = (end - start.0.max(range.start.0)).max(0);
            within.min(bucket.watched)
        });
        watched.sum()
    }
}

/// For how many seconds of a bucket something was watched that counts.
fn watched(picked: &Picked) -> i64 {
    let seconds = picked.nics.iter().map(|nic| nic.watched);
    seconds.max().unwrap_or(0).into()
}

/// How long the seconds were in which something was watched that counts, on a clock that is never
/// set: one that the wall clock showed twice was lived through twice.
pub(super) fn lived(picked: &Picked) -> Nanos {
    let width = picked.second.width.0.max(0);
    Nanos(match picked.second.span {
        ..=1 if was_watched(picked) => width,
        ..=1 => 0,
        _ => width.min(watched(picked).saturating_mul(NANOS)),
    })
}

/// Some interface that counts was watched for some of this second.
pub(super) fn was_watched(picked: &Picked) -> bool {
    picked.nics.iter().any(|nic| nic.watched > 0)
}

/// A second's loss over the interfaces that count. The gap of a second that was not watched at all
/// is left to [`Presence::missing_ms`].
pub(super) fn loss(picked: &Picked) -> Loss {
    let mut loss = Loss::default();
    picked
        .nics
        .iter()
        .for_each(|nic| loss.beside(Loss::of(nic)));
    if !was_watched(picked) {
        loss.gap_ms = 0;
    }
    loss
}
