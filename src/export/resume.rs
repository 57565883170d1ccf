//! Where an export that was cut short is to be continued: at its last second that has a whole record,
//! which is written again, for it may have had more. Read from its beginning in constant memory.

use super::error::Error;
use super::{Format, What, Wish};
use crate::units::Second;
use ::csv::{ByteRecord, ReaderBuilder, Terminator};
use serde_json::Value;
use std::io::{BufRead, Read};

/// No record that was written is longer.
const LONGEST: u64 = 4 << 20;

/// What of a file can stay.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ended {
    /// Bytes before the second that is to be written again.
    pub bytes: u64,
    /// That second; `None` if nothing was written yet.
    pub from: Option<Second>,
}

/// Finds the end of what was written of a wish. `name` is what the file is called.
pub fn resume(wish: &Wish, name: &str, file: impl BufRead) -> Result<Ended, Error> {
    let strange = || Error::Strange(name.to_owned());
    if !wish.what.is_range() {
        return Err(strange());
    }
    let ended = match wish.format {
        Format::Csv => csv(wish, file),
        Format::Ndjson => ndjson(wish, file),
        Format::Json => None,
    };
    ended.ok_or_else(strange)
}

/// Follows records: each has a time and begins somewhere.
#[derive(Default)]
struct Follow {
    last: Option<(Second, u64)>,
}

impl Follow {
    /// `None`: times go backwards, which no export does.
    fn record(&mut self, at: Second, begins: u64) -> Option<()> {
        match self.last {
            Some((last, _)) if at < last => None,
            Some((last, _)) if at == last => Some(()),
            _ => {
                self.last = Some((at, begins));
                Some(())
            }
        }
    }

    fn ended(self, beginning: u64) -> Ended {
        match self.last {
            Some((at, begins)) => Ended {
                bytes: begins,
                from: Some(at),
            },
            None => Ended {
                bytes: beginning,
                from: None,
            },
        }
    }
}

fn csv(wish: &Wish, file: impl BufRead) -> Option<Ended> {
    let mut builder = ReaderBuilder::new();
    builder.has_headers(false);
    // So that a position is one between lines; the other half of a line's end is in the last cell.
    builder.terminator(Terminator::Any(b'\n'));
    let mut reader = builder.from_reader(file);
    let mut record = ByteRecord::new();
    let (mut follow, mut head, mut begins) = (Follow::default(), None, 0);
    // What is cut off has other cells, or no end of its line.
    while reader.read_byte_record(&mut record).is_ok_and(|more| more)
        && record
            .iter()
            .next_back()
            .is_some_and(|last| last.ends_with(b"\r"))
    {
        let cell = |place| std::str::from_utf8(record.get(place)?).ok();
        if head.is_some() {
            follow.record(time(cell(0)?)?, begins)?;
        } else {
            let names = (0..record.len()).map(|place| Some(cell(place)?.trim_end()));
            names.eq(wish.head().into_iter().map(Some)).then_some(())?;
            head = Some(reader.position().byte());
        }
        begins = reader.position().byte();
    }
    // Without its first line nothing is known of it.
    Some(follow.ended(head?))
}

fn ndjson(wish: &Wish, mut file: impl BufRead) -> Option<Ended> {
    let key = match wish.what {
        What::Connections => "last_seen",
        _ => "at",
    };
    let (mut follow, mut begins, mut line) = (Follow::default(), 0, Vec::new());
    loop {
        line.clear();
        let mut some = file.by_ref().take(LONGEST);
        let read = some.read_until(b'\n', &mut line).ok()?;
        if !line.ends_with(b"\n") {
            return Some(follow.ended(0));
        }
        let value: Value = serde_json::from_slice(&line).ok()?;
        follow.record(time(value.get(key)?.as_str()?)?, begins)?;
        begins += read as u64;
    }
}

/// The second of a time as it is written.
fn time(text: &str) -> Option<Second> {
    let time: jiff::Timestamp = text.parse().ok()?;
    let second = time.as_second();
    let before = i64::from(time.subsec_nanosecond() < 0);
    Some(Second(second - before))
}
