//! A table, swept in slices: each entry is looked at, and what it tells of the forgotten is taken out
//! of it. A value that is damaged tells nothing to anybody: it stays, and is told when it is read.

use super::erase::{self, Fate};
use super::mark::{Phase, Span, What, Words};
use super::relabel::{self, Changed};
use super::{Forgetting, connections};
use crate::store::calendar::Calendar;
use crate::store::codec::Damaged;
use crate::store::connection::Ended;
use crate::store::error::{Error, tell_damage};
use crate::store::layout::{
    self, AMENDMENTS, CONNECTIONS, ConnectionKey, HOT, Key, STALE, Tier, connection_key,
    from_second, stale_key,
};
use crate::store::sizes;
use crate::units::{FrameNumber, Moment, Second};
use connections::Verdict;
use redb::{ReadableTable, WriteTransaction};
use std::ops::Bound;

/// Rows that one job reads, and writes.
const ROWS: usize = 16_384;
/// What looking at an entry costs at least, in rows.
const ENTRY: usize = 32;

const CONNECTIONS_A_JOB: usize = 2_048;

/// What a slice of a table comes to.
#[derive(Default)]
struct Slice {
    changes: Vec<(Key, Fate)>,
    cost: usize,
    looked: u64,
    rows: u64,
    came: usize,
    went: usize,
    /// Buckets that are to be made again.
    cut: Vec<Second>,
    last: Option<Key>,
    finished: bool,
}

impl Forgetting {
    /// Sweeps on; whether that ends this phase.
    pub(super) fn sweep(
        &mut self,
        transaction: &WriteTransaction,
        calendar: &Calendar,
    ) -> Result<bool, Error> {
        let tier = match self.mark.phase {
            Phase::Connections => return self.connections(transaction),
            Phase::Amendments => return self.table(transaction, calendar, AMENDMENTS, None),
            Phase::Hot => return self.table(transaction, calendar, HOT, None),
            Phase::Minutes => Tier::Minute,
            Phase::Hours => Tier::Hour,
            Phase::Days => Tier::Day,
            Phase::Sealed | Phase::Words | Phase::Rewrite => Tier::Second,
        };
        self.table(transaction, calendar, tier.table(), Some(tier))
    }

    fn table(
        &mut self,
        transaction: &WriteTransaction,
        calendar: &Calendar,
        table: layout::Timed,
        tier: Option<Tier>,
    ) -> Result<bool, Error> {
        let mut table = transaction.open_table(table)?;
        let mut slice = Slice::default();
        self.look(&table, calendar, tier, &mut slice)?;
        for (key, fate) in slice.changes {
            match fate {
                Fate::Stays => {}
                Fate::Goes => drop(table.remove(&key)?),
                Fate::Becomes(at, value) => {
                    table.remove(&key)?;
                    table.insert(&at, value.as_slice())?;
                }
            }
        }
        drop(table);
        if let Some(tier) = tier.filter(|_| slice.came + slice.went > 0) {
            sizes::changed(transaction, tier, slice.came, slice.went)?;
        }
        if let Some(tier) = tier {
            let mut stale = transaction.open_table(STALE)?;
            for start in slice.cut {
                stale.insert(&stale_key(tier, start), ())?;
            }
        }
        self.done += slice.looked;
        self.forgotten.rows += slice.rows;
        self.after = slice.last.map(|key| key.to_vec()).or(self.after.take());
        Ok(slice.finished)
    }

    fn look(
        &self,
        table: &impl ReadableTable<&'static Key, &'static [u8]>,
        calendar: &Calendar,
        tier: Option<Tier>,
        slice: &mut Slice,
    ) -> Result<(), Error> {
        let after: Option<Key> = self.after.as_deref().and_then(|key| key.try_into().ok());
        let (start, end) = self.bounds(calendar, tier);
        let start = match &after {
            Some(after) => Bound::Excluded(after),
            None => Bound::Included(&start),
        };
        let mut scratch = Vec::new();
        slice.finished = true;
        for entry in table.range::<&Key>((start, Bound::Included(&end)))? {
            if slice.cost >= ROWS {
                slice.finished = false;
                break;
            }
            let (at, value) = entry?;
            let (key, value) = (*at.value(), value.value());
            slice.last = Some(key);
            slice.looked += 1;
            slice.cost += ENTRY;
            let at = layout::moment(&key);
            let fate = match &self.mark.what {
                What::Words(words) => {
                    relabelled(self.mark.phase, at, value, &mut scratch, words, slice)
                }
                What::Span(span) => erased(self.mark.phase, at, value, &mut scratch, span, slice),
            };
            let fate = fate.unwrap_or_else(|why| {
                tell_damage("what is forgotten", at, why);
                Fate::Stays
            });
            if fate == Fate::Stays {
                continue;
            }
            slice.went += value.len();
            if let Fate::Becomes(_, value) = &fate {
                slice.came += value.len();
            }
            slice.changes.push((key, fate));
        }
        Ok(())
    }

