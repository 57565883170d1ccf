//! Live capture on real interfaces: each test runs itself again inside a network namespace of its
//! own, where nothing else speaks. Needs root; without it the tests say so and pass by.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

#[path = "live_capture/place.rs"]
mod place;

use netmonitor::capture::live::{Config, Error, Live, Request};
use netmonitor::capture::{Cut, DirectionRule, Interface, Link, Message};
use netmonitor::clock::Clock;
use netmonitor::platform::{self, Role};
use netmonitor::units::{Epoch, NANOS, Tally};
use place::{Sender, inside, ip, ip_may_fail};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

/// All that a capture gave, until its end.
#[derive(Default)]
struct Given {
    interfaces: Vec<Arc<Interface>>,
    frames: Tally,
    cuts: Vec<Cut>,
}

impl Given {
    fn take(&mut self, message: Message, live: &Live) {
        match message {
            Message::Interface(interface) => self.interfaces.push(interface),
            Message::Cut(cut) => self.cuts.push(cut),
            Message::Batch(batch) => {
                for frame in &batch.frames {
                    assert!(self.interfaces.iter().any(|it| it.id == frame.interface));
                    assert_eq!(batch.bytes(frame).len(), frame.captured as usize);
                    self.frames.count(frame.length);
                }
                live.home().give(batch);
            }
        }
    }

    fn delivered(&self) -> Tally {
        let facts = self.cuts.iter().flat_map(|cut| &cut.facts);
        facts.fold(Tally::default(), |sum, facts| sum + facts.delivered)
    }

    fn lost(&self) -> u64 {
        let facts = self.cuts.iter().flat_map(|cut| &cut.facts);
        facts
            .map(|it| it.kernel_dropped + it.interface_dropped)
            .sum()
    }

    fn gap_ms(&self, name: &str) -> u64 {
        let id = self
            .interfaces
            .iter()
            .find(|it| &*it.name == name)
            .unwrap()
            .id;
        let facts = self.cuts.iter().flat_map(|cut| &cut.facts);
        let facts = facts.filter(|facts| facts.interface == id);
        facts.map(|facts| u64::from(facts.gap_ms)).sum()
    }
}

fn on(names: &[&str]) -> Config {
    Config {
        interfaces: names.iter().map(|name| (*name).to_owned()).collect(),
        ..Config::default()
    }
}

fn open(config: Config) -> Live {
    Live::open(config, Clock::system(), Epoch(1)).unwrap()
}

/// Captures while `act` runs on another thread; ends when it is through.
fn capture_while(mut live: Live, act: impl FnOnce() + Send + 'static) -> Given {
    let stopper = live.stopper();
    let actor = thread::Builder::new().spawn(move || {
        act();
        stopper.stop();
    });
    let given = drain(&mut live);
    actor.unwrap().join().unwrap();
    given
}

fn drain(live: &mut Live) -> Given {
    let mut given = Given::default();
    while let Some(message) = live.next() {
        given.take(message.unwrap(), live);
    }
    assert!(live.next().is_none());
    given
}

fn pause(millis: u64) {
    thread::sleep(Duration::from_millis(millis));
}

/// What is sent is what was counted, or a named loss; and every second was cut once, in order.
fn assert_exact(given: &Given, sent: Tally) {
    assert_eq!(given.frames.packets + given.lost(), sent.packets);
    if given.lost() == 0 {
        assert_eq!(given.frames, sent);
    }
    assert_eq!(given.delivered(), given.frames);
    let moments: Vec<_> = given.cuts.iter().map(|cut| cut.moment).collect();
    assert!(
        moments.is_sorted_by_key(|it| (it.epoch, it.second)),
        "{moments:?}"
    );
    let last: Vec<bool> = given.cuts.iter().map(|cut| cut.last).collect();
    assert_eq!(last.iter().filter(|last| **last).count(), 1);
    assert_eq!(last.last(), Some(&true));
}

#[test]
fn nothing_sent_before_the_stop_is_lost() {
    inside("stop", || {
        place::pair("nmlive0", "nmlive1");
        for (size, count) in [(60, 1), (60, 20_000), (1_500, 3_000)] {
            let given = capture_while(open(on(&["nmlive0"])), move || {
                Sender::on("nmlive1").send(count, size);
            });
            let bytes = count * size as u64;
            assert_exact(
                &given,
                Tally {
                    packets: count,
                    bytes,
                },
            );
        }
    });
}

