//! Countries, and the one to whom an address was assigned by a registry (RIPE, ARIN, APNIC, LACNIC,
//! AFRINIC): the seat of who got the range, not where a machine with the address stands.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// A country, by its two letters in ISO 3166-1 (and the registries' `EU` and `AP`), and who says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Country {
    letters: [u8; 2],
    pub source: CountrySource,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CountrySource {
    /// To whom the registry assigned the range.
    Registry,
    /// Where the user's database says that the address is.
    City,
}

impl CountrySource {
    /// As the API has it.
    pub fn word(self) -> &'static str {
        match self {
            CountrySource::Registry => "registry",
            CountrySource::City => "city",
        }
    }
}

impl Country {
    pub(super) fn of(letters: &str, source: CountrySource) -> Option<Country> {
        let letters: [u8; 2] = letters.as_bytes().try_into().ok()?;
        let valid = letters.iter().all(u8::is_ascii_uppercase);
        valid.then_some(Country { letters, source })
    }

    /// The records are tables in the program itself: nothing is loaded.
    pub(super) fn of_registry(address: IpAddr) -> Option<Country> {
        if !is_assigned(address) {
            return None;
        }
        Country::of(iptocc::country_code(address)?, CountrySource::Registry)
    }

    /// Two upper-case letters.
    pub fn code(&self) -> &str {
        std::str::from_utf8(&self.letters).unwrap_or_default()
    }
}

/// Whether registries assign it to somebody: not where IANA keeps it for a purpose (RFC 6890).
fn is_assigned(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => !is_special_v4(address),
        IpAddr::V6(address) => is_global_v6(address),
    }
}

/// IANA's registry of special-purpose IPv4 addresses, and multicast (RFC 5771).
fn is_special_v4(address: Ipv4Addr) -> bool {
    matches!(
        address.octets(),
        [0 | 10 | 127 | 224..=255, ..]
            | [100, 64..=127, ..]
            | [169, 254, ..]
            | [172, 16..=31, ..]
            | [192, 0, 0 | 2, _]
            | [192, 31, 196, _]
            | [192, 52, 193, _]
            | [192, 88, 99, _]
            | [192, 168, ..]
            | [192, 175, 48, _]
            | [198, 18 | 19, ..]
            | [198, 51, 100, _]
            | [203, 0, 113, _]
    )
}

/// Global unicast (RFC 4291, 2.4) but for IETF protocols (Teredo among them), 6to4, documentation
/// (RFC 3849, RFC 9637) and AS112.
fn is_global_v6(address: Ipv6Addr) -> bool {
    let segments = address.segments();
    let special = matches!(
        segments,
        [0x2001, 0..=0x1ff | 0xdb8, ..]
            | [0x2002, ..]
            | [0x3fff, 0..=0xfff, ..]
            | [0x2620, 0x4f, 0x8000, ..]
    );
    let [first, ..] = segments;
    first & 0xe000 == 0x2000 && !special
}
