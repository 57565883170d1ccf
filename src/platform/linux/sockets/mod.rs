//! The sockets of this network namespace, from sock_diag; raw and ping sockets from the kernel's
//! text tables, as few kernels have sock_diag for them. Knows no process.

mod diag;
mod packet;
pub(in crate::platform::linux) mod table;

use super::netlink::Netlink;
use crate::key::{Endpoint, Protocol};
use crate::platform::{Error, PacketSocket, Socket};
use diag::{ALL_STATES, BY_FAMILY, FAMILIES, LISTENING, Question};
use netlink_sys::protocols::NETLINK_SOCK_DIAG;
use nix::libc;
use std::io;
use std::net::IpAddr;

const UDPLITE: Protocol = Protocol(136);
/// Those that the kernel may list by sock_diag.
const LISTED: [Protocol; 4] = [Protocol::TCP, Protocol::UDP, UDPLITE, Protocol::SCTP];
/// IPPROTO_RAW: a raw socket that sends whatever protocol its packets name, and receives nothing.
const ANY: Protocol = Protocol(255);
/// How many sockets of one port are looked at.
const AT_MOST: usize = 256;

/// The sockets of the network namespace in which this was opened.
pub struct Sockets {
    netlink: Netlink,
}

impl Sockets {
    pub fn open() -> Result<Sockets, Error> {
        let netlink = Netlink::open(NETLINK_SOCK_DIAG);
        let netlink = netlink.map_err(Error::system("ask the kernel for sockets"))?;
        Ok(Sockets { netlink })
    }

    /// Hands every socket of TCP, UDP, UDP-Lite, SCTP, raw IP and ping to `each`, as far as the
    /// kernel has them. IPv4 on a socket of IPv6 is told as IPv4.
    pub fn dump(&mut self, each: &mut dyn FnMut(Socket)) -> Result<(), Error> {
        for protocol in LISTED {
            for family in FAMILIES {
                self.list(&Question::list(family, protocol), each)?;
            }
        }
        portless(each);
        Ok(())
    }

    /// The socket that the kernel would give a packet from `remote` to `local` to, by a question
    /// for it alone. `remote` is `None` in a socket that is not connected: one that listens, or is
    /// bound to the port. `interface` is the packet's; 0 finds no socket that is bound to one.
    /// Where the protocol has no ports: the only one that fits, connected ones first.
    pub fn find(
        &mut self,
        protocol: Protocol,
        local: Endpoint,
        remote: Endpoint,
        interface: u32,
    ) -> Result<Option<Socket>, Error> {
        let (local, remote) = (canonical(local), canonical(remote));
        if local.address.is_ipv4() != remote.address.is_ipv4() {
            return Ok(None);
        }
        if !LISTED.contains(&protocol) {
            return Ok(only_one(&at_portless(protocol, local, Some(remote))));
        }
        // UDP's question names the ends as the packet that comes in does.
        let (source, destination) = match protocol {
            Protocol::UDP | UDPLITE => (remote, local),
            _ => (local, remote),
        };
        let question = Question {
            source: Some(source),
            destination: Some(destination),
            interface,
            ..Question::list(family(local), protocol)
        };
        self.ask(&question)
    }

    /// Every socket that is not connected and gets what is sent to `local`, or may send from there:
    /// bound to this port, and to this address or to every one. At most 256.
    pub fn at(&mut self, protocol: Protocol, local: Endpoint) -> Result<Vec<Socket>, Error> {
        let local = canonical(local);
        let Some(port) = local.port.filter(|_| LISTED.contains(&protocol)) else {
            return Ok(at_portless(protocol, local, None));
        };
        let mut found = Vec::new();
        for family in FAMILIES {
            let question = Question {
                states: if protocol == Protocol::TCP {
                    LISTENING
                } else {
                    ALL_STATES
                },
                port,
                ..Question::list(family, protocol)
            };
            self.list(&question, &mut |socket| {
                if socket.remote.is_none() && hears(&socket, local) && found.len() < AT_MOST {
                    found.push(socket);
                }
            })?;
        }
        Ok(found)
    }

    /// The sockets that send and receive whole frames.
    pub fn packets(&mut self) -> Result<Vec<PacketSocket>, Error> {
        let mut found = Vec::new();
        let listed = self
            .netlink
            .list(BY_FAMILY, &packet::question(), &mut |body| {
                found.extend(packet::socket(body));
            });
        listed.map_err(Error::system("list the packet sockets"))?;
        Ok(found)
    }

