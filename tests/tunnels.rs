//! What a total is where one packet is seen on several interfaces: a tunnel in user space under the
//! load of several apps, and a container behind a bridge. The interfaces' own counters are the truth.
//! Here owners are said by the tests, over many cases; `carried` and `containers` have the service
//! find them.
//! Each test runs itself again inside a network namespace of its own, where nothing else speaks.
//! Needs root; without it the tests say so and pass by.
#![cfg(target_os = "linux")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that cannot go on has failed"
)]

#[path = "tunnels/carried.rs"]
mod carried;
#[path = "tunnels/containers.rs"]
mod containers;
mod harness;
#[path = "live_capture/place.rs"]
#[allow(dead_code, reason = "other tests send frames by it")]
mod place;
#[path = "tunnels/run.rs"]
mod run;
#[path = "tunnels/scene.rs"]
mod scene;
#[path = "tunnels/watch.rs"]
mod watch;

use harness::succeed;
use netmonitor::query::{Counts, Summary};
use netmonitor::units::Traffic;
use place::inside;
use scene::{INSIDE_THERE, LINE, THERE, TUNNEL, counters, since, talk};
use std::process::Command;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;
use watch::{Whose, watch};

/// What a packet in the tunnel grows by on its way: Ethernet, IPv4 and UDP.
const AROUND: u64 = 14 + 20 + 8;

const WHOSE: Whose = Whose {
    apps: &[("one", 5001), ("two", 5002), ("tunneld", 7000)],
    carriers: &[(TUNNEL, "tunneld")],
};

fn app(summary: &Summary, name: &str) -> Counts {
    let items = &summary.applications.items;
    let found = items.iter().find(|item| item.name == name);
    found.map(|item| item.counts).unwrap_or_default()
}

/// UDP's packets, there and back. Bridges also speak of groups, by themselves.
fn datagrams(summary: &Summary) -> u64 {
    let mut items = summary.protocols.items.iter();
    let udp = items.find(|item| item.name == "udp");
    udp.map_or(0, |item| item.counts.packets_in + item.counts.packets_out)
}

fn site(summary: &Summary, name: &str) -> u64 {
    let found = summary.sites.items.iter().find(|item| item.name == name);
    found.map_or(0, |item| item.counts.bytes())
}

/// Everything at once: each application is a process, several times over.
fn all(applications: &[&[&str]]) {
    thread::scope(|scope| {
        for what in applications {
            thread::Builder::new()
                .spawn_scoped(scope, || talk(what))
                .unwrap();
        }
    });
}

/// Runs `load` while these interfaces are watched; what was seen, and what their counters grew by.
fn under_load(
    interfaces: &'static [&'static str],
    load: impl FnOnce() + Send + 'static,
) -> (watch::Watched, Vec<Traffic>) {
    let (tell, told) = mpsc::channel();
    let before = settled(interfaces);
    let watched = watch(interfaces, &WHOSE, move || {
        load();
        let now = settled(interfaces);
        let grown = before.into_iter().zip(now);
        let grown = grown.map(|(before, now)| since(before, now));
        tell.send(grown.collect()).unwrap();
    });
    assert_eq!(watched.stats(interfaces).loss.packets(), 0);
    (watched, told.recv().unwrap())
}

/// Counters when nothing has moved for a while: an interface that comes up greets the others, and
/// connections say goodbye after their programs ended.
fn settled(interfaces: &[&str]) -> Vec<Traffic> {
    let read = || -> Vec<Traffic> { interfaces.iter().map(|name| counters(name)).collect() };
    let (mut last, mut still) = (read(), 0);
    while still < 25 {
        thread::sleep(Duration::from_millis(20));
        let now = read();
        still = if now == last { still + 1 } else { 0 };
        last = now;
    }
    last
}

#[test]
fn a_tunnel_in_user_space_counts_once_and_its_apps_have_the_payload() {
    inside("tunnel", || {
        let world = scene::world();
        let ends = scene::tunnel(&world, "7000");
        let _servers = [
            world.serve(&["echo", "5001"]),
            world.serve(&["sink", "5002"]),
        ];
        let (watched, grown) = under_load(&[LINE, TUNNEL], || {
            all(&[
                &["udp", INSIDE_THERE, "5001", "3000", "700"],
                &["udp", INSIDE_THERE, "5001", "3000", "64"],
                &["tcp", INSIDE_THERE, "5002", "5000000"],
                &["tcp", INSIDE_THERE, "5002", "3000000"],
                // Beside the tunnel.
                &["udp", THERE, "5001", "1000", "500"],
                &["tcp", THERE, "5002", "2000000"],
            ]);
        });
        let said = ends.map(scene::Program::end)[0].clone();
        let said: serde_json::Value = serde_json::from_str(&said).unwrap();
        let (line, tunnel) = (Counts::from(grown[0]), Counts::from(grown[1]));
        let summary = watched.summary(&[]);
        say(&format!(
            "line {line:?}, tunnel {tunnel:?}, {:?}",
            summary.applications.items
        ));
        assert_eq!(summary.total, line, "the total is the line's, to the byte");
        let [told] = &summary.tunnels[..] else {
            panic!("one tunnel: {:?}", summary.tunnels);
        };
        assert_eq!((&*told.interface, &*told.carrier), (TUNNEL, "tunneld"));
        assert_eq!(
            told.payload, tunnel,
            "the payload is the tunnel's, to the byte"
        );
        assert_eq!(told.uncarried, Counts::default());

        let alone = watched.summary(&[LINE]);
        let inner = watched.summary(&[TUNNEL]);
        let outer = app(&alone, "tunneld");
        let overhead = app(&summary, "tunneld");
        assert_eq!(overhead.bytes(), outer.bytes() - tunnel.bytes());
        let packets = count(&said, "packets_in") + count(&said, "packets_out");
        assert_eq!(overhead.bytes(), AROUND * packets, "{said}");
        let item = summary
            .applications
            .items
            .iter()
            .find(|item| item.name == "tunneld");
        assert_eq!(item.unwrap().overhead, Some(overhead));
        for name in ["one", "two"] {
            let mut both = app(&alone, name);
            both += app(&inner, name);
            assert_eq!(
                app(&summary, name),
                both,
                "{name}: in the tunnel and beside it"
            );
        }
        assert_eq!(site(&summary, INSIDE_THERE), tunnel.bytes());
        assert_eq!(site(&summary, THERE), line.bytes() - tunnel.bytes());
        assert_eq!(app(&summary, "unknown"), Counts::default());
    });
}

