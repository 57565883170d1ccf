//! Answers that are lists or series: an item of the answer is an object here, and a record with the
//! columns that are named below. Connections are such items, too.

use super::csv::Csv;
use super::error::Error;
use super::sheet::{Item, Sheet};
use super::{What, Wish};
use crate::query::{Ask, Query, Timeline, time};
use crate::units::Second;
use serde::{Serialize, Serializer};
use serde_json::Value;
use std::ops::Range;

/// A column's name, and where an item has it.
pub(super) type Column = (&'static str, &'static str);

const CONNECTION: [Column; 35] = [
    ("last_seen", "/last_seen"),
    ("first_seen", "/first_seen"),
    ("id", "/id"),
    ("protocol", "/protocol"),
    ("interface", "/interface"),
    ("local_address", "/local/address"),
    ("local_port", "/local/port"),
    ("remote_address", "/remote/address"),
    ("remote_port", "/remote/port"),
    ("initiator", "/initiator"),
    ("application", "/application"),
    ("pid", "/process/pid"),
    ("user", "/process/user"),
    ("container", "/process/container"),
    ("unit", "/process/unit"),
    ("peer_application", "/peer_application"),
    ("site", "/site"),
    ("site_shown", "/site_shown"),
    ("domain", "/domain"),
    ("owner_source", "/owner_source"),
    ("site_source", "/site_source"),
    ("site_marks", "/site_marks"),
    ("speaks", "/speaks"),
    ("speaks_source", "/speaks_source"),
    ("encapsulations", "/encapsulations"),
    ("ja4", "/ja4"),
    ("classes", "/classes"),
    ("ending", "/ending"),
    ("country", "/country"),
    ("asn", "/asn"),
    ("organisation", "/organisation"),
    ("bytes_in", "/bytes_in"),
    ("bytes_out", "/bytes_out"),
    ("packets_in", "/packets_in"),
    ("packets_out", "/packets_out"),
];

const TIMELINE: [Column; 9] = [
    ("at", "/at"),
    ("step_s", "/step_s"),
    ("bytes_in", "/bytes_in"),
    ("bytes_out", "/bytes_out"),
    ("packets_in", "/packets_in"),
    ("packets_out", "/packets_out"),
    ("lost_packets", "/lost_packets"),
    ("gap_ms", "/gap_ms"),
    ("lived_ms", "/lived_ms"),
];

const APPLICATION: [Column; 7] = [
    ("id", "/id"),
    ("name", "/name"),
    ("path", "/path"),
    ("bytes_in", "/bytes_in"),
    ("bytes_out", "/bytes_out"),
    ("packets_in", "/packets_in"),
    ("packets_out", "/packets_out"),
];

const SITE: [Column; 8] = [
    ("id", "/id"),
    ("name", "/name"),
    ("shown", "/shown"),
    ("source", "/source"),
    ("bytes_in", "/bytes_in"),
    ("bytes_out", "/bytes_out"),
    ("packets_in", "/packets_in"),
    ("packets_out", "/packets_out"),
];

const PROTOCOL: [Column; 5] = [
    ("name", "/name"),
    ("bytes_in", "/bytes_in"),
    ("bytes_out", "/bytes_out"),
    ("packets_in", "/packets_in"),
    ("packets_out", "/packets_out"),
];

const TOP: [Column; 10] = [
    ("key", "/key"),
    ("name", "/name"),
    ("shown", "/shown"),
    ("path", "/path"),
    ("user", "/user"),
    ("site", "/site"),
    ("bytes_in", "/bytes_in"),
    ("bytes_out", "/bytes_out"),
    ("packets_in", "/packets_in"),
    ("packets_out", "/packets_out"),
];

const TALK: [Column; 10] = [
    ("application", "/application"),
    ("path", "/path"),
    ("site", "/site"),
    ("site_shown", "/site_shown"),
    ("owner_source", "/owner_source"),
    ("site_source", "/site_source"),
    ("bytes_in", "/bytes_in"),
    ("bytes_out", "/bytes_out"),
    ("packets_in", "/packets_in"),
    ("packets_out", "/packets_out"),
];

pub(super) fn columns(what: What) -> &'static [Column] {
    match what {
        What::Connections => &CONNECTION,
        What::Timeline => &TIMELINE,
        What::Applications => &APPLICATION,
        What::Sites => &SITE,
        What::Protocols => &PROTOCOL,
        What::Talks => &TALK,
        What::Top => &TOP,
        What::Rows | What::Totals | What::Interfaces => &[],
    }
}

/// An item of an answer.
pub(super) struct Listed {
    value: Value,
    columns: &'static [Column],
}

impl Listed {
    pub(super) fn of(item: &impl Serialize, what: What) -> Result<Listed, Error> {
        Ok(Listed {
            value: serde_json::to_value(item)?,
            columns: columns(what),
        })
    }
}

impl Serialize for Listed {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        self.value.serialize(to)
    }
}

impl Item for Listed {
    fn cells(&self, csv: &mut Csv) -> Result<(), Error> {
        let cells = self
            .columns
            .iter()
            .map(|(_, place)| self.value.pointer(place));
        cells
            .into_iter()
            .try_for_each(|cell| csv.value(cell.unwrap_or(&Value::Null)))
    }
}

pub(super) fn write(
    wish: &Wish,
    query: &Query,
    range: Range<Second>,
    sheet: &mut Sheet,
) -> Result<(), Error> {
    let ask = Ask {
        from: Some(range.start),
        to: Some(range.end),
        ..wish.ask.clone()
    };
    match wish.what {
        What::Timeline => timeline(&query.timeline(&ask)?, sheet),
        What::Applications => list(&query.summary(&ask)?.applications.items, wish.what, sheet),
        What::Sites => list(&query.summary(&ask)?.sites.items, wish.what, sheet),
        What::Protocols => list(&query.summary(&ask)?.protocols.items, wish.what, sheet),
        What::Top => {
            let by = wish.by.ok_or(Error::Unfit("by"))?;
            let top = query.top(&ask, by, false)?;
            top.items
                .iter()
                .try_for_each(|item| sheet.item(&Listed::of(&item.listed, wish.what)?))
        }
        _ => list(&query.talks(&ask)?.talks.items, What::Talks, sheet),
    }
}

fn list(items: &[impl Serialize], what: What, sheet: &mut Sheet) -> Result<(), Error> {
    items
        .iter()
        .try_for_each(|item| sheet.item(&Listed::of(item, what)?))
}

#[derive(Serialize)]
struct Point {
    at: String,
    step_s: Option<i64>,
    bytes_in: Option<u64>,
    bytes_out: Option<u64>,
    packets_in: Option<u64>,
    packets_out: Option<u64>,
    lost_packets: Option<u64>,
    gap_ms: Option<u64>,
    lived_ms: Option<u64>,
}

/// Columns become points.
fn timeline(timeline: &Timeline, sheet: &mut Sheet) -> Result<(), Error> {
    for (place, at) in timeline.at_s.iter().enumerate() {
        let of = |column: &[Option<u64>]| column.get(place).copied().flatten();
        let point = Point {
            at: time(Second(*at)),
            step_s: timeline.step_s,
            bytes_in: of(&timeline.bytes_in),
            bytes_out: of(&timeline.bytes_out),
            packets_in: of(&timeline.packets_in),
            packets_out: of(&timeline.packets_out),
            lost_packets: of(&timeline.lost_packets),
            gap_ms: timeline.gap_ms.get(place).copied(),
            lived_ms: timeline.lived_ms.get(place).copied(),
        };
        sheet.item(&Listed::of(&point, What::Timeline)?)?;
    }
    Ok(())
}
