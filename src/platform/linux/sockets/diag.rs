//! The bytes of sock_diag's questions and answers about Internet sockets (`linux/inet_diag.h`).
//! Knows no socket of its own.

use crate::key::{Endpoint, Protocol};
use crate::platform::Socket;
use crate::platform::linux::netlink::{attribute, field};
use nix::libc;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// The type of all messages of this family.
pub(super) const BY_FAMILY: u16 = 20;
/// Every state that a socket can be in.
pub(super) const ALL_STATES: u32 = u32::MAX;
/// What listens: a small table of its own in the kernel.
pub(super) const LISTENING: u32 = 1 << LISTEN;

const LISTEN: u8 = 10;
/// `struct inet_diag_msg` without its attributes.
const MESSAGE: usize = 72;
const INET_DIAG_SKV6ONLY: u16 = 11;

/// The Internet's families of addresses.
pub(super) const FAMILIES: [u8; 2] = [libc::AF_INET as u8, libc::AF_INET6 as u8];

/// What is asked: `struct inet_diag_req_v2`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Question {
    pub(super) family: u8,
    pub(super) protocol: Protocol,
    pub(super) states: u32,
    pub(super) source: Option<Endpoint>,
    pub(super) destination: Option<Endpoint>,
    /// The port of the source alone, in lists.
    pub(super) port: u16,
    /// The interface that the packet came by; 0: any.
    pub(super) interface: u32,
}

impl Question {
    pub(super) fn list(family: u8, protocol: Protocol) -> Question {
        Question {
            family,
            protocol,
            states: ALL_STATES,
            source: None,
            destination: None,
            port: 0,
            interface: 0,
        }
    }

    pub(super) fn bytes(&self) -> Vec<u8> {
        let mut bytes = vec![self.family, self.protocol.0, 0, 0];
        bytes.extend(self.states.to_ne_bytes());
        let port = |end: Option<Endpoint>| end.and_then(|end| end.port).unwrap_or(0);
        bytes.extend(port(self.source).max(self.port).to_be_bytes());
        bytes.extend(port(self.destination).to_be_bytes());
        bytes.extend(raw(self.source));
        bytes.extend(raw(self.destination));
        bytes.extend(self.interface.to_ne_bytes());
        // Whatever the socket's cookie is.
        bytes.extend([u8::MAX; 8]);
        bytes
    }
}

/// IPv4 lies in the first of sixteen bytes.
fn raw(end: Option<Endpoint>) -> [u8; 16] {
    match end.map(|end| end.address) {
        None => [0; 16],
        Some(IpAddr::V6(address)) => address.octets(),
        Some(IpAddr::V4(address)) => {
            let mut bytes = [0; 16];
            for (byte, octet) in bytes.iter_mut().zip(address.octets()) {
                *byte = octet;
            }
            bytes
        }
    }
}

/// The socket that an answer describes.
pub(super) fn socket(body: &[u8], protocol: Protocol) -> Option<Socket> {
    let [family, state] = field(body, 0)?;
    let local = end(family, body, 4, 8)?;
    let remote = end(family, body, 6, 24)?;
    let attributes = body.get(MESSAGE..)?;
    let six_only = attribute(attributes, INET_DIAG_SKV6ONLY).is_some_and(|it| it == [1]);
    Some(Socket {
        protocol,
        local,
        remote: (remote.port != Some(0)).then_some(remote),
        user: u32::from_ne_bytes(field(body, 64)?),
        inode: u64::from(u32::from_ne_bytes(field(body, 68)?)),
        cookie: cookie(body, 44)?,
        listens: state == LISTEN,
        six_only,
    })
}

/// Two words, the low one first.
pub(super) fn cookie(body: &[u8], at: usize) -> Option<u64> {
    let low = u32::from_ne_bytes(field(body, at)?);
    let high = u32::from_ne_bytes(field(body, at + 4)?);
    Some(u64::from(high) << 32 | u64::from(low))
}

fn end(family: u8, body: &[u8], port: usize, address: usize) -> Option<Endpoint> {
    let address = match i32::from(family) {
        libc::AF_INET => IpAddr::V4(Ipv4Addr::from(field::<4>(body, address)?)),
        libc::AF_INET6 => IpAddr::V6(Ipv6Addr::from(field::<16>(body, address)?)).to_canonical(),
        _ => return None,
    };
    let port = Some(u16::from_be_bytes(field(body, port)?));
    Some(Endpoint { address, port })
}
