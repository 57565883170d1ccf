//! Why a frame is in no flow, by name.

use serde::{Deserialize, Serialize};

/// Why a frame is in no flow. `word` is what the API and the store call it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[repr(u8)]
pub enum Reason {
    /// Address resolution (ARP, RARP).
    Arp = 0,
    /// Another ethertype or family that is not IP.
    NotIp = 1,
    /// IEEE 802.2 LLC: spanning tree and such.
    Llc = 2,
    /// A link type that is not decoded.
    UnknownLink = 3,
    /// Captured bytes end before the link header does.
    ShortLink = 4,
    /// Captured bytes end before the IP header does.
    ShortIp = 5,
    /// An IP header that contradicts itself (version, header length).
    BadIp = 6,
    /// More VLAN tags, tunnels or extension headers than are followed.
    TooDeep = 7,
    /// The decoder panicked: a defect, counted and logged once.
    Panicked = 8,
    /// A link's frame that is encrypted (IEEE 802.11).
    Protected = 9,
}

impl Reason {
    pub const ALL: [Reason; 10] = [
        Reason::Arp,
        Reason::NotIp,
        Reason::Llc,
        Reason::UnknownLink,
        Reason::ShortLink,
        Reason::ShortIp,
        Reason::BadIp,
        Reason::TooDeep,
        Reason::Panicked,
        Reason::Protected,
    ];

    /// The word that the API, the store and the page use.
    pub fn word(self) -> &'static str {
        match self {
            Reason::Arp => "arp",
            Reason::NotIp => "not-ip",
            Reason::Llc => "llc",
            Reason::UnknownLink => "unknown-link",
            Reason::ShortLink => "short-link",
            Reason::ShortIp => "short-ip",
            Reason::BadIp => "bad-ip",
            Reason::TooDeep => "too-deep",
            Reason::Panicked => "panicked",
            Reason::Protected => "protected",
        }
    }

    /// The reason that a stored number means.
    pub fn of(number: u8) -> Option<Reason> {
        Reason::ALL.get(usize::from(number)).copied()
    }
}
