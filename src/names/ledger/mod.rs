//! The ledger of addresses and the names that were asked for them: what a client most likely means
//! by an address that it talks to. Bounded, and forgotten when it is no longer true. Time is an
//! argument; the same answers in the same order give the same names.
//!
//! An answer holds for the client that was given it. For an address of the whole Internet it serves
//! others too, marked as such: a host asks over IPv4 and talks over IPv6, or asks a resolver of its
//! own on the loopback interface. What was told to a multicast group was told to all on that link.
//! Whoever sends a packet can write in here: a name out of it is a likely one, never a certain one.

mod reach;
mod nat64;
mod known;

use self::known::Names;
use self::nat64::Prefixes;
use self::reach::{Reach, word};
use super::Name;
use super::dns::Answer;
use crate::units::{NANOS, Nanos};
use ahash::RandomState;
use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr};

/// Addresses of clients that a ledger remembers, unless told otherwise.
pub const MOST_ADDRESSES: usize = 65_536;
/// Names that are remembered of one address for one client: the latest.
pub const MOST_NAMES: usize = known::MOST;
/// An entry that is over is kept for flows that began before it was, in seconds: their names may
/// come late.
const LATE: i64 = 60;

/// Whom an answer holds for, and the address in it; both as IPv6, IPv4 mapped (RFC 4291, 2.5.5.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Key {
    client: u128,
    address: u128,
}

/// Stands for whoever asks: no client has the unspecified address.
const ANYONE: u128 = 0;
/// Stands for all that hear a multicast group: no client has a group's address.
const LINK: u128 = u128::MAX;

type Entries = HashMap<Key, Names, RandomState>;

/// Two generations: when the younger is full the elder goes, so that a flood of answers costs no
/// search and cannot keep the latest ones out.
#[derive(Debug)]
pub struct Ledger {
    younger: Entries,
    elder: Entries,
    generation: usize,
    prefixes: Prefixes,
}

/// What the ledger calls an address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    pub name: Name,
    /// From the answer to the beginning of the flow: nothing where the answer came after it.
    pub age: Nanos,
    /// Another name had this address at that time too.
    pub ambiguous: bool,
    /// Known from a service record's hint, not from an address record.
    pub hint: bool,
    /// The answer was given to another client.
    pub other_client: bool,
    /// The address is a translator's (RFC 6052) and stands for this one.
    pub nat64: Option<Ipv4Addr>,
}

impl Default for Ledger {
    fn default() -> Ledger {
        Ledger::new(MOST_ADDRESSES)
    }
}

impl Ledger {
    /// A ledger of at most `most` addresses of clients; an Internet address takes two.
    pub fn new(most: usize) -> Ledger {
        Ledger {
            younger: Entries::default(),
            elder: Entries::default(),
            generation: (most / 2).max(1),
            prefixes: Prefixes::default(),
        }
    }

    /// Notes an answer that `client` was given at `at`.
    pub fn learn(&mut self, client: IpAddr, answer: &Answer, at: Nanos) {
        self.prefixes.learn(answer);
        let address = answer.address.to_canonical();
        let reach = Reach::of(self.prefixes.inside(address).map_or(address, IpAddr::V4));
        let is_link = client.is_multicast();
        // Whoever is on the link can announce anything: not who the Internet's addresses are.
        if reach == Reach::Nobody || (is_link && reach == Reach::Anyone) {
            return;
        }
        let client = if is_link { LINK } else { word(client) };
        self.note(
            Key {
                client,
                address: word(address),
            },
            answer,
            at,
        );
        if reach == Reach::Anyone {
            self.note(
                Key {
                    client: ANYONE,
                    address: word(address),
                },
                answer,
                at,
            );
        }
    }

    /// The name that `client` most likely meant by `address` when a flow began at `at`: that of the
    /// latest answer that still held then. Its own answers come first. An answer names no flow that
    /// began more than two seconds before it.
    pub fn name(&self, client: IpAddr, address: IpAddr, at: Nanos) -> Option<Told> {
        let address = address.to_canonical();
        let nat64 = self.prefixes.inside(address);
        let told = self.told(client, address, at);
        // A host that translates by itself (RFC 6877) asks for the address inside.
        let told = told.or_else(|| self.told(client, nat64?.into(), at))?;
        Some(Told { nat64, ..told })
    }

    /// Forgets what is over when it is `now`.
    pub fn forget(&mut self, now: Nanos) {
        let over = Nanos(now.0.saturating_sub(LATE * NANOS));
        for entries in [&mut self.younger, &mut self.elder] {
            entries.retain(|_, names| names.forget(over, now));
        }
    }

    /// How many addresses of clients are remembered.
    pub fn len(&self) -> usize {
        self.younger.len() + self.elder.len()
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn note(&mut self, key: Key, answer: &Answer, at: Nanos) {
        if let Some(names) = self.younger.get_mut(&key) {
            return names.note(answer, at);
        }
        let mut names = self.elder.remove(&key).unwrap_or_default();
        names.note(answer, at);
        if self.younger.len() >= self.generation {
            self.elder = std::mem::take(&mut self.younger);
        }
        self.younger.insert(key, names);
    }

    fn told(&self, client: IpAddr, address: IpAddr, at: Nanos) -> Option<Told> {
        let address = word(address);
        let find = |client| self.find(Key { client, address })?.at(at);
        let others = |told| Told {
            other_client: true,
            ..told
        };
        find(word(client))
            .or_else(|| find(ANYONE).map(others))
            .or_else(|| find(LINK))
    }

    fn find(&self, key: Key) -> Option<&Names> {
        self.younger.get(&key).or_else(|| self.elder.get(&key))
    }
}

#[cfg(test)]
mod tests;
#[cfg(test)]
mod model_tests;
