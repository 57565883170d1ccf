//! A connection as it is told: a live one with the words that it bears, an ended one with those that
//! its numbers mean.

use super::LiveConnection;
use super::item::{ClaimItem, ConnectionItem, EndpointItem};
use crate::decode::{Encapsulation, Encapsulations};
use crate::key::Endpoint;
use crate::label::{App, SiteSource};
use crate::names::{self, domain, shown};
use crate::query::Query;
use crate::query::error::Error;
use crate::query::live::names_of;
use crate::query::look::Look;
use crate::query::place::PlaceItem;
use crate::query::process::ProcessItem;
use crate::query::shape::time_of;
use crate::query::spoken::{Spoken, server};
use crate::store::Ended;
use crate::tick::Facts;

impl Query {
    pub(super) fn live_item(&self, live: &LiveConnection) -> ConnectionItem {
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

    pub(super) fn place(&self, remote: Endpoint) -> PlaceItem {
        self.places.of(remote.address).into()
    }
}

pub(super) fn ended_item(
    look: &mut Look,
    one: &Ended,
    place: PlaceItem,
) -> Result<ConnectionItem, Error> {
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
