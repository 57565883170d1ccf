//! One export on its way out: items become lines or parts of one JSON document, which leave in pieces
//! when the look that they came from is over. What it holds is bounded by that look.

use super::csv::Csv;
use super::error::Error;
use super::narrowed::NAME;
use super::{Format, Give};
use crate::query::Span;
use serde::Serialize;
use serde_json::Value;

/// A piece has at most so many bytes.
pub(super) const PIECE: usize = 64 << 10;

/// Something that is a record in CSV and an object in JSON.
pub(super) trait Item: Serialize {
    fn cells(&self, csv: &mut Csv) -> Result<(), Error>;
}

/// An item that says what it was narrowed to.
#[derive(Serialize)]
struct Narrowed<'a, T> {
    #[serde(flatten)]
    item: &'a T,
    narrowed: &'a str,
}

pub(super) struct Sheet<'a, 'g> {
    format: Format,
    narrowed: Option<String>,
    /// It is added to what there is: what stands at the beginning is there.
    goes_on: bool,
    give: &'a mut Give<'g>,
    csv: Csv,
    json: Vec<u8>,
    items: u64,
}

impl<'a, 'g> Sheet<'a, 'g> {
    pub(super) fn new(
        format: Format,
        narrowed: Option<String>,
        goes_on: bool,
        give: &'a mut Give<'g>,
    ) -> Sheet<'a, 'g> {
        Sheet {
            format,
            narrowed,
            goes_on,
            give,
            csv: Csv::new(),
            json: Vec::new(),
            items: 0,
        }
    }

    /// `columns` are CSV's; `head` is what JSON says before its items.
    pub(super) fn begin(&mut self, columns: Vec<&str>, head: &Value) -> Result<(), Error> {
        match self.format {
            _ if self.goes_on => {}
            Format::Csv => {
                let narrowed = self.narrowed.as_ref().map(|_| NAME);
                for name in columns.into_iter().chain(narrowed) {
                    self.csv.text(name)?;
                }
                self.csv.end()?;
            }
            Format::Json => {
                let head = head.to_string();
                let open = head.trim_end_matches('}');
                self.json
                    .extend_from_slice(format!("{open},\"items\":[").as_bytes());
            }
            Format::Ndjson => {}
        }
        Ok(())
    }

    pub(super) fn item(&mut self, item: &impl Item) -> Result<(), Error> {
        match self.format {
            Format::Csv => {
                item.cells(&mut self.csv)?;
                if let Some(narrowed) = &self.narrowed {
                    self.csv.text(narrowed)?;
                }
                self.csv.end()?;
            }
            Format::Json => {
                let before: &[u8] = if self.items == 0 { b"\n" } else { b",\n" };
                self.json.extend_from_slice(before);
                self.object(item)?;
            }
            Format::Ndjson => {
                self.object(item)?;
                self.json.push(b'\n');
            }
        }
        self.items += 1;
        Ok(())
    }

    fn object(&mut self, item: &impl Item) -> Result<(), Error> {
        match &self.narrowed {
            None => serde_json::to_writer(&mut self.json, item)?,
            Some(narrowed) => {
                serde_json::to_writer(&mut self.json, &Narrowed { item, narrowed })?;
            }
        }
        Ok(())
    }

    /// Says how many items there were.
    pub(super) fn end(mut self, missing: &[Span]) -> Result<u64, Error> {
        if self.format == Format::Json {
            let missing = serde_json::to_string(missing)?;
            let end = format!("\n],\"count\":{},\"missing\":{missing}}}\n", self.items);
            self.json.extend_from_slice(end.as_bytes());
        }
        self.leave()?;
        Ok(self.items)
    }

    /// Hands on what there is. Whoever takes it may be slow: no look at the history may be open.
    pub(super) fn leave(&mut self) -> Result<(), Error> {
        let mut bytes = std::mem::take(&mut self.json);
        let csv = std::mem::replace(&mut self.csv, Csv::new());
        bytes.extend(csv.take()?);
        let mut pieces = bytes.chunks(PIECE);
        pieces.try_for_each(|piece| (self.give)(piece.to_vec()))
    }
}