#[test]
fn what_the_ring_cannot_hold_is_a_named_loss() {
    inside("loss", || {
        place::pair("nmlive0", "nmlive1");
        let small = Config {
            ring_other_mib: 0,
            ..on(&["nmlive0"])
        };
        let live = open(small);
        Sender::on("nmlive1").send(20_000, 200);
        let given = capture_while(live, || ());
        assert!(given.lost() > 1_000, "{}", given.lost());
        assert_exact(
            &given,
            Tally {
                packets: 20_000,
                bytes: 4_000_000,
            },
        );
    });
}

#[test]
fn a_termination_signal_drains_and_others_become_requests() {
    inside("signal", || {
        place::pair("nmlive0", "nmlive1");
        let mut live = open(on(&["nmlive0"]));
        let (sender, requests) = crossbeam_channel::unbounded();
        live.send_requests(sender);
        let actor = thread::Builder::new().spawn(|| {
            signal_hook::low_level::raise(signal_hook::consts::SIGHUP).unwrap();
            pause(50);
            signal_hook::low_level::raise(signal_hook::consts::SIGUSR1).unwrap();
            Sender::on("nmlive1").send(5_000, 100);
            signal_hook::low_level::raise(signal_hook::consts::SIGTERM).unwrap();
        });
        let given = drain(&mut live);
        actor.unwrap().join().unwrap();
        assert_exact(
            &given,
            Tally {
                packets: 5_000,
                bytes: 500_000,
            },
        );
        let requests: Vec<Request> = requests.try_iter().collect();
        assert_eq!(requests, [Request::Reload, Request::Report]);
    });
}

#[test]
fn a_second_stop_ends_at_once_with_nothing_behind_the_last_cut() {
    inside("twice", || {
        place::pair("nmlive0", "nmlive1");
        let live = open(on(&["nmlive0"]));
        Sender::on("nmlive1").send(100, 100);
        // Long enough for the kernel to hand them over.
        pause(300);
        // Both are heeded in one turn, before anything is read.
        for signal in [signal_hook::consts::SIGTERM, signal_hook::consts::SIGINT] {
            signal_hook::low_level::raise(signal).unwrap();
        }
        let given = capture_while(live, || {});
        assert_eq!(given.frames, given.delivered());
        assert!(given.cuts.last().is_some_and(|cut| cut.last));
    });
}

#[test]
fn an_interface_without_room_for_its_ring_is_told_with_the_reason() {
    inside("noroom", || {
        place::pair("nmlive0", "nmlive1");
        let live = open(Config {
            ring_total_mib: 2,
            ..on(&[])
        });
        let names = ["lo", "nmlive0", "nmlive1"];
        let watched = live.watched();
        assert_eq!(watched.len(), 1, "{watched:?}");
        for name in names {
            let problem = live.problems().of(name);
            assert_eq!(problem.is_none(), watched.iter().any(|it| it == name));
            assert!(problem.is_none_or(|why| why.contains("ring_total_mib")));
        }
    });
}

#[test]
fn seconds_are_cut_while_nothing_is_sent() {
    inside("idle", || {
        place::pair("nmlive0", "nmlive1");
        let live = open(on(&["nmlive0"]));
        let before = platform::usage().unwrap().wakeups;
        let given = capture_while(live, || pause(4_200));
        let wakeups = platform::usage().unwrap().wakeups - before;
        assert!(wakeups < 30, "{wakeups} wake-ups in 4 s: something polls");
        assert!(given.cuts.len() >= 4, "{}", given.cuts.len());
        let full = given.cuts.get(1..given.cuts.len() - 2).unwrap();
        assert!(
            full.iter()
                .all(|cut| (cut.width.0 - NANOS).abs() < NANOS / 500)
        );
        assert!(full.iter().all(|cut| cut.open.is_some()));
        let watched = full.iter().flat_map(|cut| &cut.facts);
        assert!(
            watched.clone().count() > 0,
            "an idle interface is said to be watched"
        );
        assert!(
            watched
                .clone()
                .all(|it| it.counters.is_some() && it.gap_ms == 0)
        );
    });
}

#[test]
fn the_interfaces_own_counters_agree() {
    inside("counters", || {
        place::pair("nmlive0", "nmlive1");
        let given = capture_while(open(on(&["nmlive0"])), || {
            Sender::on("nmlive1").send(2_000, 200);
            Sender::on("nmlive0").send(1_000, 300);
        });
        let facts = given.cuts.iter().flat_map(|cut| &cut.facts);
        let mut counters = netmonitor::units::Traffic::default();
        facts
            .filter_map(|it| it.counters)
            .for_each(|it| counters += it);
        assert_eq!(counters.total(), given.delivered());
        assert_eq!(counters.inbound.packets, 2_000);
    });
}

