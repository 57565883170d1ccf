//! `/api/coverage`: how much of what the interfaces carried is counted, owned and named, over the
//! last minute, hour and day. Minutes that cannot change any more are remembered.

use super::Query;
use super::ask::Ask;
use super::carried::{Carried, Tunnels};
use super::error::Error;
use super::look::{Picked, ShownRows};
use super::presence::{Presence, loss, was_watched};
use super::shape::{Span, time};
use super::step::{DAY, HOUR};
use crate::label::{OwnerSource, SiteSource};
use crate::store::{NicId, Tier};
use crate::units::{Epoch, Second};
use parking_lot::Mutex;
use serde::Serialize;
use std::collections::BTreeMap;
use std::ops::Range;
use utoipa::ToSchema;

const MINUTE: i64 = 60;
/// Minutes that ended this long ago are sealed, and stay as they are.
const SETTLED: i64 = 5 * MINUTE;

#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Coverage {
    /// The capture filter that is on, if one is: then the ratio tells what it leaves out.
    pub filter: Option<String>,
    /// Of the range that was asked for, if one was.
    pub range: Option<CoveredRange>,
    pub minute: Covered,
    pub hour: Covered,
    pub day: Covered,
}

#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct CoveredRange {
    pub from: String,
    pub to: String,
    #[serde(flatten)]
    pub covered: Covered,
    /// The coarsest tier that was read.
    pub tier: &'static str,
    /// What only sums over longer spans are left of: it is in no figure.
    pub missing: Vec<Span>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, ToSchema)]
pub struct Covered {
    pub counted_bytes: u64,
    pub interface_bytes: u64,
    /// Counted bytes for each byte of the interfaces, over the minutes in which their own counters
    /// could be read; `null` where there are none.
    pub ratio: Option<f64>,
    pub lost_packets: u64,
    pub gap_ms: u64,
    /// Counted bytes that are in no connection: they can have neither owner nor name.
    pub unflowed_bytes: u64,
    /// Of the counted bytes, how much has an owner; `null` where nothing was counted.
    pub owned_ratio: Option<f64>,
    /// Likewise, how much has a name.
    pub named_ratio: Option<f64>,
    /// Bytes by how their owner is known.
    pub by_owner: BTreeMap<&'static str, u64>,
    /// Bytes by how their site is known.
    pub by_name: BTreeMap<&'static str, u64>,
    /// The same as parts of the counted bytes.
    pub owner_ratios: BTreeMap<&'static str, f64>,
    pub name_ratios: BTreeMap<&'static str, f64>,
}

/// What coverage adds up, of a minute or of many.
#[derive(Clone, Debug, Default)]
struct Sum {
    counted: u64,
    beside: BTreeMap<NicId, Beside>,
    lost: u64,
    gap_ms: u64,
    /// The seconds of the minute that were watched, a bit each.
    watched: u64,
    by_owner: BTreeMap<&'static str, u64>,
    by_name: BTreeMap<&'static str, u64>,
}

/// Minutes that were added up before, in the epoch in which that was done.
#[derive(Default)]
pub(super) struct Remembered(Mutex<(Option<Epoch>, BTreeMap<Second, Sum>)>);

/// An interface's bytes in a minute: as counted here, and as its own counters have it if they were
/// read. A second in which they were not is in what the next reading tells, so single seconds are
/// never compared.
#[derive(Clone, Debug, Default)]
struct Beside {
    counted: u64,
    carried: Option<u64>,
}

impl Query {
    /// Of what a total counts, up to `now`.
    pub fn coverage(&self, now: Second, filter: Option<String>) -> Result<Coverage, Error> {
        let (minute, hour) = (back(now, MINUTE), back(now, HOUR).minute());
        let day = back(now, DAY).minute();
        let known = self.look(day..now, &Ask::default())?.known(&(day..now))?;
        let length = |from: Second| (known.end.0 - known.start.0.max(from.0)).max(0);
        let (last, minutes) = (self.sum(minute..now)?, self.minutes(day..now)?);
        Ok(Coverage {
            filter,
            range: None,
            minute: told(last.values(), length(minute)),
            hour: told(minutes.range(hour..).map(|(_, sum)| sum), length(hour)),
            day: told(minutes.values(), length(day)),
        })
    }

