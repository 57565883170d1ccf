//! The history written anew while its writer stands still: nothing is in the new file that is not in a
//! table of the old one, and words go that only what was forgotten had brought.

use super::Tell;
use super::copy::{Take, copy};
use super::make::{Maker, Placed, Target};
use super::references::Used;
use super::tables::{Found, Kind};
use crate::label::{App, Site};
use crate::store::dictionary::taken;
use crate::store::error::Error;
use crate::store::forget;
use crate::store::layout::META;
use crate::store::reader::Reader;
use crate::store::word::Word;
use crate::units::Second;
use redb::TableHandle;
use std::ops::Range;

/// Which words go that no value has; by default none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::store) struct Unused {
    /// Addresses: what a site was called before its name was known.
    pub(in crate::store) addresses: bool,
    /// What was seen for the first time in these seconds.
    pub(in crate::store) seen_first: Option<Range<Second>>,
}

impl Unused {
    /// What goes by either; of seconds also those between.
    pub(in crate::store) fn and(self, other: Unused) -> Unused {
        let seen_first = match (self.seen_first, other.seen_first) {
            (Some(one), Some(two)) => Some(one.start.min(two.start)..one.end.max(two.end)),
            (one, two) => one.or(two),
        };
        Unused {
            addresses: self.addresses || other.addresses,
            seen_first,
        }
    }

    fn is_wanted(&self, address: bool, first: Second) -> bool {
        let seen = self.seen_first.as_ref();
        self.addresses && address || seen.is_some_and(|range| range.contains(&first))
    }
}

/// Writes the file anew and gives it the old one's name.
pub(in crate::store) fn rewrite(
    reader: &Reader,
    target: &Target,
    unused: Unused,
    tell: &mut Tell,
) -> Result<Placed, Error> {
    let mut rewriting = Rewriting {
        maker: Maker::new(target)?,
        used: Used::default(),
        unused,
        table: None,
        went: Vec::new(),
    };
    copy(reader, &mut rewriting, tell)?;
    rewriting.maker.finish_soon(|| tell(1, 1))
}

struct Rewriting {
    maker: Maker,
    used: Used,
    unused: Unused,
    table: Option<Found>,
    /// The numbers of the present dictionary's words that go.
    went: Vec<u32>,
}

impl Take for Rewriting {
    fn total(&mut self, _: u64) -> Result<(), Error> {
        Ok(())
    }

    fn table(&mut self, table: &Found) -> Result<(), Error> {
        if table.kind == Kind::Numbers {
            self.went.clear();
        }
        self.table = Some(table.clone());
        self.maker.table(table)
    }

    fn entry(&mut self, key: &[u8], value: &[u8]) -> Result<(), Error> {
        let Some(table) = &self.table else {
            return Ok(());
        };
        let stays = match (table.name.as_str(), table.kind) {
            (name, Kind::Names) => name != META.name() || key != forget::KEY.as_bytes(),
            (_, _) if self.unused == Unused::default() => true,
            ("apps", _) => !self.goes::<App>(key, value),
            ("sites", _) => !self.goes::<Site>(key, value),
            ("apps_by_word" | "sites_by_word", _) => {
                let number = value.try_into().map(u32::from_le_bytes);
                number.map_or(true, |number| self.went.binary_search(&number).is_err())
            }
            (name, _) => {
                self.used.note(name, key, value);
                true
            }
        };
        if stays {
            self.maker.entry(key, value)
        } else {
            Ok(())
        }
    }
}

impl Rewriting {
    fn goes<W: Named>(&mut self, key: &[u8], value: &[u8]) -> bool {
        let Some(number) = key.try_into().ok().map(u32::from_le_bytes) else {
            return false;
        };
        let Some((word, first)) = taken::read::<W>(value) else {
            return false;
        };
        let wanted = self.unused.is_wanted(word.is_address(), first);
        let goes = wanted && !W::is_used(&self.used, number);
        if goes {
            self.went.push(number);
        }
        goes
    }
}

/// What the new file may go without.
trait Named: Word {
    fn is_address(&self) -> bool;
    fn is_used(used: &Used, number: u32) -> bool;
}

impl Named for App {
    fn is_address(&self) -> bool {
        false
    }

    fn is_used(used: &Used, number: u32) -> bool {
        used.has_app(number)
    }
}

impl Named for Site {
    fn is_address(&self) -> bool {
        matches!(self, Site::Address(_))
    }

    fn is_used(used: &Used, number: u32) -> bool {
        used.has_site(number)
    }
}