#[test]
fn a_flapping_interface_is_watched_again_and_its_gaps_are_told() {
    inside("flap", || {
        place::pair("nmlive0", "nmlive1");
        let given = capture_while(open(on(&["nmlive0"])), || {
            for _ in 0..20 {
                ip("link set nmlive0 down");
                pause(60);
                ip("link set nmlive0 up");
                pause(60);
            }
            Sender::on("nmlive1").send(500, 100);
        });
        assert_exact(
            &given,
            Tally {
                packets: 500,
                bytes: 50_000,
            },
        );
        let gap = given.gap_ms("nmlive0");
        assert!(gap >= 20 * 40, "{gap} ms");
    });
}

#[test]
fn an_interface_that_is_made_again_is_watched_within_two_seconds() {
    inside("again", || {
        place::pair("nmlive0", "nmlive1");
        let given = capture_while(open(on(&["nmlive0"])), || {
            let sender = Sender::on("nmlive1");
            sender.send(300, 100);
            drop(sender);
            ip("link del nmlive0");
            pause(700);
            place::pair("nmlive0", "nmlive1");
            pause(2_000);
            Sender::on("nmlive1").send(200, 100);
        });
        assert_exact(
            &given,
            Tally {
                packets: 500,
                bytes: 50_000,
            },
        );
        let gap = given.gap_ms("nmlive0");
        assert!(gap >= 600, "{gap} ms");
        let ids: Vec<_> = given.interfaces.iter().map(|it| it.id).collect();
        assert!(
            ids.windows(2).all(|pair| pair[0] == pair[1]),
            "one name, one id"
        );
        let rules: Vec<_> = given.interfaces.iter().map(|it| &it.direction).collect();
        assert!(
            rules
                .iter()
                .all(|rule| matches!(rule, DirectionRule::Hardware(_)))
        );
        assert!(
            rules.first() != rules.last(),
            "another link address, another description"
        );
    });
}

#[test]
fn with_no_name_all_that_is_up_is_watched_and_what_appears_too() {
    inside("all", || {
        place::pair("nmlive0", "nmlive1");
        ip("link add nmlive9 type bridge");
        let given = capture_while(open(Config::default()), || {
            place::pair("nmlive2", "nmlive3");
            pause(1_000);
            Sender::on("nmlive3").send(100, 100);
        });
        let named: BTreeMap<&str, &Interface> = given
            .interfaces
            .iter()
            .map(|it| (&*it.name, &**it))
            .collect();
        let watched: Vec<&str> = named.keys().copied().collect();
        assert_eq!(watched, ["lo", "nmlive0", "nmlive1", "nmlive2", "nmlive3"]);
        assert_eq!(named["lo"].direction, DirectionRule::ClientToServer);
        assert_eq!(named["lo"].role, Role::Loopback);
        assert_exact(
            &given,
            Tally {
                packets: 200,
                bytes: 20_000,
            },
        );
    });
}

#[test]
fn a_clock_that_jumps_starts_a_new_epoch() {
    inside("step", || {
        place::pair("nmlive0", "nmlive1");
        let start = Clock::system().now().wall;
        let (clock, hands) = Clock::manual(start);
        let live = Live::open(on(&["nmlive0"]), clock, Epoch(7)).unwrap();
        let given = capture_while(live, move || {
            Sender::on("nmlive1").send(100, 100);
            pause(1_200);
            hands.advance(NANOS);
            hands.set_wall(netmonitor::units::Nanos(start.0 - 100 * NANOS));
            pause(1_500);
        });
        let epochs: Vec<u32> = given.cuts.iter().map(|cut| cut.moment.epoch.0).collect();
        assert_eq!(epochs.first(), Some(&7));
        assert_eq!(epochs.last(), Some(&8));
        assert_eq!(
            given.frames,
            Tally {
                packets: 100,
                bytes: 10_000
            }
        );
        assert_eq!(given.delivered(), given.frames);
    });
}

#[test]
fn a_filter_is_set_in_the_kernel_and_a_bad_one_is_refused() {
    inside("filter", || {
        place::pair("nmlive0", "nmlive1");
        let config = |filter: &str| Config {
            filter: Some(filter.to_owned()),
            ..on(&["nmlive0"])
        };
        let given = capture_while(open(config("less 150")), || {
            let sender = Sender::on("nmlive1");
            sender.send(70, 100);
            sender.send(70, 400);
        });
        assert_exact(
            &given,
            Tally {
                packets: 70,
                bytes: 7_000,
            },
        );
        let none = capture_while(open(config("dns")), || Sender::on("nmlive1").send(9, 100));
        assert_eq!(none.frames, Tally::default());
        let refused = Live::open(config("tcp prt 80"), Clock::system(), Epoch(1))
            .err()
            .unwrap();
        let said = refused.to_string();
        assert!(
            said.contains("tcp prt 80") && said.contains("character 5"),
            "{said}"
        );
    });
}

