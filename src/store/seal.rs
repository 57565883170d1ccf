//! Sealing: once the labels of a minute are settled, its hot seconds become compressed blocks with
//! rows by label, late labels applied. One block a job, hot values removed in the transaction that
//! writes the block: a second is in one place or in the other, never in both or none.

use super::amendment::{self, Amendments};
use super::block::{Builder, read_hot};
use super::dictionary::touch;
use super::error::{Error, in_table};
use super::layout::{self, AMENDMENTS, HOT, SEALED, from_second, key, order};
use super::second::{LabelId, Row, Second};
use super::word::{ClassSet, ClassesId, Nic, NicId};
use crate::key::Protocol;
use crate::label::{App, Site};
use crate::units::{self, Epoch, Moment, Traffic};
use redb::{ReadableTable, Table, WriteTransaction};
use std::collections::{BTreeMap, BTreeSet};

/// How long after its last second a minute may still get labels: they come up to 60 s late, from
/// seconds that stay open for 2.
const SETTLED: i64 = 90;
/// Hot rows after which a block ends, so that making one stays a small job.
const ROWS: usize = 32_768;

/// The minutes that still have hot seconds, in the order they were lived through.
#[derive(Debug, Default)]
pub(super) struct Unsealed {
    minutes: BTreeSet<(Epoch, units::Second)>,
    /// Where the newest epoch began: what is older settles 90 s after.
    began: Option<Moment>,
    newest: Option<Moment>,
}

impl Unsealed {
    /// What a file still holds in hot seconds, from earlier runs: settled, nobody will label it.
    pub(super) fn of(keys: impl Iterator<Item = Moment>) -> Unsealed {
        let minutes = keys.map(|moment| (moment.epoch, moment.second.minute()));
        Unsealed {
            minutes: minutes.collect(),
            ..Unsealed::default()
        }
    }

    pub(super) fn add(&mut self, moment: Moment) {
        self.minutes.insert((moment.epoch, moment.second.minute()));
        if self
            .newest
            .is_none_or(|newest| newest.epoch != moment.epoch)
        {
            self.began = self.newest.map(|_| moment);
        }
        self.newest = Some(moment);
    }

    /// The first minute whose labels are settled.
    pub(super) fn ripe(&self) -> Option<Moment> {
        let (epoch, second) = *self.minutes.first()?;
        let minute = Moment { second, epoch };
        self.is_settled(minute).then_some(minute)
    }

    pub(super) fn done(&mut self, minute: Moment) {
        self.minutes.remove(&(minute.epoch, minute.second));
    }

    /// The first moment that may still need an amendment once this minute is sealed.
    pub(super) fn first_but(&self, minute: Moment) -> Option<(Epoch, units::Second)> {
        let mut others = self.minutes.iter().filter(|one| **one != order(minute));
        others.next().copied()
    }

    fn is_settled(&self, minute: Moment) -> bool {
        let Some(newest) = self.newest else {
            return true;
        };
        let since = if minute.epoch == newest.epoch {
            minute.second.0.saturating_add(60)
        } else {
            self.began.map_or(i64::MIN, |began| began.second.0)
        };
        newest.second.0 >= since.saturating_add(SETTLED)
    }
}

/// Seals the next block of a minute. `true` when the minute has no hot seconds left.
pub(super) fn seal_block(transaction: &WriteTransaction, minute: Moment) -> Result<bool, Error> {
    let mut hot = transaction.open_table(HOT)?;
    let amendments = read_amendments(&transaction.open_table(AMENDMENTS)?)?;
    let mut block = Block::default();
    let mut finished = true;
    for entry in hot.range::<&layout::Key>(&from_second(minute.second)..&after(minute))? {
        let (at, value) = entry?;
        let at = layout::moment(at.value());
        if at.epoch != minute.epoch {
            continue;
        }
        if block.rows >= ROWS {
            finished = false;
            break;
        }
        block.take(at, value.value(), &amendments)?;
    }
    for second in &block.seconds {
        hot.remove(&key(second.0.moment))?;
    }
    block.write(transaction)?;
    Ok(finished)
}

/// Removes the late labels that no hot second needs any more.
pub(super) fn drop_amendments(
    transaction: &WriteTransaction,
    first_needed: Option<(Epoch, units::Second)>,
    through: Moment,
) -> Result<(), Error> {
    let mut table = transaction.open_table(AMENDMENTS)?;
    let limit = first_needed.unwrap_or_else(|| order(through));
    table.retain(|at, _| order(layout::moment(at)) >= limit)?;
    Ok(())
}

