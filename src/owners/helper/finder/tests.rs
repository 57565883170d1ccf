//! What is believed of what the kernel told.

use super::told::INIT;
use super::*;
use crate::key::Endpoint;
use crate::owners::message::Question;
use crate::platform::{FlowSeen, ProgramSeen, Run};
use crate::units::{FrameNumber, NANOS, Nanos};

/// No process has such a number.
const GONE: u32 = u32::MAX - 1;

fn end(address: &str, port: Option<u16>) -> Endpoint {
    let address = address.parse().unwrap();
    Endpoint { address, port }
}

/// What is told of, on addresses that no machine has (RFC 5737).
fn seen(protocol: Protocol, run: Run, at: u64) -> FlowSeen {
    let port = |number| (protocol == Protocol::TCP).then_some(number);
    FlowSeen {
        protocol,
        local: end("192.0.2.1", port(50_000)),
        remote: end("192.0.2.2", port(80)),
        cookie: 9,
        network: 1,
        run: Some(run),
        at,
        sent: true,
        accepted: false,
        copies: false,
        packet: false,
    }
}

fn finder() -> Finder {
    Finder::new(config::Kernel::Off, Clock::system())
}

/// The question about a flow that begins now.
fn open(finder: &Finder, seen: &FlowSeen, tries: usize) -> Open {
    let question = Question {
        flow: FrameNumber(1),
        at: finder.clock.now().wall,
        sent: true,
        protocol: seen.protocol,
        local: seen.local,
        remote: seen.remote,
    };
    Open {
        tries,
        ..Open::new(question, finder.clock.steady())
    }
}

/// How the owner is known of a flow that begins now, after this was told.
fn found(finder: &mut Finder, told: &[FlowSeen], tries: usize) -> Option<OwnerSource> {
    for seen in told {
        finder.flows.learn(seen.clone());
    }
    let mut open = open(finder, &told[0], tries);
    finder.find(&mut open).map(|owned| owned.source)
}

/// A program that the kernel told of.
fn learned(finder: &mut Finder, pid: u32, since: u64) -> Run {
    let run = Run { pid, since };
    finder.processes.learn(ProgramSeen {
        run,
        parent: 0,
        user: 0,
        short_name: "ping".into(),
        file: Some("/usr/bin/ping".into()),
        arguments: vec!["ping".into()],
    });
    run
}

#[test]
fn what_a_dead_process_sent_long_ago_is_not_its_own_again() {
    for protocol in [Protocol::ICMP, Protocol::TCP] {
        let mut finder = finder();
        let long_ago = finder.now().saturating_sub(60_000_000_000);
        let dead = learned(&mut finder, GONE, long_ago);
        let told = seen(protocol, dead, long_ago);
        assert_eq!(found(&mut finder, &[told], 9), None, "{protocol:?}");
    }
}

#[test]
fn what_a_process_that_lives_sends_without_a_port_stays_its_own() {
    let mut finder = finder();
    let pid = std::process::id();
    let began = platform::started(pid).unwrap();
    let told = seen(Protocol::ICMP, Run { pid, since: 0 }, began + NANOS as u64);
    let long_after = Nanos(finder.clock.now().wall.0 + 60 * NANOS);
    let mut open = open(&finder, &told, 0);
    open.question.at = long_after;
    finder.flows.learn(told);
    let owned = finder.find(&mut open).unwrap();
    assert_eq!(owned.source, OwnerSource::Kernel);
    assert_eq!(owned.process.unwrap().run.pid, pid);
    open.question.sent = false;
    assert!(
        finder.find(&mut open).is_none(),
        "what another sent first is answered by the kernel"
    );
}

