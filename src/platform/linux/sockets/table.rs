//! The kernel's tables of sockets as text (`/proc/PID/net/tcp` and its like): of the network
//! namespace that the process is in. For what sock_diag does not list, and for other namespaces.

use crate::key::{Endpoint, Protocol};
use crate::platform::Socket;
use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// A table's name, and the protocol of its rows; that of raw sockets is in the place of a port.
pub(in crate::platform::linux) type Table = (&'static str, Option<Protocol>);

const UDPLITE: Protocol = Protocol(136);

pub(in crate::platform::linux) const STREAMS: [Table; 2] =
    [("tcp", Some(Protocol::TCP)), ("tcp6", Some(Protocol::TCP))];
pub(in crate::platform::linux) const DATAGRAMS: [Table; 2] =
    [("udp", Some(Protocol::UDP)), ("udp6", Some(Protocol::UDP))];
pub(in crate::platform::linux) const LITE: [Table; 2] =
    [("udplite", Some(UDPLITE)), ("udplite6", Some(UDPLITE))];
/// Those without ports: raw sockets and unprivileged pings.
pub(in crate::platform::linux) const PORTLESS: [Table; 4] = [
    ("raw", None),
    ("raw6", None),
    ("icmp", Some(Protocol::ICMP)),
    ("icmp6", Some(Protocol::ICMP6)),
];

const LISTEN: &str = "0A";

/// Which tables can hold a socket of this protocol.
pub(in crate::platform::linux) fn tables(protocol: Protocol) -> &'static [Table] {
    match protocol {
        Protocol::TCP => &STREAMS,
        Protocol::UDP => &DATAGRAMS,
        UDPLITE => &LITE,
        _ => &PORTLESS,
    }
}

/// Hands the sockets of one table of a process's namespace to `each`.
pub(in crate::platform::linux) fn read(
    process: &str,
    (name, protocol): Table,
    each: &mut dyn FnMut(Socket),
) -> io::Result<()> {
    let file = File::open(format!("/proc/{process}/net/{name}"))?;
    let mut rows = BufReader::with_capacity(32 << 10, file);
    let mut row = String::with_capacity(256);
    while rows.read_line(&mut row)? > 0 {
        if let Some(socket) = socket(&row, protocol) {
            each(socket);
        }
        row.clear();
    }
    Ok(())
}

/// Columns: number, local, remote, state, queues, timer, retransmits, user, timeout, inode.
fn socket(row: &str, protocol: Option<Protocol>) -> Option<Socket> {
    let mut columns = row.split_ascii_whitespace();
    let (mut local, mut remote) = (end(columns.nth(1)?)?, end(columns.next()?)?);
    let listens = columns.next()? == LISTEN;
    let user = columns.nth(3)?.parse().ok()?;
    let inode = columns.nth(1)?.parse().ok()?;
    let has_ports = protocol.is_some_and(|it| it != Protocol::ICMP && it != Protocol::ICMP6);
    let connected = remote.port != Some(0) || !has_ports && !remote.address.is_unspecified();
    let protocol = protocol.or_else(|| Some(Protocol(u8::try_from(local.port?).ok()?)))?;
    if !has_ports {
        (local.port, remote.port) = (None, None);
    }
    Some(Socket {
        protocol,
        local,
        remote: connected.then_some(remote),
        user,
        inode,
        cookie: 0,
        listens,
        six_only: false,
    })
}

/// `0100007F:1F90`: the address in the machine's words, the port as a number.
fn end(column: &str) -> Option<Endpoint> {
    let (words, port) = column.split_once(':')?;
    let word = |at: usize| {
        let digits = words.get(at * 8..at * 8 + 8)?;
        Some(u32::from_str_radix(digits, 16).ok()?.to_ne_bytes())
    };
    let address = match words.len() {
        8 => IpAddr::V4(Ipv4Addr::from(word(0)?)),
        32 => {
            let words = [word(0)?, word(1)?, word(2)?, word(3)?];
            let mut bytes = [0; 16];
            for (byte, octet) in bytes.iter_mut().zip(words.into_iter().flatten()) {
                *byte = octet;
            }
            IpAddr::V6(Ipv6Addr::from(bytes)).to_canonical()
        }
        _ => return None,
    };
    let port = u16::from_str_radix(port, 16).ok()?;
    Some(Endpoint {
        address,
        port: Some(port),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_of_every_kind_are_read() {
        let tcp = "   0: 0100007F:1D4C 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 9911 1 0000 100 0 0 10 0";
        let found = socket(tcp, Some(Protocol::TCP)).unwrap();
        assert_eq!(found.local.to_string(), "127.0.0.1:7500");
        assert_eq!((found.remote, found.listens), (None, true));
        assert_eq!((found.user, found.inode), (1000, 9911));
        let mapped = "1: 0000000000000000FFFF00000100007F:1D4C 0000000000000000FFFF00000200007F:0035 01 0:0 00:0 0 0 0 17 1";
        let found = socket(mapped, Some(Protocol::TCP)).unwrap();
        assert_eq!(found.local.to_string(), "127.0.0.1:7500");
        assert_eq!(found.remote.unwrap().to_string(), "127.0.0.2:53");
        let raw = "253: 00000000:00FD 00000000:0000 07 0:0 00:0 0 0 0 18 2 0 0";
        let found = socket(raw, None).unwrap();
        assert_eq!((found.protocol, found.local.port), (Protocol(253), None));
        assert_eq!(found.remote, None);
        assert_eq!(socket("sl local_address rem_address st", None), None);
        assert_eq!(socket("", Some(Protocol::UDP)), None);
        assert_eq!(socket("1: 01é0007F:1D4C 0:0 0A", Some(Protocol::TCP)), None);
    }
}
