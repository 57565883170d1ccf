//! vnStat's JSON, versions 1 and 2: hours and days by interface. A day is taken by its hours where
//! all of them are told; from the last day of which they are not, everything before is taken by the
//! day. What is not over yet is left for a later import: it would have to be taken back then.

mod form;

use crate::api::{ImportSum, ImportTier};
use crate::platform::Role;
use form::{Date, Document, Entry, Interface};
use jiff::tz::TimeZone;
use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::PathBuf;

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("cannot read {0}: {1}")]
    Unread(PathBuf, io::Error),
    #[error("this is not what `vnstat --json` writes: {0}")]
    Strange(serde_json::Error),
    #[error("vnStat's JSON of version `{0}` is not known here: 1 and 2 are")]
    Version(String),
    #[error("there is no time zone `{0}`: write it like Europe/Berlin")]
    Zone(String),
}

/// What can be imported.
#[derive(Debug, Default)]
pub(super) struct Vnstat {
    pub(super) interfaces: Vec<String>,
    pub(super) sums: Vec<ImportSum>,
    pub(super) left: Left,
}

/// What of the file is not imported.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Left {
    /// Hours and days that were not over when the file was written.
    pub(super) running: u64,
    /// Months without a day.
    pub(super) months: u64,
    /// Entries whose time or count cannot be.
    pub(super) strange: u64,
}

type Bytes = (u64, u64);

/// One interface's days.
#[derive(Default)]
struct Days(BTreeMap<Date, Day>);

#[derive(Default)]
struct Day {
    whole: Option<Entry>,
    hours: Vec<(i8, Entry)>,
}

impl Vnstat {
    /// `months`: those without days are taken, too.
    pub(super) fn read(json: &[u8], zone: &TimeZone, months: bool) -> Result<Vnstat, Error> {
        let document: Document = serde_json::from_slice(json).map_err(Error::Strange)?;
        let unit = match document.version() {
            // In KiB.
            "1" => 1_024,
            "2" => 1,
            other => return Err(Error::Version(other.to_owned())),
        };
        let mut read = Vnstat::default();
        let all = document.interfaces.iter();
        let all: Vec<_> = all.map(|one| (one, read.days(one, unit))).collect();
        // What a total counts depends on all interfaces: they are cut at the same day.
        let by_hour = all.iter().filter_map(|(_, days)| days.last_whole()).max();
        for (interface, days) in &all {
            read.interfaces.push(interface.name.clone());
            read.take(interface, days, by_hour, zone);
            read.months(interface, days, unit, zone, months);
        }
        // All that goes to one place together, in the order of time.
        read.sums
            .sort_by_key(|sum| (sum.tier != ImportTier::Day, sum.at_s));
        Ok(read)
    }

    /// What is over, by the day.
    fn days(&mut self, interface: &Interface, unit: u64) -> Days {
        let mut days = Days::default();
        let updated = interface.updated_at();
        for entry in &interface.traffic.hour {
            let Some((entry, hour)) = entry.scaled(unit).and_then(|one| Some((one, one.hour()?)))
            else {
                self.left.strange += 1;
                continue;
            };
            if updated.is_some_and(|(date, now)| (entry.date, hour) >= (date, now)) {
                self.left.running += 1;
            } else {
                days.of(entry.date).hours.push((hour, entry));
            }
        }
        for entry in &interface.traffic.day {
            match entry.scaled(unit) {
                None => self.left.strange += 1,
                Some(one) if updated.is_some_and(|(date, _)| one.date >= date) => {
                    self.left.running += 1;
                }
                Some(one) => days.of(one.date).whole = Some(one),
            }
        }
        days
    }

    fn take(&mut self, interface: &Interface, days: &Days, by_hour: Option<Date>, zone: &TimeZone) {
        for (date, day) in &days.0 {
            if by_hour.is_some_and(|last| *date <= last) {
                let (bytes_in, bytes_out) = day.bytes();
                let begun = day.whole.and_then(|whole| whole.timestamp);
                let noon = begun.map(|begun| begun.saturating_add(43_200));
                let noon = noon.or_else(|| date.noon(zone));
                self.add(interface, ImportTier::Day, noon, bytes_in, bytes_out);
                continue;
            }
            for (hour, entry) in &day.hours {
                let at = entry.timestamp.map(|start| start.saturating_add(1_800));
                let at = at.or_else(|| date.half_past(*hour, zone));
                self.add(interface, ImportTier::Hour, at, entry.rx, entry.tx);
            }
        }
    }

    fn months(
        &mut self,
        interface: &Interface,
        days: &Days,
        unit: u64,
        zone: &TimeZone,
        wanted: bool,
    ) {
        let with_days: BTreeSet<_> = days.0.keys().map(|date| date.month()).collect();
        let running = interface.updated_at().map(|(date, _)| date.month());
        for entry in &interface.traffic.month {
            let Some(entry) = entry.scaled(unit) else {
                self.left.strange += 1;
                continue;
            };
            let month = entry.date.month();
            if with_days.contains(&month) || running == Some(month) {
                continue;
            }
            if wanted {
                let at = month.noon(zone);
                self.add(interface, ImportTier::Day, at, entry.rx, entry.tx);
            } else {
                self.left.months += 1;
            }
        }
    }

    fn add(
        &mut self,
        interface: &Interface,
        tier: ImportTier,
        at_s: Option<i64>,
        bytes_in: u64,
        bytes_out: u64,
    ) {
        let sum = at_s.map(|at_s| ImportSum {
            role: role(&interface.name),
            interface: interface.name.clone(),
            tier,
            at_s,
            bytes_in,
            bytes_out,
        });
        match sum {
            Some(sum) if sum.sum().is_some() => self.sums.push(sum),
            _ => self.left.strange += 1,
        }
    }
}

impl Days {
    fn of(&mut self, date: Date) -> &mut Day {
        self.0.entry(date).or_default()
    }

    /// The last day that has more than its hours tell.
    fn last_whole(&self) -> Option<Date> {
        let more = |(_, day): &(&Date, &Day)| {
            day.whole
                .is_some_and(|whole| day.in_hours() != (whole.rx, whole.tx))
        };
        Some(*self.0.iter().rev().find(more)?.0)
    }
}

impl Day {
    fn in_hours(&self) -> Bytes {
        let add = |(rx, tx): Bytes, (_, hour): &(i8, Entry)| {
            (rx.saturating_add(hour.rx), tx.saturating_add(hour.tx))
        };
        self.hours.iter().fold((0, 0), add)
    }

    fn bytes(&self) -> Bytes {
        self.whole
            .map_or_else(|| self.in_hours(), |whole| (whole.rx, whole.tx))
    }
}

/// What an interface is for, as far as its name tells.
fn role(name: &str) -> Role {
    let begins = |words: &[&str]| words.iter().any(|word| name.starts_with(word));
    match name {
        "lo" | "lo0" => Role::Loopback,
        _ if begins(&["tun", "tap", "wg", "utun", "ipsec", "tailscale", "zt"]) => Role::Tunnel,
        _ if begins(&["docker", "br", "virbr", "vmbr", "lxc", "cni"]) => Role::Bridge,
        _ if begins(&["veth", "vnet", "dummy"]) => Role::Virtual,
        _ => Role::Uplink,
    }
}

#[cfg(test)]
mod tests;
