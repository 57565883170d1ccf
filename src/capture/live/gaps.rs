//! Times in which an interface was not watched, as milliseconds of each second. Pure logic: time
//! is an argument.

use crate::key::InterfaceId;
use crate::units::Nanos;
use std::collections::BTreeMap;

#[derive(Debug, Default)]
pub(super) struct Gaps {
    of: BTreeMap<InterfaceId, Gap>,
}

#[derive(Debug, Default)]
struct Gap {
    /// Not watched since then.
    open: Option<Nanos>,
    /// Not watched from, until.
    over: Vec<(Nanos, Nanos)>,
}

impl Gaps {
    /// From `now` on this interface is watched, or is not.
    pub(super) fn set(&mut self, interface: InterfaceId, watched: bool, now: Nanos) {
        let gap = self.of.entry(interface).or_default();
        match (watched, gap.open) {
            (true, Some(from)) => {
                gap.open = None;
                gap.over.push((from, now));
            }
            (false, None) => gap.open = Some(now),
            _ => {}
        }
    }

    /// Nothing more will be said of this interface.
    pub(super) fn forget(&mut self, interface: InterfaceId) {
        self.of.remove(&interface);
    }

    /// The clock jumped to `now`: what is open goes on from there.
    pub(super) fn step(&mut self, now: Nanos) {
        for gap in self.of.values_mut() {
            gap.over.clear();
            gap.open = gap.open.map(|_| now);
        }
    }

    /// Interfaces with a gap between two points in time, and its milliseconds. What was over
    /// before `until` is told for the last time.
    pub(super) fn take(
        &mut self,
        from: Nanos,
        until: Nanos,
    ) -> impl Iterator<Item = (InterfaceId, u32)> {
        self.of.iter_mut().filter_map(move |(interface, gap)| {
            let open = gap.open.map(|since| (since, until));
            let all = gap.over.iter().copied().chain(open);
            let nanos: i64 = all.map(|gap| overlap(gap, (from, until))).sum();
            gap.over.retain(|(_, end)| *end > until);
            let millis = (nanos + 500_000) / 1_000_000;
            (millis > 0).then_some((*interface, millis as u32))
        })
    }
}

fn overlap(one: (Nanos, Nanos), other: (Nanos, Nanos)) -> i64 {
    (one.1.0.min(other.1.0) - one.0.0.max(other.0.0)).max(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::NANOS;

    const ETH: InterfaceId = InterfaceId(3);

    fn second(gaps: &mut Gaps, number: i64) -> Vec<(InterfaceId, u32)> {
        let from = Nanos(number * NANOS);
        gaps.take(from, Nanos(from.0 + NANOS)).collect()
    }

    fn at(millis: i64) -> Nanos {
        Nanos(millis * 1_000_000)
    }

    #[test]
    fn a_gap_is_spread_over_its_seconds() {
        let mut gaps = Gaps::default();
        gaps.set(ETH, false, at(1_400));
        gaps.set(ETH, false, at(1_500));
        gaps.set(ETH, true, at(3_250));
        assert_eq!(second(&mut gaps, 0), []);
        assert_eq!(second(&mut gaps, 1), [(ETH, 600)]);
        assert_eq!(second(&mut gaps, 2), [(ETH, 1_000)]);
        assert_eq!(second(&mut gaps, 3), [(ETH, 250)]);
        assert_eq!(second(&mut gaps, 4), []);
    }

    #[test]
    fn flaps_add_up_and_an_open_gap_goes_on() {
        let mut gaps = Gaps::default();
        for flap in 0..5 {
            gaps.set(ETH, false, at(100 * flap));
            gaps.set(ETH, true, at(100 * flap + 10));
        }
        gaps.set(ETH, false, at(900));
        assert_eq!(second(&mut gaps, 0), [(ETH, 150)]);
        assert_eq!(second(&mut gaps, 1), [(ETH, 1_000)]);
        gaps.step(at(500_000));
        assert_eq!(second(&mut gaps, 499), []);
        gaps.set(ETH, true, at(500_100));
        assert_eq!(second(&mut gaps, 500), [(ETH, 100)]);
        gaps.forget(ETH);
        assert_eq!(second(&mut gaps, 501), []);
    }
}
