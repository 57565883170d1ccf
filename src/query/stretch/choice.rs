//! What of a bit is handed on: the rows that match a filter, and of them the ways that count.

use crate::query::countries::Countries;
use crate::query::error::Error;
use crate::query::sieve::{Narrowed, Sieve, Ways};
use crate::query::words::Words;
use crate::store::{Row, Snapshot};
use crate::units::Traffic;

/// A filter and the countries that it met.
pub(super) struct Choice {
    sieve: Sieve,
    countries: Countries,
}

impl Choice {
    pub(super) fn new(sieve: Sieve, countries: Countries) -> Choice {
        Choice { sieve, countries }
    }

    /// What is told of a row, if anything is.
    pub(super) fn row(
        &mut self,
        row: &Row,
        words: &mut Words,
        snapshot: &Snapshot,
    ) -> Result<Option<Row>, Error> {
        if !self.sieve.row(row, words, &mut self.countries, snapshot)? {
            return Ok(None);
        }
        let traffic = self.traffic(row.traffic);
        Ok(traffic.map(|traffic| Row { traffic, ..*row }))
    }

    /// The same of what is in no flow: where rows are chosen, nothing.
    pub(super) fn unflowed(&self, traffic: Traffic) -> Option<Traffic> {
        let Narrowed { rows, .. } = self.sieve.narrowed();
        if rows { None } else { self.traffic(traffic) }
    }

    /// `None`: nothing went the ways that are asked for.
    fn traffic(&self, traffic: Traffic) -> Option<Traffic> {
        let ways = self.sieve.narrowed().ways;
        let kept = ways.of(traffic);
        (ways == Ways::BOTH || kept != Traffic::default()).then_some(kept)
    }
}
