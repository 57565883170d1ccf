//! What a history holds, whole: sums by interface since an epoch, and every row in one canonical
//! order. For reports and comparisons, not for pages.

use super::error::Error;
use super::shape::Counts;
use crate::label::{App, Site};
use crate::store::{ClassSet, Nic, Reader, Row, Snapshot, Word};
use crate::units::{Epoch, Second, Tally, Traffic};
use serde::Serialize;
use std::collections::BTreeMap;
use std::ops::{ControlFlow, Range};

const ALWAYS: Range<Second> = Second(i64::MIN)..Second(i64::MAX);

/// One interface's sums.
#[derive(Debug, Default, Serialize)]
pub struct HeldInterface {
    pub name: String,
    pub packets: u64,
    pub bytes: u64,
    pub in_flows_packets: u64,
    pub unflowed_packets: u64,
    pub ring_dropped_packets: u64,
    pub kernel_dropped: u64,
    pub interface_dropped: u64,
    pub gap_ms: u64,
}

/// One row of a second, by words alone: it does not tell hot from sealed history.
#[derive(Debug, Serialize)]
pub struct HeldRow {
    pub second: i64,
    pub epoch: u32,
    pub interface: String,
    /// The IP protocol, or the reason why these frames are in no flow.
    pub protocol: String,
    pub application: Option<String>,
    pub site: Option<String>,
    pub classes: Vec<String>,
    pub opened: u64,
    #[serde(flatten)]
    pub counts: Counts,
}

/// The sums of every interface over the epochs from `since` on.
pub fn interfaces_since(reader: &Reader, since: Epoch) -> Result<Vec<HeldInterface>, Error> {
    let snapshot = reader.snapshot()?;
    let mut sums = BTreeMap::new();
    let amendments = snapshot.amendments(&ALWAYS)?;
    snapshot.seconds(&ALWAYS, &amendments, &mut |second, _| {
        for nic in second.nics.iter().filter(|_| second.moment.epoch >= since) {
            let sum: &mut HeldInterface = sums.entry(nic.nic).or_default();
            let counted: Tally = nic.counted().total();
            sum.packets += counted.packets;
            sum.bytes += counted.bytes;
            sum.in_flows_packets += nic.flowed.total().packets;
            sum.unflowed_packets += counted.packets - nic.flowed.total().packets;
            sum.ring_dropped_packets += nic.ring_dropped.packets;
            sum.kernel_dropped += nic.kernel_dropped;
            sum.interface_dropped += nic.interface_dropped;
            sum.gap_ms += u64::from(nic.gap_ms);
        }
        ControlFlow::Continue(())
    })?;
    for (id, sum) in &mut sums {
        sum.name =
            said::<Nic>(&snapshot, *id)?.map_or_else(String::new, |nic| nic.name.to_string());
    }
    Ok(sums.into_values().collect())
}

/// Hands every row to `each`, second by second.
pub fn rows(
    reader: &Reader,
    mut each: impl FnMut(HeldRow) -> Result<(), std::io::Error>,
) -> Result<(), Error> {
    let snapshot = reader.snapshot()?;
    let amendments = snapshot.amendments(&ALWAYS)?;
    let mut failed = Ok(());
    snapshot.seconds(&ALWAYS, &amendments, &mut |second, rows| {
        let mut sums: BTreeMap<_, (u64, Traffic)> = BTreeMap::new();
        for row in rows {
            let words = match words(&snapshot, &row) {
                Ok(words) => words,
                Err(error) => {
                    failed = Err(error);
                    return ControlFlow::Break(());
                }
            };
            let sum = sums.entry(words).or_default();
            sum.0 += u64::from(row.opened);
            sum.1 += row.traffic;
        }
        for nic in &second.nics {
            for (reason, traffic) in &nic.unflowed {
                let Ok(Some(name)) = said::<Nic>(&snapshot, nic.nic) else {
                    continue;
                };
                let key = (
                    name.name.to_string(),
                    reason.word().into(),
                    None,
                    None,
                    Vec::new(),
                );
                sums.entry(key).or_default().1 += *traffic;
            }
        }
        for ((interface, protocol, application, site, classes), (opened, traffic)) in sums {
            let told = each(HeldRow {
                second: second.moment.second.0,
                epoch: second.moment.epoch.0,
                interface,
                protocol,
                application,
                site,
                classes,
                opened,
                counts: traffic.into(),
            });
            if let Err(problem) = told {
                failed = Err(Error::Told(problem));
                return ControlFlow::Break(());
            }
        }
        ControlFlow::Continue(())
    })?;
    failed
}

type Words = (String, String, Option<String>, Option<String>, Vec<String>);

fn words(snapshot: &Snapshot, row: &Row) -> Result<Words, Error> {
    let nic = said::<Nic>(snapshot, row.nic)?.map_or_else(String::new, |nic| nic.name.to_string());
    let app = said::<App>(snapshot, row.label.app)?.map(|app| app.name.to_string());
    let site = said::<Site>(snapshot, row.label.site)?.map(|site| site.to_string());
    let classes = said::<ClassSet>(snapshot, row.classes)?.unwrap_or_default();
    let classes = classes.0.iter().map(ToString::to_string).collect();
    Ok((nic, row.protocol.name(), app, site, classes))
}

fn said<W: Word>(snapshot: &Snapshot, id: W::Id) -> Result<Option<W>, Error> {
    Ok(snapshot.word::<W>(id)?.map(|(word, _)| word))
}
