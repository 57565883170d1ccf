//! Seconds or buckets being added up to one bucket. What was watched together stays together: a part
//! for each set of roles and carriers, so that a total counts in every tier what it counts by the second.

use super::coarse::Part;
use super::codes::{ROLES, code};
use super::dictionary::{lookup_now, number_now};
use super::error::Error;
use super::seal::sealed_row;
use super::second::{LabelId, NicSecond, Row, RowKey, Second};
use super::word::{AppId, ClassSet, ClassesId, Nic, NicId, SiteId};
use crate::key::Protocol;
use crate::label::{App, OwnerSource, Site, SiteSource};
use crate::tick::Cost;
use crate::units::{self, Moment, Nanos, Traffic};
use ahash::AHashMap;
use redb::WriteTransaction;
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::ops::Range;

/// Rows that a bucket keeps; the smallest of more lose their site.
const ROWS: usize = 16_384;
/// Rows that it has at most without sites; the smallest of more are told by interface alone.
pub(super) const MOST: usize = 131_072;

/// Parts in which carriers are told apart.
const PARTS: usize = 64;

/// What was watched: a bit for each role, and who carries which tunnel.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
struct Watched {
    roles: u8,
    carriers: Vec<(NicId, AppId)>,
}

#[derive(Debug, Default)]
struct Sum {
    width: Nanos,
    cost: Cost,
    nics: BTreeMap<NicId, NicSecond>,
    rows: AHashMap<RowKey, (Traffic, u32)>,
}

/// One bucket's sums.
#[derive(Debug, Default)]
pub(super) struct Sums {
    parts: BTreeMap<Watched, Sum>,
    roles: AHashMap<NicId, u8>,
}

impl Sums {
    pub(super) fn add(
        &mut self,
        transaction: &WriteTransaction,
        second: &Second,
        rows: &[Row],
    ) -> Result<(), Error> {
        let watched = self.watched(transaction, &second.nics)?;
        let sum = self.parts.entry(watched).or_default();
        sum.head(second);
        for row in rows {
            sum.row(row);
        }
        Ok(())
    }

    /// The parts of this bucket, as they are stored.
    pub(super) fn parts(
        self,
        transaction: &WriteTransaction,
        bucket: &Range<units::Second>,
    ) -> Result<Vec<Part>, Error> {
        let moment = Moment {
            second: bucket.start,
            ..Moment::default()
        };
        let span = u32::try_from(bucket.end.0.saturating_sub(bucket.start.0)).unwrap_or(u32::MAX);
        let share = self.parts.len().max(1);
        let mut parts = Vec::with_capacity(self.parts.len());
        for sum in self.parts.into_values() {
            let second = Second {
                moment,
                span,
                width: sum.width,
                cost: sum.cost,
                nics: sum.nics.into_values().collect(),
            };
            let rows = bounded(transaction, bucket.start, sum.rows, share)?;
            parts.push(Part { second, rows });
        }
        Ok(parts)
    }

    fn watched(
        &mut self,
        transaction: &WriteTransaction,
        nics: &[NicSecond],
    ) -> Result<Watched, Error> {
        let mut watched = Watched::default();
        for nic in nics {
            watched.roles |= self.role(transaction, nic.nic)?;
            let carrier = nic.carrier.map(|carrier| (nic.nic, carrier));
            watched.carriers.extend(carrier);
        }
        watched.carriers.sort_unstable();
        if self.parts.len() >= PARTS && !self.parts.contains_key(&watched) {
            watched.carriers.clear();
        }
        Ok(watched)
    }

    fn role(&mut self, transaction: &WriteTransaction, nic: NicId) -> Result<u8, Error> {
        if let Some(bit) = self.roles.get(&nic) {
            return Ok(*bit);
        }
        // One that the dictionary has lost is taken for a virtual one, as a reader takes it.
        let known = lookup_now::<Nic>(transaction, nic)?;
        let role = known.map_or(crate::platform::Role::Virtual, |nic| nic.role);
        let bit = 1 << code(&ROLES, &role);
        self.roles.insert(nic, bit);
        Ok(bit)
    }
}

