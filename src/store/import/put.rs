//! One slice of an import: sums into buckets. Whether one may go there is decided in the transaction
//! that puts it there.

use super::hours::Hours;
use super::made::{counted, part, traffic};
use super::marked::{class, is_marked, marked};
use super::{Imported, Sum};
use crate::key::Protocol;
use crate::label::{App, OwnerSource, Site, SiteSource};
use crate::platform::Role;
use crate::store::calendar::Calendar;
use crate::store::coarse::Part;
use crate::store::codes::ROLES;
use crate::store::dictionary::{lookup_now, number_now};
use crate::store::error::Error;
use crate::store::layout::{HOT, META, Tier, Timed, keys, moment};
use crate::store::second::{LabelId, Row};
use crate::store::sizes::{self, Sizes};
use crate::store::word::{Nic, NicId, Word};
use crate::store::{stale, tier};
use crate::units::{self, Traffic};
use redb::{ReadableTable, WriteTransaction};
use std::collections::{BTreeSet, VecDeque};
use std::ops::Range;
use std::sync::Arc;

/// Rows after which a slice ends: a bucket's block is written anew with it.
const ROWS: usize = 8_192;
/// Sums of a bucket that are put there at a time.
const SUMS: usize = 256;
/// What a bucket costs beside its rows.
const BUCKET: usize = 128;
/// Protocols are not told: this number is reserved.
const PROTOCOL: Protocol = Protocol::NONE;

/// Puts some of the sums in their buckets.
pub(super) fn slice(
    transaction: &WriteTransaction,
    sums: &mut VecDeque<Sum>,
) -> Result<Imported, Error> {
    let calendar = Calendar::load(&transaction.open_table(META)?)?;
    let place = Place {
        transaction,
        calendar: &calendar,
    };
    let before = Hours::load(&transaction.open_table(META)?)?;
    let mut hours = before.clone();
    let (mut imported, mut left) = (Imported::default(), ROWS);
    while let Some(first) = sums.front() {
        let bucket = calendar.bucket(first.tier, first.at);
        let tier = first.tier;
        let same = |sum: &Sum| sum.tier == tier && bucket.contains(&sum.at);
        let count = sums.iter().take(SUMS).take_while(|sum| same(sum)).count();
        let here: Vec<Sum> = sums.drain(..count).collect();
        let rows = place.put(tier, &bucket, &here, &mut hours, &mut imported)?;
        left = left.saturating_sub(rows + BUCKET);
        if left == 0 {
            break;
        }
    }
    if hours != before {
        hours.save(transaction)?;
    }
    Ok(imported)
}

/// What became of a sum.
#[derive(Clone, Copy)]
enum Became {
    Taken,
    Had,
    Covered,
    Unfit,
}

impl Became {
    fn told(self, sum: &Sum) -> Imported {
        let mut told = Imported::default();
        match self {
            Became::Taken => {
                told.taken = 1;
                (told.bytes_in, told.bytes_out) = (sum.bytes_in, sum.bytes_out);
            }
            Became::Had => told.had = 1,
            Became::Covered => told.covered = 1,
            Became::Unfit => told.unfit = 1,
        }
        told
    }
}

struct Place<'a> {
    transaction: &'a WriteTransaction,
    calendar: &'a Calendar,
}

