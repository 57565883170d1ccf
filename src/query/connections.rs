//! `/api/connections`: live ones first, by their number, then ended ones, the latest first.

mod cursor;
mod item;
mod told;

pub use item::{ConnectionItem, EndpointItem};

use super::Query;
use super::ask::Ask;
use super::error::Error;
use super::look::{Wanted, Way};
use super::select::{Rank, Selection};
use super::shape::Page;
use super::sieve::Sieve;
use super::which::{State, Which};
use crate::store::{ClassSet, Ended, Nic, Place};
use crate::tick::Connection;
use crate::units::Second;
use cursor::{Cursor, cursor};
use std::ops::Range;
use told::ended_item;

/// A live flow as the flow tables have it now, labelled; its `ending` means nothing yet.
#[derive(Clone, Debug)]
pub struct LiveConnection {
    pub nic: Nic,
    pub connection: Connection,
}

impl Query {
    /// `live` is called only when live connections are asked for and not paged past.
    pub fn connections(
        &self,
        ask: &Ask,
        which: impl Into<Which>,
        live: impl FnOnce() -> Vec<LiveConnection>,
    ) -> Result<Page<ConnectionItem>, Error> {
        let (limit, which) = (ask.limit()?, which.into());
        let state = which.state;
        let mut page = Page {
            items: Vec::new(),
            next: None,
        };
        let mut place = None;
        match cursor(ask, state)? {
            Cursor::Live(after) => self.live_page(live(), after, ask, &which, &mut page)?,
            Cursor::Ended(from) => place = from,
        }
        if page.next.is_none() && state != State::Live {
            self.ended_page(ask, &which, place, limit, &mut page)?;
        }
        Ok(page)
    }

    /// Ended connections of a range on all interfaces, or those that are asked for, that match the
    /// filter, the first first: a page of at most so many after a place, and the place to go on from
    /// if there may be more.
    pub fn ended_after(
        &self,
        range: &Range<Second>,
        ask: &Ask,
        after: Option<Place>,
        most: usize,
    ) -> Result<(Vec<ConnectionItem>, Option<Place>), Error> {
        let ask = Ask {
            interfaces: ask.interfaces.clone(),
            filter: ask.filter.clone(),
            asker: ask.asker.clone(),
            ..Ask::default()
        };
        // A connection has its labels: nothing of the range's seconds is needed.
        let mut look = self.look(range.start..range.start, &ask)?;
        let sieve = ask.filter.sieve(look.snapshot())?;
        let wanted = Wanted {
            rank: Rank::Loopback,
            most,
            which: &|one| self.is_there(&sieve, one),
        };
        let found = look.ended(range, Way::On(after), &wanted)?;
        let items = found.connections.iter();
        let items = items.map(|one| ended_item(&mut look, one, self.place(one.remote)));
        let items = items.collect::<Result<_, _>>()?;
        Ok((items, found.place.filter(|_| found.more)))
    }

    fn live_page(
        &self,
        mut live: Vec<LiveConnection>,
        after: u64,
        ask: &Ask,
        which: &Which,
        page: &mut Page<ConnectionItem>,
    ) -> Result<(), Error> {
        let selection = Selection::of(&ask.interfaces);
        let (limit, rank) = (ask.limit()?, self.rank());
        let sieve = ask.filter.sieve(&self.reader.snapshot()?)?;
        live.retain(|one| {
            let (nic, one) = (&one.nic, &one.connection);
            let listed = one.flow.0 > after && selection.lists(nic, rank);
            listed && which.live(one) && self.lets_through(&sieve, one)
        });
        live.sort_by_key(|one| one.connection.flow);
        page.items = live
            .iter()
            .take(limit)
            .map(|one| self.live_item(one))
            .collect();
        if live.len() > limit {
            page.next = page.items.last().map(|last| format!("live-{}", last.id));
        }
        Ok(())
    }

    fn lets_through(&self, sieve: &Sieve, one: &Connection) -> bool {
        let classes = || ClassSet::of(one.classes, &self.class_names);
        let label = &one.label;
        sieve.protocol(one.protocol)
            && sieve.app(&label.app)
            && sieve.site(&label.site)
            && sieve.classes(&classes())
            && sieve.country(self.places.of(one.remote.address).country)
    }

    fn ended_page(
        &self,
        ask: &Ask,
        which: &Which,
        place: Option<Place>,
        limit: usize,
        page: &mut Page<ConnectionItem>,
    ) -> Result<(), Error> {
        let range = ask.long_range()?;
        let mut look = self.look(range.clone(), ask)?;
        let sieve = ask.filter.sieve(look.snapshot())?;
        let wanted = Wanted {
            rank: self.rank(),
            most: limit.saturating_sub(page.items.len()),
            which: &|one| which.ended(one) && self.is_there(&sieve, one),
        };
        let found = look.ended(&range, Way::Back(place), &wanted)?;
        if found.more {
            let last = found.place.or(place);
            page.next =
                Some(last.map_or("ended".into(), |place| format!("ended-{}", place.to_text())));
        }
        for ended in found.connections {
            let place = self.place(ended.remote);
            page.items.push(ended_item(&mut look, &ended, place)?);
        }
        Ok(())
    }

    /// Whether its remote end is in a country that is asked for.
    fn is_there(&self, sieve: &Sieve, one: &Ended) -> bool {
        sieve.is_anywhere() || sieve.country(self.places.of(one.remote.address).country)
    }

    /// What counted in the last second.
    fn rank(&self) -> Rank {
        let last = self.recent.lately(1);
        let nics = last.iter().flat_map(|light| &light.nics);
        Selection::rank(nics.map(|one| &one.nic))
    }
}
