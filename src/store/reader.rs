//! Reading: a snapshot is one consistent look at the history. It is taken, asked and dropped
//! within one function, so that it never keeps old pages alive.

mod connections;
mod tiers;

use super::amendment::Amendments;
use super::block::{Rows, read_hot, read_sealed};
use super::codec::Damaged;
use super::dictionary::{Seen, lookup, number_of};
use super::error::{Error, in_table, tell_damage};
use super::file::THROUGH_KEY;
use super::gap::{self, Gap};
use super::layout::{
    self, AMENDMENTS, ConnectionKey, GAPS, HOT, META, SEALED, Tier, from_second, read_moment,
};
use super::seal::read_amendments;
use super::second::{Row, Second};
use super::sizes::Sizes;
use super::slot::Slot;
use super::word::{SiteId, Word};
use crate::label::Site;
use crate::units::{self, Moment};
use redb::{Database, ReadTransaction, ReadableDatabase, ReadableTable};
use std::ops::{ControlFlow, Range};
use std::sync::Arc;

/// A way to look at the history that can be cloned.
#[derive(Clone)]
pub struct Reader(pub(super) Arc<Slot>);

impl Reader {
    pub fn snapshot(&self) -> Result<Snapshot, Error> {
        let database = self.0.get()?;
        let transaction = self.0.looked(|| Ok(database.begin_read()?))?;
        Ok(Snapshot {
            transaction,
            _database: database,
            slot: self.0.clone(),
        })
    }
}

/// The history as it was at one commit.
pub struct Snapshot {
    transaction: ReadTransaction,
    /// Held until the transaction is gone, so that the file is not opened twice.
    _database: Arc<Database>,
    /// Is told what is wrong with the file.
    slot: Arc<Slot>,
}

/// Where a page of connections ended; the next one begins before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place(pub(super) ConnectionKey);

impl Place {
    /// As text, for a cursor.
    pub fn to_text(self) -> String {
        let digit = |four: u8| char::from_digit(four.into(), 16);
        let digits = self
            .0
            .iter()
            .flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]);
        digits.flatten().collect()
    }

    pub fn of_text(text: &str) -> Option<Place> {
        let digits = text.chars().map(|c| Some(c.to_digit(16)? as u8));
        let digits: Vec<u8> = digits.collect::<Option<_>>()?;
        let bytes = digits.chunks(2).map(|pair| match pair {
            [high, low] => Some(high << 4 | low),
            _ => None,
        });
        let bytes: Vec<u8> = bytes.collect::<Option<_>>()?;
        bytes.try_into().ok().map(Place)
    }
}

/// What a visitor of seconds is handed: the second, and its rows for as long as it asks.
pub type Visit<'a> = dyn FnMut(&Second, &mut dyn Iterator<Item = Row>) -> ControlFlow<()> + 'a;

impl Snapshot {
    pub(super) fn transaction(&self) -> &ReadTransaction {
        &self.transaction
    }

    /// The last moment that this snapshot holds.
    pub fn through(&self) -> Result<Option<Moment>, Error> {
        let meta = self.transaction.open_table(META)?;
        let value = meta.get(THROUGH_KEY)?;
        let moment = value.map(|value| read_moment(value.value()));
        moment.transpose().map_err(in_table("meta"))
    }

    /// The first second that this snapshot holds, as exactly as the tiers that are left tell it.
    pub fn first(&self) -> Result<Option<units::Second>, Error> {
        let sizes = Sizes::load(&self.transaction.open_table(META)?)?;
        let mut oldest = self.first_of(HOT)?;
        for tier in Tier::ALL {
            let found = self.first_of(tier.table())?;
            oldest = oldest.into_iter().chain(found).min();
        }
        // The finest tier of which nothing was removed since then.
        let whole = |tier: &Tier| Some(sizes.of(*tier).from) <= oldest;
        let tier = Tier::ALL.into_iter().find(whole).unwrap_or(Tier::Day);
        let firsts = [
            self.first_of(tier.table())?,
            self.first_of(SEALED)?,
            self.first_of(HOT)?,
        ];
        Ok(firsts.into_iter().flatten().min())
    }

    fn first_of(&self, table: layout::Timed) -> Result<Option<units::Second>, Error> {
        let table = self.transaction.open_table(table)?;
        let first = table.first()?;
        Ok(first.map(|(at, _)| layout::moment(at.value()).second))
    }

    /// The word with this number, and when it was seen.
    pub fn word<W: Word>(&self, id: W::Id) -> Result<Option<(W, Seen)>, Error> {
        self.slot.looked(|| lookup(&self.transaction, id))
    }

    /// The number of a word, if it has one.
    pub fn number<W: Word>(&self, word: &W) -> Result<Option<W::Id>, Error> {
        self.slot.looked(|| number_of(&self.transaction, word))
    }

