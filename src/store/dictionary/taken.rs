//! Words that are taken back: a number then means `forgotten`, so that whatever still has it says no
//! more, and the word gets another number when it comes again.

use super::{Seen, decode, encode};
use crate::label::Site;
use crate::store::error::Error;
use crate::store::word::Word;
use crate::units::Second;
use redb::{ReadableTable, WriteTransaction};
use std::net::IpAddr;
use std::ops::{Bound, Range};

/// The words that are wanted, with their numbers; those that cannot be read are none.
pub(in crate::store) fn matching<W: Word>(
    transaction: &WriteTransaction,
    wanted: impl Fn(&W, W::Id) -> bool,
) -> Result<Vec<(W, W::Id)>, Error> {
    let (_, by_word) = W::tables();
    let table = transaction.open_table(by_word)?;
    let mut found = Vec::new();
    for entry in table.iter()? {
        let (word, number) = entry?;
        let id = W::id(number.value());
        if let Ok(word) = W::decode(word.value())
            && wanted(&word, id)
        {
            found.push((word, id));
        }
    }
    Ok(found)
}

/// Takes words back: their numbers mean another word from now on.
pub(in crate::store) fn take_back<W: Word>(
    transaction: &WriteTransaction,
    words: &[(W, W::Id)],
    instead: &W,
    now: Second,
) -> Result<(), Error> {
    let (by_id, by_word) = W::tables();
    let (mut by_id, mut by_word) = (
        transaction.open_table(by_id)?,
        transaction.open_table(by_word)?,
    );
    let seen = Seen {
        first: now,
        last: now,
        address: None,
    };
    let value = encode(instead, seen);
    for (word, id) in words {
        by_word.remove(word.encode().as_slice())?;
        by_id.insert(W::number(*id), value.as_slice())?;
    }
    Ok(())
}

/// Sites with names do not tell any more that they were at these addresses.
pub(in crate::store) fn take_from(
    transaction: &WriteTransaction,
    addresses: &[IpAddr],
) -> Result<(), Error> {
    let (by_id, _) = Site::tables();
    let mut table = transaction.open_table(by_id)?;
    let mut changes = Vec::new();
    for entry in table.iter()? {
        let (number, value) = entry?;
        if let Ok((site, seen)) = decode::<Site>(value.value())
            && seen.address.is_some_and(|at| addresses.contains(&at))
        {
            let seen = Seen {
                address: None,
                ..seen
            };
            changes.push((number.value(), encode(&site, seen)));
        }
    }
    for (number, value) in changes {
        table.insert(number, value.as_slice())?;
    }
    Ok(())
}

/// Has every word get another number when it comes again; says which was the last.
pub(in crate::store) fn take_all_back<W: Word>(
    transaction: &WriteTransaction,
) -> Result<u32, Error> {
    let (by_id, by_word) = W::tables();
    transaction.delete_table(by_word)?;
    transaction.open_table(by_word)?;
    let table = transaction.open_table(by_id)?;
    let last = table.last()?.map_or(0, |(number, _)| number.value());
    Ok(last)
}

/// Removes numbers that nothing has any more.
pub(in crate::store) fn remove<W: Word>(
    transaction: &WriteTransaction,
    numbers: impl Iterator<Item = u32>,
) -> Result<u64, Error> {
    let (by_id, _) = W::tables();
    let mut table = transaction.open_table(by_id)?;
    let mut removed = 0;
    for number in numbers {
        removed += u64::from(table.remove(number)?.is_some());
    }
    Ok(removed)
}

/// Removes at most so many of the numbers up to the last one.
pub(in crate::store) fn remove_through<W: Word>(
    transaction: &WriteTransaction,
    last: u32,
    most: usize,
) -> Result<u64, Error> {
    let (by_id, _) = W::tables();
    let table = transaction.open_table(by_id)?;
    let range = table.range(..=last)?;
    let numbers = range.take(most).map(|entry| Ok(entry?.0.value()));
    let numbers = numbers.collect::<Result<Vec<u32>, Error>>()?;
    drop(table);
    remove::<W>(transaction, numbers.into_iter())
}

/// Takes seconds out of when words were seen: what was seen before them then was seen last before them, and
/// what was seen first in them, right after. Looks at so many after a number, and takes that on; says how
/// many there were.
pub(in crate::store) fn unsee<W: Word>(
    transaction: &WriteTransaction,
    range: &Range<Second>,
    after: &mut u32,
    most: usize,
) -> Result<usize, Error> {
    let (by_id, _) = W::tables();
    let mut table = transaction.open_table(by_id)?;
    let (mut changes, mut looked) = (Vec::new(), 0);
    let all = table.range((Bound::Excluded(*after), Bound::Unbounded))?;
    for entry in all.take(most) {
        let (number, value) = entry?;
        *after = number.value();
        looked += 1;
        let Ok((word, seen)) = decode::<W>(value.value()) else {
            continue;
        };
        let without = seen.without(range);
        if without != seen {
            changes.push((number.value(), encode(&word, without)));
        }
    }
    for (number, value) in changes {
        table.insert(number, value.as_slice())?;
    }
    Ok(looked)
}

impl Seen {
    fn without(self, range: &Range<Second>) -> Seen {
        let first = if range.contains(&self.first) {
            range.end
        } else {
            self.first
        };
        let before = Second(range.start.0.saturating_sub(1));
        if !range.contains(&self.last) {
            return Seen { first, ..self };
        }
        // Where it was then is not told either.
        Seen {
            first,
            last: before.max(first),
            address: None,
        }
    }
}

/// When a stored word was seen first, and the word.
pub(in crate::store) fn read<W: Word>(value: &[u8]) -> Option<(W, Second)> {
    decode::<W>(value)
        .ok()
        .map(|(word, seen)| (word, seen.first))
}
