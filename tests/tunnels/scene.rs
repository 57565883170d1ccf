//! A house and the world around it: the namespace of the test is the house, with one line out of it;
//! other namespaces are the world and what runs in boxes. Nothing speaks in them by itself.

use crate::harness::{succeed, tool};
use crate::place::ip;
use netmonitor::units::{Tally, Traffic};
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};

/// The house's end of its line, and the addresses of both ends.
pub(crate) const LINE: &str = "nmline";
pub(crate) const HERE: &str = "192.0.2.1";
pub(crate) const THERE: &str = "192.0.2.2";
/// The tunnel's interface, and the addresses in it.
pub(crate) const TUNNEL: &str = "nmtun";
pub(crate) const INSIDE_HERE: &str = "10.9.0.1";
pub(crate) const INSIDE_THERE: &str = "10.9.0.2";

/// Another network namespace; gone when dropped.
pub(crate) struct Elsewhere(String);

impl Elsewhere {
    pub(crate) fn new(what: &str) -> Elsewhere {
        let name = format!("nmtun-{what}-{}", std::process::id());
        ip(&format!("netns add {name}"));
        let it = Elsewhere(name);
        let off = ["all", "default"].map(|kind| format!("net.ipv6.conf.{kind}.disable_ipv6=1"));
        succeed(it.command("sysctl").arg("-qw").args(off));
        it.ip("link set lo up");
        it
    }

    pub(crate) fn name(&self) -> &str {
        &self.0
    }

    pub(crate) fn ip(&self, arguments: &str) {
        ip(&format!("-n {} {arguments}", self.0));
    }

    pub(crate) fn command(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut command = Command::new("ip");
        command.args(["netns", "exec", &self.0]).arg(program);
        command
    }

    /// Starts an application that says when it is ready.
    pub(crate) fn serve(&self, what: &[&str]) -> Program {
        Program::start(self.command(tool("talk")).args(what))
    }
}

impl Drop for Elsewhere {
    fn drop(&mut self) {
        let _ = Command::new("ip").args(["netns", "del", &self.0]).status();
    }
}

/// The world at the other end of the house's line, which is where the default route leads.
pub(crate) fn world() -> Elsewhere {
    let world = Elsewhere::new("world");
    cable(LINE, &world, "nmaway", HERE, THERE);
    ip(&format!("route add default via {THERE}"));
    world
}

/// A cable from here to another namespace, with both ends' link addresses known, so that nobody
/// asks for them.
pub(crate) fn cable(here: &str, other: &Elsewhere, there: &str, address: &str, others: &str) {
    let (near, far) = (mac(address), mac(others));
    ip(&format!(
        "link add {here} address {near} type veth peer name {there} address {far} netns {}",
        other.name()
    ));
    ip(&format!("addr add {address}/24 dev {here}"));
    ip(&format!("link set {here} up"));
    other.ip(&format!("addr add {others}/24 dev {there}"));
    other.ip(&format!("link set {there} up"));
    ip(&format!(
        "neigh add {others} lladdr {far} dev {here} nud permanent"
    ));
    other.ip(&format!(
        "neigh add {address} lladdr {near} dev {there} nud permanent"
    ));
}

/// A container on a bridge, behind the house's address.
pub(crate) fn container() -> Elsewhere {
    let container = Elsewhere::new("box");
    cable("nmport", &container, "eth0", "10.8.0.1", "10.8.0.2");
    ip("link add nmbridge type bridge");
    ip("addr flush dev nmport");
    ip("link set nmport master nmbridge");
    ip(&format!("link set nmbridge address {} up", mac("10.8.0.3")));
    ip("addr add 10.8.0.1/24 dev nmbridge");
    let far = mac("10.8.0.2");
    ip(&format!(
        "neigh add 10.8.0.2 lladdr {far} dev nmbridge nud permanent"
    ));
    container.ip(&format!(
        "neigh replace 10.8.0.1 lladdr {} dev eth0 nud permanent",
        mac("10.8.0.3")
    ));
    container.ip("route add default via 10.8.0.1");
    succeed(Command::new("sysctl").args(["-qw", "net.ipv4.ip_forward=1"]));
    let masquerade = "add table ip nmnat; \
        add chain ip nmnat out { type nat hook postrouting priority 100; }; \
        add rule ip nmnat out oifname nmline masquerade";
    succeed(Command::new("nft").arg(masquerade));
    container
}