    /// Visits the names of all sites that have one, in their order.
    pub fn names(
        &self,
        visit: &mut dyn FnMut(&str, SiteId) -> ControlFlow<()>,
    ) -> Result<(), Error> {
        let (_, by_word) = Site::tables();
        let table = self.transaction.open_table(by_word)?;
        // Words that begin with the kind of names.
        for entry in table.range::<&[u8]>(&[1_u8][..]..&[2_u8][..])? {
            let (word, id) = entry?;
            let word = Site::decode(word.value()).map_err(in_table("a dictionary"))?;
            if let Site::Name(name) = word
                && visit(&name, SiteId(id.value())).is_break()
            {
                break;
            }
        }
        Ok(())
    }

    /// The late labels that rows of these seconds may need: none where no second is hot.
    pub fn amendments(&self, range: &Range<units::Second>) -> Result<Amendments, Error> {
        self.slot.looked(|| self.read_amendments(range))
    }

    fn read_amendments(&self, range: &Range<units::Second>) -> Result<Amendments, Error> {
        let hot = self.transaction.open_table(HOT)?;
        let mut keys =
            hot.range::<&layout::Key>(&from_second(range.start)..&from_second(range.end))?;
        match keys.next().transpose()? {
            Some(_) => read_amendments(&self.transaction.open_table(AMENDMENTS)?),
            None => Ok(Amendments::default()),
        }
    }

    /// Visits every stored second of a range: the sealed ones, then the hot ones. A value that is
    /// damaged is left out and logged: its seconds are missing, which is a gap to whoever asks.
    pub fn seconds(
        &self,
        range: &Range<units::Second>,
        amendments: &Amendments,
        visit: &mut Visit,
    ) -> Result<(), Error> {
        self.slot.looked(|| {
            if self.sealed(range, visit)?.is_continue() {
                self.hot(range, amendments, visit)?;
            }
            Ok(())
        })
    }

    fn sealed(
        &self,
        range: &Range<units::Second>,
        visit: &mut Visit,
    ) -> Result<ControlFlow<()>, Error> {
        let table = self.transaction.open_table(SEALED)?;
        let mut scratch = Vec::new();
        // A block begins in the minute that it belongs to.
        let start = from_second(range.start.minute());
        for entry in table.range::<&layout::Key>(&start..&from_second(range.end))? {
            let (at, value) = entry?;
            let first = layout::moment(at.value());
            let mut flow = ControlFlow::Continue(());
            let read = read_sealed(first, value.value(), &mut scratch, |second, rows| {
                if flow.is_continue() && range.contains(&second.moment.second) {
                    flow = checked(rows, |rows| visit(second, rows))?;
                }
                Ok(())
            });
            if let Err(why) = read {
                tell_damage("sealed", first, why);
            }
            if flow.is_break() {
                return Ok(flow);
            }
        }
        Ok(ControlFlow::Continue(()))
    }

    fn hot(
        &self,
        range: &Range<units::Second>,
        amendments: &Amendments,
        visit: &mut Visit,
    ) -> Result<(), Error> {
        let table = self.transaction.open_table(HOT)?;
        for entry in
            table.range::<&layout::Key>(&from_second(range.start)..&from_second(range.end))?
        {
            let (at, value) = entry?;
            let at = layout::moment(at.value());
            let mut flow = ControlFlow::Continue(());
            let read = read_hot(at, value.value(), |second, rows| {
                flow = checked(rows, |rows| {
                    visit(
                        second,
                        &mut rows.map(|mut row| {
                            amendments.apply(at, &mut row);
                            row
                        }),
                    )
                })?;
                Ok(())
            });
            if let Err(why) = read {
                tell_damage("hot", at, why);
            }
            if flow.is_break() {
                break;
            }
        }
        Ok(())
    }

    /// The gaps that reach into these seconds.
    pub fn gaps(&self, range: &Range<units::Second>) -> Result<Vec<Gap>, Error> {
        self.slot.looked(|| self.read_gaps(range))
    }

    fn read_gaps(&self, range: &Range<units::Second>) -> Result<Vec<Gap>, Error> {
        let table = self.transaction.open_table(GAPS)?;
        let start = units::Second(range.start.0.saturating_sub(gap::LONGEST));
        let mut gaps = Vec::new();
        for entry in table.range::<&layout::Key>(&from_second(start)..&from_second(range.end))? {
            let (at, value) = entry?;
            let at = layout::moment(at.value());
            match Gap::decode(at, value.value()) {
                Ok(gap) if gap.end() > range.start => gaps.push(gap),
                Ok(_) => {}
                Err(why) => tell_damage("gaps", at, why),
            }
        }
        Ok(gaps)
    }
}

/// Hands rows on until one is damaged, and tells that.
fn checked(
    rows: &mut Rows,
    visit: impl FnOnce(&mut dyn Iterator<Item = Row>) -> ControlFlow<()>,
) -> Result<ControlFlow<()>, Damaged> {
    let mut damage = None;
    let flow = visit(&mut rows.map_while(|row| row.map_err(|why| damage = Some(why)).ok()));
    damage.map_or(Ok(flow), Err)
}
