//! Values that have the right type and make no sense all the same: out of range, filters that
//! libpcap does not take, or databases that cannot be read.

use super::Config;
use super::error::Error;
use super::layers::{Origin, Setting};
use crate::capture::Link;
use crate::capture::filter::{self, MOST_CLASSES, Named};
use crate::names::places::{self, Places};
use crate::{store, tick};
use std::collections::BTreeMap;
use std::path::Path;

/// Room for link header, VLAN tags, IPv6 with an extension header, and TCP.
const LEAST_SNAPLEN: u32 = 128;
const MOST_SNAPLEN: u32 = 262_144;
const LEAST_FLOWS: usize = 1_024;
/// Seconds of a busy hour, which never give way, and what is coarser.
const LEAST_BUDGET: u64 = 64;
/// More threads than this only wait for the one that captures.
const MOST_WORKERS: usize = 64;

/// A key, and what is wrong with its value.
type Complaint = (String, String);

pub(super) fn check(config: &Config, settings: &BTreeMap<String, Setting>) -> Result<(), Error> {
    let complaint = range(config)
        .or_else(|| filters(config))
        .or_else(|| databases(config));
    match complaint {
        None => Ok(()),
        Some(complaint) => Err(refused(complaint, settings)),
    }
}

/// A key, whether its value makes sense, and what would.
type Rule = (&'static str, bool, &'static str);

fn range(config: &Config) -> Option<Complaint> {
    let rules = whole_rules(config).into_iter().chain(room_rules(config));
    let broken = rules.into_iter().find(|(_, holds, _)| !holds);
    broken.map(|(key, _, why)| (key.to_owned(), why.to_owned()))
}

fn whole_rules(config: &Config) -> [Rule; 3] {
    let absolute = config.data_dir.is_absolute();
    let few = config.workers <= MOST_WORKERS;
    let fit = config.classes.len() <= MOST_CLASSES;
    [
        ("data_dir", absolute, "it must be an absolute path"),
        ("workers", few, "there can be at most 64 workers"),
        ("classes", fit, "there can be at most 32 classes"),
    ]
}

fn room_rules(config: &Config) -> [Rule; 11] {
    let (capture, geo, serve) = (&config.capture, &config.geo, &config.serve);
    let located = |path: &Path| path.as_os_str().is_empty() || path.is_absolute();
    let why_located = "it must be an absolute path, or empty";
    let snaplen = (LEAST_SNAPLEN..=MOST_SNAPLEN).contains(&capture.snaplen);
    let timeout = (1..=1_000).contains(&capture.block_timeout_ms);
    let flows = config.flow.max >= LEAST_FLOWS;
    let why_timeout = "it must be between 1 and 1000 ms, for a second stays open for two";
    [
        (
            "capture.snaplen",
            snaplen,
            "it must be between 128 and 262144 bytes",
        ),
        ("capture.block_timeout_ms", timeout, why_timeout),
        ("geo.asn", located(&geo.asn), why_located),
        ("geo.city", located(&geo.city), why_located),
        ("flow.max", flows, "at least 1024 flows are needed"),
        (
            "tick.rows",
            (1..=tick::MOST_ROWS).contains(&config.tick.rows),
            "it must be from 1 to 65536 rows",
        ),
        (
            "store.sync_s",
            (1..=store::LONGEST_SYNC).contains(&config.store.sync_s),
            "it must be from 1 to 10 seconds: so many are lost when the machine crashes",
        ),
        (
            "store.budget_mib",
            config.store.budget_mib >= LEAST_BUDGET,
            "at least 64 MiB are needed",
        ),
        (
            "store.zone",
            store::is_zone(&config.store.zone),
            "this machine knows no such time zone (they are called as in `Europe/Berlin`)",
        ),
        (
            "serve.active",
            serve.active >= 1,
            "nobody would be answered",
        ),
        ("serve.waiting", serve.waiting >= 1, "nobody could ask"),
    ]
}

fn filters(config: &Config) -> Option<Complaint> {
    let own = config.filters.iter().find_map(|(name, expression)| {
        let error = compiles(expression).err()?;
        Some((format!("filters.{name}"), error))
    });
    let named = Named::new(&config.filters);
    let class = || {
        let unknown = config.classes.iter().find(|name| named.get(name).is_none());
        unknown.map(|name| {
            let why = format!("there is no filter `{name}` (`netmonitor filter list`)");
            ("classes".to_owned(), why)
        })
    };
    let capture = || {
        let filter = config.capture.filter.as_deref()?;
        let error = compiles(named.resolve(filter)).err()?;
        Some(("capture.filter".to_owned(), error))
    };
    own.or_else(class).or_else(capture)
}

/// Each database is read as it will be at the start: a damaged one is found here already.
fn databases(config: &Config) -> Option<Complaint> {
    let none = places::Config::default;
    let [asn, city] = [&config.geo.asn, &config.geo.city].map(Clone::clone);
    let alone = [
        ("geo.asn", places::Config { asn, ..none() }),
        ("geo.city", places::Config { city, ..none() }),
    ];
    alone.iter().find_map(|(key, config)| {
        let error = Places::open(config).err()?;
        Some(((*key).to_owned(), error.to_string()))
    })
}

fn compiles(expression: &str) -> Result<(), String> {
    filter::check(expression, Link::Ethernet).map_err(|error| error.to_string())
}

fn refused((key, message): Complaint, settings: &BTreeMap<String, Setting>) -> Error {
    let setting = settings.get(&key);
    Error::Value {
        origin: setting.map_or(Origin::Default, |setting| setting.origin.clone()),
        value: setting.map_or_else(String::new, |setting| setting.value.to_string()),
        key,
        message,
    }
}