#[test]
fn who_only_overhears_what_the_kernel_answers_has_no_flow() {
    let tried = [
        (Protocol::ICMP, false, None),
        (Protocol::ICMP, true, Some(OwnerSource::Kernel)),
        (Protocol(253), false, Some(OwnerSource::Kernel)),
    ];
    for (protocol, sent, expected) in tried {
        let mut finder = finder();
        let now = finder.now();
        let run = learned(&mut finder, GONE, now);
        let told = FlowSeen {
            copies: true,
            sent,
            ..seen(protocol, run, now)
        };
        assert_eq!(
            found(&mut finder, &[told], 0),
            expected,
            "{protocol:?} {sent}"
        );
    }
}

#[test]
fn what_the_first_process_opened_is_not_its_own_at_once() {
    let mut finder = finder();
    let now = finder.now();
    let told = seen(
        Protocol::TCP,
        Run {
            pid: INIT,
            since: 0,
        },
        now,
    );
    assert_eq!(found(&mut finder, &[told], 0), None);
}

#[test]
fn only_a_connections_ends_are_remembered_for_who_had_them() {
    for (protocol, expected) in [
        (Protocol::ICMP, None),
        (Protocol::UDP, None),
        (Protocol::TCP, Some(OwnerSource::Late)),
    ] {
        let mut finder = finder();
        let (now, steady) = (finder.now(), finder.clock.steady());
        let run = learned(&mut finder, GONE, now);
        let process = finder.processes.of(run, now, &mut read).unwrap();
        let told = seen(protocol, run, now);
        let mut open = open(&finder, &told, ENOUGH);
        finder
            .recent
            .note(Ends::of(&open.question), &process, steady);
        let source = finder.find(&mut open).map(|owned| owned.source);
        assert_eq!(source, expected, "{protocol:?}");
    }
}

#[test]
fn whoever_listens_to_all_is_not_asked_for_what_the_kernel_answers() {
    let finder = finder();
    let asked = [
        (Protocol::ICMP, true, true),
        (Protocol::ICMP, false, false),
        (Protocol(253), false, true),
        (Protocol::TCP, false, true),
    ];
    for (protocol, sent, expected) in asked {
        let told = seen(protocol, Run { pid: 1, since: 0 }, 0);
        let mut open = open(&finder, &told, 0);
        open.question.sent = sent;
        let ends = Ends::of(&open.question);
        assert_eq!(
            finder.may_look_up(&ends, &open),
            expected,
            "{protocol:?} {sent}"
        );
    }
}

#[test]
fn whoever_gets_a_port_after_a_flow_does_not_own_it() {
    let bound = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
    let port = bound.local_addr().unwrap().port();
    let mut finder = finder();
    let told = FlowSeen {
        local: end("127.0.0.1", Some(port)),
        remote: end("192.0.2.2", Some(53)),
        ..seen(Protocol::UDP, Run { pid: 1, since: 0 }, 0)
    };
    let mut late = open(&finder, &told, ENOUGH + 1);
    assert!(finder.find(&mut late).is_none());
    let mut young = open(&finder, &told, 0);
    let owned = finder.find(&mut young).unwrap();
    assert_eq!(owned.source, OwnerSource::Wildcard);
    young.tries = ENOUGH + 1;
    assert!(finder.find(&mut young).is_some());
}

#[test]
fn whoever_listens_is_answered_when_nobody_took_the_connection() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let told = FlowSeen {
        local: end("127.0.0.1", Some(port)),
        remote: end("127.0.0.1", Some(1)),
        ..seen(Protocol::TCP, Run { pid: 1, since: 0 }, 0)
    };
    let mut finder = finder();
    let mut open = open(&finder, &told, 0);
    assert_eq!(finder.find(&mut open), None, "another may take it");
    let so_far = open.fallback.clone().expect("the listener may have it");
    open.tries = ENOUGH;
    let owned = finder.find(&mut open).unwrap();
    assert_eq!((owned.source, &owned), (OwnerSource::Port, &so_far));
    assert_eq!(owned.process.unwrap().run.pid, std::process::id());
    // It has stopped listening since: what was found then is what there is.
    drop(listener);
    let mut finder = self::finder();
    open.fallback = Some(so_far.clone());
    assert_eq!(finder.find(&mut open), Some(so_far));
}
