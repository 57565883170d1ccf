//! Who is told for what is done with sockets.

use super::{Heard, goes_to, loaded};
use crate::platform::linux::kernel::Kernel;
use crate::platform::linux::kernel::attach::VARIANTS;
use nix::libc;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream, UdpSocket};
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};
use std::os::unix::fs::symlink;
use std::process::{Child, Command};

fn sends_to(shell: &str, port: u16) -> Child {
    let send = format!("echo x > /dev/udp/127.0.0.1/{port}");
    Command::new(shell).args(["-c", &send]).spawn().unwrap()
}

#[test]
fn two_hundred_processes_that_live_for_an_instant_are_told_with_what_they_ran() {
    const FIRST: u16 = 21_000;
    let Some(mut kernel) = loaded() else { return };
    let folder = tempfile::tempdir().unwrap();
    let mut children = Vec::new();
    for number in 0..200 {
        let path = folder.path().join(format!("brief-{number}"));
        symlink("/bin/bash", &path).unwrap();
        let mut child = sends_to(path.to_str().unwrap(), FIRST + number);
        child.wait().unwrap();
        children.push((FIRST + number, child.id(), path));
    }
    let mut heard = Heard::default();
    for (port, pid, path) in children {
        let flow = heard.flow(&mut kernel, "a brief process", |it| {
            goes_to(it, "127.0.0.1", port) && it.sent
        });
        let program = heard.program(&flow);
        assert_eq!(program.run.pid, pid);
        assert_eq!(program.file.as_deref(), path.to_str());
        assert_eq!(program.parent, std::process::id());
        assert_eq!(program.arguments.get(1).map(String::as_str), Some("-c"));
    }
    assert_eq!(kernel.lost(), crate::platform::Lost::default());
}

#[test]
fn a_worker_that_executes_nothing_runs_what_its_parent_does() {
    const PORT: u16 = 21_300;
    let Some(mut kernel) = loaded() else { return };
    let script = format!("(echo x > /dev/udp/127.0.0.1/{PORT}; :) & wait");
    let mut shell = Command::new("/bin/bash")
        .args(["-c", &script])
        .spawn()
        .unwrap();
    shell.wait().unwrap();
    let mut heard = Heard::default();
    let flow = heard.flow(&mut kernel, "the worker", |it| {
        goes_to(it, "127.0.0.1", PORT)
    });
    let program = heard.program(&flow);
    assert_ne!(program.run.pid, shell.id());
    assert_eq!(program.parent, shell.id());
    assert_eq!(program.file.as_deref(), Some("/bin/bash"));
}

#[test]
fn connections_have_both_ends_told() {
    let Some(mut kernel) = loaded() else { return };
    for (address, any) in [
        ("127.0.0.1", "127.0.0.1:0"),
        ("::1", "[::1]:0"),
        ("127.0.0.1", "[::]:0"),
    ] {
        let listener = TcpListener::bind(any).unwrap();
        let port = listener.local_addr().unwrap().port();
        let mut client = TcpStream::connect((address, port)).unwrap();
        let (mut server, from) = listener.accept().unwrap();
        client.write_all(b"?").unwrap();
        server.write_all(b"!").unwrap();
        client.read_exact(&mut [0]).unwrap();
        let mut heard = Heard::default();
        for (port, from) in [(port, from.port()), (from.port(), port)] {
            let flow = heard.flow(&mut kernel, "an end", |it| {
                goes_to(it, address, port) && it.local.port == Some(from)
            });
            assert_eq!(
                flow.protocol.0, 6,
                "an IPv4 connection is one on an IPv6 socket, too"
            );
            assert_eq!(flow.run.unwrap().pid, std::process::id());
            assert!(!flow.accepted, "who took it is known");
        }
    }
}