    /// The keys that may have to do with it.
    fn bounds(&self, calendar: &Calendar, tier: Option<Tier>) -> (Key, Key) {
        let What::Span(Span { range, .. }) = &self.mark.what else {
            return ([0; 12], [u8::MAX; 12]);
        };
        // A block begins in the group in which its first bucket does; one that reaches into the range may
        // have begun in the group before.
        let start = tier.map_or(range.start, |tier| {
            let bucket = calendar.bucket(tier, range.start);
            calendar.group(tier, bucket.start).start
        });
        (from_second(start), from_second(range.end))
    }

    fn connections(&mut self, transaction: &WriteTransaction) -> Result<bool, Error> {
        let mut table = transaction.open_table(CONNECTIONS)?;
        let after: Option<ConnectionKey> =
            self.after.as_deref().and_then(|key| key.try_into().ok());
        let first = Moment {
            second: connections::first_second(&self.mark.what),
            ..Moment::default()
        };
        let first = connection_key(first, FrameNumber(0));
        let start = match &after {
            Some(after) => Bound::Excluded(after),
            None => Bound::Included(&first),
        };
        let (mut changes, mut last, mut looked) = (Vec::new(), None, 0);
        let all = table.range::<&ConnectionKey>((start, Bound::Unbounded))?;
        for entry in all.take(CONNECTIONS_A_JOB) {
            let (key, value) = entry?;
            last = Some(*key.value());
            looked += 1;
            // One that cannot be read tells nobody who it was with: it goes.
            let verdict = Ended::decode(key.value(), value.value())
                .map_or(Verdict::Goes, |ended| {
                    connections::judge(ended, &self.mark.what)
                });
            if verdict != Verdict::Stays {
                changes.push((*key.value(), verdict));
            }
        }
        for (key, verdict) in changes {
            match verdict {
                Verdict::Stays => {}
                Verdict::Goes => {
                    table.remove(&key)?;
                    self.forgotten.connections += 1;
                }
                Verdict::Becomes(ended) => drop(table.insert(&key, ended.encode().as_slice())?),
            }
        }
        self.done += looked as u64;
        self.after = last.map(|key| key.to_vec()).or(self.after.take());
        Ok(looked < CONNECTIONS_A_JOB)
    }
}

fn relabelled(
    phase: Phase,
    at: Moment,
    value: &[u8],
    scratch: &mut Vec<u8>,
    words: &Words,
    slice: &mut Slice,
) -> Result<Fate, Damaged> {
    let changed = match phase {
        Phase::Amendments => relabel::amendments(value, words)?,
        Phase::Hot => relabel::hot(at, value, words)?,
        Phase::Sealed => relabel::sealed(at, value, scratch, words)?,
        _ => relabel::coarse(at, value, words)?,
    };
    let Changed {
        rows,
        relabelled,
        value,
    } = changed;
    slice.cost += rows;
    slice.rows += relabelled;
    Ok(value.map_or(Fate::Stays, |value| Fate::Becomes(layout::key(at), value)))
}

fn erased(
    phase: Phase,
    at: Moment,
    value: &[u8],
    scratch: &mut Vec<u8>,
    span: &Span,
    slice: &mut Slice,
) -> Result<Fate, Damaged> {
    let range = &span.range;
    let inside = range.contains(&at.second);
    match phase {
        Phase::Amendments if inside => erase::amendments(at, value, range).or(Ok(Fate::Goes)),
        Phase::Hot if inside => Ok(Fate::Goes),
        Phase::Amendments | Phase::Hot => Ok(Fate::Stays),
        Phase::Sealed => match erase::sealed(at, value, scratch, range) {
            Ok((fate, rows)) => {
                slice.rows += rows;
                slice.cost += rows as usize + ENTRY * 8;
                Ok(fate)
            }
            Err(_) if inside => Ok(Fate::Goes),
            Err(why) => Err(why),
        },
        _ => match erase::coarse(at, value, range) {
            Ok(left) => {
                slice.rows += left.rows;
                slice.cost += left.rows as usize + ENTRY * 8;
                slice.cut.extend(left.cut);
                Ok(left.fate)
            }
            Err(_) if inside => Ok(Fate::Goes),
            Err(why) => Err(why),
        },
    }
}
