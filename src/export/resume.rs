//! Where an export that was cut short is to be continued: at its last second that has a whole record,
//! which is written again, for it may have had more; of connections earlier by as much as they may
//! come late, of rows by as long as their labels may change. Read from its beginning in memory that
//! does not grow with it. Each record says what it was narrowed to: a file never gets records of two
//! kinds.

use super::error::Error;
use super::narrowed::{NAME, narrowed};
use super::{Format, What, Wish};
use crate::store::Tier;
use crate::units::Second;
use ::csv::{ByteRecord, ReaderBuilder, Terminator};
use serde_json::Value;
use std::collections::VecDeque;
use std::io::{BufRead, Read};

/// Seconds whose labels may change after they are told: a minute is sealed a minute and a half after it
/// is over.
const SETTLING: i64 = 180;
/// No record that was written is longer.
const LONGEST: u64 = 4 << 20;

/// What of a file can stay.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ended {
    /// The second of its first record.
    pub first: Option<Second>,
    /// Bytes before the second that is to be written again.
    pub bytes: u64,
    /// That second; `None` if nothing was written yet.
    pub from: Option<Second>,
    /// The second of the first record that is written again: what there is of the history must reach
    /// back to it.
    pub again: Option<Second>,
}

/// Finds the end of what was written of a wish. `name` is what the file is called. A connection is on
/// file only when it has ended, up to `late` seconds after its last frame, by which it is told: that
/// much before the end of a file more may have come since. Rows have other labels when these are settled.
pub fn resume(wish: &Wish, late: u32, name: &str, file: impl BufRead) -> Result<Ended, Error> {
    if !wish.what.is_range() {
        return Err(Error::Strange(name.to_owned()));
    }
    let late = match (wish.what, wish.tier) {
        (What::Connections, _) => i64::from(late),
        (What::Rows, None | Some(Tier::Second | Tier::Minute)) => SETTLING,
        // A longer bucket is written again as a whole. To go back from it is to go into the one before.
        _ => 0,
    };
    let follow = Follow {
        late,
        narrowed: narrowed(wish),
        first: None,
        stays: None,
        last: VecDeque::new(),
    };
    let ended = match wish.format {
        Format::Csv => csv(wish, follow, file),
        Format::Ndjson => ndjson(wish, follow, file),
        Format::Json => Err(Unfit::Strange),
    };
    ended.map_err(|unfit| unfit.told(name))
}

/// Why a file cannot be continued.
enum Unfit {
    Strange,
    /// What it was narrowed to, and what is wished.
    Narrowed([Option<String>; 2]),
}

impl Unfit {
    fn told(self, name: &str) -> Error {
        let file = name.to_owned();
        let filter = |narrowed: Option<String>| match narrowed {
            Some(text) => format!("the filter `{text}`"),
            None => "no filter".to_owned(),
        };
        match self {
            Unfit::Strange => Error::Strange(file),
            Unfit::Narrowed(both) => {
                let [was, is] = both.map(filter);
                Error::Narrowing { file, was, is }
            }
        }
    }
}

/// Follows records: each has a time and begins somewhere. Holds where the last seconds began, as far
/// back as something may come late.
struct Follow {
    late: i64,
    narrowed: Option<String>,
    first: Option<Second>,
    /// Where what stays is over: nothing is written again into a bucket that was told as a whole.
    stays: Option<Second>,
    last: VecDeque<Begun>,
}

/// The records of a second or a bucket: when it begins and is over, and where they begin.
struct Begun {
    at: Second,
    over: Second,
    begins: u64,
}

impl Begun {
    fn new(at: Second, span: Option<i64>, begins: u64) -> Begun {
        let over = Second(at.0.saturating_add(span.unwrap_or(0)));
        Begun { at, over, begins }
    }
}

impl Follow {
    /// A record and what it says that it was narrowed to. Strange is a time that goes backwards, which
    /// none of an export does.
    fn record(&mut self, one: Begun, narrowed: Option<&str>) -> Result<(), Unfit> {
        if narrowed != self.narrowed.as_deref() {
            let was = narrowed.map(str::to_owned);
            return Err(Unfit::Narrowed([was, self.narrowed.clone()]));
        }
        self.first.get_or_insert(one.at);
        let again = self.again(one.at);
        match self.last.back_mut() {
            Some(last) if one.at < last.at => return Err(Unfit::Strange),
            Some(last) if one.at == last.at => last.over = last.over.max(one.over),
            _ => self.last.push_back(one),
        }
        while let Some(old) = self.last.pop_front_if(|old| old.at < again) {
            self.stays = self.stays.max(Some(old.over));
        }
        Ok(())
    }