#[test]
fn a_remote_end_is_told_once_and_who_sends_next_again() {
    const PORT: u16 = 21_310;
    let Some(mut kernel) = loaded() else { return };
    let receiver = UdpSocket::bind(("127.0.0.1", PORT)).unwrap();
    let sender = UdpSocket::bind("127.0.0.1:0").unwrap();
    for _ in 0..100 {
        sender.send_to(b"x", ("127.0.0.1", PORT)).unwrap();
    }
    let from = sender.local_addr().unwrap().port();
    // Its standard output is the connected socket: nothing but its packets says who sends.
    sender.connect(receiver.local_addr().unwrap()).unwrap();
    let output = OwnedFd::from(sender.try_clone().unwrap());
    let mut child = Command::new("/bin/echo")
        .arg("x")
        .stdout(output)
        .spawn()
        .unwrap();
    child.wait().unwrap();
    let by = |pid: u32| {
        move |it: &crate::platform::FlowSeen| {
            goes_to(it, "127.0.0.1", PORT)
                && it.local.port == Some(from)
                && it.run.is_some_and(|run| run.pid == pid)
        }
    };
    let mut heard = Heard::default();
    heard.flow(&mut kernel, "this process", by(std::process::id()));
    let passed = heard.flow(&mut kernel, "its child", by(child.id()));
    assert_eq!(heard.program(&passed).file.as_deref(), Some("/bin/echo"));
    let told = heard
        .flows
        .iter()
        .filter(|it| by(std::process::id())(it))
        .count();
    assert_eq!(told, 1);
}

#[test]
fn a_socket_that_many_speak_with_has_each_told_once_a_way() {
    const PORT: u16 = 21_311;
    const MANY: usize = 500;
    let Some(_) = loaded() else { return };
    for variant in VARIANTS {
        let mut kernel = Kernel::load_as(&[variant]).unwrap();
        let server = UdpSocket::bind(("127.0.0.1", PORT)).unwrap();
        let bound = (0..MANY).map(|_| UdpSocket::bind("127.0.0.1:0").unwrap());
        let clients: Vec<UdpSocket> = bound.collect();
        for _ in 0..3 {
            for client in &clients {
                client.send_to(b"?", ("127.0.0.1", PORT)).unwrap();
                let (_, from) = server.recv_from(&mut [0]).unwrap();
                server.send_to(b"!", from).unwrap();
                client.recv_from(&mut [0]).unwrap();
            }
        }
        let port = |client: &UdpSocket| client.local_addr().unwrap().port();
        let mut ports: Vec<u16> = clients.iter().map(port).collect();
        let mut heard = Heard::default();
        let last = ports[MANY - 1];
        heard.flow(&mut kernel, "the last answer", |it| {
            goes_to(it, "127.0.0.1", last) && it.sent
        });
        let told = |sent: bool| {
            let flows = heard.flows.iter();
            let told = flows.filter(|it| it.local.port == Some(PORT) && it.sent == sent);
            let mut to: Vec<u16> = told.filter_map(|it| it.remote.port).collect();
            to.sort_unstable();
            to
        };
        ports.sort_unstable();
        assert_eq!(
            (told(false), told(true)),
            (ports.clone(), ports),
            "{variant:?}"
        );
    }
}

#[expect(unsafe_code, reason = "no other way to an address of a packet socket")]
fn send_frame(frame: &[u8]) {
    // SAFETY: a plain structure, of which zeros are a value.
    let mut to: libc::sockaddr_ll = unsafe { std::mem::zeroed() };
    to.sll_family = libc::AF_PACKET as u16;
    to.sll_ifindex = nix::net::if_::if_nametoindex("lo").unwrap() as i32;
    to.sll_protocol = (libc::ETH_P_IP as u16).to_be();
    // SAFETY: the new socket has no other owner, and the pointers are to values as large as told.
    let sent = unsafe {
        let socket = libc::socket(libc::AF_PACKET, libc::SOCK_RAW, 0);
        assert!(socket >= 0);
        let socket = OwnedFd::from_raw_fd(socket);
        libc::sendto(
            socket.as_raw_fd(),
            frame.as_ptr().cast(),
            frame.len(),
            0,
            (&raw const to).cast(),
            size_of_val(&to) as u32,
        )
    };
    assert_eq!(sent, frame.len() as isize);
}

/// Ethernet, IPv4, UDP: from port 5555.
fn frame(port: u16) -> Vec<u8> {
    let mut frame = vec![0; 12];
    frame.extend([
        8, 0, 0x45, 0, 0, 28, 0, 0, 0, 0, 64, 17, 0, 0, 127, 0, 0, 1, 127, 0, 0, 1,
    ]);
    frame.extend([0x15, 0xb3]);
    frame.extend(port.to_be_bytes());
    frame.extend([0, 8, 0, 0]);
    frame
}

