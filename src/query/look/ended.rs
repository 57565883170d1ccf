//! Ended connections that match, a page at a time.

use super::Look;
use crate::query::error::Error;
use crate::query::select::Rank;
use crate::store::{Ended, Place};
use crate::units;
use std::ops::{ControlFlow, Range};

/// Ended connections that one page may look at.
const LOOKED_AT: usize = 100_000;

/// Which ended connections, and how many.
pub(in crate::query) struct Wanted<'a> {
    pub(in crate::query) rank: Rank,
    pub(in crate::query) most: usize,
    pub(in crate::query) which: &'a dyn Fn(&Ended) -> bool,
}

/// What was found, how far it was looked, and whether there may be more.
#[derive(Default)]
pub(in crate::query) struct Found {
    pub(in crate::query) connections: Vec<Ended>,
    pub(in crate::query) place: Option<Place>,
    pub(in crate::query) more: bool,
}

impl Look {
    /// Ended connections on file, the latest first, of what counts where the rank does and what
    /// matches the filter. Of those that are not wanted so many are looked at, and no more.
    pub(in crate::query) fn ended(
        &mut self,
        range: &Range<units::Second>,
        before: Option<Place>,
        wanted: &Wanted,
    ) -> Result<Found, Error> {
        let (mut found, mut looked, mut failed) = (Found::default(), 0, None);
        let (words, snapshot) = (&mut self.words, &self.snapshot);
        let (sieve, selection) = (&mut self.sieve, &self.selection);
        snapshot.connections(range, before, &mut |ended, place| {
            looked += 1;
            let listed = words
                .nic(snapshot, ended.nic)
                .map(|nic| selection.lists(&nic, wanted.rank) && (wanted.which)(&ended));
            let listed =
                listed.and_then(|listed| {
                    let label = (ended.label.app, ended.label.site);
                    Ok(listed
                        && sieve.labels(ended.protocol, label, ended.classes, words, snapshot)?)
                });
            match listed {
                Ok(true) if found.connections.len() == wanted.most => found.more = true,
                Ok(listed) => {
                    found.connections.extend(listed.then_some(ended));
                    found.place = Some(place);
                    found.more = looked >= LOOKED_AT;
                }
                Err(error) => failed = Some(error),
            }
            if found.more || failed.is_some() {
                return ControlFlow::Break(());
            }
            ControlFlow::Continue(())
        })?;
        failed.map_or(Ok(found), |error| Err(error.into()))
    }
}
