//! One network namespace, seen through a process in it: its addresses and its tables of sockets,
//! read again when they are asked for and have grown old.

use super::best;
use crate::clock::Clock;
use crate::key::{Endpoint, Protocol};
use crate::platform::linux::sockets::table::{self, Table};
use crate::platform::{Distant, Socket};
use crate::units::Nanos;
use ahash::{AHashMap, AHashSet};
use std::fs;
use std::net::{IpAddr, Ipv6Addr};

/// Addresses change seldom.
const ADDRESSES_LAST: i64 = 2_000_000_000;
/// How long a table is good for, and how many times longer than it took to read.
const TABLE_LASTS: i64 = 40_000_000;
const TIMES: i64 = 50;
/// How many sockets of one table are kept.
const AT_MOST: usize = 65_536;
const ADDRESSES: usize = 4096;

pub(super) struct Space {
    pub(super) network: u64,
    /// Processes in it, oldest number first.
    pub(super) pids: Vec<u32>,
    addresses: AHashSet<IpAddr>,
    addresses_until: Option<Nanos>,
    tables: AHashMap<&'static str, Listing>,
}

struct Listing {
    sockets: Vec<Socket>,
    until: Nanos,
}

impl Space {
    pub(super) fn new(network: u64, pid: u32) -> Space {
        Space {
            network,
            pids: vec![pid],
            addresses: AHashSet::new(),
            addresses_until: None,
            tables: AHashMap::new(),
        }
    }

    pub(super) fn has_address(&mut self, address: IpAddr, now: Nanos) -> bool {
        if self.addresses_until.is_none_or(|until| now >= until) {
            self.addresses_until = Some(Nanos(now.0 + ADDRESSES_LAST));
            let read = self.pids.iter().find_map(|pid| addresses_of(*pid));
            self.addresses = read.unwrap_or_default();
        }
        self.addresses.contains(&address.to_canonical())
    }

    pub(super) fn find(
        &mut self,
        protocol: Protocol,
        local: Endpoint,
        remote: Endpoint,
        clock: &Clock,
    ) -> Option<Distant> {
        let mut fitting = Vec::new();
        for table in super::tables(protocol) {
            let sockets = self.listing(*table, clock);
            fitting.extend(best(protocol, local, remote, sockets));
        }
        best(protocol, local, remote, &fitting).map(|socket| Distant {
            socket,
            network: self.network,
            pids: self.pids.clone(),
        })
    }

    fn listing(&mut self, table: Table, clock: &Clock) -> &[Socket] {
        let began = clock.now().steady;
        let known = self.tables.get(table.0);
        if known.is_none_or(|listing| began >= listing.until) {
            let sockets = self.read(table);
            let ended = clock.now().steady;
            let lasts = TABLE_LASTS.max((ended.0 - began.0).saturating_mul(TIMES));
            let until = Nanos(ended.0.saturating_add(lasts));
            self.tables.insert(table.0, Listing { sockets, until });
        }
        let listing = self.tables.get(table.0);
        listing.map_or(&[], |listing| &listing.sockets)
    }

    /// Through the first of its processes that is still there.
    fn read(&self, table: Table) -> Vec<Socket> {
        for pid in &self.pids {
            let mut sockets = Vec::new();
            let read = table::read(&pid.to_string(), table, &mut |socket| {
                if sockets.len() < AT_MOST {
                    sockets.push(socket);
                }
            });
            if read.is_ok() {
                return sockets;
            }
        }
        Vec::new()
    }
}

fn addresses_of(pid: u32) -> Option<AHashSet<IpAddr>> {
    let four = fs::read_to_string(format!("/proc/{pid}/net/fib_trie")).ok()?;
    // A kernel without IPv6 has no such table.
    let six = fs::read_to_string(format!("/proc/{pid}/net/if_inet6")).unwrap_or_default();
    let addresses = local_of_trie(&four).chain(six.lines().filter_map(address6));
    Some(addresses.take(ADDRESSES).collect())
}

/// The tree of routes names an address, and says below it that it is local.
pub(super) fn local_of_trie(trie: &str) -> impl Iterator<Item = IpAddr> {
    let mut address = None;
    trie.lines().filter_map(move |line| {
        if let Some((_, named)) = line.split_once("|-- ") {
            address = named.trim().parse().ok();
            return None;
        }
        address.filter(|_| line.contains("/32 host LOCAL"))
    })
}

/// `fd00...01 02 40 00 80 eth0`: the address is written in 32 digits.
pub(super) fn address6(row: &str) -> Option<IpAddr> {
    let digits = row.split_ascii_whitespace().next()?;
    let number = u128::from_str_radix(digits, 16).ok()?;
    (digits.len() == 32).then(|| IpAddr::V6(Ipv6Addr::from(number)))
}