    fn ask(&mut self, question: &Question) -> Result<Option<Socket>, Error> {
        match self.netlink.get(BY_FAMILY, &question.bytes()) {
            Ok(body) => Ok(diag::socket(body, question.protocol)),
            Err(error) if is_absent(&error) => Ok(None),
            Err(error) => Err(Error::system("ask the kernel for a socket")(error)),
        }
    }

    /// From the text tables where the kernel has no sock_diag for the protocol.
    fn list(&mut self, question: &Question, each: &mut dyn FnMut(Socket)) -> Result<(), Error> {
        let bytes = question.bytes();
        let listed = self.netlink.list(BY_FAMILY, &bytes, &mut |body| {
            if let Some(socket) = diag::socket(body, question.protocol) {
                each(socket);
            }
        });
        match listed {
            Err(error) if is_absent(&error) => {
                listed_as_text(question, each);
                Ok(())
            }
            other => other.map_err(Error::system("list the sockets")),
        }
    }
}

/// There is no such socket, or none of this protocol in this kernel.
fn is_absent(error: &io::Error) -> bool {
    let absent = [libc::ENOENT, libc::EOPNOTSUPP, libc::EPROTONOSUPPORT];
    error
        .raw_os_error()
        .is_some_and(|code| absent.contains(&code))
}

fn listed_as_text(question: &Question, each: &mut dyn FnMut(Socket)) {
    let protocol = question.protocol;
    let six = i32::from(question.family) == libc::AF_INET6;
    let tables = table::tables(protocol).iter();
    for table in tables.filter(|(name, its)| *its == Some(protocol) && name.ends_with('6') == six) {
        // A kernel without the protocol has no such table.
        let _ = table::read("thread-self", *table, &mut |socket| {
            if question.port == 0 || socket.local.port == Some(question.port) {
                each(socket);
            }
        });
    }
}

fn portless(each: &mut dyn FnMut(Socket)) {
    for table in table::PORTLESS {
        // Likewise.
        let _ = table::read("thread-self", table, each);
    }
}

fn at_portless(protocol: Protocol, local: Endpoint, remote: Option<Endpoint>) -> Vec<Socket> {
    let mut found = Vec::new();
    portless(&mut |socket| {
        let speaks = socket.protocol == protocol || socket.protocol == ANY;
        let to = |end: Endpoint| remote.is_none_or(|remote| remote.address == end.address);
        if speaks && hears(&socket, local) && socket.remote.is_none_or(to) && found.len() < AT_MOST
        {
            found.push(socket);
        }
    });
    found
}

/// Whether a socket's own end is `local`, or any end of its family with that port.
pub(in crate::platform::linux) fn hears(socket: &Socket, local: Endpoint) -> bool {
    let port = socket.local.port.is_none() || socket.local.port == local.port;
    let here = match (socket.local.address, local.address) {
        (bound, address) if bound == address => true,
        (IpAddr::V4(bound), IpAddr::V4(_)) => bound.is_unspecified(),
        (IpAddr::V6(bound), IpAddr::V6(_)) => bound.is_unspecified(),
        // Of protocols without ports, each family has its own sockets.
        (IpAddr::V6(bound), IpAddr::V4(_)) => {
            bound.is_unspecified() && !socket.six_only && socket.local.port.is_some()
        }
        (IpAddr::V4(_), IpAddr::V6(_)) => false,
    };
    port && here
}

/// The best of several, if it is the only one of its kind: connected ones before others.
fn only_one(fitting: &[Socket]) -> Option<Socket> {
    let connected = || fitting.iter().filter(|socket| socket.remote.is_some());
    let mut best: Vec<&Socket> = connected().collect();
    if best.is_empty() {
        best = fitting.iter().collect();
    }
    match best.as_slice() {
        [one] => Some((*one).clone()),
        _ => None,
    }
}

fn canonical(end: Endpoint) -> Endpoint {
    Endpoint {
        address: end.address.to_canonical(),
        ..end
    }
}

fn family(end: Endpoint) -> u8 {
    let [four, six] = FAMILIES;
    if end.address.is_ipv4() { four } else { six }
}

#[cfg(test)]
mod tests;
