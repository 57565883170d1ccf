//! Shows seconds to a visitor: what counts of them, and not too many rows.

use super::{Picked, Rows, Shown, ShownRows};
use crate::query::asker::Asker;
use crate::query::countries::Countries;
use crate::query::error::Error;
use crate::query::select::Selection;
use crate::query::sieve::Sieve;
use crate::query::words::Words;
use crate::store::{Nic, NicId, NicSecond, Row, Second, Snapshot};
use std::ops::ControlFlow;

/// Rows that one answer may read.
const ROWS: u64 = 50_000_000;

/// Remembers which interfaces count: they are the same in most seconds.
pub(super) struct Picker<'a> {
    selection: &'a Selection,
    sieve: &'a mut Sieve,
    countries: &'a mut Countries,
    snapshot: &'a Snapshot,
    asker: &'a Asker,
    seen: Vec<NicId>,
    counted: Vec<bool>,
    tunnels: Vec<bool>,
    read: u64,
    pub(super) failed: Option<Error>,
}

impl<'a> Picker<'a> {
    pub(super) fn new(
        (selection, asker): (&'a Selection, &'a Asker),
        (sieve, countries): (&'a mut Sieve, &'a mut Countries),
        snapshot: &'a Snapshot,
    ) -> Picker<'a> {
        Picker {
            selection,
            sieve,
            countries,
            snapshot,
            asker,
            seen: Vec::new(),
            counted: Vec::new(),
            tunnels: Vec::new(),
            read: 0,
            failed: None,
        }
    }

    pub(super) fn show(
        &mut self,
        second: &Second,
        rows: &mut Rows,
        words: &mut Words,
        visit: &mut impl FnMut(&Picked, &mut ShownRows),
    ) -> ControlFlow<()> {
        self.failed = self.look_at(second, words).err();
        let counts = |nic: NicId| is(&self.seen, &self.counted, nic);
        let carries =
            |one: &&NicSecond| one.carrier.is_some() && is(&self.seen, &self.tunnels, one.nic);
        let tunnels: Vec<&NicSecond> = second.nics.iter().filter(carries).collect();
        let picked = Picked {
            second,
            nics: second.nics.iter().filter(|one| counts(one.nic)).collect(),
            tunnels: tunnels.clone(),
        };
        let told = |row: &Row| counts(row.nic) || tunnels.iter().any(|one| one.nic == row.nic);
        let (mut read, mut failed) = (0, None);
        let (sieve, countries) = (&mut *self.sieve, &mut *self.countries);
        let snapshot = self.snapshot;
        let rows = rows.inspect(|_| read += 1).filter(told);
        let mut rows = rows.map(|row| Shown {
            row,
            matches: sieve
                .row(&row, words, countries, snapshot)
                .unwrap_or_else(|error| {
                    failed = Some(error);
                    false
                }),
        });
        visit(&picked, &mut rows);
        drop(rows);
        self.read += read;
        if let Some(error) = failed {
            self.failed = Some(error.into());
        }
        if self.read > ROWS {
            self.failed = Some(Error::TooMuch { rows: ROWS });
        }
        match self.failed {
            None => ControlFlow::Continue(()),
            Some(_) => ControlFlow::Break(()),
        }
    }

    fn look_at(&mut self, second: &Second, words: &mut Words) -> Result<(), Error> {
        self.asker.is_here()?;
        if second
            .nics
            .iter()
            .map(|one| one.nic)
            .eq(self.seen.iter().copied())
        {
            return Ok(());
        }
        self.seen = second.nics.iter().map(|one| one.nic).collect();
        let nics = self.seen.iter().map(|id| words.nic(self.snapshot, *id));
        let nics = nics.collect::<Result<Vec<_>, _>>()?;
        self.counted = self.selection.counted(nics.iter());
        let carries = |(nic, counts): (&Nic, &bool)| !counts && self.selection.carries(nic);
        let tunnels = nics.iter().zip(&self.counted).map(carries);
        self.tunnels = tunnels.collect();
        Ok(())
    }
}

/// Whether this one of the interfaces is one of those.
fn is(seen: &[NicId], which: &[bool], nic: NicId) -> bool {
    let place = seen.iter().position(|seen| *seen == nic);
    place.is_some_and(|place| which.get(place) == Some(&true))
}
