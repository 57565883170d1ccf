//! One consistent look at a range: what the file holds and, beside it, what is cut but not written
//! yet. What waits is taken before the snapshot and left out as far as the snapshot reaches, so
//! that no second is missed and none is counted twice. Seconds are streamed, never gathered.

mod ended;
mod pending;
mod picker;
mod steps;

pub(super) use ended::{Wanted, Way};
pub(super) use steps::Fit;

use super::Query;
use super::ask::Ask;
use super::asker::Asker;
use super::countries::Countries;
use super::error::Error;
use super::select::Selection;
use super::sieve::{Narrowed, Sieve};
use super::words::Words;
use crate::label::{App, Site};
use crate::names::places::Country;
use crate::store::{
    Amendments, AppId, ClassSet, ClassesId, Detail, Nic, NicId, NicSecond, Plan, Row, Second,
    SiteId, Snapshot, Tier, order,
};
use crate::tick::Delta;
use crate::units::{self, Moment};
use pending::numbered;
use picker::Picker;
use std::ops::Range;
use std::sync::Arc;

pub(super) struct Look {
    snapshot: Snapshot,
    pending: Vec<Arc<Delta>>,
    words: Words,
    amendments: Amendments,
    selection: Selection,
    sieve: Sieve,
    countries: Countries,
    range: Range<units::Second>,
    plan: Plan,
    through: Option<Moment>,
    asker: Asker,
}

/// A second, and the interfaces of it that count.
pub(super) struct Picked<'a> {
    pub(super) second: &'a Second,
    pub(super) nics: Vec<&'a NicSecond>,
    /// Tunnels that do not count, with carriers that are known.
    pub(super) tunnels: Vec<&'a NicSecond>,
}

/// A row of what counts, or of a tunnel, and whether it matches the filter.
#[derive(Clone, Copy, Debug)]
pub(super) struct Shown {
    pub(super) row: Row,
    pub(super) matches: bool,
}

type Rows<'a> = dyn Iterator<Item = Row> + 'a;
pub(super) type ShownRows<'a> = dyn Iterator<Item = Shown> + 'a;

impl Look {
    pub(super) fn new(
        query: &Query,
        range: Range<units::Second>,
        ask: &Ask,
    ) -> Result<Look, Error> {
        ask.asker.is_here()?;
        let waiting = query.recent.pending();
        let snapshot = query.reader.snapshot()?;
        let through = snapshot.through()?;
        let mut pending = waiting.deltas;
        pending.retain(|delta| Some(order(delta.moment)) > through.map(order));
        let mut look = Look {
            amendments: snapshot.amendments(&range)?,
            words: Words::new(&query.class_names, waiting.interfaces),
            sieve: ask.filter.sieve(&snapshot)?,
            countries: Countries::new(query.places.clone()),
            snapshot,
            pending,
            selection: Selection::of(&ask.interfaces),
            plan: Plan::seconds(&range),
            range,
            through,
            asker: ask.asker.clone(),
        };
        look.amend_from_pending()?;
        Ok(look)
    }

    /// The same look with buckets in the place of seconds, from this tier and finer ones, where they
    /// lie in the range whole.
    pub(super) fn in_tiers(mut self, coarsest: Tier) -> Result<Look, Error> {
        self.plan = self.snapshot.plan(&self.range, coarsest)?;
        Ok(self)
    }

    /// The same look at another range.
    pub(super) fn over(
        mut self,
        range: Range<units::Second>,
        coarsest: Tier,
    ) -> Result<Look, Error> {
        self.amendments = self.snapshot.amendments(&range)?;
        self.amend_from_pending()?;
        self.range = range;
        self.in_tiers(coarsest)
    }

    /// Whose rows are is all that is asked of them, if the filter asks no more: what is shown of a row
    /// may be its interface, its app and its sums alone, of many rows together.
    pub(super) fn by_app(&mut self) {
        if self.sieve.asks_apps_alone() {
            self.plan.detail = Detail::Apps;
        }
    }

    /// From where the range is read.
    pub(super) fn plan(&self) -> &Plan {
        &self.plan
    }

    pub(super) fn snapshot(&self) -> &Snapshot {
        &self.snapshot
    }

    /// An error once whoever asked has left.
    pub(super) fn asker_is_here(&self) -> Result<(), Error> {
        self.asker.is_here()
    }

    /// The last moment that the file holds.
    pub(super) fn through(&self) -> Option<Moment> {
        self.through
    }

    /// The part of a range that the history spans, on file or waiting: what is missing in it was
    /// not watched; outside of it nothing is known.
    pub(super) fn known(
        &self,
        range: &Range<units::Second>,
    ) -> Result<Range<units::Second>, Error> {
        let waiting = || self.pending.iter().map(|delta| delta.moment.second);
        let first = self.snapshot.first()?.into_iter().chain(waiting()).min();
        let last = self.through.map(|through| through.second);
        let last = waiting().next_back().or(last);
        let (Some(first), Some(last)) = (first, last) else {
            return Ok(range.start..range.start);
        };
        let start = first.clamp(range.start, range.end);
        let end = units::Second(last.0.saturating_add(1)).clamp(start, range.end);
        Ok(start..end)
    }

    /// What the filter does to sums.
    pub(super) fn narrowed(&self) -> Narrowed {
        self.sieve.narrowed()
    }

    /// Visits every second of the range, or bucket, with the interfaces that count and their rows,
    /// and beside them what runs in tunnels whose carriers are known. A row that does not match the
    /// filter is shown, too, and says so: its place may be taken by one that does.
    pub(super) fn seconds_and_tunnels(
        &mut self,
        mut visit: impl FnMut(&Picked, &mut ShownRows),
    ) -> Result<(), Error> {
        let (words, snapshot) = (&mut self.words, &self.snapshot);
        let mut picker = Picker::new(
            (&self.selection, &self.asker),
            (&mut self.sieve, &mut self.countries),
            snapshot,
        );
        snapshot.planned(
            &self.plan,
            &self.range,
            &self.amendments,
            &mut |second, rows| picker.show(second, rows, words, &mut visit),
        )?;
        for delta in &self.pending {
            if self.range.contains(&delta.moment.second) {
                let (second, rows) = numbered(delta, words, snapshot, &self.amendments)?;
                let shown = picker.show(&second, &mut rows.into_iter(), words, &mut visit);
                if shown.is_break() {
                    break;
                }
            }
        }
        picker.failed.map_or(Ok(()), Err)
    }

    pub(super) fn app(&mut self, id: AppId) -> Result<App, Error> {
        Ok(self.words.app(&self.snapshot, id)?)
    }

    pub(super) fn site(&mut self, id: SiteId) -> Result<Site, Error> {
        Ok(self.words.site(&self.snapshot, id)?)
    }

    pub(super) fn nic(&mut self, id: NicId) -> Result<Nic, Error> {
        Ok(self.words.nic(&self.snapshot, id)?)
    }

    pub(super) fn class_set(&mut self, id: ClassesId) -> Result<ClassSet, Error> {
        Ok(self.words.class_set(&self.snapshot, id)?)
    }

    /// Where a site is.
    pub(super) fn country(&mut self, id: SiteId) -> Result<Option<Country>, Error> {
        Ok(self.countries.of(id, &self.snapshot)?)
    }
}