/// A link address that is an IPv4 address's.
pub(crate) fn mac(address: &str) -> String {
    let digits: Vec<String> = address
        .split('.')
        .map(|number| format!("{:02x}", number.parse::<u8>().unwrap()))
        .collect();
    format!("02:00:{}", digits.join(":"))
}

/// A program that runs; ended when dropped.
pub(crate) struct Program(Child, BufReader<ChildStdout>);

impl Program {
    pub(crate) fn start(command: &mut Command) -> Program {
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut said = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        said.read_line(&mut line).unwrap();
        assert_eq!(line, "ready\n", "{command:?}");
        Program(child, said)
    }

    /// Asks it to end; gives the last line that it said.
    pub(crate) fn end(mut self) -> String {
        let pid = nix::unistd::Pid::from_raw(self.0.id() as i32);
        nix::sys::signal::kill(pid, nix::sys::signal::Signal::SIGTERM).unwrap();
        let mut line = String::new();
        self.1.read_line(&mut line).unwrap();
        line
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Both ends of a tunnel through the line; the one here is an application of the house.
pub(crate) fn tunnel(world: &Elsewhere, port: &str) -> [Program; 2] {
    let there = far_end(world, port);
    let here = near_end(&tool("tunnel"), port);
    house_in_tunnel();
    [here, there]
}

/// The program in the house that carries the tunnel.
pub(crate) fn near_end(program: &Path, port: &str) -> Program {
    Program::start(Command::new(program).args([TUNNEL, HERE, THERE, port]))
}

/// The house's address in the tunnel, whose interface is there. Its queue has room for whatever its program
/// is slow to take: what is thrown away there was seen and counted, and is in no counter of the interface.
pub(crate) fn house_in_tunnel() {
    ip(&format!("addr add {INSIDE_HERE}/24 dev {TUNNEL}"));
    ip(&format!("link set {TUNNEL} mtu 1420 txqueuelen 20000 up"));
}

/// The end in the world; its interface is called as the house's is.
pub(crate) fn far_end(world: &Elsewhere, port: &str) -> Program {
    let mut there = world.command(tool("tunnel"));
    let end = Program::start(there.args([TUNNEL, THERE, HERE, port]));
    world.ip(&format!("addr add {INSIDE_THERE}/24 dev {TUNNEL}"));
    world.ip(&format!("link set {TUNNEL} mtu 1420 txqueuelen 20000 up"));
    end
}

/// Runs an application of the house to its end.
pub(crate) fn talk(what: &[&str]) {
    succeed(Command::new(tool("talk")).args(what));
}

/// What an interface's own counters say.
pub(crate) fn counters(name: &str) -> Traffic {
    let read = |figure: &str| -> u64 {
        let path = format!("/sys/class/net/{name}/statistics/{figure}");
        let text = std::fs::read_to_string(path).unwrap();
        text.trim().parse().unwrap()
    };
    let tally = |way: &str| Tally {
        packets: read(&format!("{way}_packets")),
        bytes: read(&format!("{way}_bytes")),
    };
    Traffic {
        inbound: tally("rx"),
        outbound: tally("tx"),
    }
}

/// How far counters went on.
pub(crate) fn since(before: Traffic, now: Traffic) -> Traffic {
    let tally = |before: Tally, now: Tally| Tally {
        packets: now.packets - before.packets,
        bytes: now.bytes - before.bytes,
    };
    Traffic {
        inbound: tally(before.inbound, now.inbound),
        outbound: tally(before.outbound, now.outbound),
    }
}