#[test]
fn an_unknown_interface_is_named_with_those_that_exist() {
    inside("unknown", || {
        let refused = Live::open(on(&["nmlive7"]), Clock::system(), Epoch(1))
            .err()
            .unwrap();
        assert!(matches!(&refused, Error::NoSuchInterface { name, .. } if name == "nmlive7"));
        assert!(refused.to_string().contains("there are: lo"), "{refused}");
    });
}

#[test]
fn without_permission_the_command_to_type_is_said() {
    place::inside_without_capture("permission", || {
        let refused = Live::open(Config::default(), Clock::system(), Epoch(1))
            .err()
            .unwrap();
        assert!(matches!(refused, Error::Permission { .. }));
        assert!(refused.to_string().contains("sudo "), "{refused}");
    });
}

#[test]
fn rings_have_their_sizes_and_are_told_apart_from_our_memory() {
    inside("rings", || {
        place::pair("nmlive0", "nmlive1");
        let before = platform::usage().unwrap();
        let live = open(on(&["nmlive0", "nmlive1"]));
        let with = platform::usage().unwrap();
        assert_eq!(with.rings - before.rings, 2 * (2 << 20));
        let grown = with.resident.saturating_sub(before.resident);
        assert!(grown < 2 << 20, "{grown} bytes of ours");
        drop(live);
        assert_eq!(platform::usage().unwrap().rings, before.rings);
    });
}

#[test]
fn roles_follow_routes_and_kinds() {
    inside("roles", || {
        place::pair("nmlive0", "nmlive1");
        place::pair("nmlive2", "nmlive3");
        ip("link add nmlivebr type bridge");
        ip("link set nmlive3 master nmlivebr");
        ip("addr add 192.0.2.1/24 dev nmlive0");
        ip("route add default via 192.0.2.2");
        let tunnel = ip_may_fail("tuntap add dev nmlivetun mode tun");
        let nics = platform::nics().unwrap();
        let roles: BTreeMap<&str, Role> = nics
            .iter()
            .map(|nic| (nic.name.as_str(), nic.role))
            .collect();
        assert_eq!(roles["nmlive0"], Role::Uplink);
        assert_eq!(roles["nmlive2"], Role::Virtual);
        assert_eq!(roles["nmlivebr"], Role::Bridge);
        assert_eq!(roles["lo"], Role::Loopback);
        if tunnel {
            assert_eq!(roles["nmlivetun"], Role::Tunnel);
        }
        let uplink = nics.iter().find(|nic| nic.name == "nmlive0").unwrap();
        assert!(uplink.addresses.contains(&"192.0.2.1".parse().unwrap()));
        assert!(uplink.up && uplink.link && uplink.hardware.is_some());
    });
}

#[test]
fn a_default_route_over_a_vlan_is_that_of_the_link_below() {
    inside("vlan", || {
        place::pair("nmlive0", "nmlive1");
        if !ip_may_fail("link add link nmlive0 name nmlive0.5 type vlan id 5") {
            return;
        }
        ip("addr add 192.0.2.1/24 dev nmlive0.5");
        ip("link set nmlive0.5 up");
        ip("route add default via 192.0.2.2");
        let nics = platform::nics().unwrap();
        let role = |name: &str| nics.iter().find(|nic| nic.name == name).map(|it| it.role);
        assert_eq!(role("nmlive0"), Some(Role::Uplink));
        assert_eq!(role("nmlive0.5"), Some(Role::Virtual));
    });
}

#[test]
fn the_watch_hears_of_changes_and_only_of_them() {
    inside("watch", || {
        let Some(mut watch) = platform::watch().unwrap() else {
            return;
        };
        assert!(!watch.changed());
        ip("link add nmlive5 type bridge");
        assert!(watch.changed());
        assert!(!watch.changed());
        ip("addr add 192.0.2.9/24 dev nmlive5");
        assert!(watch.changed());
    });
}

#[test]
fn loopback_frames_come_once_with_their_link() {
    inside("loopback", || {
        let given = capture_while(open(on(&["lo"])), || {
            let socket = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
            for _ in 0..50 {
                socket.send_to(&[0; 100], "127.0.0.1:9").unwrap();
            }
        });
        assert_eq!(given.interfaces.first().unwrap().link, Link::Ethernet);
        // A datagram to a closed port is answered; refusals may be limited, datagrams are not.
        assert!(given.frames.packets >= 50 && given.frames.packets <= 100);
        assert_eq!(given.delivered(), given.frames);
    });
}
