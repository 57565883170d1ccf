//! The versions of SSL, TLS and DTLS by their numbers on the wire (RFC 8446, 4.2.1; RFC 9147, 5.3).

use std::fmt;

/// A protocol version as a client offers it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Version(pub(super) u16);

/// Number, JA4's two letters, usual name.
const KNOWN: [(u16, [u8; 2], &str); 9] = [
    (0x0304, *b"13", "TLS 1.3"),
    (0x0303, *b"12", "TLS 1.2"),
    (0x0302, *b"11", "TLS 1.1"),
    (0x0301, *b"10", "TLS 1.0"),
    (0x0300, *b"s3", "SSL 3.0"),
    (0x0002, *b"s2", "SSL 2.0"),
    (0xfeff, *b"d1", "DTLS 1.0"),
    (0xfefd, *b"d2", "DTLS 1.2"),
    (0xfefc, *b"d3", "DTLS 1.3"),
];

impl Version {
    /// The number on the wire.
    pub fn code(self) -> u16 {
        self.0
    }

    pub(super) fn letters(self) -> [u8; 2] {
        self.known().map_or(*b"00", |(_, letters, _)| *letters)
    }

    /// The newer of two: TLS counts upwards, DTLS downwards from 0xfeff, its one's complement.
    pub(super) fn newer(self, other: Version) -> Version {
        if self.age() >= other.age() {
            self
        } else {
            other
        }
    }

    fn age(self) -> u16 {
        if self.0 >> 8 == 0xfe { !self.0 } else { self.0 }
    }

    fn known(self) -> Option<&'static (u16, [u8; 2], &'static str)> {
        KNOWN.iter().find(|(number, _, _)| *number == self.0)
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.known() {
            Some((_, _, name)) => f.write_str(name),
            None => write!(f, "0x{:04x}", self.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newer_version_is_told_in_both_counts() {
        for (older, newer) in [
            (0x0303, 0x0304),
            (0x0300, 0x0301),
            (0xfeff, 0xfefd),
            (0xfefd, 0xfefc),
        ] {
            assert_eq!(Version(older).newer(Version(newer)), Version(newer));
            assert_eq!(Version(newer).newer(Version(older)), Version(newer));
        }
    }

    #[test]
    fn versions_are_shown_by_name_or_by_number() {
        assert_eq!(Version(0x0304).to_string(), "TLS 1.3");
        assert_eq!(Version(0xfefc).to_string(), "DTLS 1.3");
        assert_eq!(Version(0x7f17).to_string(), "0x7f17");
    }
}
