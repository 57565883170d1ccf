//! Containers behind a bridge and a translated address, whose processes the service has to find by
//! itself. The world has no processes: its frames are put on the line, and what it gets is dropped.

use crate::harness::succeed;
use crate::place::{Sender, inside};
use crate::run::{Group, Programs, Service, all_apps, app, counts};
use crate::scene::{self, Elsewhere, HERE, LINE, THERE};
use crate::settled;
use netmonitor::query::Counts;
use serde_json::Value;
use std::process::Command;

const WAY: [&str; 3] = [LINE, "nmbridge", "nmport"];
const LENGTH: usize = 300;
/// Where nobody hears in namespaces of other tests, whose addresses are the same.
const PORT: &str = "5009";

#[test]
fn a_containers_process_has_its_flow_wherever_that_is_seen() {
    inside("boxed", || {
        let (world, container, group) = (scene::world(), scene::container(), Group::new());
        deaf(&world);
        let boxed = Programs::new();
        let program = boxed.copy("talk", "boxed");
        let mut service = Service::start(&WAY);
        let before = settled(&WAY);
        let mut command = group.command(&container, &program);
        succeed(command.args(["away", THERE, PORT, "200", &LENGTH.to_string()]));
        let after = settled(&WAY);
        let summary = service.summary(&[]);
        let line: Counts = scene::since(before[0], after[0]).into();
        assert_eq!(counts(&summary["total"]), line);
        assert_eq!(all_apps(&summary), line);
        assert_eq!(app(&summary, &named("boxed")).packets_out, 200, "{summary}");
        for interface in WAY {
            let flow = service.udp(interface, 5009);
            assert_eq!(flow["application"], named("boxed"), "{interface}: {flow}");
            assert_eq!(flow["process"]["container"], Group::CONTAINER, "{flow}");
        }
    });
}

#[test]
fn a_container_that_only_receives_has_what_is_sent_to_its_published_port() {
    inside("published", || {
        let (world, container, group) = (scene::world(), scene::container(), Group::new());
        deaf(&world);
        let publish = "add chain ip nmnat in { type nat hook prerouting priority -100; }; \
            add rule ip nmnat in iifname nmline udp dport 8080 dnat to 10.8.0.2:5009";
        succeed(Command::new("nft").arg(publish));
        let programs = Programs::new();
        let server = programs.copy("talk", "server");
        let mut service = Service::start(&WAY);
        let _server = group.serve(&container, &server, &["hear", PORT]);
        // Somebody here hears at the published port as well: what is handed on is not for it.
        let mut proxy = Command::new(programs.copy("talk", "proxy"));
        let _proxy = scene::Program::start(proxy.args(["hear", "8080"]));
        let before = settled(&WAY);
        world.put(&datagram(40_000, 8_080), 100);
        let after = settled(&WAY);
        let summary = service.summary(&[]);
        let line: Counts = scene::since(before[0], after[0]).into();
        assert_eq!(line.packets_in, 100);
        assert_eq!(counts(&summary["total"]), line);
        assert_eq!(app(&summary, &named("server")), line, "{summary}");
        for interface in WAY {
            let flow = service.udp(interface, 40_000);
            assert_eq!(flow["application"], named("server"), "{interface}: {flow}");
        }
    });
}

/// As an application of the container is called.
fn named(program: &str) -> String {
    format!("{program} (container {})", Group::CONTAINER)
}

/// Nothing comes up to anybody there.
fn deaf(place: &Elsewhere) {
    let rules = "add table ip nmdeaf; \
        add chain ip nmdeaf in { type filter hook prerouting priority -300; policy drop; }";
    succeed(place.command("nft").arg(rules));
}

impl Elsewhere {
    /// Puts frames on the world's end of the line.
    fn put(&self, frame: &[u8], count: u64) {
        // A namespace is a thread's: another one goes there.
        let namespace = std::fs::File::open(format!("/run/netns/{}", self.name())).unwrap();
        let frame = frame.to_owned();
        let thread = std::thread::Builder::new().spawn(move || {
            nix::sched::setns(namespace, nix::sched::CloneFlags::CLONE_NEWNET).unwrap();
            Sender::on("nmaway").send_frames(&frame, count);
        });
        thread.unwrap().join().unwrap();
    }
}

impl Service {
    /// The one connection of UDP with this port at its remote or local end.
    fn udp(&mut self, interface: &str, port: u16) -> Value {
        let mut found = None;
        self.wait_until("the connection has its owner", |service| {
            let mut all = service.connections(interface);
            all.retain(|one| one["protocol"] == "udp" && one.has_port(port));
            assert!(all.len() < 2, "{all:?}");
            found = all.pop();
            found
                .as_ref()
                .is_some_and(|one| one["application"] != "unknown")
        });
        found.unwrap()
    }
}

trait HasPort {
    fn has_port(&self, port: u16) -> bool;
}

impl HasPort for Value {
    fn has_port(&self, port: u16) -> bool {
        ["local", "remote"]
            .iter()
            .any(|end| self[end]["port"] == port)
    }
}

/// A frame of UDP from the world to the house.
fn datagram(from: u16, to: u16) -> Vec<u8> {
    let octets = |address: &str| address.parse::<std::net::Ipv4Addr>().unwrap().octets();
    let link = |address: &str| [[2, 0].as_slice(), &octets(address)].concat();
    let udp = [from, to, (8 + LENGTH) as u16, 0]
        .map(u16::to_be_bytes)
        .concat();
    let mut ip = vec![0x45, 0, 0, 0, 0, 0, 0x40, 0, 64, 17, 0, 0];
    ip[2..4].copy_from_slice(&((28 + LENGTH) as u16).to_be_bytes());
    ip.extend([octets(THERE), octets(HERE)].concat());
    let words = ip
        .chunks(2)
        .map(|two| u32::from(two[0]) << 8 | u32::from(two[1]));
    let sum: u32 = words.sum();
    let sum = !((sum & 0xffff) + (sum >> 16)) as u16;
    ip[10..12].copy_from_slice(&sum.to_be_bytes());
    let head = [link(HERE), link(THERE), vec![8, 0]].concat();
    [head, ip, udp, vec![0; LENGTH]].concat()
}
