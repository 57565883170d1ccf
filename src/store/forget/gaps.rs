//! The gap that a range leaves: that its seconds were forgotten, and no more.

use crate::store::error::Error;
use crate::store::gap::{self, Gap, Why};
use crate::store::layout::{self, GAPS, Key, from_second};
use crate::units::{Moment, Second, Traffic};
use redb::{ReadableTable, WriteTransaction};
use std::ops::Range;

/// Gap records that one wish may leave: more than a hundred years of days.
const GAP_RECORDS: i64 = 40_000;

/// Says of these seconds that they were forgotten, and no more; what was said of them goes.
pub(super) fn leave_gap(
    transaction: &WriteTransaction,
    range: &Range<Second>,
) -> Result<(), Error> {
    let mut table = transaction.open_table(GAPS)?;
    let mut told = range.clone();
    let back = Second(range.start.0.saturating_sub(gap::LONGEST));
    let mut gone = Vec::<Key>::new();
    for entry in table.range::<&Key>(&from_second(back)..=&from_second(range.end))? {
        let (at, value) = entry?;
        let first = layout::moment(at.value());
        match Gap::decode(first, value.value()) {
            Ok(gap) if gap.why == Why::Forgotten && gap.end() >= range.start => {
                told = told.start.min(first.second)..told.end.max(gap.end());
                gone.push(*at.value());
            }
            _ if range.contains(&first.second) => gone.push(*at.value()),
            _ => {}
        }
    }
    for key in gone {
        table.remove(&key)?;
    }
    let least = told.end.0.saturating_sub(GAP_RECORDS * gap::LONGEST);
    let mut first = told.start.0.max(least);
    while first < told.end.0 {
        let seconds = gap::LONGEST.min(told.end.0 - first);
        let gap = Gap {
            first: Moment {
                second: Second(first),
                ..Moment::default()
            },
            seconds: seconds as u32,
            why: Why::Forgotten,
            traffic: Traffic::default(),
        };
        table.insert(&layout::key(gap.first), gap.encode().as_slice())?;
        first += seconds;
    }
    Ok(())
}
