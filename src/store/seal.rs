//! Sealing: once the labels of a minute are settled, its hot seconds become compressed blocks with
//! rows by label, late labels applied. One block a job, hot values removed in the transaction that
//! writes the block, and marks the minute to be rolled up: a second is in one place or in the other,
//! never in both or none. A second whose value is damaged is in neither from then on: it is told,
//! counted, and a gap like any other.

use super::amendment::{self, Amendments};
use super::block::{Builder, read_hot};
use super::codec::Damaged;
use super::dictionary::touch;
use super::error::{Error, tell_damage};
use super::layout::{
    self, AMENDMENTS, HOT, SEALED, STALE, Tier, from_second, key, order, stale_key,
};
pub(super) use super::second::RowKey;
use super::second::{Row, Second};
use super::sizes;
use super::word::{AppId, ClassSet, ClassesId, Nic, NicId, SiteId};
use crate::label::{App, Site};
use crate::units::{self, Epoch, Moment, Traffic};
use redb::{ReadableTable, Table, WriteTransaction};
use std::collections::{BTreeMap, BTreeSet};

/// Hot rows after which a block ends, so that making one stays a small job.
pub(super) const ROWS: usize = 32_768;

/// What came of sealing a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Sealed {
    /// The minute has no hot seconds left.
    pub(super) finished: bool,
    /// Seconds that could not be read.
    pub(super) damaged: u64,
}

/// Seals the next block of a minute.
pub(super) fn seal_block(transaction: &WriteTransaction, minute: Moment) -> Result<Sealed, Error> {
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
        block.take(at, value.value(), &amendments);
    }
    for at in &block.taken {
        hot.remove(&key(*at))?;
    }
    let damaged = block.damaged;
    block.write(transaction)?;
    Ok(Sealed { finished, damaged })
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

/// All late labels that are still needed, in the order they came. Those of a damaged value are not
/// known any more: their rows keep the labels that they had.
pub(super) fn read_amendments(
    table: &impl ReadableTable<&'static layout::Key, &'static [u8]>,
) -> Result<Amendments, Error> {
    let mut carriers = Vec::new();
    for entry in table.iter()? {
        let (at, value) = entry?;
        let carrier = layout::moment(at.value());
        match amendment::decode(value.value()) {
            Ok(relabels) => carriers.push((carrier, relabels)),
            Err(why) => tell_damage("amendments", carrier, why),
        }
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

/// Seconds on their way into one sealed block: encoded one by one, for a busy minute's rows would
/// take megabytes.
#[derive(Default)]
struct Block {
    builder: Option<(Moment, Builder)>,
    words: Words,
    taken: Vec<Moment>,
    /// Hot rows that went into it.
    rows: usize,
    damaged: u64,
}

/// The words that a block's rows use.
#[derive(Default)]
struct Words {
    apps: BTreeSet<AppId>,
    sites: BTreeSet<SiteId>,
    nics: BTreeSet<NicId>,
    classes: BTreeSet<ClassesId>,
}

impl Block {
    fn take(&mut self, at: Moment, value: &[u8], amendments: &Amendments) {
        self.taken.push(at);
        match merged(at, value, amendments) {
            Ok(seconds) => seconds.iter().for_each(|one| self.add(at, one)),
            Err(why) => {
                self.damaged += 1;
                tell_damage("hot", at, why);
            }
        }
    }

    fn add(&mut self, at: Moment, merged: &Merged) {
        self.rows += merged.hot_rows;
        self.words.note(merged);
        let begun = || (at, Builder::new(at));
        let (_, builder) = self.builder.get_or_insert_with(begun);
        builder.second(&merged.second, &merged.rows);
    }

    fn write(self, transaction: &WriteTransaction) -> Result<(), Error> {
        let (Some((first, builder)), Some(last)) = (self.builder, self.taken.last()) else {
            return Ok(());
        };
        let value = builder.finish().map_err(redb::Error::from)?;
        let mut sealed: Table<&layout::Key, &[u8]> = transaction.open_table(SEALED)?;
        sealed.insert(&key(first), value.as_slice())?;
        sizes::changed(transaction, Tier::Second, value.len(), 0)?;
        let minute = stale_key(Tier::Minute, first.second.minute());
        transaction.open_table(STALE)?.insert(&minute, ())?;
        self.words.touch(transaction, last.second)
    }
}

impl Words {
    fn note(&mut self, merged: &Merged) {
        let nics = merged.second.nics.iter();
        self.apps.extend(nics.filter_map(|nic| nic.carrier));
        for row in &merged.rows {
            self.apps.insert(row.label.app);
            self.sites.insert(row.label.site);
            self.nics.insert(row.nic);
            self.classes.insert(row.classes);
        }
    }

    /// The dictionaries learn when they were last seen.
    fn touch(self, transaction: &WriteTransaction, last: units::Second) -> Result<(), Error> {
        touch::<App>(transaction, self.apps.into_iter(), last)?;
        touch::<Site>(transaction, self.sites.into_iter(), last)?;
        touch::<Nic>(transaction, self.nics.into_iter(), last)?;
        touch::<ClassSet>(transaction, self.classes.into_iter(), last)
    }
}

/// One second with its rows by label.
struct Merged {
    second: Second,
    rows: Vec<Row>,
    /// By flow they were so many.
    hot_rows: usize,
}

/// What a hot value holds; all of it can be read, or none is taken.
fn merged(at: Moment, value: &[u8], amendments: &Amendments) -> Result<Vec<Merged>, Damaged> {
    let mut seconds = Vec::with_capacity(1);
    read_hot(at, value, |second, rows| {
        let mut sums = BTreeMap::<RowKey, (Traffic, u32)>::new();
        let mut hot_rows = 0;
        for row in rows {
            let mut row = row?;
            amendments.apply(at, &mut row);
            let (traffic, opened) = sums.entry(row.key()).or_default();
            *traffic += row.traffic;
            *opened = opened.saturating_add(row.opened);
            hot_rows += 1;
        }
        seconds.push(Merged {
            second: second.clone(),
            rows: sums.into_iter().map(sealed_row).collect(),
            hot_rows,
        });
        Ok(())
    })?;
    Ok(seconds)
}

pub(super) fn sealed_row(
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
