//! Sockets of every kind, and what the kernel says of them: in a namespace of the test's own.

use super::*;
use crate::platform::linux::scene::{apart, at, end, inode, without_port};
use nix::sys::socket::{
    AddressFamily, SockFlag, SockProtocol, SockType, SockaddrIn, bind, setsockopt, socket, sockopt,
};
use std::net::{TcpListener, TcpStream, UdpSocket};
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};

fn all(sockets: &mut Sockets) -> Vec<Socket> {
    let mut found = Vec::new();
    sockets.dump(&mut |socket| found.push(socket)).unwrap();
    found
}

fn listed(sockets: &mut Sockets, file: &impl AsRawFd) -> Socket {
    let wanted = inode(file);
    let mut found = all(sockets);
    found.retain(|socket| socket.inode == wanted);
    assert_eq!(found.len(), 1, "{found:?}");
    found.remove(0)
}

#[test]
fn a_connection_is_listed_and_found_by_its_tuple() {
    // (listener, client's own address, as which family it is told)
    let scenes = [
        ("127.0.0.1:0", "127.0.0.1"),
        ("[::1]:0", "[::1]"),
        ("[::]:0", "127.0.0.1"),
    ];
    apart(|| {
        for (bound, host) in scenes {
            let mut sockets = Sockets::open().unwrap();
            let listener = TcpListener::bind(bound).unwrap();
            let port = listener.local_addr().unwrap().port();
            let client = TcpStream::connect(format!("{host}:{port}")).unwrap();
            let (server, from) = listener.accept().unwrap();
            let (here, there) = (
                end(client.local_addr().unwrap()),
                end(client.peer_addr().unwrap()),
            );
            assert_eq!(end(from), here);
            for (file, local, remote) in [(&client, here, there), (&server, there, here)] {
                let found = sockets
                    .find(Protocol::TCP, local, remote, 0)
                    .unwrap()
                    .unwrap();
                assert_eq!(found.inode, inode(file), "{bound}");
                assert_eq!((found.local, found.remote), (local, Some(remote)));
                assert!(found.cookie != 0 && !found.listens && found.user == 0);
                assert_eq!(listed(&mut sockets, file), found);
            }
            let listening = listed(&mut sockets, &listener);
            assert!(listening.listens && listening.remote.is_none());
            assert_eq!(
                sockets.at(Protocol::TCP, there).unwrap(),
                std::slice::from_ref(&listening)
            );
            // A connection that is not there (yet): whoever would get it.
            let other = at(&format!("{host}:1"));
            let found = sockets
                .find(Protocol::TCP, there, other, 0)
                .unwrap()
                .unwrap();
            assert_eq!(found, listening);
            assert_eq!(sockets.find(Protocol::TCP, other, there, 0).unwrap(), None);
        }
    });
}

#[test]
fn of_udp_the_connected_socket_comes_first() {
    apart(|| {
        let mut sockets = Sockets::open().unwrap();
        let wildcard = UdpSocket::bind("0.0.0.0:0").unwrap();
        let local = at(&format!(
            "127.0.0.1:{}",
            wildcard.local_addr().unwrap().port()
        ));
        let peer = UdpSocket::bind("127.0.0.1:0").unwrap();
        let remote = end(peer.local_addr().unwrap());
        let found = sockets
            .find(Protocol::UDP, local, remote, 0)
            .unwrap()
            .unwrap();
        assert_eq!((found.inode, found.remote), (inode(&wildcard), None));
        peer.connect(wildcard_address(&wildcard)).unwrap();
        let found = sockets
            .find(Protocol::UDP, remote, local, 0)
            .unwrap()
            .unwrap();
        assert_eq!((found.inode, found.remote), (inode(&peer), Some(local)));
        assert_eq!(
            sockets
                .find(Protocol::UDP, remote, at("127.0.0.9:9"), 0)
                .unwrap(),
            None
        );
        assert_eq!(sockets.at(Protocol::UDP, remote).unwrap(), []);
        assert_eq!(
            listed(&mut sockets, &wildcard)
                .local
                .to_string()
                .split(':')
                .next(),
            Some("0.0.0.0")
        );
    });
}

