//! A database in MaxMind's format, whole in memory, never mapped: a mapped file that is cut off
//! ends whoever reads it. What is in it may be damaged or unfriendly: texts are cleaned and
//! bounded, and what cannot be read is not known.

use super::Error;
use super::country::{Country, CountrySource};
use crate::label::harmless;
use maxminddb::{PathElement, Reader};
use serde::Deserialize;
use std::fs::File;
use std::io::{self, Read};
use std::net::IpAddr;
use std::path::Path;
use std::sync::Arc;

/// The largest database that is read, in bytes: it stays in memory.
const LARGEST: u64 = 256 << 20;

/// Bytes of a text that are kept.
const LONGEST: usize = 128;

pub(super) struct Database {
    reader: Reader<Vec<u8>>,
}

impl Database {
    pub(super) fn read(path: &Path) -> Result<Database, Error> {
        let bytes = bytes(path)?;
        let reader = Reader::from_source(bytes).map_err(|error| Error::Format {
            path: path.to_owned(),
            message: error.to_string(),
        })?;
        Ok(Database { reader })
    }

    /// The network's number, and whose it is.
    pub(super) fn network(&self, address: IpAddr) -> (Option<u32>, Option<Arc<str>>) {
        let number = self.field(address, &["autonomous_system_number"]);
        let holder = self.field(address, &["autonomous_system_organization"]);
        (number, holder.and_then(cleaned))
    }

    /// The country, and the city's English name.
    pub(super) fn city(&self, address: IpAddr) -> (Option<Country>, Option<Arc<str>>) {
        let letters: Option<&str> = self.field(address, &["country", "iso_code"]);
        let city = self.field(address, &["city", "names", "en"]);
        let country = letters.and_then(|letters| Country::of(letters, CountrySource::City));
        (country, city.and_then(cleaned))
    }

    /// A field of what is said about an address; `None` if it is not said, or not so.
    fn field<'a, T: Deserialize<'a>>(&'a self, address: IpAddr, path: &[&str]) -> Option<T> {
        let path: Vec<_> = path.iter().map(|name| PathElement::Key(name)).collect();
        let found = self.reader.lookup(address).ok()?;
        found.decode_path(&path).ok().flatten()
    }
}

fn bytes(path: &Path) -> Result<Vec<u8>, Error> {
    let path = || path.to_owned();
    let failed = |source: io::Error| Error::Read {
        path: path(),
        source,
    };
    // Asked before it is opened: opening a pipe would wait for who writes to it.
    if !std::fs::metadata(path()).map_err(failed)?.is_file() {
        return Err(Error::NoFile { path: path() });
    }
    let mut bytes = Vec::new();
    let file = File::open(path()).map_err(failed)?;
    file.take(LARGEST + 1)
        .read_to_end(&mut bytes)
        .map_err(failed)?;
    if bytes.len() as u64 > LARGEST {
        return Err(Error::TooLarge { path: path() });
    }
    bytes.shrink_to_fit();
    Ok(bytes)
}

/// A text without what could change how the text around it is read; `None` if nothing is left.
fn cleaned(text: &str) -> Option<Arc<str>> {
    let clean = harmless(text.trim(), LONGEST);
    (!clean.is_empty()).then(|| clean.into())
}
