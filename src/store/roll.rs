//! Rolling up: a stale bucket is made again from the tier below, a slice a job, and put in the place of
//! what it was. Made twice it is the same, so that nothing counts twice. Where the tier below was cut
//! meanwhile, what is there has come since: it is added to the bucket and removed in one transaction.

use super::block::read_sealed;
use super::calendar::Calendar;
use super::codec::Damaged;
use super::error::{Error, tell_damage};
use super::layout::{self, Key, META, SEALED, STALE, Tier, from_second};
use super::second::{Row, Second};
use super::sizes::Sizes;
use super::sums::Sums;
use super::{coarse, import, stale, tier};
use crate::units;
use redb::{ReadableTable, WriteTransaction};
use std::ops::Range;

/// Rows that one job reads and writes.
const ROWS: usize = 24_576;

/// What roll-up did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Rolled {
    pub(super) buckets: u64,
    /// Rows that were added up.
    pub(super) rows: u64,
    /// By how many bytes the coarser tiers grew.
    pub(super) grown: i64,
    /// Nothing is left to do until something changes, or time passes.
    pub(super) finished: bool,
    /// The end of the first bucket that waits for its time to be over.
    pub(super) waits_for: Option<units::Second>,
}

/// The bucket that is being made, over several jobs where it is a large one.
#[derive(Debug, Default)]
pub(super) struct Roller(Option<Rolling>);

#[derive(Debug)]
struct Rolling {
    tier: Tier,
    bucket: Range<units::Second>,
    /// Where reading goes on.
    next: Key,
    sums: Sums,
}

impl Roller {
    /// Something was written that may be part of what is being made.
    pub(super) fn start_again(&mut self) {
        self.0 = None;
    }

    /// Makes stale buckets, as many as a small job can. `through`: what is over by then is made.
    pub(super) fn slice(
        &mut self,
        transaction: &WriteTransaction,
        calendar: &Calendar,
        through: units::Second,
    ) -> Result<Rolled, Error> {
        let mut rolled = Rolled::default();
        let mut left = ROWS;
        while left > 0 {
            let rolling = match self.0.take() {
                Some(rolling) => rolling,
                None => match next(transaction, calendar, through)? {
                    Next::Bucket(tier, bucket) => Rolling::new(tier, bucket),
                    Next::Wait(until) => {
                        rolled.finished = true;
                        rolled.waits_for = until;
                        break;
                    }
                },
            };
            self.0 = rolling.go_on(transaction, calendar, &mut left, &mut rolled)?;
        }
        Ok(rolled)
    }
}

enum Next {
    Bucket(Tier, Range<units::Second>),
    Wait(Option<units::Second>),
}

/// The finest stale bucket first: coarser ones are made of it.
fn next(
    transaction: &WriteTransaction,
    calendar: &Calendar,
    through: units::Second,
) -> Result<Next, Error> {
    let table = transaction.open_table(STALE)?;
    let mut wait = None;
    for tier in Tier::COARSE {
        let Some(start) = stale::first(&table, tier, units::Second(i64::MIN))? else {
            continue;
        };
        let bucket = calendar.bucket(tier, start);
        let range = start..bucket.end;
        // A minute is sealed when it is over.
        if tier == Tier::Minute || bucket.end <= through {
            return Ok(Next::Bucket(tier, range));
        }
        wait = wait.into_iter().chain([bucket.end]).min();
    }
    Ok(Next::Wait(wait))
}

impl Rolling {
    fn new(tier: Tier, bucket: Range<units::Second>) -> Rolling {
        Rolling {
            tier,
            next: from_second(bucket.start),
            bucket,
            sums: Sums::default(),
        }
    }

