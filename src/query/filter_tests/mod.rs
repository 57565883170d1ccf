//! Narrowed questions: whatever they are narrowed to and however traffic is told apart, the parts add
//! up to the whole, in every tier and through tunnels.

mod connections;
mod countries;
mod coverage;
mod lists;
mod parts;

use super::tests::{ask, busy, query, total};
use super::tier_tests::{in_memory, rolled};
use super::*;
use crate::label::Site;
use crate::names::places;
use crate::store::sample::{START, at, connection, delta, label, row, traffic};

const DAY: i64 = 86_400;

/// The same question, narrowed to one of a kind.
fn narrowed(ask: &Ask, by: By, key: &str) -> Ask {
    let mut ask = ask.clone();
    let filter = &mut ask.filter;
    let values = match by {
        By::Application => &mut filter.applications,
        By::Site => &mut filter.sites,
        By::Domain => &mut filter.domains,
        By::Protocol => &mut filter.protocols,
        By::Direction => &mut filter.directions,
        By::User => &mut filter.users,
        By::Class => &mut filter.classes,
        By::Country => &mut filter.countries,
        By::Interface => &mut ask.interfaces,
        By::Talk => panic!("talks have no parameter"),
    };
    *values = vec![key.to_owned()];
    ask
}

/// Where addresses are: 192.0.2.1 is in Germany.
fn places() -> Arc<Places> {
    let config = places::Config {
        asn: std::path::PathBuf::new(),
        city: concat!(env!("CARGO_MANIFEST_DIR"), "/tests/geo/city.mmdb").into(),
    };
    Arc::new(Places::open(&config).unwrap())
}
