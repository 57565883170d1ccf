//! The form of vnStat's JSON: version 1 has other names for some things, and counts in KiB.

use jiff::civil;
use jiff::tz::TimeZone;
use serde::Deserialize;

#[derive(Debug, Deserialize)]
pub(super) struct Document {
    jsonversion: serde_json::Value,
    pub(super) interfaces: Vec<Interface>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Interface {
    #[serde(alias = "id")]
    pub(super) name: String,
    updated: Option<Updated>,
    #[serde(default)]
    pub(super) traffic: Traffic,
}

#[derive(Debug, Deserialize)]
struct Updated {
    date: Date,
    time: Option<Time>,
}

#[derive(Debug, Default, Deserialize)]
pub(super) struct Traffic {
    #[serde(alias = "hours", default)]
    pub(super) hour: Vec<Entry>,
    #[serde(alias = "days", default)]
    pub(super) day: Vec<Entry>,
    #[serde(alias = "months", default)]
    pub(super) month: Vec<Entry>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub(super) struct Entry {
    /// Version 1: the hour of the day.
    id: Option<i64>,
    pub(super) date: Date,
    time: Option<Time>,
    /// When it began, where that is told.
    pub(super) timestamp: Option<i64>,
    pub(super) rx: u64,
    pub(super) tx: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
pub(super) struct Date {
    year: i16,
    month: i8,
    #[serde(default = "first")]
    day: i8,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
struct Time {
    hour: i8,
}

fn first() -> i8 {
    1
}

impl Document {
    pub(super) fn version(&self) -> &str {
        match &self.jsonversion {
            serde_json::Value::String(version) => version,
            serde_json::Value::Number(version) if version.as_u64() == Some(1) => "1",
            serde_json::Value::Number(version) if version.as_u64() == Some(2) => "2",
            _ => "",
        }
    }
}

impl Interface {
    /// The day and the hour in which the file was last written.
    pub(super) fn updated_at(&self) -> Option<(Date, i8)> {
        let updated = self.updated.as_ref()?;
        Some((updated.date, updated.time.map_or(0, |time| time.hour)))
    }
}

impl Entry {
    /// The same in bytes; `None` if they are too many.
    pub(super) fn scaled(self, unit: u64) -> Option<Entry> {
        Some(Entry {
            rx: self.rx.checked_mul(unit)?,
            tx: self.tx.checked_mul(unit)?,
            ..self
        })
    }

    pub(super) fn hour(&self) -> Option<i8> {
        let told = self.time.map(|time| i64::from(time.hour)).or(self.id)?;
        (0..24).contains(&told).then_some(told as i8)
    }
}

impl Date {
    pub(super) fn month(self) -> Date {
        Date { day: 1, ..self }
    }

    pub(super) fn noon(self, zone: &TimeZone) -> Option<i64> {
        self.at(12, 0, zone)
    }

    pub(super) fn half_past(self, hour: i8, zone: &TimeZone) -> Option<i64> {
        self.at(hour, 30, zone)
    }

    fn at(self, hour: i8, minute: i8, zone: &TimeZone) -> Option<i64> {
        let time = civil::DateTime::new(self.year, self.month, self.day, hour, minute, 0, 0);
        let zoned = time.ok()?.to_zoned(zone.clone()).ok()?;
        Some(zoned.timestamp().as_second())
    }
}
