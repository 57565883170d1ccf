//! Which of a list of sockets gets a packet: where the kernel can only be asked for all of them.

use crate::key::{Endpoint, Protocol};
use crate::platform::Socket;
use std::net::IpAddr;

/// The socket that gets a packet from `remote` to `local`: the connected one, or else the one that
/// is bound most closely.
pub(crate) fn find<'a>(
    sockets: impl Iterator<Item = &'a Socket>,
    protocol: Protocol,
    local: Endpoint,
    remote: Endpoint,
) -> Option<&'a Socket> {
    let fitting = sockets.filter(|socket| socket.protocol == protocol);
    let ranked = fitting.filter_map(|socket| {
        let rank = match socket.remote {
            Some(far) => (far == remote && socket.local == local).then_some(3),
            None => bound(socket, local),
        };
        Some((rank?, socket))
    });
    let best = ranked.max_by_key(|(rank, _)| *rank);
    best.map(|(_, socket)| socket)
}

/// The sockets that are not connected and get what is sent to `local`.
pub(crate) fn at<'a>(
    sockets: impl Iterator<Item = &'a Socket>,
    protocol: Protocol,
    local: Endpoint,
) -> impl Iterator<Item = &'a Socket> {
    sockets.filter(move |socket| {
        let fits = socket.protocol == protocol && socket.remote.is_none();
        fits && bound(socket, local).is_some()
    })
}

/// How closely a socket is bound to `local`: to its address, or to every one.
fn bound(socket: &Socket, local: Endpoint) -> Option<u8> {
    let own = socket.local;
    if own.port != local.port || socket.protocol == Protocol::TCP && !socket.listens {
        return None;
    }
    let hears = match (own.address, local.address) {
        (IpAddr::V4(_), IpAddr::V4(_)) | (IpAddr::V6(_), IpAddr::V6(_)) => true,
        (IpAddr::V6(_), IpAddr::V4(_)) => !socket.six_only,
        (IpAddr::V4(_), IpAddr::V6(_)) => false,
    };
    if own.address == local.address {
        Some(2)
    } else {
        (own.address.is_unspecified() && hears).then_some(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn end(text: &str) -> Endpoint {
        let whole: std::net::SocketAddr = text.parse().unwrap();
        Endpoint {
            address: whole.ip(),
            port: Some(whole.port()),
        }
    }

    fn socket(inode: u64, protocol: Protocol, local: &str, remote: Option<&str>) -> Socket {
        Socket {
            protocol,
            local: end(local),
            remote: remote.map(end),
            user: 0,
            inode,
            cookie: inode,
            listens: protocol == Protocol::TCP && remote.is_none(),
            six_only: inode >= 100,
        }
    }

    #[test]
    fn the_closest_socket_is_found() {
        let (tcp, udp) = (Protocol::TCP, Protocol::UDP);
        let sockets = [
            socket(1, tcp, "0.0.0.0:80", None),
            socket(2, tcp, "10.0.0.1:80", None),
            socket(3, tcp, "10.0.0.1:80", Some("10.0.0.2:9")),
            socket(4, udp, "[::]:53", None),
            socket(100, udp, "[::]:5353", None),
        ];
        let cases = [
            (tcp, "10.0.0.1:80", "10.0.0.2:9", Some(3)),
            (tcp, "10.0.0.1:80", "10.0.0.2:8", Some(2)),
            (tcp, "10.0.0.7:80", "10.0.0.2:8", Some(1)),
            (tcp, "[::1]:80", "[::1]:9", None),
            (udp, "10.0.0.1:80", "10.0.0.2:9", None),
            (udp, "10.0.0.1:53", "10.0.0.2:9", Some(4)),
            (udp, "[::1]:53", "[::1]:9", Some(4)),
            (udp, "10.0.0.1:5353", "10.0.0.2:9", None),
            (udp, "[::1]:5353", "[::1]:9", Some(100)),
        ];
        for (protocol, local, remote, found) in cases {
            let (local, remote) = (end(local), end(remote));
            let socket = find(sockets.iter(), protocol, local, remote);
            assert_eq!(socket.map(|it| it.inode), found, "{local:?} {remote:?}");
            let open = at(sockets.iter(), protocol, local);
            let open: Vec<_> = open.map(|it| it.inode).collect();
            assert!(!open.contains(&3) && (found.is_none() || !open.is_empty()));
        }
        let mut closed = socket(5, tcp, "10.0.0.3:81", None);
        closed.listens = false;
        let local = end("10.0.0.3:81");
        assert_eq!(
            find([&closed].into_iter(), tcp, local, end("10.0.0.2:9")),
            None
        );
    }
}