#[test]
fn frames_of_packet_sockets_are_heard_when_asked_for() {
    const PORT: u16 = 21_320;
    let Some(mut kernel) = loaded() else { return };
    send_frame(&frame(PORT));
    kernel.hear_packets().unwrap();
    kernel.hear_packets().unwrap();
    send_frame(&frame(PORT + 1));
    kernel.stop_hearing_packets();
    send_frame(&frame(PORT + 2));
    UdpSocket::bind("127.0.0.1:0")
        .unwrap()
        .send_to(b"x", ("127.0.0.1", PORT + 3))
        .unwrap();
    let mut heard = Heard::default();
    heard.flow(&mut kernel, "the end", |it| {
        goes_to(it, "127.0.0.1", PORT + 3)
    });
    let frames: Vec<_> = heard
        .flows
        .iter()
        .filter(|it| it.packet && it.local.port == Some(5555))
        .collect();
    let ports: Vec<_> = frames.iter().filter_map(|it| it.remote.port).collect();
    assert_eq!(ports, [PORT + 1]);
    assert_eq!(frames[0].run.unwrap().pid, std::process::id());
}

#[test]
fn raw_sockets_have_no_ports_and_get_copies() {
    let Some(mut kernel) = loaded() else { return };
    let socket = raw(253);
    let to: std::net::SocketAddrV4 = "127.0.0.3:0".parse().unwrap();
    let to = nix::sys::socket::SockaddrIn::from(to);
    let nothing = nix::sys::socket::MsgFlags::empty();
    nix::sys::socket::sendto(socket.as_raw_fd(), &[0; 20], &to, nothing).unwrap();
    let mut heard = Heard::default();
    let flow = heard.flow(&mut kernel, "the raw packet", |it| {
        it.protocol.0 == 253 && it.remote.address.to_string() == "127.0.0.3"
    });
    assert_eq!((flow.local.port, flow.remote.port), (None, None));
    assert!(flow.copies && flow.sent);
    assert_eq!(flow.run.unwrap().pid, std::process::id());
}

#[expect(unsafe_code, reason = "nix knows only named protocols")]
fn raw(protocol: i32) -> OwnedFd {
    // SAFETY: numbers only; the new socket has no other owner.
    unsafe {
        let socket = libc::socket(libc::AF_INET, libc::SOCK_RAW, protocol);
        assert!(socket >= 0);
        OwnedFd::from_raw_fd(socket)
    }
}

#[test]
fn everything_ends_with_the_value() {
    let Some(kernel) = loaded() else { return };
    assert!(kernel.still_attached());
    let numbers: Vec<u32> = kernel
        .programs
        .programs()
        .filter_map(|(_, it)| it.info().ok())
        .map(|it| it.id())
        .collect();
    assert!(numbers.len() > 10);
    let left = || {
        let loaded = aya::programs::loaded_programs().filter_map(Result::ok);
        loaded.filter(|it| numbers.contains(&it.id())).count()
    };
    assert_eq!(left(), numbers.len());
    drop(kernel);
    // The kernel takes them away when the last processor has left them.
    for _ in 0..3000 {
        if left() == 0 {
            return;
        }
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    panic!("{} programs are still there", left());
}

#[test]
fn programs_that_were_detached_are_missed() {
    let Some(mut kernel) = loaded() else { return };
    assert!(kernel.still_attached());
    let aya::programs::Program::CgroupSock(create) = kernel.programs.program_mut("create").unwrap()
    else {
        panic!("another kind of program");
    };
    create.unload().unwrap();
    assert!(!kernel.still_attached());
}

#[test]
fn what_is_made_for_older_kernels_works_too() {
    const FIRST: u16 = 21_330;
    let Some(_) = loaded() else { return };
    for (port, variant) in (FIRST..).zip(VARIANTS) {
        let mut kernel = Kernel::load_as(&[variant]).unwrap();
        let sender = UdpSocket::bind("127.0.0.1:0").unwrap();
        sender.send_to(b"x", ("127.0.0.1", port)).unwrap();
        let mut heard = Heard::default();
        let flow = heard.flow(&mut kernel, "the datagram", |it| {
            goes_to(it, "127.0.0.1", port)
        });
        assert_eq!(flow.run.unwrap().pid, std::process::id(), "{variant:?}");
    }
}
