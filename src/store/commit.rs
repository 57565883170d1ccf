//! One transaction: seconds, connections and late labels of some deltas, and how far the history
//! then reaches. Writing the same deltas again writes the same values.

use super::amendment::{self, Relabel};
use super::block::Hot;
use super::connection::Ended;
use super::dictionary::{Lexicon, Numbers};
use super::error::{Error, tell_damage};
use super::file::THROUGH_KEY;
use super::gap::Gap;
use super::layout::{AMENDMENTS, CONNECTIONS, ConnectionKey, GAPS, HOT, META, connection_of, key};
use super::second::{Numbering, row_of, second_of};
use crate::label::{Label, Site};
use crate::tick::{Connection, Delta};
use crate::units::{FrameNumber, Moment, Second};
use ahash::AHashMap;
use redb::{ReadableTable, Table, WriteTransaction};
use std::collections::VecDeque;
use std::ops::Range;

/// How many connections are remembered for a label that comes late.
const REMEMBERED: usize = 32_768;
/// Forgotten ranges that are remembered for connections that were open then.
const RANGES: usize = 256;
/// Rows that are numbered before they are put into columns: they stay in the processor's nearest memory.
const AT_ONCE: usize = 256;

/// Writes deltas into a transaction that the caller commits, and how far the history then reaches.
pub(super) fn write<'a>(
    transaction: &WriteTransaction,
    lexicon: &mut Lexicon,
    recent: &mut RecentlyEnded,
    deltas: impl Iterator<Item = &'a Delta>,
    through: Option<Moment>,
) -> Result<(), Error> {
    let mut tables = Tables {
        hot: transaction.open_table(HOT)?,
        amendments: transaction.open_table(AMENDMENTS)?,
        connections: transaction.open_table(CONNECTIONS)?,
    };
    for delta in deltas {
        let mut numbers = lexicon.numbers(transaction, delta.moment.second);
        numbers.learn(&delta.interfaces);
        write_second(&mut tables, &mut numbers, delta)?;
        write_ended(&mut tables, &mut numbers, recent, delta)?;
        write_amendments(&mut tables, &mut numbers, recent, delta)?;
    }
    through.map_or(Ok(()), |moment| set_through(transaction, moment))
}

/// Writes gap records into a transaction that the caller commits.
pub(super) fn write_gaps(transaction: &WriteTransaction, gaps: &[Gap]) -> Result<(), Error> {
    let mut table = transaction.open_table(GAPS)?;
    for gap in gaps {
        table.insert(&key(gap.first), gap.encode().as_slice())?;
    }
    Ok(())
}

struct Tables<'a> {
    hot: Table<'a, &'static super::layout::Key, &'static [u8]>,
    amendments: Table<'a, &'static super::layout::Key, &'static [u8]>,
    connections: Table<'a, &'static ConnectionKey, &'static [u8]>,
}

fn set_through(transaction: &WriteTransaction, moment: Moment) -> Result<(), Error> {
    let mut meta = transaction.open_table(META)?;
    meta.insert(THROUGH_KEY, key(moment).as_slice())?;
    Ok(())
}

fn write_second(tables: &mut Tables, numbers: &mut Numbers, delta: &Delta) -> Result<(), Error> {
    let second = second_of(delta, numbers)?;
    let mut hot = Hot::new(&second, delta.rows.len());
    let mut some = Vec::with_capacity(AT_ONCE);
    for rows in delta.rows.chunks(AT_ONCE) {
        some.clear();
        for row in rows {
            some.push(row_of(row, &delta.interfaces, numbers)?);
        }
        hot.rows(&some);
    }
    tables
        .hot
        .insert(&key(delta.moment), hot.finish().as_slice())?;
    Ok(())
}

fn write_ended(
    tables: &mut Tables,
    numbers: &mut Numbers,
    recent: &mut RecentlyEnded,
    delta: &Delta,
) -> Result<(), Error> {
    for one in &delta.ended {
        if recent.is_forgotten(one) {
            continue;
        }
        let ended = numbered(one, delta, numbers)?;
        let key = ended.key();
        tables.connections.insert(&key, ended.encode().as_slice())?;
        note_address(numbers, &one.label, &ended)?;
        recent.remember(one.flow, key);
    }
    Ok(())
}

