//! The configuration file as flat settings, each with its place. Refuses what is not TOML and what
//! is not a known key; whether a value makes sense is not its business.

use super::error::Error;
use super::keys::{self, Key};
use super::layers::Origin;
use std::fmt;
use std::ops::Range;
use std::path::{Path, PathBuf};
use toml::de::{DeTable, DeValue};

/// A place in a file; lines and columns count from 1, columns in characters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    pub path: PathBuf,
    pub line: usize,
    pub column: usize,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.path.display(), self.line, self.column)
    }
}

/// What a file sets: key, value, and where.
pub(super) type Entry = (String, toml::Value, Place);

pub(super) fn parse(path: &Path, text: &str) -> Result<Vec<Entry>, Error> {
    let file = File { path, text };
    let values = toml::from_str(text).map_err(|error| file.not_toml(&error))?;
    let places = DeTable::parse(text).map_err(|error| file.not_toml(&error))?;
    let mut entries = Vec::new();
    file.section("", &values, places.get_ref(), &mut entries)?;
    Ok(entries)
}

struct File<'a> {
    path: &'a Path,
    text: &'a str,
}

impl File<'_> {
    fn section(
        &self,
        prefix: &str,
        values: &toml::Table,
        places: &DeTable<'_>,
        entries: &mut Vec<Entry>,
    ) -> Result<(), Error> {
        for (name, place) in places {
            let key = join(prefix, name.get_ref());
            let Some(value) = values.get(name.get_ref().as_ref()) else {
                continue;
            };
            match (value, place.get_ref()) {
                (toml::Value::Table(values), DeValue::Table(places)) if keys::is_section(&key) => {
                    self.section(&key, values, places, entries)?;
                }
                _ if Key::find(&key).is_some() => {
                    entries.push((key, value.clone(), self.place(place.span())));
                }
                _ if keys::is_section(&key) => {
                    return Err(self.no_section(key, value, place.span()));
                }
                _ => return Err(self.unknown(key, name.span())),
            }
        }
        Ok(())
    }

    fn no_section(&self, key: String, value: &toml::Value, span: Range<usize>) -> Error {
        Error::Value {
            origin: Origin::File(self.place(span)),
            message: format!("it is a section, which begins with a line `[{key}]`"),
            value: value.to_string(),
            key,
        }
    }

    fn unknown(&self, key: String, span: Range<usize>) -> Error {
        Error::Unknown {
            place: self.place(span),
            nearest: keys::nearest(&key),
            key,
        }
    }

    fn not_toml(&self, error: &toml::de::Error) -> Error {
        Error::Syntax {
            place: self.place(error.span().unwrap_or_default()),
            message: error.message().replace('\n', "; "),
        }
    }

    fn place(&self, span: Range<usize>) -> Place {
        let before = self.text.get(..span.start).unwrap_or(self.text);
        let line = before.rsplit('\n').next().unwrap_or_default();
        Place {
            path: self.path.to_owned(),
            line: before.matches('\n').count() + 1,
            column: line.chars().count() + 1,
        }
    }
}

fn join(prefix: &str, name: &str) -> String {
    if prefix.is_empty() {
        name.to_owned()
    } else {
        format!("{prefix}.{name}")
    }
}