    /// Of any range, from whatever tiers are left of it.
    pub fn covered_in(&self, ask: &Ask) -> Result<CoveredRange, Error> {
        let range = ask.long_range()?;
        let mut look = self.look(range.clone(), ask)?.in_tiers(Tier::Day)?;
        let mut presence = Presence::of(look.plan());
        let (mut sums, mut labels) = (BTreeMap::<Second, Sum>::new(), Labels::default());
        look.seconds_and_tunnels(|picked, rows| {
            presence.note(picked);
            let at = picked.second.moment.second.minute();
            sums.entry(at).or_default().add(picked);
            labels.add(picked, rows);
        })?;
        let labelled = labels.settled(Sum::default());
        let mut covered = told(sums.values().chain([&labelled]), 0);
        covered.gap_ms += presence.missing_ms(look.known(&range)?);
        Ok(CoveredRange {
            from: time(range.start),
            to: time(range.end),
            covered,
            tier: look.plan().tier().word(),
            missing: Span::missing(look.plan()),
        })
    }

    /// Of the last minute alone: cheap, for whoever asks often.
    pub fn covered_lately(&self, now: Second) -> Result<Covered, Error> {
        let minute = back(now, MINUTE)..now;
        let known = self.look(minute.clone(), &Ask::default())?.known(&minute)?;
        let length = known.end.0 - known.start.0;
        Ok(told(self.sum(minute)?.values(), length.max(0)))
    }

    /// Sums by minute; what is settled is read once. An hour a look: a busy day has more rows than
    /// one look may read.
    fn minutes(&self, range: Range<Second>) -> Result<BTreeMap<Second, Sum>, Error> {
        let settled = back(range.end, SETTLED).minute();
        let mut known = self.remembered(&range);
        let unread = known.last_key_value();
        let mut unread = unread.map_or(range.start, |(minute, _)| Second(minute.0 + MINUTE));
        while unread < range.end {
            let end = Second(unread.0 + HOUR).min(range.end);
            let fresh = self.sum(unread..end)?;
            let mut remembered = self.coverage.0.lock();
            remembered
                .1
                .extend(fresh.range(..settled).map(|(at, sum)| (*at, sum.clone())));
            known.extend(fresh);
            unread = end;
        }
        Ok(known)
    }

    /// What is remembered of a range; nothing once the clock has jumped, for then a minute of the
    /// past may be lived through again.
    fn remembered(&self, range: &Range<Second>) -> BTreeMap<Second, Sum> {
        let epoch = self.recent.last().map(|moment| moment.epoch);
        let mut remembered = self.coverage.0.lock();
        if remembered.0 != epoch {
            *remembered = (epoch, BTreeMap::new());
        }
        remembered.1 = remembered.1.split_off(&range.start);
        remembered.1.clone()
    }

    fn sum(&self, range: Range<Second>) -> Result<BTreeMap<Second, Sum>, Error> {
        let mut sums = BTreeMap::<Second, (Sum, Labels)>::new();
        if range.start >= range.end {
            return Ok(BTreeMap::new());
        }
        let mut look = self.look(range, &Ask::default())?;
        look.seconds_and_tunnels(|picked, rows| {
            let minute = picked.second.moment.second.minute();
            let (sum, labels) = sums.entry(minute).or_default();
            sum.add(picked);
            labels.add(picked, rows);
        })?;
        let settled = sums
            .into_iter()
            .map(|(minute, (sum, labels))| (minute, labels.settled(sum)));
        Ok(settled.collect())
    }
}

fn back(now: Second, seconds: i64) -> Second {
    Second(now.0.saturating_sub(seconds))
}

