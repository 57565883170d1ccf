//! A connection from its first datagram until its hello is whole: which keys open its Initials, and
//! what they said so far. Bounded in bytes, datagrams and work; gives up at the end of any of them.

use super::assembly::Assembly;
use super::header::{Packet, packets};
use super::keys::{Keys, Opened};
use super::version::{Inside, Kind};
use super::{Found, frames, google};
use crate::names::Parsed;

/// Datagrams of either direction that are looked at.
const MOST_DATAGRAMS: u8 = 16;

/// Times that keys are derived: for three salts, and for as many changes of the connection ID.
const MOST_DERIVATIONS: u8 = 6;

/// Packets that are tried with a key: a hello of 16 KiB comes in fourteen.
const MOST_OPENINGS: u8 = 16;

/// A client's first destination connection ID has at least these bytes (RFC 9000, 7.2).
const SHORTEST_FIRST_ID: usize = 8;

/// A connection whose hello is not whole yet.
#[derive(Default)]
pub struct Quic {
    keys: Option<Box<Held>>,
    handshake: Assembly,
    datagrams: u8,
    derivations: u8,
    openings: u8,
}

/// Keys that have opened a packet.
struct Held {
    keys: Keys,
    /// The direction in which the packets that they open go.
    from_client: bool,
    largest: u64,
}

impl Quic {
    pub fn new() -> Quic {
        Quic::default()
    }

    /// Takes a datagram; `from_client` is the direction as the flow knows it. `Not` once there is
    /// no hope of a whole hello: [`Quic::so_far`] may have the start of one.
    pub fn datagram(&mut self, from_client: bool, datagram: &[u8]) -> Parsed<Found> {
        if self.is_spent() {
            return Parsed::Not;
        }
        self.datagrams = self.datagrams.saturating_add(1);
        let found = match google::payload(datagram) {
            Some((payload, digits)) => clear_chlo(payload, digits),
            None => self.packets(from_client, datagram),
        };
        match found {
            Parsed::More if self.is_spent() => Parsed::Not,
            found => found,
        }
    }

    /// The start of the handshake, as far as it has no gap.
    pub fn so_far(&self) -> &[u8] {
        self.handshake.so_far()
    }

    /// Bytes of memory behind it, beside itself.
    pub fn held(&self) -> usize {
        self.handshake.held() + self.keys.as_ref().map_or(0, |_| size_of::<Held>())
    }

    fn is_spent(&self) -> bool {
        self.datagrams >= MOST_DATAGRAMS || self.openings >= MOST_OPENINGS
    }

    fn packets(&mut self, from_client: bool, datagram: &[u8]) -> Parsed<Found> {
        for packet in packets(datagram).filter(|packet| packet.header.kind == Kind::Initial) {
            let Some(opened) = self.opened(from_client, &packet) else {
                continue;
            };
            match self.read(&opened, packet.header.version.inside) {
                Parsed::More => {}
                found => return found,
            }
        }
        Parsed::More
    }

    fn read(&mut self, opened: &Opened, inside: Inside) -> Parsed<Found> {
        for crypto in frames::crypto(opened.payload(), inside) {
            self.handshake.put(crypto.offset, crypto.bytes);
        }
        match inside {
            Inside::Tls | Inside::GoogleTls => self.handshake.hello().map(Found::Hello),
            Inside::GoogleChlo => google::name(self.so_far()).map(Found::Chlo),
        }
    }

    /// The packet by the keys that are held, or by those of its own connection ID: a Retry
    /// changes them (RFC 9001, 5.2), and so does another version that a client begins anew with.
    fn opened(&mut self, from_client: bool, packet: &Packet<'_>) -> Option<Opened> {
        match self.by_held_keys(from_client, packet) {
            Try::Opened(opened) => Some(opened),
            Try::Others => self.by_own_keys(from_client, packet),
            Try::Never => None,
        }
    }

    fn by_held_keys(&mut self, from_client: bool, packet: &Packet<'_>) -> Try {
        let Some(held) = &mut self.keys else {
            return Try::Others;
        };
        if held.from_client != from_client || self.openings >= MOST_OPENINGS {
            return Try::Never;
        }
        self.openings += 1;
        match held.keys.open(packet, Some(held.largest)) {
            Some(opened) => {
                held.largest = held.largest.max(opened.number);
                Try::Opened(opened)
            }
            None => Try::Others,
        }
    }

    /// What was put together by other keys was another connection's, or before a Retry: the client
    /// says it all again.
    fn by_own_keys(&mut self, from_client: bool, packet: &Packet<'_>) -> Option<Opened> {
        let destination = packet.header.destination;
        if !from_client && destination.len() < SHORTEST_FIRST_ID {
            return None;
        }
        for protection in packet.header.version.protections {
            if self.derivations >= MOST_DERIVATIONS || self.openings >= MOST_OPENINGS {
                return None;
            }
            self.derivations += 1;
            self.openings += 1;
            let keys = Keys::client(protection, destination)?;
            if let Some(opened) = keys.open(packet, None) {
                self.handshake = Assembly::default();
                self.keys = Some(Box::new(Held {
                    keys,
                    from_client,
                    largest: opened.number,
                }));
                return Some(opened);
            }
        }
        None
    }
}

/// What came of trying a packet with the keys that are held.
enum Try {
    Opened(Opened),
    /// They are not its keys: others may be.
    Others,
    /// It goes the other way, or there was enough of trying.
    Never,
}

fn clear_chlo(payload: &[u8], digits: u8) -> Parsed<Found> {
    match google::stream(payload, digits).map(google::name) {
        Some(Parsed::Done(name)) => Parsed::Done(Found::Chlo(name)),
        _ => Parsed::More,
    }
}
