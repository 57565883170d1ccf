//! What ranges are made of: a row, a total, an interface's part. A time comes first, so that a file
//! can be continued from its end.

use super::csv::Csv;
use super::error::Error;
use super::sheet::Item;
use crate::decode::Reason;
use crate::query::{Bucket, Counts, RowWords, time};
use crate::store::{Nic, NicSecond, Row};
use crate::units::Traffic;
use serde::Serialize;
use std::sync::Arc;

pub(super) const ROW: [&str; 18] = [
    "at",
    "span_s",
    "interface",
    "role",
    "counted",
    "application",
    "path",
    "user",
    "site",
    "owner_source",
    "site_source",
    "protocol",
    "classes",
    "flows_opened",
    "bytes_in",
    "bytes_out",
    "packets_in",
    "packets_out",
];

pub(super) const TOTAL: [&str; 9] = [
    "at",
    "span_s",
    "bytes_in",
    "bytes_out",
    "packets_in",
    "packets_out",
    "flows_opened",
    "lost_packets",
    "gap_ms",
];

pub(super) const INTERFACE: [&str; 15] = [
    "at",
    "span_s",
    "interface",
    "role",
    "counted",
    "bytes_in",
    "bytes_out",
    "packets_in",
    "packets_out",
    "watched_s",
    "gap_ms",
    "kernel_packets",
    "interface_packets",
    "ring_packets",
    "late_frames",
];

/// When, and on which interface.
#[derive(Debug, Serialize)]
struct Head<'a> {
    at: &'a str,
    span_s: u32,
    interface: &'a str,
    role: &'static str,
    /// A total counts it.
    counted: bool,
}

impl<'a> Head<'a> {
    fn of(at: &'a str, span_s: u32, (nic, counted): &'a (Nic, bool)) -> Head<'a> {
        Head {
            at,
            span_s,
            interface: &nic.name,
            role: nic.role.word(),
            counted: *counted,
        }
    }

    fn cells(&self, csv: &mut Csv) -> Result<(), Error> {
        csv.text(self.at)?;
        csv.number(self.span_s)?;
        csv.text(self.interface)?;
        csv.text(self.role)?;
        csv.number(self.counted)
    }
}

/// What one label moved in a second or a bucket; or what is in no flow, by why it is in none.
#[derive(Debug, Serialize)]
pub(super) struct RowItem<'a> {
    #[serde(flatten)]
    head: Head<'a>,
    application: Option<&'a str>,
    path: Option<&'a str>,
    user: Option<u32>,
    site: Option<String>,
    owner_source: Option<&'static str>,
    site_source: Option<&'static str>,
    protocol: String,
    classes: &'a [Arc<str>],
    flows_opened: u32,
    #[serde(flatten)]
    counts: Counts,
}

impl<'a> RowItem<'a> {
    pub(super) fn of(
        at: &'a str,
        span_s: u32,
        nic: &'a (Nic, bool),
        row: &Row,
        words: &'a RowWords,
    ) -> RowItem<'a> {
        RowItem {
            head: Head::of(at, span_s, nic),
            application: Some(&words.app.name),
            path: words.app.path.as_deref(),
            user: words.app.user,
            site: Some(words.site.to_string()),
            owner_source: Some(row.label.owner_source.word()),
            site_source: Some(row.label.site_source.word()),
            protocol: row.protocol.name(),
            classes: &words.classes.0,
            flows_opened: row.opened,
            counts: row.traffic.into(),
        }
    }

    pub(super) fn unflowed(
        at: &'a str,
        span_s: u32,
        nic: &'a (Nic, bool),
        reason: Reason,
        traffic: Traffic,
    ) -> RowItem<'a> {
        RowItem {
            head: Head::of(at, span_s, nic),
            application: None,
            path: None,
            user: None,
            site: None,
            owner_source: None,
            site_source: None,
            protocol: reason.word().to_owned(),
            classes: &[],
            flows_opened: 0,
            counts: traffic.into(),
        }
    }
}

