//! How long to let frames gather in the kernel's rings under load, so that a wake-up, here and in
//! the workers, is paid for by thousands of frames and not by hundreds. A frame may wait for the
//! kernel's block timeout anyway. Pure logic: time is an argument.

use crate::units::{NANOS, Nanos};

/// Fewer frames than this in one go are no load: the kernel may wake us at once.
const LOAD: u64 = 1024;
/// The first nap of a load, and how much longer the next may be.
const FIRST: i64 = 2_000_000;
const GROWTH: i64 = 2;
/// What gathers during a nap at the rate before it fills this part of a ring at most: that rate
/// may grow fourfold meanwhile and nothing is lost.
const SHARE: u64 = 4;
/// A ring that got less is taken to get so many bytes a second: it may begin to fill during a nap
/// that others allow, and this is what it may then get four times of.
const LEAST_RATE: u128 = 32_000_000;
/// The longest nap, whatever the kernel's block timeout.
const LONGEST: i64 = 50_000_000;
/// What a frame takes up in a ring besides its bytes, about: its header and padding.
const OVERHEAD: u64 = 96;

/// How fast one ring fills.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Inflow {
    frames: u64,
    bytes: u64,
}

impl Inflow {
    /// Frames were read, and so many bytes of them.
    #[inline]
    pub(super) fn add(&mut self, frames: u64, bytes: u64) {
        self.frames += frames;
        self.bytes += bytes + frames * OVERHEAD;
    }

    /// The longest nap for a ring of `ring` bytes into which this came within `span`.
    fn nap(self, ring: u32, span: i64) -> i64 {
        let share = u128::from(u64::from(ring) / SHARE);
        let span = span.max(1) as u128;
        let rate = (u128::from(self.bytes) * NANOS as u128 / span).max(LEAST_RATE);
        i64::try_from(share * NANOS as u128 / rate).unwrap_or(i64::MAX)
    }
}

/// The naps of one capture.
#[derive(Debug)]
pub(super) struct Naps {
    /// The longest there may be.
    most: i64,
    last: i64,
    /// The steady time at which every ring was empty last.
    emptied: Nanos,
}

impl Naps {
    /// The kernel holds frames back for `timeout` nanoseconds at most.
    pub(super) fn new(timeout: i64, now: Nanos) -> Naps {
        Naps {
            most: LONGEST.min(timeout / 2),
            last: 0,
            emptied: now,
        }
    }

    /// All rings are empty at the steady time `now`: how long to sleep before they are looked at
    /// again; zero unless there is load. Takes what came into each since it was asked last.
    pub(super) fn next<'a>(
        &mut self,
        now: Nanos,
        rings: impl Iterator<Item = (u32, &'a mut Inflow)>,
    ) -> Nanos {
        let span = (now.0 - self.emptied.0).min(2 * self.most);
        let mut longest = self.most.min(self.last * GROWTH + FIRST);
        let mut frames = 0;
        for (ring, inflow) in rings {
            let inflow = std::mem::take(inflow);
            frames += inflow.frames;
            longest = longest.min(inflow.nap(ring, span));
        }
        self.emptied = now;
        self.last = if frames < LOAD { 0 } else { longest };
        Nanos(self.last)
    }

    /// The last look at the rings found load.
    pub(super) fn under_load(&self) -> bool {
        self.last > 0
    }

    /// The longest nap.
    pub(super) fn most(&self) -> i64 {
        self.most
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MOST: i64 = LONGEST;

    /// The naps of a ring that gets so many frames of 66 bytes a second.
    fn naps(ring: u32, rate: u64, count: usize) -> Vec<i64> {
        let mut now = Nanos(0);
        let mut naps = Naps::new(2 * MOST, now);
        let mut span = 5_000_000;
        (0..count)
            .map(|_| {
                now = Nanos(now.0 + span);
                let frames = rate * span as u64 / 1_000_000_000;
                let mut inflow = Inflow::default();
                inflow.add(frames, frames * 66);
                let Nanos(nap) = naps.next(now, [(ring, &mut inflow)].into_iter());
                span = nap + 5_000_000;
                nap
            })
            .collect()
    }

    #[test]
    fn a_quiet_link_is_not_napped_on() {
        assert_eq!(naps(16 << 20, 10_000, 5), [0; 5]);
    }

    #[test]
    fn naps_grow_with_a_steady_load_up_to_the_longest() {
        let naps = naps(16 << 20, 220_000, 8);
        assert_eq!(naps[0], FIRST);
        assert!(naps.is_sorted(), "{naps:?}");
        assert_eq!(naps[7], MOST);
    }

    #[test]
    fn what_gathers_in_a_nap_leaves_room_for_four_times_as_much() {
        for rate in [220_000, 1_000_000, 5_000_000] {
            let ring: u32 = 2 << 20;
            let last = *naps(ring, rate, 20).last().unwrap();
            let gathered = rate * last as u64 / 1_000_000_000 * (66 + OVERHEAD);
            assert!(gathered <= u64::from(ring) / SHARE, "{rate}: {last} ns");
        }
    }

    #[test]
    fn several_rings_nap_as_the_fullest_allows() {
        let mut naps = Naps::new(2 * MOST, Nanos(0));
        naps.last = MOST;
        let (mut slow, mut fast) = (Inflow::default(), Inflow::default());
        slow.add(10, 1000);
        fast.add(20_000, 20_000 * 66);
        let rings = [(16 << 20, &mut slow), (2 << 20, &mut fast)];
        let Nanos(nap) = naps.next(Nanos(100_000_000), rings.into_iter());
        assert!((1_000_000..20_000_000).contains(&nap), "{nap}");
        assert_eq!((slow.frames, fast.frames), (0, 0));
    }

    #[test]
    fn an_idle_ring_may_begin_to_fill_during_a_nap() {
        let mut naps = Naps::new(2 * MOST, Nanos(0));
        naps.last = MOST;
        let (mut busy, mut idle) = (Inflow::default(), Inflow::default());
        busy.add(2_500, 2_500 * 1_000);
        let ring: u32 = 2 << 20;
        let rings = [(16 << 20, &mut busy), (ring, &mut idle)];
        let Nanos(nap) = naps.next(Nanos(100_000_000), rings.into_iter());
        let filled = |rate: u128| rate * nap as u128 / NANOS as u128;
        assert!(filled(4 * LEAST_RATE) <= u128::from(ring), "{nap}");
        assert!(naps.under_load());
    }

    #[test]
    fn a_long_block_timeout_makes_no_long_naps() {
        assert_eq!(Naps::new(1_000_000_000, Nanos(0)).most(), LONGEST);
        assert_eq!(Naps::new(20_000_000, Nanos(0)).most(), 10_000_000);
    }
}
