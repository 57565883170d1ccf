//! What the kernel told of flows, by their ends as their sockets see them. Bounded: two generations,
//! when the younger is full the elder goes. Knows no processes beyond their numbers.

use crate::key::{Endpoint, Protocol};
use crate::owners::message::Question;
use crate::platform::FlowSeen;
use ahash::AHashMap;

/// Flows in a generation.
const MOST: usize = 65_536;
/// Sockets that are kept of one flow: copies go to several, and a server's port to its workers.
const FEW: usize = 4;

/// A flow's ends, its socket's own first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Ends {
    pub protocol: Protocol,
    pub local: (std::net::IpAddr, Option<u16>),
    pub remote: (std::net::IpAddr, Option<u16>),
}

impl Ends {
    pub(super) fn new(protocol: Protocol, local: Endpoint, remote: Endpoint) -> Ends {
        Ends {
            protocol,
            local: (local.address, local.port),
            remote: (remote.address, remote.port),
        }
    }

    pub(super) fn of(question: &Question) -> Ends {
        Ends::new(question.protocol, question.local, question.remote)
    }

    /// As the socket at the other end would have it.
    pub(super) fn swapped(self) -> Ends {
        Ends {
            protocol: self.protocol,
            local: self.remote,
            remote: self.local,
        }
    }

    pub(super) fn local(self) -> Endpoint {
        Endpoint {
            address: self.local.0,
            port: self.local.1,
        }
    }

    pub(super) fn remote(self) -> Endpoint {
        Endpoint {
            address: self.remote.0,
            port: self.remote.1,
        }
    }
}

#[derive(Debug, Default)]
pub(super) struct Flows {
    younger: AHashMap<Ends, Vec<FlowSeen>>,
    elder: AHashMap<Ends, Vec<FlowSeen>>,
}

impl Flows {
    pub(super) fn learn(&mut self, seen: FlowSeen) {
        let ends = Ends::new(seen.protocol, seen.local, seen.remote);
        if !self.younger.contains_key(&ends) && self.younger.len() >= MOST {
            self.elder = std::mem::take(&mut self.younger);
        }
        let elder = &mut self.elder;
        let known = self
            .younger
            .entry(ends)
            .or_insert_with(|| elder.remove(&ends).unwrap_or_default());
        known.retain(|known| !replaces(&seen, known));
        if known.len() >= FEW {
            known.remove(0);
        }
        known.push(seen);
    }

    /// The socket that has a flow most likely, in whichever network namespace: one that sent rather
    /// than one that got a copy, the latest.
    pub(super) fn of(&self, ends: &Ends) -> Option<&FlowSeen> {
        let known = self.younger.get(ends).or_else(|| self.elder.get(ends))?;
        known
            .iter()
            .max_by_key(|seen| (seen.sent, !seen.copies, seen.at))
    }
}

/// Whether what was told before is worth nothing beside the new: the same socket, which has not
/// only received since; or a connection that is over, as two sockets never have one.
fn replaces(new: &FlowSeen, known: &FlowSeen) -> bool {
    let is_connection =
        |seen: &FlowSeen| seen.protocol == Protocol::TCP && !seen.copies && !seen.packet;
    if new.cookie == known.cookie {
        return new.packet == known.packet && (new.sent || !known.sent);
    }
    is_connection(new) && is_connection(known) && new.network == known.network
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platform::Run;

    fn seen(cookie: u64, at: u64, sent: bool, copies: bool, network: u64) -> FlowSeen {
        let end = |address: &str, port| Endpoint {
            address: address.parse().unwrap(),
            port: Some(port),
        };
        FlowSeen {
            protocol: Protocol::UDP,
            local: end("10.0.0.1", 5_000),
            remote: end("10.0.0.2", 53),
            cookie,
            network,
            run: Some(Run { pid: 1, since: 0 }),
            at,
            sent,
            accepted: false,
            copies,
            packet: false,
        }
    }

    #[test]
    fn who_sends_has_a_flow_rather_than_who_gets_copies_and_the_latest_of_equals() {
        let told = [
            (
                vec![seen(1, 1, true, true, 0), seen(2, 2, false, true, 0)],
                1,
            ),
            (
                vec![seen(1, 1, false, true, 0), seen(2, 2, false, false, 0)],
                2,
            ),
            (
                vec![seen(1, 1, true, false, 0), seen(2, 2, true, false, 0)],
                2,
            ),
            (
                vec![seen(1, 2, true, false, 7), seen(2, 1, true, false, 8)],
                1,
            ),
            (
                vec![seen(1, 1, true, false, 7), seen(2, 2, false, false, 8)],
                1,
            ),
        ];
        for (told, expected) in told {
            let mut flows = Flows::default();
            let ends = Ends::new(told[0].protocol, told[0].local, told[0].remote);
            told.iter().cloned().for_each(|seen| flows.learn(seen));
            let found = flows.of(&ends).map(|seen| seen.cookie);
            assert_eq!(found, Some(expected), "{told:?}");
            assert_eq!(flows.of(&ends.swapped()), None);
        }
    }

    #[test]
    fn a_connection_with_the_ends_of_one_that_is_over_takes_its_place() {
        let connection = |seen: FlowSeen| FlowSeen {
            protocol: Protocol::TCP,
            ..seen
        };
        let (before, after) = (seen(1, 1, true, false, 7), seen(2, 2, false, false, 7));
        let copy = seen(3, 3, false, true, 7);
        let ends = Ends::new(Protocol::TCP, before.local, before.remote);
        let mut flows = Flows::default();
        for told in [before, after, copy] {
            flows.learn(connection(told));
        }
        assert_eq!(flows.of(&ends).map(|seen| seen.cookie), Some(2));
    }

    #[test]
    fn a_socket_is_known_once_and_that_it_sent_is_kept() {
        let mut flows = Flows::default();
        flows.learn(seen(1, 1, true, false, 0));
        flows.learn(seen(1, 2, false, false, 0));
        let ends = Ends::new(
            Protocol::UDP,
            seen(1, 1, true, false, 0).local,
            seen(1, 1, true, false, 0).remote,
        );
        assert!(flows.of(&ends).is_some_and(|seen| seen.sent));
        assert_eq!(flows.younger.len(), 1);
    }
}