/// A site with a name is where it was last talked to.
fn note_address(numbers: &mut Numbers, label: &Label, ended: &Ended) -> Result<(), Error> {
    match label.site {
        Site::Name(_) => numbers.note_address(ended.label.site, ended.remote.address),
        _ => Ok(()),
    }
}

fn numbered(one: &Connection, delta: &Delta, numbers: &mut Numbers) -> Result<Ended, Error> {
    let nic = numbers.nic_of(one.interface, &delta.interfaces)?;
    let label = numbers.label(&one.label)?;
    let classes = numbers.classes(one.classes)?;
    Ok(Ended::of(one, delta.moment.epoch, nic, label, classes))
}

fn write_amendments(
    tables: &mut Tables,
    numbers: &mut Numbers,
    recent: &RecentlyEnded,
    delta: &Delta,
) -> Result<(), Error> {
    let mut relabels = Vec::with_capacity(delta.amendments.len());
    for one in &delta.amendments {
        let relabel = Relabel {
            flow: one.flow,
            since: one.since,
            label: numbers.label(&one.label)?,
        };
        relabels.push(relabel);
        if let Some(ended) = relabel_connection(tables, recent, &relabel)? {
            note_address(numbers, &one.label, &ended)?;
        }
    }
    if !relabels.is_empty() {
        let value = amendment::encode(&relabels);
        tables
            .amendments
            .insert(&key(delta.moment), value.as_slice())?;
    }
    Ok(())
}

/// A flow may have ended before its label became known.
fn relabel_connection(
    tables: &mut Tables,
    recent: &RecentlyEnded,
    relabel: &Relabel,
) -> Result<Option<Ended>, Error> {
    let Some(key) = recent.key(relabel.flow) else {
        return Ok(None);
    };
    let found = tables.connections.get(key)?;
    let mut ended = match found.map(|value| Ended::decode(key, value.value())) {
        Some(Ok(ended)) => ended,
        // A damaged one stays as it is.
        Some(Err(why)) => {
            tell_damage("connections", connection_of(key).0, why);
            return Ok(None);
        }
        None => return Ok(None),
    };
    ended.label = relabel.label;
    tables.connections.insert(key, ended.encode().as_slice())?;
    Ok(Some(ended))
}

/// Where the connections lie that ended lately; bounded, the oldest forgotten first. And seconds that were
/// forgotten in this run: a connection that lived in them is not told when it ends. No later run needs them:
/// flows live in memory alone, so one that is told then began after that run's start, and no seconds are
/// forgotten that were not written before they were.
#[derive(Debug, Default)]
pub(super) struct RecentlyEnded {
    keys: AHashMap<FrameNumber, ConnectionKey>,
    order: VecDeque<FrameNumber>,
    forgotten: VecDeque<Range<Second>>,
}

impl RecentlyEnded {
    pub(super) fn forget(&mut self, range: Range<Second>) {
        self.forgotten.push_back(range);
        if self.forgotten.len() > RANGES {
            self.forgotten.pop_front();
        }
    }

    /// The file is another one. The flows are the same: what was forgotten stays so.
    pub(super) fn begin_anew(&mut self) {
        self.keys.clear();
        self.order.clear();
    }

    fn is_forgotten(&self, one: &Connection) -> bool {
        let (first, last) = (one.first.second(), one.last.second());
        let mut ranges = self.forgotten.iter();
        ranges.any(|range| first < range.end && last >= range.start)
    }

    fn remember(&mut self, flow: FrameNumber, key: ConnectionKey) {
        if self.keys.insert(flow, key).is_none() {
            self.order.push_back(flow);
        }
        while self.order.len() > REMEMBERED {
            if let Some(oldest) = self.order.pop_front() {
                self.keys.remove(&oldest);
            }
        }
    }

    fn key(&self, flow: FrameNumber) -> Option<&ConnectionKey> {
        self.keys.get(&flow)
    }
}
