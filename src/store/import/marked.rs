//! How what was imported is told from what was counted here: its rows are in the class `(imported)`, and
//! it is a part of its bucket by itself until that is added to something else.

use crate::store::calendar::Calendar;
use crate::store::coarse::Part;
use crate::store::error::Error;
use crate::store::layout::Tier;
use crate::store::tier;
use crate::store::word::{ClassSet, ClassesId, Word};
use crate::units::Second;
use redb::{ReadableTable, WriteTransaction};

/// The class of rows that were imported, and of no others.
pub(super) fn class() -> ClassSet {
    ClassSet(vec!["(imported)".into()])
}

/// The number of that class, if anything was imported.
pub(super) fn marked(transaction: &WriteTransaction) -> Result<Option<ClassesId>, Error> {
    let (_, by_word) = ClassSet::tables();
    let table = transaction.open_table(by_word)?;
    let number = table.get(class().encode().as_slice())?;
    Ok(number.map(|number| ClassSet::id(number.value())))
}

/// A part of which all was imported.
pub(super) fn is_marked(part: &Part, mark: Option<ClassesId>) -> bool {
    let mut rows = part.rows.iter();
    !part.rows.is_empty() && rows.all(|row| Some(row.classes) == mark)
}

/// The imported parts of a bucket: what is made again from a finer tier must keep them.
pub(in crate::store) fn parts_of(
    transaction: &WriteTransaction,
    calendar: &Calendar,
    tier: Tier,
    start: Second,
) -> Result<Vec<Part>, Error> {
    let mark = marked(transaction)?;
    if mark.is_none() {
        return Ok(Vec::new());
    }
    let mut parts = tier::bucket(transaction, calendar, tier, start)?;
    parts.retain(|part| is_marked(part, mark));
    Ok(parts)
}