fn wildcard_address(socket: &UdpSocket) -> String {
    format!("127.0.0.1:{}", socket.local_addr().unwrap().port())
}

fn shared(address: &str) -> UdpSocket {
    let kind = (SockType::Datagram, SockFlag::empty());
    let file = socket(AddressFamily::Inet, kind.0, kind.1, None).unwrap();
    setsockopt(&file, sockopt::ReusePort, &true).unwrap();
    let address: SockaddrIn = address.parse().unwrap();
    bind(file.as_raw_fd(), &address).unwrap();
    file.into()
}

#[test]
fn every_socket_that_shares_a_port_is_told() {
    apart(|| {
        let mut sockets = Sockets::open().unwrap();
        let sharing = [
            shared("0.0.0.0:5353"),
            shared("0.0.0.0:5353"),
            shared("127.0.0.1:5353"),
        ];
        let _elsewhere = shared("127.0.0.2:5353");
        let _other_port = shared("0.0.0.0:5354");
        let mut wanted: Vec<u64> = sharing.iter().map(inode).collect();
        let six = UdpSocket::bind("[::]:5355").unwrap();
        let mut told = sockets.at(Protocol::UDP, at("127.0.0.1:5353")).unwrap();
        told.sort_by_key(|socket| socket.inode);
        wanted.sort_unstable();
        assert_eq!(told.iter().map(|it| it.inode).collect::<Vec<_>>(), wanted);
        let told = sockets.at(Protocol::UDP, at("127.0.0.1:5355")).unwrap();
        assert_eq!(
            told.iter().map(|it| it.inode).collect::<Vec<_>>(),
            [inode(&six)]
        );
    });
}

#[test]
fn a_socket_for_ipv6_alone_hears_no_ipv4() {
    apart(|| {
        let mut sockets = Sockets::open().unwrap();
        let kind = (SockType::Datagram, SockFlag::empty());
        let file = socket(AddressFamily::Inet6, kind.0, kind.1, None).unwrap();
        setsockopt(&file, sockopt::Ipv6V6Only, &true).unwrap();
        let address: nix::sys::socket::SockaddrIn6 = "[::]:5353".parse().unwrap();
        bind(file.as_raw_fd(), &address).unwrap();
        assert!(listed(&mut sockets, &file).six_only);
        assert_eq!(sockets.at(Protocol::UDP, at("127.0.0.1:5353")).unwrap(), []);
        assert_eq!(
            sockets.at(Protocol::UDP, at("[::1]:5353")).unwrap().len(),
            1
        );
        let found = sockets.find(Protocol::UDP, at("127.0.0.1:5353"), at("127.0.0.1:9"), 0);
        assert_eq!(found.unwrap(), None);
    });
}

#[test]
fn a_socket_bound_to_an_interface_is_found_by_what_came_there() {
    apart(|| {
        let mut sockets = Sockets::open().unwrap();
        let bound = UdpSocket::bind("0.0.0.0:68").unwrap();
        setsockopt(&bound, sockopt::BindToDevice, &"lo".into()).unwrap();
        let loopback = nix::net::if_::if_nametoindex("lo").unwrap();
        let mut ask = |interface| {
            let ends = (at("127.0.0.1:68"), at("127.0.0.1:67"));
            sockets
                .find(Protocol::UDP, ends.0, ends.1, interface)
                .unwrap()
        };
        assert_eq!(ask(0), None);
        assert_eq!(ask(loopback).unwrap().inode, inode(&bound));
    });
}

fn raw(protocol: i32, kind: i32) -> OwnedFd {
    #[expect(unsafe_code, reason = "nix has no raw sockets of any protocol")]
    // SAFETY: no memory is handed over, and the new descriptor belongs to nobody yet.
    unsafe {
        let file = libc::socket(libc::AF_INET, kind, protocol);
        assert!(file >= 0, "{}", io::Error::last_os_error());
        OwnedFd::from_raw_fd(file)
    }
}