    /// From where on it is written again when this is the last second.
    fn again(&self, last: Second) -> Second {
        Second(last.0.saturating_sub(self.late))
    }

    fn ended(self, beginning: u64) -> Ended {
        match (self.last.front(), self.last.back()) {
            (Some(again), Some(last)) => Ended {
                first: self.first,
                bytes: again.begins,
                from: Some(self.again(last.at))
                    .max(self.stays)
                    .min(Some(again.at)),
                again: Some(again.at),
            },
            _ => Ended {
                first: None,
                bytes: beginning,
                from: None,
                again: None,
            },
        }
    }
}

fn csv(wish: &Wish, mut follow: Follow, file: impl BufRead) -> Result<Ended, Unfit> {
    let mut builder = ReaderBuilder::new();
    builder.has_headers(false);
    // So that a position is one between lines; the other half of a line's end is in the last cell.
    builder.terminator(Terminator::Any(b'\n'));
    let mut reader = builder.from_reader(file);
    let mut record = ByteRecord::new();
    let (mut head, mut begins): (Option<Head>, u64) = (None, 0);
    // What is cut off has other cells, or no end of its line.
    while reader.read_byte_record(&mut record).is_ok_and(|more| more)
        && record
            .iter()
            .next_back()
            .is_some_and(|last| last.ends_with(b"\r"))
    {
        let line = Line(&record);
        if let Some(head) = &head {
            let narrowed = line.last().filter(|_| head.narrowed);
            let span = line.cell(1).filter(|_| wish.what == What::Rows);
            let span = span.and_then(|span| span.parse().ok());
            let at = line.time().ok_or(Unfit::Strange)?;
            follow.record(Begun::new(at, span, begins), narrowed)?;
        } else {
            head = Some(line.head(wish, reader.position().byte())?);
        }
        begins = reader.position().byte();
    }
    // Without its first line nothing is known of it.
    Ok(follow.ended(head.ok_or(Unfit::Strange)?.ends))
}

/// The first line: where it ends, and whether it has a column for what its range is narrowed to.
struct Head {
    ends: u64,
    narrowed: bool,
}

/// A record, its line's end in its last cell.
struct Line<'a>(&'a ByteRecord);

impl<'a> Line<'a> {
    fn head(&self, wish: &Wish, ends: u64) -> Result<Head, Unfit> {
        let narrowed = self.last() == Some(NAME);
        let mut wanted = wish.head();
        wanted.extend(narrowed.then_some(NAME));
        let names = (0..self.0.len()).map(|place| Some(self.cell(place)?.trim_end()));
        if names.eq(wanted.into_iter().map(Some)) {
            return Ok(Head { ends, narrowed });
        }
        Err(Unfit::Strange)
    }

    fn time(&self) -> Option<Second> {
        time(self.cell(0)?)
    }

    fn last(&self) -> Option<&'a str> {
        Some(self.cell(self.0.len().checked_sub(1)?)?.trim_end())
    }

    fn cell(&self, place: usize) -> Option<&'a str> {
        std::str::from_utf8(self.0.get(place)?).ok()
    }
}

fn ndjson(wish: &Wish, mut follow: Follow, mut file: impl BufRead) -> Result<Ended, Unfit> {
    let (mut begins, mut line) = (0, Vec::new());
    loop {
        line.clear();
        let mut some = file.by_ref().take(LONGEST);
        let read = some.read_until(b'\n', &mut line);
        let read = read.map_err(|_| Unfit::Strange)?;
        if !line.ends_with(b"\n") {
            return Ok(follow.ended(0));
        }
        let value: Value = serde_json::from_slice(&line).map_err(|_| Unfit::Strange)?;
        let text = |name: &str| value.get(name).and_then(Value::as_str);
        let at = at(wish.what, &value).ok_or(Unfit::Strange)?;
        let span = value.get("span_s").and_then(Value::as_i64);
        follow.record(Begun::new(at, span, begins), text(NAME))?;
        begins += read as u64;
    }
}

/// The second of a record that was written as NDJSON, without its line's end.
pub fn second_of(what: What, line: &[u8]) -> Option<Second> {
    at(what, &serde_json::from_slice(line).ok()?)
}

fn at(what: What, record: &Value) -> Option<Second> {
    let key = match what {
        What::Connections => "last_seen",
        _ => "at",
    };
    time(record.get(key)?.as_str()?)
}

/// The second of a time as it is written.
fn time(text: &str) -> Option<Second> {
    let time: jiff::Timestamp = text.parse().ok()?;
    let second = time.as_second();
    let before = i64::from(time.subsec_nanosecond() < 0);
    Some(Second(second - before))
}
