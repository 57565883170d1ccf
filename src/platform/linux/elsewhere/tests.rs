//! Sockets of a process in another network namespace, which has an address of its own there.

use super::space::{address6, local_of_trie};
use super::*;
use crate::platform::linux::scene::{apart, at};
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

const SCRIPT: &str = "
import os, socket, time
here = os.environ['HERE']
l = socket.create_server((here, 80))
c = socket.create_connection((here, 80)); s, _ = l.accept()
u = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); u.bind(('0.0.0.0', 5353))
six = socket.create_server((os.environ['HERE6'], 81), family=socket.AF_INET6)
print(c.getsockname()[1], flush=True)
time.sleep(600)
";

struct Container {
    child: Child,
    /// The port of its connection to itself.
    port: u16,
}

impl Container {
    /// One that has these two addresses.
    fn start(four: &str, six: &str) -> Container {
        let line = "ip link set lo up; ip addr add $HERE/32 dev lo; \
                    ip addr add $HERE6/128 dev lo nodad; exec python3 -c \"$SCRIPT\"";
        let mut command = Command::new("unshare");
        command
            .args(["-n", "sh", "-c", line])
            .env("SCRIPT", SCRIPT)
            .env("HERE", four)
            .env("HERE6", six);
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut said = String::new();
        let output = child.stdout.take().unwrap();
        BufReader::new(output).read_line(&mut said).unwrap();
        let port = said.trim().parse().unwrap();
        Container { child, port }
    }
}

impl Drop for Container {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Addresses that no other run of these tests gives to its containers at the same time.
fn addresses(place: u8) -> (String, String) {
    let [.., high, low] = std::process::id().to_be_bytes();
    let four = format!("10.{}.{high}.{low}", 200 + place);
    (four, format!("fd{place:02x}::{:x}", std::process::id()))
}

#[test]
fn a_containers_sockets_are_found_through_its_processes() {
    apart(|| {
        let (four, six) = addresses(1);
        let container = Container::start(&four, &six);
        let mut elsewhere = Elsewhere::new(Clock::system());
        let away = "10.99.0.9:9";
        let mut find = |protocol, local: &str, remote: &str| {
            let found = elsewhere.find(protocol, at(local), at(remote))?;
            assert_eq!(found.pids, [container.child.id()]);
            Some((found.socket.local, found.socket.remote))
        };
        let (client, server) = (format!("{four}:{}", container.port), format!("{four}:80"));
        let (client, server) = (client.as_str(), server.as_str());
        let between = |local, remote| Some((at(local), Some(at(remote))));
        assert_eq!(find(Protocol::TCP, client, server), between(client, server));
        assert_eq!(find(Protocol::TCP, server, client), between(server, client));
        assert_eq!(find(Protocol::TCP, server, away), Some((at(server), None)));
        let udp = format!("{four}:5353");
        assert_eq!(
            find(Protocol::UDP, &udp, away),
            Some((at("0.0.0.0:5353"), None))
        );
        let six = format!("[{six}]:81");
        assert_eq!(
            find(Protocol::TCP, &six, "[fd99::9]:9"),
            Some((at(&six), None))
        );
        assert_eq!(find(Protocol::UDP, "10.99.0.3:5353", away), None);
        assert_eq!(find(Protocol::UDP, "127.0.0.1:5353", "127.0.0.1:9"), None);
    });
}

#[test]
fn a_tuple_of_two_namespaces_is_neithers() {
    apart(|| {
        let (four, six) = addresses(2);
        let first = Container::start(&four, &six);
        let second = Container::start(&four, &six);
        let mut elsewhere = Elsewhere::new(Clock::system());
        let local = at(&format!("{four}:5353"));
        assert_eq!(
            elsewhere.find(Protocol::UDP, local, at("10.99.0.9:9")),
            None
        );
        if first.port != second.port {
            let client = at(&format!("{four}:{}", first.port));
            let found = elsewhere.find(Protocol::TCP, client, at(&format!("{four}:80")));
            assert_eq!(found.unwrap().pids, [first.child.id()]);
        }
    });
}

#[test]
fn local_addresses_are_told_from_routes() {
    let trie = "Main:\n  +-- 0.0.0.0/0 3 0 5\n     |-- 0.0.0.0\n        /0 universe UNICAST\n     \
                +-- 10.0.0.0/24 2\n        |-- 10.0.0.0\n           /24 link UNICAST\n        \
                |-- 10.0.0.7\n           /32 host LOCAL\n        |-- 10.0.0.255\n           \
                /32 link BROADCAST\n";
    let found: Vec<String> = local_of_trie(trie).map(|it| it.to_string()).collect();
    assert_eq!(found, ["10.0.0.7"]);
    let row = "fd990000000000000000000000000002 01 80 00 80 lo";
    assert_eq!(address6(row).unwrap().to_string(), "fd99::2");
    assert_eq!(address6("fd99 01"), None);
}
