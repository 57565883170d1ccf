//! What is believed of a socket, whoever has it. Knows no flows but their ends.

use crate::key::Protocol;
use crate::label::OwnerSource;
use crate::platform::{self, FlowSeen, Socket};
use std::net::IpAddr;

/// How an owner is known by a socket that is there now.
pub(super) fn source(socket: &Socket) -> OwnerSource {
    match (&socket.remote, socket.listens) {
        (Some(_), _) => OwnerSource::Exact,
        (None, true) => OwnerSource::Port,
        (None, false) => OwnerSource::Wildcard,
    }
}

/// It was received by a raw socket alone, and is of a protocol that the kernel answers by itself:
/// whoever listens to others' packets gets a copy of them all.
pub(super) fn is_overheard(seen: &FlowSeen) -> bool {
    seen.copies && !seen.sent && is_kernels(seen.protocol)
}

/// Whether the kernel itself, or by sockets of its own, answers packets of a protocol.
pub(super) fn is_kernels(protocol: Protocol) -> bool {
    const IGMP: Protocol = Protocol(2);
    const UDPLITE: Protocol = Protocol(136);
    [
        Protocol::ICMP,
        IGMP,
        Protocol::TCP,
        Protocol::UDP,
        Protocol::ICMP6,
        Protocol::SCTP,
        UDPLITE,
    ]
    .contains(&protocol)
}

/// Whether the process that has this number began before a time.
pub(super) fn lived(pid: u32, at: u64) -> bool {
    platform::started(pid).is_some_and(|began| began <= at)
}

/// Whether an address is nobody's own: a group's, or one of the link alone.
pub(super) fn is_of_all(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(four) => four.is_multicast() || four.is_broadcast() || four.is_unspecified(),
        IpAddr::V6(six) => {
            six.is_multicast() || six.is_unspecified() || six.is_unicast_link_local()
        }
    }
}
