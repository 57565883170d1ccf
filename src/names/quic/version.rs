//! The versions of QUIC whose first packets can be read, and in what they differ: the salt and the
//! labels of the Initial keys, the bits of the packet types, the frames and the handshake inside.
//! RFC 9000 and 9001 (1), RFC 9369 (2), the drafts 22 to 34, Google's Q050, T050 and T051, and
//! Meta's own numbers.

/// What the keys of Initial packets come from (RFC 9001, 5.2; RFC 9369, 3.3).
pub(super) struct Protection {
    pub(super) salt: [u8; 20],
    pub(super) labels: &'static Labels,
}

/// The labels of the key, the nonce and the header protection (RFC 9001, 5.1; RFC 9369, 3.3.2).
pub(super) struct Labels {
    pub(super) key: &'static [u8],
    pub(super) nonce: &'static [u8],
    pub(super) header: &'static [u8],
}

/// What a long header's type bits mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Initial,
    ZeroRtt,
    Handshake,
    Retry,
}

/// What is said inside Initial packets.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Inside {
    /// TLS in RFC 9000's frames.
    Tls,
    /// TLS in Google's frames.
    GoogleTls,
    /// Google's own handshake in Google's frames.
    GoogleChlo,
}

/// A version as far as Initial packets go.
#[derive(Clone, Copy)]
pub(super) struct Version {
    /// The ways in which its Initials may be protected, the likeliest first.
    pub(super) protections: &'static [Protection],
    pub(super) inside: Inside,
    /// The type bits of an Initial; the other types follow it, modulo 4.
    initial: u8,
}

impl Version {
    pub(super) fn of(number: u32) -> Option<Version> {
        let (protections, inside): (&[_], _) = match number {
            VERSION_1 | 0xff00_0021..=0xff00_0022 => (&[SALT_1], Inside::Tls),
            VERSION_2 => (&[SALT_2], Inside::Tls),
            0xff00_001d..=0xff00_0020 => (&[SALT_29], Inside::Tls),
            0xff00_0017..=0xff00_001c => (&[SALT_23], Inside::Tls),
            0xff00_0016 => (&[SALT_22], Inside::Tls),
            0xface_b000..=0xface_b0ff => (&[SALT_23, SALT_1, SALT_22], Inside::Tls),
            Q050 => (&[SALT_Q050], Inside::GoogleChlo),
            T050 => (&[SALT_T050], Inside::GoogleTls),
            T051 => (&[SALT_T051], Inside::GoogleTls),
            number if is_reserved(number) => (&[SALT_1, SALT_29, SALT_23], Inside::Tls),
            _ => return None,
        };
        let initial = u8::from(number == VERSION_2);
        Some(Version {
            protections,
            inside,
            initial,
        })
    }

    /// RFC 9000, 17.2; RFC 9369, 3.2.
    pub(super) fn kind(self, first: u8) -> Kind {
        match (first >> 4).wrapping_sub(self.initial) & 3 {
            0 => Kind::Initial,
            1 => Kind::ZeroRtt,
            2 => Kind::Handshake,
            _ => Kind::Retry,
        }
    }
}

/// A number that no server speaks, sent so that it names those that it does (RFC 9000, 6.3). Which
/// salt the client took is not said: that of the version that it would have liked.
fn is_reserved(number: u32) -> bool {
    number & 0x0f0f_0f0f == 0x0a0a_0a0a
}

const VERSION_1: u32 = 1;
const VERSION_2: u32 = 0x6b33_43cf;
const Q050: u32 = u32::from_be_bytes(*b"Q050");
const T050: u32 = u32::from_be_bytes(*b"T050");
const T051: u32 = u32::from_be_bytes(*b"T051");

const LABELS_1: Labels = Labels {
    key: b"quic key",
    nonce: b"quic iv",
    header: b"quic hp",
};

const LABELS_2: Labels = Labels {
    key: b"quicv2 key",
    nonce: b"quicv2 iv",
    header: b"quicv2 hp",
};

const SALT_1: Protection = Protection {
    salt: *b"\x38\x76\x2c\xf7\xf5\x59\x34\xb3\x4d\x17\x9a\xe6\xa4\xc8\x0c\xad\xcc\xbb\x7f\x0a",
    labels: &LABELS_1,
};
const SALT_2: Protection = Protection {
    salt: *b"\x0d\xed\xe3\xde\xf7\x00\xa6\xdb\x81\x93\x81\xbe\x6e\x26\x9d\xcb\xf9\xbd\x2e\xd9",
    labels: &LABELS_2,
};
const SALT_29: Protection = Protection {
    salt: *b"\xaf\xbf\xec\x28\x99\x93\xd2\x4c\x9e\x97\x86\xf1\x9c\x61\x11\xe0\x43\x90\xa8\x99",
    labels: &LABELS_1,
};
const SALT_23: Protection = Protection {
    salt: *b"\xc3\xee\xf7\x12\xc7\x2e\xbb\x5a\x11\xa7\xd2\x43\x2b\xb4\x63\x65\xbe\xf9\xf5\x02",
    labels: &LABELS_1,
};
const SALT_22: Protection = Protection {
    salt: *b"\x7f\xbc\xdb\x0e\x7c\x66\xbb\xe9\x19\x3a\x96\xcd\x21\x51\x9e\xbd\x7a\x02\x64\x4a",
    labels: &LABELS_1,
};
const SALT_Q050: Protection = Protection {
    salt: *b"\x50\x45\x74\xef\xd0\x66\xfe\x2f\x9d\x94\x5c\xfc\xdb\xd3\xa7\xf0\xd3\xb5\x6b\x45",
    labels: &LABELS_1,
};
const SALT_T050: Protection = Protection {
    salt: *b"\x7f\xf5\x79\xe5\xac\xd0\x72\x91\x55\x80\x30\x4c\x43\xa2\x36\x7c\x60\x48\x83\x10",
    labels: &LABELS_1,
};
const SALT_T051: Protection = Protection {
    salt: *b"\x7a\x4e\xde\xf4\xe7\xcc\xee\x5f\xa4\x50\x6c\x19\x12\x4f\xc8\xcc\xda\x6e\x03\x3d",
    labels: &LABELS_1,
};

#[cfg(test)]
mod tests {
    use super::*;
    use Kind::{Handshake, Initial, Retry, ZeroRtt};

    #[test]
    fn the_type_bits_of_each_version() {
        let kinds = |number| {
            let version = Version::of(number).unwrap();
            [0xc0, 0xd0, 0xe0, 0xf0].map(|first| version.kind(first))
        };
        assert_eq!(kinds(1), [Initial, ZeroRtt, Handshake, Retry]);
        assert_eq!(kinds(VERSION_2), [Retry, Initial, ZeroRtt, Handshake]);
        assert_eq!(kinds(0xff00_001d), [Initial, ZeroRtt, Handshake, Retry]);
    }

    #[test]
    fn unknown_versions_are_none() {
        for number in [0, 2, 0xff00_0015, 0xff00_0023, 0x5130_3433, 0x709a_50c4] {
            assert!(Version::of(number).is_none(), "{number:#x}");
        }
        for number in [0x0a0a_0a0a, 0x1a2a_3a4a, 0xface_b002, Q050, T051] {
            assert!(Version::of(number).is_some(), "{number:#x}");
        }
    }
}
