//! Whether one stored value is sound: its checksum, its content, its time, the words it refers to;
//! and what is lost where it is not. A table that is not known by name is held to its checksums.

use super::references::{self, Known};
use super::tables::{Found, Kind};
use crate::label::{App, Site};
use crate::store::amendment;
use crate::store::block::{Rows, read_hot, read_sealed};
use crate::store::coarse;
use crate::store::codec::{Damaged, envelope};
use crate::store::connection::Ended;
use crate::store::error::Error;
use crate::store::file::{SCHEMA_KEY, THROUGH_KEY};
use crate::store::gap::Gap;
use crate::store::layout::{self, order, read_moment};
use crate::store::second::Second;
use crate::store::word::{ClassSet, Nic};
use crate::units::{self, Moment};
use redb::ReadTransaction;

/// Looks at values of one commit.
pub(super) struct Look<'a> {
    pub(super) at: &'a ReadTransaction,
    pub(super) through: Option<Moment>,
    pub(super) known: &'a mut Known,
    pub(super) scratch: &'a mut Vec<u8>,
}

/// Why a second cannot be read.
struct Why(String);

impl From<Damaged> for Why {
    fn from(why: Damaged) -> Why {
        Why(why.to_string())
    }
}

impl From<String> for Why {
    fn from(why: String) -> Why {
        Why(why)
    }
}

impl From<Error> for Why {
    fn from(why: Error) -> Why {
        Why(why.to_string())
    }
}

impl Look<'_> {
    /// What is wrong with an entry, if anything.
    pub(super) fn check(&mut self, table: &Found, key: &[u8], value: &[u8]) -> Result<(), String> {
        let checked = match (table.name.as_str(), table.kind) {
            ("hot", _) => self.seconds(key, value, true),
            ("sealed", _) => self.seconds(key, value, false),
            ("minutes" | "hours" | "days", _) => self.buckets(key, value),
            ("amendments", _) => self.amendments(key, value),
            ("gaps", _) => gap(key, value),
            ("connections", _) => self.connection(key, value),
            ("meta", _) => fact(key, value),
            (name, Kind::Numbers) => self.word(name, key),
            (name, Kind::Words) => self.number(name, key, value),
            (_, Kind::Moments | Kind::Connections) => envelope(value).map_err(Why::from),
            (_, Kind::Names | Kind::Marks) => Ok(()),
        };
        checked.map_err(|Why(why)| why)
    }

    fn seconds(&mut self, key: &[u8], value: &[u8], hot: bool) -> Result<(), Why> {
        let first = moment(key)?;
        let mut scratch = std::mem::take(self.scratch);
        let mut before: Option<units::Second> = None;
        let mut each = |second: &Second, rows: &mut Rows| {
            let at = second.moment.second;
            if before.is_some_and(|before| before >= at) || at.minute() != first.second.minute() {
                return Err(Why("its seconds are not in order".to_owned()));
            }
            before = Some(at);
            self.second(second, rows)
        };
        let read = if hot {
            read_hot(first, value, each)
        } else {
            read_sealed(first, value, &mut scratch, &mut each)
        };
        *self.scratch = scratch;
        read
    }

    fn second(&mut self, second: &Second, rows: &mut Rows) -> Result<(), Why> {
        let ends = self.through.map(order);
        if ends.is_none_or(|ends| order(second.moment) > ends) {
            return Err(Why("it is later than what was committed last".to_owned()));
        }
        for nic in &second.nics {
            self.known.nic_second(self.at, nic)?;
        }
        for row in rows {
            self.known.row(self.at, &row?)?;
        }
        Ok(())
    }

    fn buckets(&mut self, key: &[u8], value: &[u8]) -> Result<(), Why> {
        let first = moment(key)?;
        let mut before: Option<units::Second> = None;
        for part in coarse::decode(first.second, value)? {
            let at = part.second.moment.second;
            if before.is_some_and(|before| before > at) || before.is_none() && at != first.second {
                return Err(Why("its buckets are not in order".to_owned()));
            }
            before = Some(at);
            for nic in &part.second.nics {
                self.known.nic_second(self.at, nic)?;
            }
            for row in &part.rows {
                self.known.row(self.at, row)?;
            }
        }
        Ok(())
    }

    fn amendments(&mut self, key: &[u8], value: &[u8]) -> Result<(), Why> {
        let carrier = moment(key)?;
        for one in amendment::decode(value)? {
            if order(one.since) > order(carrier) {
                return Err(Why("a label holds from a later second on".to_owned()));
            }
            self.known.label(self.at, &one.label)?;
        }
        Ok(())
    }

    fn connection(&mut self, key: &[u8], value: &[u8]) -> Result<(), Why> {
        let key = key.try_into();
        let key = key.map_err(|_| Damaged("its key is not of 20 bytes"))?;
        let ended = Ended::decode(key, value)?;
        self.known.nic(self.at, ended.nic)?;
        self.known.classes(self.at, ended.classes)?;
        Ok(self.known.label(self.at, &ended.label)?)
    }

    fn word(&self, table: &str, key: &[u8]) -> Result<(), Why> {
        let number = number(key)?;
        Ok(match table {
            "apps" => references::word::<App>(self.at, number),
            "sites" => references::word::<Site>(self.at, number),
            "interfaces" => references::word::<Nic>(self.at, number),
            "classes" => references::word::<ClassSet>(self.at, number),
            _ => Ok(()),
        }?)
    }

    fn number(&self, table: &str, word: &[u8], value: &[u8]) -> Result<(), Why> {
        let number = number(value)?;
        Ok(match table {
            "apps_by_word" => references::number::<App>(self.at, word, number),
            "sites_by_word" => references::number::<Site>(self.at, word, number),
            "interfaces_by_word" => references::number::<Nic>(self.at, word, number),
            "classes_by_word" => references::number::<ClassSet>(self.at, word, number),
            _ => Ok(()),
        }?)
    }
}