impl Sum {
    fn head(&mut self, second: &Second) {
        self.width.0 = self.width.0.saturating_add(second.width.0);
        self.cost.cpu.0 = self.cost.cpu.0.saturating_add(second.cost.cpu.0);
        self.cost.resident = self.cost.resident.max(second.cost.resident);
        for nic in &second.nics {
            match self.nics.entry(nic.nic) {
                Entry::Occupied(mut held) => add_nic(held.get_mut(), nic),
                Entry::Vacant(free) => {
                    // The gap of a second that was not watched at all is told by its absence.
                    let gap_ms = if nic.watched == 0 { 0 } else { nic.gap_ms };
                    free.insert(NicSecond {
                        gap_ms,
                        ..nic.clone()
                    });
                }
            }
        }
    }

    fn row(&mut self, row: &Row) {
        let (traffic, opened) = self.rows.entry(row.key()).or_default();
        *traffic += row.traffic;
        *opened = opened.saturating_add(row.opened);
    }
}

fn add_nic(held: &mut NicSecond, more: &NicSecond) {
    held.delivered += more.delivered;
    held.ring_dropped += more.ring_dropped;
    held.kernel_dropped += more.kernel_dropped;
    held.interface_dropped += more.interface_dropped;
    held.late_frames += more.late_frames;
    held.untimed_frames += more.untimed_frames;
    if more.watched > 0 {
        held.gap_ms = held.gap_ms.saturating_add(more.gap_ms);
    }
    held.watched = held.watched.saturating_add(more.watched);
    held.flowed += more.flowed;
    if let Some(counters) = more.counters {
        *held.counters.get_or_insert_default() += counters;
    }
    for (reason, traffic) in &more.unflowed {
        match held.unflowed.iter_mut().find(|(held, _)| held == reason) {
            Some((_, sum)) => *sum += *traffic,
            None => held.unflowed.push((*reason, *traffic)),
        }
    }
    held.unflowed.sort_unstable_by_key(|(reason, _)| *reason);
}

type Rows = Vec<(RowKey, (Traffic, u32))>;

/// The rows in order, at most a part's share of what a bucket has: the sites of the smallest become
/// `other`. Programs may be of any number, too: the smallest of those are told by interface alone.
fn bounded(
    transaction: &WriteTransaction,
    now: units::Second,
    rows: AHashMap<RowKey, (Traffic, u32)>,
    share: usize,
) -> Result<Vec<Row>, Error> {
    let mut rows: Rows = rows.into_iter().collect();
    if rows.len() > ROWS / share {
        let site = number_now(transaction, &Site::Other, now)?;
        rows = folded(rows, ROWS / share / 2, |key| without_site(key, site));
    }
    if rows.len() > MOST / share {
        let rest = Rest::new(transaction, now)?;
        rows = folded(rows, MOST / share / 2, |(nic, ..)| rest.of(nic));
    }
    rows.sort_unstable_by_key(|(key, _)| *key);
    Ok(rows.into_iter().map(sealed_row).collect())
}

fn without_site((nic, mut label, protocol, classes): RowKey, other: SiteId) -> RowKey {
    label.site = other;
    label.site_source = SiteSource::Address;
    (nic, label, protocol, classes)
}

/// What is told by interface alone.
struct Rest {
    label: LabelId,
    classes: ClassesId,
}

impl Rest {
    fn new(transaction: &WriteTransaction, now: units::Second) -> Result<Rest, Error> {
        let label = LabelId {
            app: number_now(transaction, &App::unknown(), now)?,
            site: number_now(transaction, &Site::Other, now)?,
            owner_source: OwnerSource::Unknown,
            site_source: SiteSource::Address,
        };
        let classes = number_now(transaction, &ClassSet::default(), now)?;
        Ok(Rest { label, classes })
    }

    fn of(&self, nic: NicId) -> RowKey {
        (nic, self.label, Protocol::NONE, self.classes)
    }
}

/// So many of the largest as they are, the rest under the keys that they become.
fn folded(mut rows: Rows, most: usize, becomes: impl Fn(RowKey) -> RowKey) -> Rows {
    let bytes = |(key, (traffic, _)): &(RowKey, (Traffic, u32))| {
        (std::cmp::Reverse(traffic.total().bytes), *key)
    };
    rows.sort_unstable_by_key(bytes);
    let mut sums = AHashMap::<RowKey, (Traffic, u32)>::new();
    for (place, (key, (traffic, opened))) in rows.into_iter().enumerate() {
        let key = if place < most { key } else { becomes(key) };
        let sum = sums.entry(key).or_default();
        sum.0 += traffic;
        sum.1 = sum.1.saturating_add(opened);
    }
    sums.into_iter().collect()
}