impl Place<'_> {
    /// Puts sums in their bucket if they may go there; how many rows were written for them.
    fn put(
        &self,
        tier: Tier,
        bucket: &Range<units::Second>,
        sums: &[Sum],
        hours: &mut Hours,
        imported: &mut Imported,
    ) -> Result<usize, Error> {
        let mut parts = tier::bucket(self.transaction, self.calendar, tier, bucket.start)?;
        let refused = match self.refused(tier, bucket, &parts)? {
            None if tier == Tier::Hour && !hours.has_room(bucket) => Some(Became::Unfit),
            refused => refused,
        };
        let mut names = self.names(&parts)?;
        let mut taken = false;
        for sum in sums {
            let became = match refused {
                Some(Became::Covered) => Became::Covered,
                _ if names.contains(&sum.interface) => Became::Had,
                Some(why) => why,
                None => {
                    names.insert(sum.interface.clone());
                    self.add(&mut parts, sum, bucket)?;
                    taken = true;
                    Became::Taken
                }
            };
            imported.and(became.told(sum));
        }
        if !taken {
            return Ok(0);
        }
        let put = tier::put(self.transaction, self.calendar, tier, bucket.start, parts)?;
        stale::mark_above(self.transaction, self.calendar, tier, bucket.start)?;
        if tier == Tier::Hour {
            let sizes = Sizes::load(&self.transaction.open_table(META)?)?;
            hours.note(bucket, sizes.of(Tier::Hour).from);
        } else {
            // So that whoever asks for a part of the day is told that it is kept as a whole.
            for finer in [Tier::Second, Tier::Minute, Tier::Hour] {
                sizes::cut(self.transaction, finer, bucket.end)?;
            }
        }
        Ok(put.rows)
    }

    fn refused(
        &self,
        tier: Tier,
        bucket: &Range<units::Second>,
        parts: &[Part],
    ) -> Result<Option<Became>, Error> {
        let mark = marked(self.transaction)?;
        if !parts.iter().all(|part| is_marked(part, mark)) {
            return Ok(Some(Became::Covered));
        }
        match tier {
            Tier::Day => self.refused_day(bucket),
            _ => self.refused_hour(bucket),
        }
    }

    /// A day is kept by the day alone: nothing finer may lie in it, or before it.
    fn refused_day(&self, bucket: &Range<units::Second>) -> Result<Option<Became>, Error> {
        let mut behind = false;
        for table in finer(Tier::Day) {
            if self.any(table, bucket)? {
                return Ok(Some(Became::Covered));
            }
            behind |= self.any(table, &(units::Second(i64::MIN)..bucket.start))?;
        }
        Ok(behind.then_some(Became::Unfit))
    }

    fn refused_hour(&self, bucket: &Range<units::Second>) -> Result<Option<Became>, Error> {
        for table in finer(Tier::Hour) {
            if self.any(table, bucket)? {
                return Ok(Some(Became::Covered));
            }
        }
        let sizes = Sizes::load(&self.transaction.open_table(META)?)?;
        let gone = bucket.start < sizes.of(Tier::Hour).from;
        Ok(gone.then_some(Became::Unfit))
    }

    fn any(&self, table: Timed, range: &Range<units::Second>) -> Result<bool, Error> {
        let table = self.transaction.open_table(table)?;
        let keys = keys(range);
        let first = table
            .range::<&crate::store::layout::Key>(&keys.start..&keys.end)?
            .next();
        let first = first.transpose()?;
        Ok(first.is_some_and(|(key, _)| range.contains(&moment(key.value()).second)))
    }

    /// What their interfaces are called, in whatever role.
    fn names(&self, parts: &[Part]) -> Result<BTreeSet<Arc<str>>, Error> {
        let mut names = BTreeSet::new();
        for nic in parts.iter().flat_map(|part| &part.second.nics) {
            let known = lookup_now::<Nic>(self.transaction, nic.nic)?;
            names.extend(known.map(|known| known.name));
        }
        Ok(names)
    }

    /// All interfaces that were imported are in one part: what a total counts depends on which were
    /// there together.
    fn add(
        &self,
        parts: &mut Vec<Part>,
        sum: &Sum,
        bucket: &Range<units::Second>,
    ) -> Result<(), Error> {
        let now = bucket.start;
        let span = u32::try_from(bucket.end.0 - bucket.start.0).unwrap_or(u32::MAX);
        let traffic = traffic(sum);
        let nic = number_now(self.transaction, &self.nic(sum)?, now)?;
        let row = self.row(nic, traffic, now)?;
        if parts.is_empty() {
            parts.push(part(bucket.start, span));
        }
        if let Some(part) = parts.first_mut() {
            part.second.nics.push(counted(nic, span, traffic));
            part.second.nics.sort_by_key(|one| one.nic);
            part.rows.push(row);
            part.rows.sort_by_key(|row| row.nic);
        }
        Ok(())
    }

    /// The interface in the first of the roles that the history knows it in.
    fn nic(&self, sum: &Sum) -> Result<Nic, Error> {
        let (_, by_word) = Nic::tables();
        let table = self.transaction.open_table(by_word)?;
        let called = |role: Role| Nic {
            name: sum.interface.clone(),
            role,
        };
        for role in ROLES {
            if table.get(called(role).encode().as_slice())?.is_some() {
                return Ok(called(role));
            }
        }
        Ok(called(sum.role))
    }

    fn row(&self, nic: NicId, traffic: Traffic, now: units::Second) -> Result<Row, Error> {
        let label = LabelId {
            app: number_now(self.transaction, &App::unknown(), now)?,
            site: number_now(self.transaction, &Site::Other, now)?,
            owner_source: OwnerSource::Unknown,
            site_source: SiteSource::Address,
        };
        Ok(Row {
            flow: None,
            nic,
            protocol: PROTOCOL,
            label,
            classes: number_now(self.transaction, &class(), now)?,
            opened: 0,
            traffic,
        })
    }
}

/// The tables that hold what is finer than a tier.
fn finer(tier: Tier) -> impl Iterator<Item = Timed> {
    let tiers = Tier::ALL.into_iter().filter(move |one| *one < tier);
    std::iter::once(HOT).chain(tiers.map(Tier::table))
}