#[test]
fn a_tunnel_whose_carrier_is_not_known_is_beside_the_total() {
    inside("unknown", || {
        let world = scene::world();
        let _ends = scene::tunnel(&world, "7000");
        let _server = world.serve(&["echo", "5001"]);
        let nobody = Whose {
            carriers: &[],
            ..WHOSE
        };
        let watched = watch(&[LINE, TUNNEL], &nobody, || {
            talk(&["udp", INSIDE_THERE, "5001", "100", "700"]);
        });
        let summary = watched.summary(&[]);
        assert_eq!(app(&summary, "tunneld"), summary.total);
        assert!(summary.tunnels.is_empty());
        assert_eq!(app(&watched.summary(&[TUNNEL]), "one").packets_out, 100);
    });
}

#[test]
fn a_containers_packets_count_once_on_their_way_through_the_house() {
    inside("container", || {
        let world = scene::world();
        let container = scene::container();
        let _servers = [
            world.serve(&["echo", "5001"]),
            world.serve(&["sink", "5002"]),
        ];
        let name = container.name().to_owned();
        let (watched, grown) = under_load(&[LINE, "nmbridge", "nmport"], move || {
            let inside = |what: &[&str]| {
                let talk = harness::tool("talk");
                succeed(
                    Command::new("ip")
                        .args(["netns", "exec", &name])
                        .arg(talk)
                        .args(what),
                );
            };
            inside(&["udp", THERE, "5001", "500", "300"]);
            inside(&["tcp", THERE, "5002", "1000000"]);
            talk(&["udp", THERE, "5001", "100", "100"]);
        });
        let summary = watched.summary(&[]);
        assert_eq!(summary.total, Counts::from(grown[0]));
        let stats = watched.stats(&[]);
        assert_eq!(stats.interfaces, [LINE]);
        // Seen on all three, and told where it is asked for.
        for name in ["nmbridge", "nmport"] {
            let seen = watched.summary(&[name]);
            assert_eq!(datagrams(&seen), 1_000, "{name}");
            assert!(seen.total.bytes() > 1_000_000, "{name}: {:?}", seen.total);
        }
        assert_eq!(datagrams(&summary), 1_200);
    });
}

#[test]
fn without_a_way_out_a_bridge_counts_and_its_ports_do_not() {
    inside("offline", || {
        let container = scene::container();
        let _server = container.serve(&["echo", "5001"]);
        let (watched, _) = under_load(&["nmbridge", "nmport", "lo"], || {
            talk(&["udp", "10.8.0.2", "5001", "200", "300"]);
        });
        assert_eq!(watched.stats(&[]).interfaces, ["nmbridge"]);
        assert_eq!(datagrams(&watched.summary(&[])), 400);
    });
}

#[test]
fn loopback_counts_where_it_is_all_that_is_watched() {
    inside("loopback", || {
        let _world = scene::world();
        let mut server = Command::new(harness::tool("talk"));
        let _server = scene::Program::start(server.args(["echo", "5001"]));
        let watched = watch(&["lo"], &WHOSE, || {
            talk(&["udp", "127.0.0.1", "5001", "50", "100"]);
            // For counters to be read, which is done once a second.
            thread::sleep(Duration::from_millis(2_500));
        });
        let stats = watched.stats(&[]);
        assert_eq!(stats.interfaces, ["lo"]);
        assert!(stats.counts.packets_out >= 50, "{:?}", stats.counts);
        let coverage = watched.covered();
        assert!(
            coverage.ratio.is_none_or(|ratio| ratio >= 1.0),
            "{coverage:?}"
        );
    });
}

#[expect(
    clippy::print_stderr,
    reason = "the figures are what a reader of this test wants"
)]
fn say(what: &str) {
    eprintln!("{what}");
}

fn count(value: &serde_json::Value, key: &str) -> u64 {
    harness::count(value, key)
}
