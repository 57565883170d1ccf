//! Where an export that was cut short is to be continued: at its last second that has a whole record,
//! which is written again, for it may have had more; of connections earlier by as much as they may
//! come late. Read from its beginning in memory that does not grow with it.

use super::error::Error;
use super::{Format, What, Wish};
use crate::units::Second;
use ::csv::{ByteRecord, ReaderBuilder, Terminator};
use serde_json::Value;
use std::collections::VecDeque;
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
    /// The second of the first record that is written again: what there is of the history must reach
    /// back to it.
    pub again: Option<Second>,
}

/// Finds the end of what was written of a wish. `name` is what the file is called. A connection is on
/// file only when it has ended, up to `late` seconds after its last frame, by which it is told: that
/// much before the end of a file more may have come since.
pub fn resume(wish: &Wish, late: u32, name: &str, file: impl BufRead) -> Result<Ended, Error> {
    let strange = || Error::Strange(name.to_owned());
    if !wish.what.is_range() {
        return Err(strange());
    }
    let late = if wish.what == What::Connections {
        i64::from(late)
    } else {
        0
    };
    let follow = Follow {
        late,
        last: VecDeque::new(),
    };
    let ended = match wish.format {
        Format::Csv => csv(wish, follow, file),
        Format::Ndjson => ndjson(wish, follow, file),
        Format::Json => None,
    };
    ended.ok_or_else(strange)
}

/// Follows records: each has a time and begins somewhere. Holds where the last seconds began, as far
/// back as something may come late.
struct Follow {
    late: i64,
    last: VecDeque<(Second, u64)>,
}

impl Follow {
    /// `None`: times go backwards, which no export does.
    fn record(&mut self, at: Second, begins: u64) -> Option<()> {
        match self.last.back() {
            Some((last, _)) if at < *last => return None,
            Some((last, _)) if at == *last => return Some(()),
            _ => self.last.push_back((at, begins)),
        }
        let again = self.again(at);
        while self.last.front().is_some_and(|(one, _)| *one < again) {
            self.last.pop_front();
        }
        Some(())
    }

    /// From where on it is written again when this is the last second.
    fn again(&self, last: Second) -> Second {
        Second(last.0.saturating_sub(self.late))
    }

    fn ended(self, beginning: u64) -> Ended {
        match (self.last.front(), self.last.back()) {
            (Some((again, begins)), Some((last, _))) => Ended {
                bytes: *begins,
                from: Some(self.again(*last)),
                again: Some(*again),
            },
            _ => Ended {
                bytes: beginning,
                from: None,
                again: None,
            },
        }
    }
}

fn csv(wish: &Wish, mut follow: Follow, file: impl BufRead) -> Option<Ended> {
    let mut builder = ReaderBuilder::new();
    builder.has_headers(false);
    // So that a position is one between lines; the other half of a line's end is in the last cell.
    builder.terminator(Terminator::Any(b'\n'));
    let mut reader = builder.from_reader(file);
    let mut record = ByteRecord::new();
    let (mut head, mut begins) = (None, 0);
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

fn ndjson(wish: &Wish, mut follow: Follow, mut file: impl BufRead) -> Option<Ended> {
    let key = match wish.what {
        What::Connections => "last_seen",
        _ => "at",
    };
    let (mut begins, mut line) = (0, Vec::new());
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