/// All late labels that are still needed, in the order they came.
pub(super) fn read_amendments(
    table: &impl ReadableTable<&'static layout::Key, &'static [u8]>,
) -> Result<Amendments, Error> {
    let mut carriers = Vec::new();
    for entry in table.iter()? {
        let (at, value) = entry?;
        let carrier = layout::moment(at.value());
        let relabels = amendment::decode(value.value()).map_err(in_table("amendments"))?;
        carriers.push((carrier, relabels));
    }
    carriers.sort_by_key(|(carrier, _)| order(*carrier));
    let mut amendments = Amendments::default();
    for (carrier, relabels) in &carriers {
        for one in relabels {
            amendments.add(*carrier, one);
        }
    }
    Ok(amendments)
}

/// The key after a minute's last.
fn after(minute: Moment) -> layout::Key {
    from_second(units::Second(minute.second.0.saturating_add(60)))
}

type RowKey = (NicId, LabelId, Protocol, ClassesId);

/// Seconds on their way into one sealed block.
#[derive(Default)]
struct Block {
    seconds: Vec<(Second, Vec<Row>)>,
    /// Hot rows that went into them.
    rows: usize,
}

impl Block {
    fn take(&mut self, at: Moment, value: &[u8], amendments: &Amendments) -> Result<(), Error> {
        let damaged = in_table("hot");
        read_hot(at, value, |second, rows| {
            let mut merged = BTreeMap::<RowKey, (Traffic, u32)>::new();
            for row in rows {
                let mut row = row?;
                amendments.apply(at, &mut row);
                let key = (row.nic, row.label, row.protocol, row.classes);
                let (traffic, opened) = merged.entry(key).or_default();
                *traffic += row.traffic;
                *opened = opened.saturating_add(row.opened);
                self.rows += 1;
            }
            let rows = merged.into_iter().map(sealed_row).collect();
            self.seconds.push((second.clone(), rows));
            Ok(())
        })
        .map_err(damaged)
    }

    fn write(&self, transaction: &WriteTransaction) -> Result<(), Error> {
        let (Some((first, _)), Some((last, _))) = (self.seconds.first(), self.seconds.last())
        else {
            return Ok(());
        };
        let mut block = Builder::sealed(first.moment);
        for (second, rows) in &self.seconds {
            block.second(second, rows);
        }
        let value = block.finish().map_err(redb::Error::from)?;
        let mut sealed: Table<&layout::Key, &[u8]> = transaction.open_table(SEALED)?;
        sealed.insert(&key(first.moment), value.as_slice())?;
        self.touch(transaction, last.moment.second)
    }

    /// The dictionaries learn when their words were last seen.
    fn touch(&self, transaction: &WriteTransaction, last: units::Second) -> Result<(), Error> {
        let rows = || self.seconds.iter().flat_map(|(_, rows)| rows);
        let apps: BTreeSet<_> = rows().map(|row| row.label.app).collect();
        let sites: BTreeSet<_> = rows().map(|row| row.label.site).collect();
        let nics: BTreeSet<_> = rows().map(|row| row.nic).collect();
        let classes: BTreeSet<_> = rows().map(|row| row.classes).collect();
        touch::<App>(transaction, apps.into_iter(), last)?;
        touch::<Site>(transaction, sites.into_iter(), last)?;
        touch::<Nic>(transaction, nics.into_iter(), last)?;
        touch::<ClassSet>(transaction, classes.into_iter(), last)
    }
}

fn sealed_row(
    ((nic, label, protocol, classes), (traffic, opened)): (RowKey, (Traffic, u32)),
) -> Row {
    Row {
        flow: None,
        nic,
        protocol,
        label,
        classes,
        opened,
        traffic,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::sample::at;

    fn ripe(unsealed: &mut Unsealed) -> Vec<Moment> {
        let minutes = std::iter::from_fn(|| {
            let minute = unsealed.ripe()?;
            unsealed.done(minute);
            Some(minute)
        });
        minutes.collect()
    }

    #[test]
    fn a_minute_is_ripe_90_seconds_after_its_end() {
        let mut unsealed = Unsealed::default();
        (0..=149).for_each(|second| unsealed.add(at(second, 0)));
        assert_eq!(ripe(&mut unsealed), []);
        unsealed.add(at(150, 0));
        assert_eq!(ripe(&mut unsealed), [at(0, 0)]);
    }

    #[test]
    fn a_clock_that_jumps_neither_hurries_nor_stops_sealing() {
        let mut unsealed = Unsealed::default();
        unsealed.add(at(1_000, 0));
        // Back by 900 s: the minutes of the epoch before are ripe once 90 s of this one passed.
        (100..=189).for_each(|second| unsealed.add(at(second, 1)));
        assert_eq!(ripe(&mut unsealed), []);
        unsealed.add(at(190, 1));
        assert_eq!(ripe(&mut unsealed), [at(960, 0)]);
    }

    #[test]
    fn what_an_earlier_run_left_is_ripe_at_once() {
        let mut unsealed = Unsealed::of([at(5, 0), at(61, 0)].into_iter());
        assert_eq!(ripe(&mut unsealed), [at(0, 0), at(60, 0)]);
    }
}
