//! Cells after RFC 4180. Names come from the network and from programs: a text that a spreadsheet
//! would take for a formula gets an apostrophe before it. Numbers are numbers.

use super::error::Error;
use ::csv::{Terminator, Writer, WriterBuilder};
use serde_json::Value;

/// What a formula, or a trick that leads to one, begins with; and the apostrophe itself, so that one
/// that was put before can be told from one that was there.
const TRIGGERS: [char; 8] = ['=', '+', '-', '@', '\t', '\r', '\0', '\''];

/// Records on their way into bytes.
pub(super) struct Csv(Writer<Vec<u8>>);

impl Csv {
    pub(super) fn new() -> Csv {
        let mut builder = WriterBuilder::new();
        builder.terminator(Terminator::CRLF);
        Csv(builder.from_writer(Vec::new()))
    }

    pub(super) fn text(&mut self, text: &str) -> Result<(), Error> {
        if text.starts_with(TRIGGERS) {
            return self.plain(&format!("'{text}"));
        }
        self.plain(text)
    }

    pub(super) fn number(&mut self, number: impl std::fmt::Display) -> Result<(), Error> {
        self.plain(&number.to_string())
    }

    pub(super) fn nothing(&mut self) -> Result<(), Error> {
        self.plain("")
    }

    pub(super) fn text_or_nothing(&mut self, text: Option<&str>) -> Result<(), Error> {
        self.text(text.unwrap_or_default())
    }

    /// A value of an answer: a list of words is one text.
    pub(super) fn value(&mut self, value: &Value) -> Result<(), Error> {
        match value {
            Value::Null => self.nothing(),
            Value::Bool(_) | Value::Number(_) => self.plain(&value.to_string()),
            Value::String(text) => self.text(text),
            Value::Array(all) => {
                let words = all.iter().map(|one| match one.as_str() {
                    Some(word) => word.to_owned(),
                    None => one.to_string(),
                });
                self.text(&words.collect::<Vec<_>>().join(" "))
            }
            Value::Object(_) => self.text(&value.to_string()),
        }
    }

    pub(super) fn end(&mut self) -> Result<(), Error> {
        self.0.write_record(None::<&[u8]>).map_err(written)
    }

    /// The bytes so far.
    pub(super) fn take(self) -> Result<Vec<u8>, Error> {
        let taken = self.0.into_inner();
        taken.map_err(|error| Error::Written(error.into_error()))
    }

    fn plain(&mut self, cell: &str) -> Result<(), Error> {
        self.0.write_field(cell).map_err(written)
    }
}

fn written(error: ::csv::Error) -> Error {
    Error::Written(error.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cell(text: &str) -> String {
        let mut csv = Csv::new();
        csv.text(text).unwrap();
        csv.number(-5).unwrap();
        csv.end().unwrap();
        String::from_utf8(csv.take().unwrap()).unwrap()
    }

    #[test]
    fn what_a_spreadsheet_would_run_is_text() {
        assert_eq!(cell("=1+1"), "'=1+1,-5\r\n");
        assert_eq!(cell("\t=1"), "'\t=1,-5\r\n");
        assert_eq!(cell("a=1"), "a=1,-5\r\n");
        assert_eq!(cell("'=1"), "''=1,-5\r\n");
        assert_eq!(cell(""), ",-5\r\n");
        assert_eq!(cell("a \"b\", c\n"), "\"a \"\"b\"\", c\n\",-5\r\n");
    }
}