    /// Reads on; at the end of the bucket, writes it. What is left to do of it, if something is.
    fn go_on(
        mut self,
        transaction: &WriteTransaction,
        calendar: &Calendar,
        left: &mut usize,
        rolled: &mut Rolled,
    ) -> Result<Option<Rolling>, Error> {
        if !self.read(transaction, left, rolled)? {
            return Ok(Some(self));
        }
        let (tier, bucket) = (self.tier, self.bucket.clone());
        let Some(finer) = tier.finer() else {
            return Ok(None);
        };
        let sizes = Sizes::load(&transaction.open_table(META)?)?;
        let mut kept = Vec::new();
        if bucket.start < sizes.of(finer).from {
            self.add_held(transaction, calendar)?;
            tier::remove(transaction, finer, &bucket)?;
        } else if tier == Tier::Hour {
            // Hours that were imported were made of no minutes.
            kept = import::parts_of(transaction, calendar, tier, bucket.start)?;
        }
        let mut parts = self.sums.parts(transaction, &bucket)?;
        parts.extend(kept);
        let put = tier::put(transaction, calendar, tier, bucket.start, parts)?;
        stale::unmark(transaction, tier, bucket.start)?;
        stale::mark_above(transaction, calendar, tier, bucket.start)?;
        *left = left.saturating_sub(put.rows);
        rolled.buckets += 1;
        rolled.grown += put.grown;
        Ok(None)
    }

    /// What the bucket holds already: what it was made of is gone.
    fn add_held(
        &mut self,
        transaction: &WriteTransaction,
        calendar: &Calendar,
    ) -> Result<(), Error> {
        for part in tier::bucket(transaction, calendar, self.tier, self.bucket.start)? {
            self.sums.add(transaction, &part.second, &part.rows)?;
        }
        Ok(())
    }

    /// Reads blocks of the tier below; `false` if there are more of them.
    fn read(
        &mut self,
        transaction: &WriteTransaction,
        left: &mut usize,
        rolled: &mut Rolled,
    ) -> Result<bool, Error> {
        let finer = self.tier.finer().unwrap_or(Tier::Second);
        let table = transaction.open_table(finer.table())?;
        let end = from_second(self.bucket.end);
        let mut scratch = Vec::new();
        for entry in table.range::<&Key>(&self.next..&end)? {
            let (at, value) = entry?;
            let first = *at.value();
            if *left == 0 {
                self.next = first;
                return Ok(false);
            }
            let rows = self.block(transaction, finer, &first, value.value(), &mut scratch)?;
            // A block costs something also where it is empty.
            *left = left.saturating_sub(rows + 64);
            rolled.rows += rows as u64;
        }
        Ok(true)
    }

    /// Adds a block up, and says how many rows it had. One that is damaged is left out: a gap.
    fn block(
        &mut self,
        transaction: &WriteTransaction,
        finer: Tier,
        first: &Key,
        value: &[u8],
        scratch: &mut Vec<u8>,
    ) -> Result<usize, Error> {
        let first = layout::moment(first);
        let mut seconds = Vec::new();
        let mut take = |second: &Second, rows: &mut super::block::Rows| {
            let rows = rows.collect::<Result<Vec<Row>, Damaged>>()?;
            seconds.push((second.clone(), rows));
            Ok(())
        };
        let read: Result<(), Damaged> = if finer == Tier::Second {
            read_sealed(first, value, scratch, take)
        } else {
            let wanted = coarse::Wanted::all(&self.bucket);
            coarse::read(first.second, value, &wanted, scratch, &mut take)
        };
        if let Err(why) = read {
            tell_damage(finer.word(), first, why);
            return Ok(0);
        }
        let mut count = 0;
        for (second, rows) in &seconds {
            count += rows.len();
            self.sums.add(transaction, second, rows)?;
        }
        Ok(count)
    }
}

/// Marks every sealed minute of a file that has no coarser tiers yet; its blocks are counted.
pub(super) fn mark_all(transaction: &WriteTransaction, calendar: &Calendar) -> Result<(), Error> {
    let sealed = transaction.open_table(SEALED)?;
    let mut bytes = 0;
    for entry in sealed.iter()? {
        let (at, value) = entry?;
        bytes += value.value().len();
        let first = layout::moment(at.value()).second;
        stale::mark_above(transaction, calendar, Tier::Second, first)?;
    }
    super::sizes::changed(transaction, Tier::Second, bytes, 0)
}