fn gap(key: &[u8], value: &[u8]) -> Result<(), Why> {
    Gap::decode(moment(key)?, value)?;
    Ok(())
}

/// What `meta` tells: two of its values are bare numbers.
fn fact(name: &[u8], value: &[u8]) -> Result<(), Why> {
    let checked = if name == SCHEMA_KEY.as_bytes() {
        number(value).map(drop)
    } else if name == THROUGH_KEY.as_bytes() {
        read_moment(value).map(drop)
    } else {
        envelope(value)
    };
    Ok(checked?)
}

fn moment(key: &[u8]) -> Result<Moment, Damaged> {
    let key = key.try_into();
    key.map(layout::moment)
        .map_err(|_| Damaged("its key is no moment"))
}

fn number(bytes: &[u8]) -> Result<u32, Damaged> {
    let bytes = bytes.try_into();
    bytes
        .map(u32::from_le_bytes)
        .map_err(|_| Damaged("it is no number of 4 bytes"))
}

/// The seconds that an entry's loss costs.
pub(super) fn seconds(table: &Found, key: &[u8]) -> Option<(units::Second, units::Second)> {
    let first = super::stats::second_of(table.kind, key)?;
    let last = match table.name.as_str() {
        "sealed" => units::Second(first.minute().0.saturating_add(59)),
        _ => first,
    };
    Some((first, last))
}

/// What an entry's loss costs, in words.
pub(super) fn costs(table: &Found) -> &'static str {
    match (table.name.as_str(), table.kind) {
        ("hot", _) => "this second is a gap",
        ("sealed", _) => "the seconds of this block, up to the end of its minute, are a gap",
        ("minutes" | "hours" | "days", _) => {
            "sums of this time: a gap where no finer ones are left"
        }
        ("amendments", _) => {
            "labels that this second brought late: their rows keep the earlier ones"
        }
        ("gaps", _) => "why these seconds are missing",
        ("connections", _) => "one connection that ended in this second",
        (_, Kind::Numbers | Kind::Words) => "rows that refer to this word have no name",
        (_, Kind::Moments | Kind::Connections) => "what was kept of this time",
        (_, Kind::Names) => "a fact about the file",
        (_, Kind::Marks) => "a mark that something is still to be done",
    }
}
