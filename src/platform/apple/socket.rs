//! What libproc says of a socket (`struct socket_fdinfo` of `bsd/sys/proc_info.h`), read by offset.

use crate::key::{Endpoint, Protocol};
use crate::platform::Socket;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Bytes of the structure.
pub(crate) const SOCKET_INFO: usize = 792;

const SOCKET: usize = 160;
const PROTOCOL: usize = 180;
const KIND: usize = 256;
/// Sockets of the Internet, and those of them that are TCP's.
const KIND_INTERNET: u32 = 1;
const KIND_TCP: u32 = 2;
/// What all of the Internet's have, and TCP's behind that.
const FAR_PORT: usize = 264;
const NEAR_PORT: usize = 268;
const GENERATION: usize = 272;
const VERSIONS: usize = 288;
const FOUR: u8 = 1;
const SIX: u8 = 2;
const FAR: usize = 296;
const NEAR: usize = 312;
const STATE: usize = 344;
const LISTENS: u32 = 1;

/// The socket of a process of this user; `None` where it is none of the Internet's.
pub(crate) fn socket(told: &[u8], user: u32) -> Option<Socket> {
    let kind = u32::from_le_bytes(field(told, KIND)?);
    let protocol = match kind {
        KIND_TCP => Protocol::TCP,
        KIND_INTERNET => Protocol(u8::try_from(u32::from_le_bytes(field(told, PROTOCOL)?)).ok()?),
        _ => return None,
    };
    let far = endpoint(told, FAR, FAR_PORT, protocol)?;
    let listens = kind == KIND_TCP && u32::from_le_bytes(field(told, STATE)?) == LISTENS;
    let connected = far.port.unwrap_or(0) > 0 || !far.address.is_unspecified();
    let local = endpoint(told, NEAR, NEAR_PORT, protocol)?;
    let [versions] = field(told, VERSIONS)?;
    Some(Socket {
        protocol,
        local,
        remote: connected.then_some(far),
        user,
        // As the kernel calls the socket, as long as it is open; files have no numbers of their own.
        inode: u64::from_le_bytes(field(told, SOCKET)?),
        cookie: u64::from_le_bytes(field(told, GENERATION)?),
        listens,
        six_only: versions == SIX && !connected && local.address.is_unspecified(),
    })
}

/// An address and a port in network byte order; raw sockets have no ports.
fn endpoint(told: &[u8], address: usize, port: usize, protocol: Protocol) -> Option<Endpoint> {
    let bytes: [u8; 16] = field(told, address)?;
    let [versions] = field(told, VERSIONS)?;
    let six = Ipv6Addr::from(bytes);
    let four = six.to_ipv4_mapped().or_else(|| {
        let [.., a, b, c, d] = bytes;
        let only = versions & FOUR != 0 && six.to_bits() >> 32 == 0;
        // Bound to every address of both versions it is told as six's.
        (versions == FOUR || only && six.to_bits() > 1).then_some(Ipv4Addr::new(a, b, c, d))
    });
    let port = u16::from_be_bytes(field(told, port)?);
    let with_ports = [Protocol::TCP, Protocol::UDP].contains(&protocol);
    Some(Endpoint {
        address: four.map_or(IpAddr::V6(six), IpAddr::V4),
        port: with_ports.then_some(port),
    })
}

fn field<const N: usize>(told: &[u8], at: usize) -> Option<[u8; N]> {
    told.get(at..)?.first_chunk().copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An end of a socket: its address as the structure has it, and its port.
    type Place = ([u8; 16], u16);

    const NOWHERE: Place = ([0; 16], 0);

    fn four(address: [u8; 4], port: u16) -> Place {
        let mut bytes = [0; 16];
        bytes[12..].copy_from_slice(&address);
        (bytes, port)
    }

    fn told(kind: u32, protocol: u32, versions: u8, ends: [Place; 2], state: u32) -> Vec<u8> {
        let mut told = vec![0; SOCKET_INFO];
        let mut put = |at: usize, bytes: &[u8]| told[at..at + bytes.len()].copy_from_slice(bytes);
        put(SOCKET, &0x1122_3344_5566_7788u64.to_le_bytes());
        put(PROTOCOL, &protocol.to_le_bytes());
        put(KIND, &kind.to_le_bytes());
        put(GENERATION, &99u64.to_le_bytes());
        put(VERSIONS, &[versions, 64]);
        let [(near, near_port), (far, far_port)] = ends;
        put(NEAR, &near);
        put(NEAR_PORT, &near_port.to_be_bytes());
        put(FAR, &far);
        put(FAR_PORT, &far_port.to_be_bytes());
        put(STATE, &state.to_le_bytes());
        told
    }

    #[test]
    fn sockets_of_each_kind_are_told_as_they_are() {
        let here = four([10, 0, 0, 1], 5000);
        let there = four([192, 0, 2, 7], 443);
        let six = "2001:db8::1".parse::<Ipv6Addr>().unwrap().octets();
        let mapped = "::ffff:192.0.2.9".parse::<Ipv6Addr>().unwrap().octets();
        let any = |port| ([0; 16], port);
        let cases = [
            (
                told(2, 6, 1, [here, there], 4),
                "10.0.0.1:5000 192.0.2.7:443",
            ),
            (
                told(2, 6, 2, [(six, 80), (six, 9)], 4),
                "2001:db8::1:80 2001:db8::1:9",
            ),
            (told(2, 6, 3, [any(22), NOWHERE], 1), ":::22 - listens"),
            (told(2, 6, 1, [any(22), NOWHERE], 1), "0.0.0.0:22 - listens"),
            (told(1, 17, 1, [here, NOWHERE], 1), "10.0.0.1:5000 -"),
            (
                told(1, 17, 3, [(mapped, 53), there], 0),
                "192.0.2.9:53 192.0.2.7:443",
            ),
            (
                told(
                    1,
                    17,
                    2,
                    [([0; 16], 53), (Ipv6Addr::LOCALHOST.octets(), 7)],
                    0,
                ),
                ":::53 ::1:7",
            ),
            (told(1, 1, 1, [four([0; 4], 0), NOWHERE], 0), "0.0.0.0 -"),
        ];
        for (told, expected) in cases {
            let socket = socket(&told, 501).unwrap();
            let show = |end: Endpoint| match end.port {
                Some(port) => format!("{}:{port}", end.address),
                None => end.address.to_string(),
            };
            let remote = socket.remote.map_or("-".into(), show);
            let listens = if socket.listens { " listens" } else { "" };
            assert_eq!(
                format!("{} {remote}{listens}", show(socket.local)),
                expected
            );
            assert_eq!(
                (socket.user, socket.cookie, socket.six_only),
                (501, 99, false)
            );
            assert_eq!(socket.inode, 0x1122_3344_5566_7788);
        }
    }

    #[test]
    fn six_alone_is_told_of_what_is_bound_to_every_address() {
        let here = (Ipv6Addr::LOCALHOST.octets(), 22);
        for (versions, near, alone) in [(2, ([0; 16], 22), true), (2, here, false)] {
            let told = told(2, 6, versions, [near, NOWHERE], 1);
            assert_eq!(socket(&told, 0).unwrap().six_only, alone);
        }
    }

    #[test]
    fn what_is_no_socket_of_the_internet_is_passed_over() {
        assert_eq!(socket(&told(3, 0, 0, [NOWHERE; 2], 0), 0), None);
        let whole = told(2, 6, 1, [NOWHERE; 2], 1);
        for length in 0..=STATE {
            assert_eq!(socket(&whole[..length], 0), None);
        }
    }
}
