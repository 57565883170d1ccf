//! `/api/connections`: live ones first, by their number, then ended ones, the latest first.

use super::Query;
use super::ask::Ask;
use super::error::Error;
use super::live::names_of;
use super::look::{Look, Wanted, Way};
use super::place::PlaceItem;
use super::process::ProcessItem;
use super::select::{Rank, Selection};
use super::shape::{Counts, Page, time_of};
use super::sieve::Sieve;
use super::spoken::{Spoken, server};
use super::which::{State, Which};
use crate::decode::{Encapsulation, Encapsulations};
use crate::flow::Ending;
use crate::key::Endpoint;
use crate::label::{App, SiteSource};
use crate::names::{self, domain, shown};
use crate::store::{ClassSet, Ended, Nic, Place};
use crate::tick::{Connection, Facts};
use crate::units::Second;
use serde::Serialize;
use std::ops::Range;
use utoipa::ToSchema;

/// A live flow as the flow tables have it now, labelled; its `ending` means nothing yet.
#[derive(Clone, Debug)]
pub struct LiveConnection {
    pub nic: Nic,
    pub connection: Connection,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ConnectionItem {
    pub id: u64,
    pub protocol: String,
    pub interface: String,
    pub local: EndpointItem,
    pub remote: EndpointItem,
    /// `local` or `remote`: who sent the first frame.
    pub initiator: &'static str,
    pub application: String,
    /// The run of the application that has the local end; `null` where only the application is
    /// known, or not even that.
    pub process: Option<ProcessItem>,
    /// The application at the other end, where that is on this machine, too.
    pub peer_application: Option<String>,
    pub site: String,
    /// The site as a person may read it: internationalised letters, unless they could mislead.
    pub site_shown: String,
    /// The registrable domain of the site, by the Public Suffix List, private suffixes included;
    /// null where it has none.
    pub domain: Option<String>,
    pub owner_source: &'static str,
    pub site_source: &'static str,
    /// What limits the site's name: `ech-outer`, `ambiguous`, `other-client`.
    pub site_marks: Vec<&'static str>,
    /// How old the name was when the connection began, where it was answered for the address; how
    /// long after the first frame the connection itself told it, else. `null`: it has none.
    pub site_age_ms: Option<u32>,
    /// Every name that the connection's payload told, as far as they are kept.
    pub claims: Vec<ClaimItem>,
    /// What it speaks; `null` where neither content nor port tells.
    pub speaks: Option<&'static str>,
    /// `content`: certain; `by-port`: that is what the port is for.
    pub speaks_source: Option<&'static str>,
    /// What lay around its packets, the outermost first: `vlan`, `vxlan`, `gre` and so on.
    pub encapsulations: Vec<&'static str>,
    /// The client's TLS fingerprint (JA4).
    pub ja4: Option<String>,
    pub classes: Vec<String>,
    pub first_seen: String,
    pub last_seen: String,
    /// `live` or `ended`.
    pub state: &'static str,
    #[schema(value_type = Option<String>)]
    pub ending: Option<Ending>,
    #[serde(flatten)]
    pub place: PlaceItem,
    #[serde(flatten)]
    pub counts: Counts,
}

/// A name that was told inside a connection.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ClaimItem {
    pub source: &'static str,
    pub name: String,
    pub marks: Vec<&'static str>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct EndpointItem {
    pub address: String,
    pub port: Option<u16>,
}

/// Where the last page ended.
enum Cursor {
    Live(u64),
    Ended(Option<Place>),
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

    fn live_item(&self, live: &LiveConnection) -> ConnectionItem {
        let one = &live.connection;
        let facts = one.facts.as_deref();
        let server = server(one.local_is_client, one.local, one.remote);
        let spoken = Spoken::of(facts, one.protocol, server);
        let site = one.label.site.to_string();
        ConnectionItem {
            id: one.flow.0,
            protocol: one.protocol.name(),
            interface: live.nic.name.to_string(),
            local: endpoint(one.local),
            remote: endpoint(one.remote),
            initiator: initiator(one.local_is_client),
            application: one.label.app.name.to_string(),
            process: process(facts, &one.label.app),
            peer_application: peer(facts),
            site_shown: shown(&site).into_owned(),
            domain: domain_of(&site),
            site,
            owner_source: one.label.app_source.word(),
            site_source: one.label.site_source.word(),
            site_marks: one.label.marks.words().collect(),
            site_age_ms: age(facts, one.label.site_source),
            claims: claims(facts),
            speaks: spoken.name,
            speaks_source: spoken.source,
            encapsulations: around(one.encapsulations),
            ja4: ja4(facts),
            classes: self.names_of(one.classes),
            first_seen: time_of(one.first),
            last_seen: time_of(one.last),
            state: "live",
            ending: None,
            place: self.place(one.remote),
            counts: one.traffic.into(),
        }
    }

