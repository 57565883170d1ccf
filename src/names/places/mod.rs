//! Where an address is and whose it is: the country from the registries' records, which are built
//! in; network, city and a better country from databases that the user has and names. Everything is
//! a statement of its source, and marked with it. Asks nobody.

mod country;
mod database;

pub use country::{Country, CountrySource};

use database::Database;
use parking_lot::RwLock;
use serde::{Deserialize, Serialize};
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Databases in MaxMind's format (`.mmdb`); an empty path is none.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Network numbers and whose networks they are.
    pub asn: PathBuf,
    /// Countries and cities.
    pub city: PathBuf,
}

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("the database {} cannot be read: {source}; name one that can be, or none", path.display())]
    Read { path: PathBuf, source: io::Error },
    #[error("{} is no file, and a database must be one", path.display())]
    NoFile { path: PathBuf },
    #[error("the database {} has more than 256 MiB, which it would take in memory", path.display())]
    TooLarge { path: PathBuf },
    #[error("{} is no whole .mmdb database: {message}; fetch it again", path.display())]
    Format { path: PathBuf, message: String },
}

/// What is known of an address. Whoever made the databases is to be believed for it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Place {
    pub country: Option<Country>,
    /// The number of the network (autonomous system) that announces it.
    pub asn: Option<u32>,
    /// Whose network that is.
    pub organisation: Option<Arc<str>>,
    /// Its English name.
    pub city: Option<Arc<str>>,
}

/// The databases, held in memory: a file may be replaced, cut off or removed while it is in use.
#[derive(Default)]
pub struct Places {
    books: RwLock<Arc<Books>>,
}

#[derive(Default)]
struct Books {
    asn: Option<Database>,
    city: Option<Database>,
}

impl Places {
    pub fn open(config: &Config) -> Result<Places, Error> {
        let books = Books::read(config)?;
        Ok(Places {
            books: RwLock::new(Arc::new(books)),
        })
    }

    /// Reads the databases again, or others; if that fails, those that are there stay.
    pub fn reopen(&self, config: &Config) -> Result<(), Error> {
        let books = Books::read(config)?;
        *self.books.write() = Arc::new(books);
        Ok(())
    }

    /// What is known of an address. A network of one's own has no country in the registries, but a
    /// database may well say what it is.
    pub fn of(&self, address: IpAddr) -> Place {
        let address = meant(address);
        let books = self.books.read().clone();
        let (asn, organisation) = books
            .asn
            .as_ref()
            .map_or((None, None), |it| it.network(address));
        let (country, city) = books
            .city
            .as_ref()
            .map_or((None, None), |it| it.city(address));
        Place {
            country: country.or_else(|| Country::of_registry(address)),
            asn,
            organisation,
            city,
        }
    }
}

impl Books {
    fn read(config: &Config) -> Result<Books, Error> {
        let read = |path: &Path| {
            let named = !path.as_os_str().is_empty();
            named.then(|| Database::read(path)).transpose()
        };
        Ok(Books {
            asn: read(&config.asn)?,
            city: read(&config.city)?,
        })
    }
}

/// The IPv4 address in an IPv6 one that only carries it: mapped (RFC 4291, 2.5.5.2), or
/// through a translator (RFC 6052, 2.1).
fn meant(address: IpAddr) -> IpAddr {
    let IpAddr::V6(long) = address.to_canonical() else {
        return address.to_canonical();
    };
    match long.segments() {
        [0x64, 0xff9b, 0, 0, 0, 0, ..] => short(long),
        _ => long.into(),
    }
}

fn short(long: Ipv6Addr) -> IpAddr {
    let [.., a, b, c, d] = long.octets();
    Ipv4Addr::new(a, b, c, d).into()
}

#[cfg(test)]
mod tests;
