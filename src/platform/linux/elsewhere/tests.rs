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
six = socket.create_server(('fd99::2', 81), family=socket.AF_INET6)
print(c.getsockname()[1], flush=True)
time.sleep(600)
";

struct Container {
    child: Child,
    /// The port of its connection to itself.
    port: u16,
}

impl Container {
    fn start(address: &str) -> Container {
        let line = "ip link set lo up; ip addr add $HERE/32 dev lo; \
                    ip addr add fd99::2/128 dev lo nodad; exec python3 -c \"$SCRIPT\"";
        let mut command = Command::new("unshare");
        command
            .args(["-n", "sh", "-c", line])
            .env("SCRIPT", SCRIPT)
            .env("HERE", address);
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

#[test]
fn a_containers_sockets_are_found_through_its_processes() {
    apart(|| {
        let container = Container::start("10.99.0.2");
        let mut elsewhere = Elsewhere::new(Clock::system());
        let mut find = |protocol, local: &str, remote: &str| {
            let found = elsewhere.find(protocol, at(local), at(remote))?;
            assert_eq!(found.pids, [container.child.id()]);
            Some((
                found.socket.local.to_string(),
                found.socket.remote.is_some(),
            ))
        };
        let client = format!("10.99.0.2:{}", container.port);
        let told = |local: &str, connected| Some((local.to_owned(), connected));
        let tcp = find(Protocol::TCP, &client, "10.99.0.2:80");
        assert_eq!(tcp, told(&client, true));
        let server = find(Protocol::TCP, "10.99.0.2:80", &client);
        assert_eq!(server, told("10.99.0.2:80", true));
        let listens = find(Protocol::TCP, "10.99.0.2:80", "10.99.0.9:9");
        assert_eq!(listens, told("10.99.0.2:80", false));
        let udp = find(Protocol::UDP, "10.99.0.2:5353", "10.99.0.9:9");
        assert_eq!(udp, told("0.0.0.0:5353", false));
        let six = find(Protocol::TCP, "[fd99::2]:81", "[fd99::9]:9");
        assert_eq!(six, told("[fd99::2]:81", false));
        assert_eq!(find(Protocol::UDP, "10.99.0.3:5353", "10.99.0.9:9"), None);
        assert_eq!(find(Protocol::UDP, "127.0.0.1:5353", "127.0.0.1:9"), None);
    });
}

#[test]
fn a_tuple_of_two_namespaces_is_neithers() {
    apart(|| {
        let (first, second) = (Container::start("10.98.0.2"), Container::start("10.98.0.2"));
        let mut elsewhere = Elsewhere::new(Clock::system());
        let remote = at("10.99.0.9:9");
        assert_eq!(
            elsewhere.find(Protocol::UDP, at("10.98.0.2:5353"), remote),
            None
        );
        let client = at(&format!("10.98.0.2:{}", first.port));
        if first.port != second.port {
            let found = elsewhere.find(Protocol::TCP, client, at("10.98.0.2:80"));
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