impl Item for RowItem<'_> {
    fn cells(&self, csv: &mut Csv) -> Result<(), Error> {
        self.head.cells(csv)?;
        csv.text_or_nothing(self.application)?;
        csv.text_or_nothing(self.path)?;
        match self.user {
            Some(user) => csv.number(user)?,
            None => csv.nothing()?,
        }
        csv.text_or_nothing(self.site.as_deref())?;
        csv.text_or_nothing(self.owner_source)?;
        csv.text_or_nothing(self.site_source)?;
        csv.text(&self.protocol)?;
        csv.text(&self.classes.join(" "))?;
        csv.number(self.flows_opened)?;
        counts(self.counts, csv)
    }
}

/// What a total counts of a second or a bucket.
#[derive(Debug, Serialize)]
pub(super) struct TotalItem {
    at: String,
    span_s: u32,
    #[serde(flatten)]
    counts: Counts,
    flows_opened: u64,
    lost_packets: u64,
    gap_ms: u64,
}

impl TotalItem {
    /// `counts` says for each interface whether it does.
    pub(super) fn of(bucket: &Bucket, counts: impl Fn(usize) -> bool) -> TotalItem {
        let second = &bucket.second;
        let mut total = TotalItem {
            at: time(second.moment.second),
            span_s: second.span,
            counts: Counts::default(),
            flows_opened: 0,
            lost_packets: 0,
            gap_ms: 0,
        };
        let nics = second.nics.iter().enumerate();
        let counted: Vec<_> = nics.filter(|(place, _)| counts(*place)).collect();
        for (_, nic) in &counted {
            total.counts += nic.counted().into();
            total.lost_packets +=
                nic.kernel_dropped + nic.interface_dropped + nic.ring_dropped.packets;
            total.gap_ms = total.gap_ms.max(nic.gap_ms.into());
        }
        let rows = bucket.rows.iter();
        let rows = rows.filter(|row| counted.iter().any(|(_, nic)| nic.nic == row.nic));
        total.flows_opened = rows.map(|row| u64::from(row.opened)).sum();
        total
    }

    /// Another part of the same second or bucket.
    pub(super) fn is_at(&self, other: &TotalItem) -> bool {
        self.at == other.at && self.span_s == other.span_s
    }

    pub(super) fn and(&mut self, part: &TotalItem) {
        self.counts += part.counts;
        self.flows_opened += part.flows_opened;
        self.lost_packets += part.lost_packets;
        self.gap_ms += part.gap_ms;
    }
}

impl Item for TotalItem {
    fn cells(&self, csv: &mut Csv) -> Result<(), Error> {
        csv.text(&self.at)?;
        csv.number(self.span_s)?;
        counts(self.counts, csv)?;
        csv.number(self.flows_opened)?;
        csv.number(self.lost_packets)?;
        csv.number(self.gap_ms)
    }
}

/// An interface's second or bucket.
#[derive(Debug, Serialize)]
pub(super) struct InterfaceItem<'a> {
    #[serde(flatten)]
    head: Head<'a>,
    #[serde(flatten)]
    counts: Counts,
    watched_s: u32,
    gap_ms: u32,
    kernel_packets: u64,
    interface_packets: u64,
    ring_packets: u64,
    late_frames: u64,
}

impl<'a> InterfaceItem<'a> {
    pub(super) fn of(
        at: &'a str,
        span_s: u32,
        nic: &'a (Nic, bool),
        facts: &NicSecond,
    ) -> InterfaceItem<'a> {
        InterfaceItem {
            head: Head::of(at, span_s, nic),
            counts: facts.counted().into(),
            watched_s: facts.watched,
            gap_ms: facts.gap_ms,
            kernel_packets: facts.kernel_dropped,
            interface_packets: facts.interface_dropped,
            ring_packets: facts.ring_dropped.packets,
            late_frames: facts.late_frames,
        }
    }
}

impl Item for InterfaceItem<'_> {
    fn cells(&self, csv: &mut Csv) -> Result<(), Error> {
        self.head.cells(csv)?;
        counts(self.counts, csv)?;
        csv.number(self.watched_s)?;
        csv.number(self.gap_ms)?;
        csv.number(self.kernel_packets)?;
        csv.number(self.interface_packets)?;
        csv.number(self.ring_packets)?;
        csv.number(self.late_frames)
    }
}

fn counts(counts: Counts, csv: &mut Csv) -> Result<(), Error> {
    csv.number(counts.bytes_in)?;
    csv.number(counts.bytes_out)?;
    csv.number(counts.packets_in)?;
    csv.number(counts.packets_out)
}