#[test]
fn raw_and_ping_sockets_are_found_if_only_one_fits() {
    apart(|| {
        let mut sockets = Sockets::open().unwrap();
        let (local, remote) = (without_port("127.0.0.1"), without_port("127.0.0.2"));
        let first = raw(253, libc::SOCK_RAW);
        let told = listed(&mut sockets, &first);
        assert_eq!(
            (told.protocol, told.local.port, told.remote),
            (Protocol(253), None, None)
        );
        let find = |sockets: &mut Sockets, protocol| {
            sockets
                .find(Protocol(protocol), local, remote, 0)
                .unwrap()
                .map(|it| it.inode)
        };
        assert_eq!(find(&mut sockets, 253), Some(inode(&first)));
        assert_eq!(find(&mut sockets, 254), None);
        let second = raw(253, libc::SOCK_RAW);
        assert_eq!(find(&mut sockets, 253), None, "either of two");
        let address: SockaddrIn = "127.0.0.2:0".parse().unwrap();
        nix::sys::socket::connect(second.as_raw_fd(), &address).unwrap();
        assert_eq!(
            find(&mut sockets, 253),
            Some(inode(&second)),
            "the connected one"
        );
        std::fs::write("/proc/sys/net/ipv4/ping_group_range", "0 0").unwrap();
        let ping = raw(1, libc::SOCK_DGRAM);
        let any: SockaddrIn = "0.0.0.0:0".parse().unwrap();
        bind(ping.as_raw_fd(), &any).unwrap();
        assert_eq!(find(&mut sockets, 1), Some(inode(&ping)));
        let _any = raw(255, libc::SOCK_RAW);
        assert_eq!(
            find(&mut sockets, 1),
            None,
            "or the one that sends all protocols"
        );
        assert_eq!(sockets.at(Protocol::ICMP, local).unwrap().len(), 2);
    });
}

#[test]
fn packet_sockets_are_told_with_their_interface() {
    apart(|| {
        let mut sockets = Sockets::open().unwrap();
        assert_eq!(sockets.packets().unwrap(), []);
        let kind = (SockType::Raw, SockFlag::empty());
        let all = Some(SockProtocol::EthAll);
        let file = socket(AddressFamily::Packet, kind.0, kind.1, all).unwrap();
        let told = sockets.packets().unwrap();
        assert_eq!(told.len(), 1);
        assert_eq!(
            (told[0].inode, told[0].user, told[0].interface),
            (inode(&file), Some(0), 0)
        );
        assert_ne!(told[0].cookie, 0);
    });
}

#[test]
fn another_users_socket_is_told_as_theirs() {
    apart(|| {
        let mut sockets = Sockets::open().unwrap();
        let file = UdpSocket::bind("127.0.0.1:0").unwrap();
        nix::unistd::fchown(&file, Some(4242.into()), None).unwrap();
        assert_eq!(listed(&mut sockets, &file).user, 4242);
    });
}

#[test]
fn a_connection_that_nobody_has_open_any_more_has_no_inode() {
    apart(|| {
        let mut sockets = Sockets::open().unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let (server, _) = listener.accept().unwrap();
        let (here, there) = (
            end(client.local_addr().unwrap()),
            end(client.peer_addr().unwrap()),
        );
        drop(client);
        drop(server);
        let found = sockets
            .find(Protocol::TCP, here, there, 0)
            .unwrap()
            .unwrap();
        assert_eq!((found.inode, found.remote), (0, Some(there)));
    });
}

#[test]
fn an_answer_that_is_cut_off_says_nothing() {
    let mut answer = vec![0; 72];
    answer[0] = libc::AF_INET as u8;
    assert!(diag::socket(&answer, Protocol::TCP).is_some());
    for length in 0..72 {
        assert_eq!(diag::socket(&answer[..length], Protocol::TCP), None);
    }
    answer[0] = 99;
    assert_eq!(diag::socket(&answer, Protocol::TCP), None);
    assert_eq!(packet::socket(&[0; 15]), None);
}