    fn place(&self, remote: Endpoint) -> PlaceItem {
        self.places.of(remote.address).into()
    }
}

fn cursor(ask: &Ask, state: State) -> Result<Cursor, Error> {
    let wrong = || Error::Asked {
        what: "cursor",
        why: "it is not one that this list gave",
    };
    let Some(text) = &ask.cursor else {
        return Ok(match state {
            State::Ended => Cursor::Ended(None),
            State::Both | State::Live => Cursor::Live(0),
        });
    };
    match text.split_once('-') {
        None if text == "ended" => Ok(Cursor::Ended(None)),
        Some(("live", after)) => after.parse().map(Cursor::Live).map_err(|_| wrong()),
        Some(("ended", place)) => {
            let place = Place::of_text(place).ok_or_else(wrong)?;
            Ok(Cursor::Ended(Some(place)))
        }
        _ => Err(wrong()),
    }
}

fn ended_item(look: &mut Look, one: &Ended, place: PlaceItem) -> Result<ConnectionItem, Error> {
    let site = look.site(one.label.site)?.to_string();
    let facts = one.facts.as_deref();
    let server = server(one.local_is_client, one.local, one.remote);
    let spoken = Spoken::of(facts, one.protocol, server);
    let app = look.app(one.label.app)?;
    Ok(ConnectionItem {
        id: one.flow.0,
        protocol: one.protocol.name(),
        interface: look.nic(one.nic)?.name.to_string(),
        local: endpoint(one.local),
        remote: endpoint(one.remote),
        initiator: initiator(one.local_is_client),
        application: app.name.to_string(),
        process: process(facts, &app),
        peer_application: peer(facts),
        site_shown: shown(&site).into_owned(),
        domain: domain_of(&site),
        site,
        owner_source: one.label.owner_source.word(),
        site_source: one.label.site_source.word(),
        site_marks: one.marks.words().collect(),
        site_age_ms: age(facts, one.label.site_source),
        claims: claims(facts),
        speaks: spoken.name,
        speaks_source: spoken.source,
        encapsulations: around(one.encapsulations),
        ja4: ja4(facts),
        classes: names_of(&look.class_set(one.classes)?),
        first_seen: time_of(one.first),
        last_seen: time_of(one.last),
        state: "ended",
        ending: Some(one.ending),
        place,
        counts: one.traffic.into(),
    })
}

fn claims(facts: Option<&Facts>) -> Vec<ClaimItem> {
    let claims = facts.map_or(&[][..], |facts| &facts.claims);
    let item = |claim: &names::Claim| ClaimItem {
        source: claim.source.word(),
        name: claim.name.to_string(),
        marks: claim.marks.words().collect(),
    };
    claims.iter().map(item).collect()
}

fn process(facts: Option<&Facts>, app: &App) -> Option<ProcessItem> {
    let owner = facts?.owner.as_deref()?;
    Some(ProcessItem::of(owner, app))
}

fn peer(facts: Option<&Facts>) -> Option<String> {
    let peer = facts?.peer.as_ref()?;
    Some(peer.app.name.to_string())
}

fn age(facts: Option<&Facts>, source: SiteSource) -> Option<u32> {
    match source {
        SiteSource::Address => None,
        SiteSource::DnsAnswer => facts.map(|facts| facts.name_age_ms),
        _ => facts.map(|facts| facts.named_after_ms),
    }
}

fn around(encapsulations: Encapsulations) -> Vec<&'static str> {
    encapsulations.kinds().map(Encapsulation::word).collect()
}

fn ja4(facts: Option<&Facts>) -> Option<String> {
    Some(facts?.fingerprint.as_ref()?.as_str().to_owned())
}

fn domain_of(site: &str) -> Option<String> {
    domain(site).map(|domain| domain.name().to_owned())
}

fn initiator(local_is_client: bool) -> &'static str {
    if local_is_client { "local" } else { "remote" }
}

fn endpoint(end: Endpoint) -> EndpointItem {
    EndpointItem {
        address: end.address.to_string(),
        port: end.port,
    }
}
