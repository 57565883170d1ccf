//! Which hours something was imported into: nothing finer tells of it, so whoever reads finer tiers has
//! to know. Ranges in the order of time; those of hours that are kept by the day are forgotten.

use crate::store::codec::{Damaged, In, Out};
use crate::store::error::{Error, in_table};
use crate::store::layout::META;
use crate::units::Second;
use redb::{ReadableTable, WriteTransaction};
use std::ops::Range;

const KEY: &str = "imported";
const FORMAT: u8 = 1;
/// Hours of 90 days with gaps between are fewer.
const MOST: u64 = 65_536;

/// The ranges of such hours.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::store) struct Hours(pub(in crate::store) Vec<Range<Second>>);

impl Hours {
    pub(in crate::store) fn load(
        meta: &impl ReadableTable<&'static str, &'static [u8]>,
    ) -> Result<Hours, Error> {
        let value = meta.get(KEY)?;
        let hours = value.map(|value| Hours::decode(value.value()));
        let hours = hours.transpose().map_err(in_table("meta"))?;
        Ok(hours.unwrap_or_default())
    }

    /// Notes an hour; `from`: before this, hours are kept by the day.
    pub(super) fn note(&mut self, hour: &Range<Second>, from: Second) {
        self.0.retain(|range| range.end > from);
        self.add(hour);
    }

    /// Whether one more can be noted.
    pub(super) fn has_room(&self, hour: &Range<Second>) -> bool {
        let touches = |range: &Range<Second>| range.start <= hour.end && hour.start <= range.end;
        (self.0.len() as u64) < MOST || self.0.iter().any(touches)
    }

    pub(in crate::store) fn save(&self, transaction: &WriteTransaction) -> Result<(), Error> {
        let mut meta = transaction.open_table(META)?;
        meta.insert(KEY, self.encode().as_slice())?;
        Ok(())
    }

    /// What was imported in these seconds is gone.
    pub(in crate::store) fn forget(
        transaction: &WriteTransaction,
        gone: &Range<Second>,
    ) -> Result<(), Error> {
        let hours = Hours::load(&transaction.open_table(META)?)?;
        let left = hours.without(gone);
        if left.0.is_empty() {
            transaction.open_table(META)?.remove(KEY)?;
        } else if left != hours {
            left.save(transaction)?;
        }
        Ok(())
    }

    /// Whether something was imported into the hour of this second.
    pub(in crate::store) fn has(&self, at: Second) -> bool {
        self.0.iter().any(|range| range.contains(&at))
    }

    fn without(&self, gone: &Range<Second>) -> Hours {
        let parts = self.0.iter().flat_map(|range| {
            let before = range.start..range.end.min(gone.start);
            let after = range.start.max(gone.end)..range.end;
            [before, after]
        });
        Hours(parts.filter(|part| !part.is_empty()).collect())
    }

    fn add(&mut self, hour: &Range<Second>) {
        let mut joined = hour.clone();
        self.0.retain(|range| {
            let touches = range.start <= joined.end && joined.start <= range.end;
            if touches {
                joined = range.start.min(joined.start)..range.end.max(joined.end);
            }
            !touches
        });
        let place = self.0.partition_point(|range| range.start < joined.start);
        self.0.insert(place, joined);
    }

    fn encode(&self) -> Vec<u8> {
        let mut out = Out::envelope(FORMAT);
        out.number(self.0.len() as u64);
        for range in &self.0 {
            out.signed(range.start.0);
            out.number(range.end.0.saturating_sub(range.start.0) as u64);
        }
        out.sealed()
    }

    fn decode(value: &[u8]) -> Result<Hours, Damaged> {
        let mut input = In::envelope(value, FORMAT)?;
        let count = input.number()?;
        if count > MOST {
            return Err(Damaged("more ranges of imported hours than there can be"));
        }
        let ranges = (0..count).map(|_| {
            let start = input.signed()?;
            let end = start.checked_add_unsigned(input.number()?);
            Ok(Second(start)..Second(end.ok_or(Damaged("an hour after the end of time"))?))
        });
        let hours = Hours(ranges.collect::<Result<_, Damaged>>()?);
        input.end()?;
        Ok(hours)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hours_beside_each_other_are_one_range() {
        let mut hours = Hours::default();
        for start in [7_200, 0, 21_600, -3_600, 3_600, 0] {
            hours.add(&(Second(start)..Second(start + 3_600)));
        }
        let ranges = [
            Second(-3_600)..Second(10_800),
            Second(21_600)..Second(25_200),
        ];
        assert_eq!(hours.0, ranges);
        assert_eq!(Hours::decode(&hours.encode()), Ok(hours));
    }
}
