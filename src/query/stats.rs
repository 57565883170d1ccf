//! `/api/stats`: totals of a range, with every loss.

use super::Query;
use super::amount::Amount;
use super::ask::Ask;
use super::carried::Tunnels;
use super::error::Error;
use super::look::Picked;
use super::presence::{Presence, loss};
use super::shape::{Counts, Loss, Span, time};
use super::sieve::Narrowed;
use crate::decode::Reason;
use crate::store::{Gap, NicId, Plan, Tier, Why};
use crate::units::{Second, Traffic};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use utoipa::ToSchema;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Stats {
    pub from: String,
    pub to: String,
    pub interfaces: Vec<String>,
    #[serde(flatten)]
    pub counts: Counts,
    pub flows_opened: u64,
    pub unflowed: Vec<Unflowed>,
    pub loss: Loss,
    /// What was counted in seconds that the disk did not take in time, on all interfaces: it is in
    /// no other figure, and its seconds are in `gap_ms`.
    pub unwritten: Counts,
    /// What somebody wished to be forgotten: nothing is told of it any more.
    pub forgotten: Vec<Span>,
    pub late_frames: u64,
    pub untimed_frames: u64,
    /// The coarsest tier that was read.
    pub tier: &'static str,
    /// What only sums over longer spans are left of: it is in no figure.
    pub missing: Vec<Span>,
}

/// Frames in no flow, by reason.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Unflowed {
    pub reason: &'static str,
    #[serde(flatten)]
    pub counts: Counts,
}

#[derive(Default)]
struct Sums {
    traffic: Traffic,
    opened: u64,
    unflowed: BTreeMap<Reason, Traffic>,
    loss: Loss,
    late: u64,
    untimed: u64,
    nics: BTreeSet<NicId>,
}

impl Query {
    pub fn stats(&self, ask: &Ask) -> Result<Stats, Error> {
        let range = ask.long_range()?;
        let mut look = self.look(range.clone(), ask)?.in_tiers(Tier::Day)?;
        let mut presence = Presence::of(look.plan());
        let asked = look.narrowed();
        let (mut sums, mut amount) = (Sums::default(), Amount::new(asked));
        look.seconds_and_tunnels(|picked, rows| {
            presence.note(picked);
            sums.add(picked, asked);
            let tunnels = Tunnels::of(picked);
            amount.add_and(picked, rows, |shown| {
                if shown.matches && (asked.rows || !tunnels.has(shown.row.nic)) {
                    sums.opened += u64::from(shown.row.opened);
                }
            });
        })?;
        sums.traffic = amount.settled();
        sums.loss.gap_ms += presence.missing_ms(look.known(&range)?);
        let names = sums
            .nics
            .iter()
            .map(|nic| Ok(look.nic(*nic)?.name.to_string()));
        let names = names.collect::<Result<BTreeSet<_>, Error>>()?;
        let gaps = look.snapshot().gaps(&range)?;
        Ok(sums.told(&range, names, &gaps, look.plan()))
    }
}

impl Sums {
    fn add(&mut self, picked: &Picked, asked: Narrowed) {
        self.loss.then(loss(picked));
        for nic in &picked.nics {
            self.nics.insert(nic.nic);
            self.late += nic.late_frames;
            self.untimed += nic.untimed_frames;
            for (reason, traffic) in nic.unflowed.iter().filter(|_| !asked.rows) {
                *self.unflowed.entry(*reason).or_default() += asked.ways.of(*traffic);
            }
        }
    }

    fn told(
        self,
        range: &Range<Second>,
        names: BTreeSet<String>,
        gaps: &[Gap],
        plan: &Plan,
    ) -> Stats {
        let unwritten = gaps.iter().filter(|gap| gap.why == Why::Unwritten);
        let unwritten = unwritten.fold(Traffic::default(), |mut sum, gap| {
            sum += gap.traffic;
            sum
        });
        let unflowed = self.unflowed.into_iter().map(|(reason, traffic)| Unflowed {
            reason: reason.word(),
            counts: traffic.into(),
        });
        Stats {
            from: time(range.start),
            to: time(range.end),
            interfaces: names.into_iter().collect(),
            counts: self.traffic.into(),
            flows_opened: self.opened,
            unflowed: unflowed.collect(),
            loss: self.loss,
            unwritten: unwritten.into(),
            forgotten: Span::forgotten(gaps, range),
            late_frames: self.late,
            untimed_frames: self.untimed,
            tier: plan.tier().word(),
            missing: Span::missing(plan),
        }
    }
}
