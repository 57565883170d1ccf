//! Sockets in other network namespaces: containers'. They are read as text through a process that is
//! in one, as entering it takes more than may be had. Only namespaces that have the address in
//! question are looked at, and no table more often than is cheap.

mod space;

use super::folder::{self, Folder, numbered};
use super::sockets::{hears, table};
use crate::clock::Clock;
use crate::key::{Endpoint, Protocol};
use crate::platform::{Distant, Socket};
use crate::units::Nanos;
use space::Space;
use table::tables;

/// How many namespaces are known, and how many processes of each.
const SPACES: usize = 256;
const PROCESSES: usize = 64;
/// All processes are asked where they are at most this often.
const INTERVAL: i64 = 300_000_000;

/// The other network namespaces of this machine, as far as we may look.
pub struct Elsewhere {
    clock: Clock,
    home: Option<u64>,
    spaces: Vec<Space>,
    listed: Option<Nanos>,
}

impl Elsewhere {
    /// Of the thread that calls, "other" is meant.
    pub fn new(clock: Clock) -> Elsewhere {
        let home = std::fs::read_link("/proc/thread-self/ns/net").ok();
        Elsewhere {
            clock,
            home: home.and_then(|link| numbered(link.as_os_str(), "net")),
            spaces: Vec::new(),
            listed: None,
        }
    }

    /// The socket of a flow whose local end is in another namespace: the connected one, else the
    /// only one that hears there. `None` as well where two namespaces could be meant.
    pub fn find(
        &mut self,
        protocol: Protocol,
        local: Endpoint,
        remote: Endpoint,
    ) -> Option<Distant> {
        if local.address.is_loopback() {
            return None;
        }
        self.list_if_due();
        let now = self.clock.now().steady;
        let clock = &self.clock;
        let there = self.spaces.iter_mut();
        let mut found: Vec<Distant> = there
            .filter_map(|space| {
                let has = space.has_address(local.address, now);
                has.then(|| space.find(protocol, local, remote, clock))?
            })
            .collect();
        if found.iter().any(|it| it.socket.remote.is_some()) {
            found.retain(|it| it.socket.remote.is_some());
        }
        let first = found.pop();
        if found.is_empty() { first } else { None }
    }

    fn list_if_due(&mut self) {
        let now = self.clock.now().steady;
        if self.listed.is_some_and(|at| now.0 - at.0 < INTERVAL) {
            return;
        }
        self.listed = Some(now);
        for space in &mut self.spaces {
            space.pids.clear();
        }
        for pid in folder::pids().unwrap_or_default() {
            self.place(pid);
        }
        self.spaces.retain(|space| !space.pids.is_empty());
    }

    fn place(&mut self, pid: u32) {
        let network = Folder::open(pid).and_then(|folder| folder.link("ns/net"));
        let Some(network) = network.ok().and_then(|link| numbered(&link, "net")) else {
            return;
        };
        if Some(network) == self.home {
            return;
        }
        if let Some(space) = self.spaces.iter_mut().find(|it| it.network == network) {
            if space.pids.len() < PROCESSES {
                space.pids.push(pid);
            }
        } else if self.spaces.len() < SPACES {
            self.spaces.push(Space::new(network, pid));
        }
    }
}

/// Which of these sockets a flow is of, if it can only be one.
fn best(
    protocol: Protocol,
    local: Endpoint,
    remote: Endpoint,
    sockets: &[Socket],
) -> Option<Socket> {
    let of = |socket: &&Socket| socket.protocol == protocol;
    let connected = sockets.iter().filter(of).filter(|socket| {
        let to = |end: Endpoint| end.address == remote.address && end.port == remote.port;
        socket.remote.is_some_and(to) && hears(socket, local)
    });
    let open = sockets
        .iter()
        .filter(of)
        .filter(|socket| socket.remote.is_none() && hears(socket, local));
    let connected: Vec<_> = connected.collect();
    let open: Vec<_> = open.collect();
    match (connected.as_slice(), open.as_slice()) {
        ([one], _) | ([], [one]) => Some((*one).clone()),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