impl Sum {
    fn add(&mut self, picked: &Picked) {
        if was_watched(picked) {
            let second = picked.second.moment.second;
            self.watched |= 1 << second.0.rem_euclid(MINUTE);
        }
        let loss = loss(picked);
        self.lost += loss.packets();
        self.gap_ms += loss.gap_ms;
        for nic in &picked.nics {
            let counted = nic.counted().total().bytes;
            self.counted += counted;
            let beside = self.beside.entry(nic.nic).or_default();
            beside.counted += counted;
            if let Some(counters) = nic.counters {
                *beside.carried.get_or_insert_default() += counters.total().bytes;
            }
        }
    }
}

/// How a minute's bytes are labelled: a tunnel's by whose they are, where its carrier is known.
#[derive(Default)]
struct Labels {
    owners: Carried<&'static str>,
    names: Carried<&'static str>,
}

impl Labels {
    fn add(&mut self, picked: &Picked, rows: &mut ShownRows) {
        let tunnels = Tunnels::of(picked);
        for shown in rows {
            let label = shown.row.label;
            let (owner, name) = (label.owner_source.word(), label.site_source.word());
            self.owners.add_row(&tunnels, &shown, owner);
            self.names.add_row(&tunnels, &shown, name);
        }
        self.owners
            .add_unflowed(&tunnels, picked, true, |_, _| None);
        self.names.add_unflowed(&tunnels, picked, true, |_, _| None);
    }

    fn settled(self, sum: Sum) -> Sum {
        let words = |labels: Carried<&'static str>| {
            let sums = labels.settled().sums.into_iter();
            sums.map(|(word, traffic)| (word, traffic.total().bytes))
                .collect()
        };
        Sum {
            by_owner: words(self.owners),
            by_name: words(self.names),
            ..sum
        }
    }
}

/// All minutes of a span together; `seconds` of it are known: those that are missing are a gap.
fn told<'a>(sums: impl Iterator<Item = &'a Sum>, seconds: i64) -> Covered {
    let mut covered = Covered::default();
    let (mut compared, mut watched) = (0, 0);
    for sum in sums {
        covered.counted_bytes += sum.counted;
        covered.lost_packets += sum.lost;
        covered.gap_ms += sum.gap_ms;
        for beside in sum.beside.values() {
            let Some(carried) = beside.carried else {
                continue;
            };
            compared += beside.counted;
            covered.interface_bytes += carried;
        }
        watched += i64::from(sum.watched.count_ones());
        add_all(&mut covered.by_owner, &sum.by_owner);
        add_all(&mut covered.by_name, &sum.by_name);
    }
    covered.gap_ms += (seconds - watched).max(0) as u64 * 1_000;
    let interfaces = covered.interface_bytes;
    covered.ratio = (interfaces > 0).then(|| compared as f64 / interfaces as f64);
    covered.share_out();
    covered
}

impl Covered {
    /// What the parts are of all that was counted.
    fn share_out(&mut self) {
        let counted = self.counted_bytes;
        self.unflowed_bytes = counted.saturating_sub(self.by_owner.values().sum());
        self.owner_ratios = shares(&self.by_owner, counted);
        self.name_ratios = shares(&self.by_name, counted);
        self.owned_ratio = known(&self.by_owner, OwnerSource::Unknown.word(), counted);
        self.named_ratio = known(&self.by_name, SiteSource::Address.word(), counted);
    }
}

fn shares(parts: &BTreeMap<&'static str, u64>, whole: u64) -> BTreeMap<&'static str, f64> {
    let share = |bytes: u64| bytes as f64 / whole.max(1) as f64;
    let shares = parts.iter().map(|(word, bytes)| (*word, share(*bytes)));
    shares.collect()
}

/// The part of the whole that is known at all.
fn known(parts: &BTreeMap<&'static str, u64>, nothing: &str, whole: u64) -> Option<f64> {
    let known = parts.iter().filter(|(word, _)| **word != nothing);
    let known: u64 = known.map(|(_, bytes)| bytes).sum();
    (whole > 0).then(|| known as f64 / whole as f64)
}

fn add_all(sums: &mut BTreeMap<&'static str, u64>, more: &BTreeMap<&'static str, u64>) {
    for (word, bytes) in more {
        *sums.entry(word).or_default() += bytes;
    }
}
