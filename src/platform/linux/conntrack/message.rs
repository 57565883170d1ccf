//! The bytes of connection tracking's questions and answers (`linux/netfilter/nfnetlink_conntrack.h`).

use crate::key::{Endpoint, Protocol};
use crate::platform::Ends;
use crate::platform::linux::netlink::{attribute, field};
use nix::libc;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// NFNL_SUBSYS_CTNETLINK, IPCTNL_MSG_CT_GET.
pub(super) const GET: u16 = 1 << 8 | 1;

const TUPLE_ORIGINAL: u16 = 1;
const TUPLE_REPLY: u16 = 2;
const TUPLE_ADDRESSES: u16 = 1;
const TUPLE_PROTOCOL: u16 = 2;
/// Source and destination, of IPv4 and of IPv6.
const ADDRESSES4: [u16; 2] = [1, 2];
const ADDRESSES6: [u16; 2] = [3, 4];
const PROTOCOL_NUMBER: u16 = 1;
const PORTS: [u16; 2] = [2, 3];
const NESTED: u16 = 0x8000;
/// `struct nfgenmsg`: family, version, resource.
const HEADER: usize = 4;

/// A connection's tuples: of the packet that began it, and of its answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) original: Ends,
    pub(super) reply: Ends,
}

/// `None` where the ends are of two families, or have no ports.
pub(super) fn question(protocol: Protocol, (from, to): Ends) -> Option<Vec<u8>> {
    let (family, addresses) = match (from.address, to.address) {
        (IpAddr::V4(from), IpAddr::V4(to)) => {
            let [source, destination] = ADDRESSES4;
            let addresses = [
                (source, from.octets().to_vec()),
                (destination, to.octets().to_vec()),
            ];
            (libc::AF_INET, addresses)
        }
        (IpAddr::V6(from), IpAddr::V6(to)) => {
            let [source, destination] = ADDRESSES6;
            let addresses = [
                (source, from.octets().to_vec()),
                (destination, to.octets().to_vec()),
            ];
            (libc::AF_INET6, addresses)
        }
        _ => return None,
    };
    let addresses = addresses
        .iter()
        .flat_map(|(kind, bytes)| with(*kind, bytes));
    let addresses: Vec<u8> = addresses.collect();
    let [source, destination] = PORTS;
    let mut ports = with(PROTOCOL_NUMBER, &[protocol.0]);
    ports.extend(with(source, &from.port?.to_be_bytes()));
    ports.extend(with(destination, &to.port?.to_be_bytes()));
    let mut tuple = with(TUPLE_ADDRESSES | NESTED, &addresses);
    tuple.extend(with(TUPLE_PROTOCOL | NESTED, &ports));
    let mut message = vec![family as u8, 0, 0, 0];
    message.extend(with(TUPLE_ORIGINAL | NESTED, &tuple));
    Some(message)
}

pub(super) fn entry(body: &[u8]) -> Option<Entry> {
    let attributes = body.get(HEADER..)?;
    let tuple = |kind| ends(attribute(attributes, kind)?);
    Some(Entry {
        original: tuple(TUPLE_ORIGINAL)?,
        reply: tuple(TUPLE_REPLY)?,
    })
}

fn ends(tuple: &[u8]) -> Option<Ends> {
    let addresses = attribute(tuple, TUPLE_ADDRESSES)?;
    let protocol = attribute(tuple, TUPLE_PROTOCOL)?;
    let end = |at: usize| {
        let four = || field::<4>(attribute(addresses, *ADDRESSES4.get(at)?)?, 0);
        let six = || field::<16>(attribute(addresses, *ADDRESSES6.get(at)?)?, 0);
        let address = four().map(|octets| IpAddr::V4(Ipv4Addr::from(octets)));
        let address = address.or_else(|| Some(IpAddr::V6(Ipv6Addr::from(six()?))))?;
        let port = field(attribute(protocol, *PORTS.get(at)?)?, 0).map(u16::from_be_bytes);
        Some(Endpoint { address, port })
    };
    Some((end(0)?, end(1)?))
}

/// An attribute, filled up to a multiple of four bytes.
fn with(kind: u16, content: &[u8]) -> Vec<u8> {
    let length = 4 + content.len();
    let mut bytes = (length as u16).to_ne_bytes().to_vec();
    bytes.extend(kind.to_ne_bytes());
    bytes.extend(content);
    bytes.resize(length.next_multiple_of(4), 0);
    bytes
}
