//! Ended connections that match, a page at a time.

use super::Look;
use crate::query::error::Error;
use crate::query::select::Rank;
use crate::store::{Ended, Place};
use crate::units;
use std::ops::{ControlFlow, Range};

/// Ended connections that one page may look at.
const LOOKED_AT: usize = 100_000;

/// In which order, and from where on.
#[derive(Clone, Copy)]
pub(in crate::query) enum Way {
    /// The latest first, before this place.
    Back(Option<Place>),
    /// The first first, after this place.
    On(Option<Place>),
}

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
    /// Ended connections on file, of what counts where the rank does and what
    /// matches the filter. Of those that are not wanted so many are looked at, and no more.
    pub(in crate::query) fn ended(
        &mut self,
        range: &Range<units::Second>,
        way: Way,
        wanted: &Wanted,
    ) -> Result<Found, Error> {
        let (mut found, mut looked, mut failed) = (Found::default(), 0, None);
        let (words, snapshot) = (&mut self.words, &self.snapshot);
        let (sieve, selection) = (&mut self.sieve, &self.selection);
        let asker = &self.asker;
        let mut visit = |ended: Ended, place| {
            looked += 1;
            if let Err(error) = asker.is_here() {
                failed = Some(error);
                return ControlFlow::Break(());
            }
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
                Err(error) => failed = Some(error.into()),
            }
            if found.more || failed.is_some() {
                return ControlFlow::Break(());
            }
            ControlFlow::Continue(())
        };
        match way {
            Way::Back(before) => snapshot.connections(range, before, &mut visit)?,
            Way::On(after) => snapshot.connections_after(range, after, &mut visit)?,
        }
        failed.map_or(Ok(found), Err)
    }
}
