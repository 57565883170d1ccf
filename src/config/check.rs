//! Values that have the right type and make no sense all the same.

use super::Config;
use super::error::Error;
use super::layers::{Origin, Setting};
use std::collections::BTreeMap;

/// The classes of a flow are the bits of one word.
const MOST_CLASSES: usize = 32;
/// Room for link header, VLAN tags, IPv6 with an extension header, and TCP.
const LEAST_SNAPLEN: u32 = 128;
const MOST_SNAPLEN: u32 = 262_144;

pub(super) fn check(config: &Config, settings: &BTreeMap<String, Setting>) -> Result<(), Error> {
    let capture = &config.capture;
    let rules = [
        (
            "data_dir",
            config.data_dir.is_absolute(),
            "it must be an absolute path",
        ),
        (
            "classes",
            config.classes.len() <= MOST_CLASSES,
            "there can be at most 32 classes",
        ),
        (
            "capture.snaplen",
            (LEAST_SNAPLEN..=MOST_SNAPLEN).contains(&capture.snaplen),
            "it must be between 128 and 262144 bytes",
        ),
        (
            "capture.block_timeout_ms",
            (1..=1_000).contains(&capture.block_timeout_ms),
            "it must be between 1 and 1000 ms: a second stays open for two",
        ),
        (
            "flow.max",
            config.flow.max >= 1_024,
            "at least 1024 flows are needed",
        ),
        (
            "tick.rows",
            config.tick.rows >= 1,
            "at least one row is needed",
        ),
    ];
    match rules.iter().find(|(_, holds, _)| !holds) {
        None => Ok(()),
        Some((key, _, why)) => Err(refused(key, why, settings)),
    }
}

fn refused(key: &str, why: &str, settings: &BTreeMap<String, Setting>) -> Error {
    let setting = settings.get(key);
    Error::Value {
        origin: setting.map_or(Origin::Default, |setting| setting.origin.clone()),
        key: key.to_owned(),
        value: setting.map_or_else(String::new, |setting| setting.value.to_string()),
        message: why.to_owned(),
    }
}
