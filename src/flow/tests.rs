//! Scenarios of single flows: direction, TCP's ends, silence, room, two open seconds.

mod parts;

use super::config::Config;
use super::row::{Ended, Ending, Part, Unflowed};
use super::test_frames::{End as Host, Scene, TCP, ip, tcp, udp};
use crate::capture::{DirectionRule, Link};
use crate::decode::Reason;
use crate::decode::tcp::{ACK, FIN, RST, SYN};
use crate::key::InterfaceId;
use crate::label::Classes;
use crate::units::{FrameNumber, NANOS, Nanos, Tally, Traffic};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

const A: Host = (1, 4000);
const B: Host = (2, 80);

fn scene() -> Scene {
    Scene::new(Config::default(), DirectionRule::ClientToServer)
}

fn scene_of(max: usize) -> Scene {
    let config = Config {
        max,
        ..Config::default()
    };
    Scene::new(config, DirectionRule::ClientToServer)
}

/// Packets in and out.
fn packets(traffic: Traffic) -> (u64, u64) {
    (traffic.inbound.packets, traffic.outbound.packets)
}

/// Packets in and out of the only row.
fn only_row(part: &Part) -> (u64, u64) {
    assert_eq!(part.rows.len(), 1, "{:?}", part.rows);
    packets(part.rows[0].traffic)
}

fn endings(part: &Part) -> Vec<(u64, Ending)> {
    let mut endings: Vec<_> = part
        .ended
        .iter()
        .map(|ended| (ended.flow.0, ended.ending))
        .collect();
    endings.sort_unstable_by_key(|(flow, _)| *flow);
    endings
}

/// A handshake and one answer: three packets out, two in.
fn talk(scene: &mut Scene, second: i64, from: Host, to: Host) {
    scene.frame(second, tcp(from, to, SYN));
    scene.frame(second, tcp(to, from, SYN | ACK));
    scene.frame(second, tcp(from, to, ACK));
    scene.frame(second, tcp(from, to, ACK));
    scene.frame(second, tcp(to, from, ACK));
}

#[test]
fn without_addresses_the_client_is_this_host() {
    let mut scene = scene();
    talk(&mut scene, 10, B, A);
    let part = scene.last(10);
    assert_eq!(only_row(&part), (2, 3));
    let [Ended { client, local, .. }] = part.ended[..] else {
        panic!("{:?}", part.ended)
    };
    assert_eq!(client, local);
}

#[test]
fn addresses_and_networks_say_who_is_this_host() {
    let rules = [
        DirectionRule::Addresses(vec!["10.0.0.1".parse().unwrap()]),
        DirectionRule::Networks(vec!["10.0.0.0/31".parse().unwrap()]),
    ];
    for rule in rules {
        for (client, server, expected) in [
            (A, B, (2, 3)),
            (B, A, (3, 2)),
            // Neither is this host: the client counts as it. Both are: likewise.
            ((7, 9), B, (2, 3)),
            (A, (1, 9), (2, 3)),
        ] {
            let mut scene = Scene::new(Config::default(), rule.clone());
            talk(&mut scene, 10, client, server);
            let what = format!("{rule:?} {client:?} {server:?}");
            assert_eq!(only_row(&scene.last(10)), expected, "{what}");
        }
    }
}

#[test]
fn a_link_address_tells_the_direction_of_every_frame() {
    const OWN: [u8; 6] = [2, 0, 0, 0, 0, 9];
    const OTHER: [u8; 6] = [2, 0, 0, 0, 0, 8];
    let ethernet = |from: [u8; 6], ethertype: [u8; 2], packet: Vec<u8>| {
        [&[0xff; 6], &from[..], &ethertype, &packet].concat()
    };
    let rule = (Link::Ethernet, DirectionRule::Hardware(OWN));
    let mut scene = Scene::with(Config::default(), Box::new(|_, _| Classes(0)), &[rule]);
    scene.frame(10, ethernet(OTHER, [8, 0], udp(A, B)));
    scene.frame(10, ethernet(OWN, [8, 0], udp(B, A)));
    scene.frame(10, ethernet(OWN, [8, 0], udp(B, A)));
    scene.frame(10, ethernet(OWN, [8, 6], vec![0; 28]));
    scene.frame(10, ethernet(OTHER, [8, 6], vec![0; 28]));
    let part = scene.last(10);
    assert_eq!(only_row(&part), (1, 2));
    let row = &part.rows[0];
    assert_eq!(row.key.end(row.local).to_string(), "10.0.0.2:80");
    assert_ne!(part.ended[0].client, part.ended[0].local);
    let arp = Tally {
        packets: 1,
        bytes: 42,
    };
    let both = Traffic {
        inbound: arp,
        outbound: arp,
    };
    let unflowed = Unflowed {
        interface: InterfaceId(0),
        by_reason: vec![(Reason::Arp, both)],
    };
    assert_eq!(part.unflowed, [unflowed]);
}

#[test]
fn fin_both_ways_or_rst_ends_a_flow_a_little_later() {
    for (last, ending) in [(FIN | ACK, Ending::Closed), (RST, Ending::Reset)] {
        let mut scene = scene();
        talk(&mut scene, 10, A, B);
        scene.frame(10, tcp(A, B, FIN | ACK));
        scene.frame(10, tcp(B, A, last));
        scene.frame(11, tcp(A, B, ACK));
        assert_eq!(endings(&scene.cut(10, Some(11))), []);
        assert_eq!(endings(&scene.cut(11, None)), []);
        assert_eq!(endings(&scene.cut(15, None)), []);
        let part = scene.cut(16, None);
        assert_eq!(endings(&part), [(1, ending)]);
        assert_eq!(packets(part.ended[0].traffic), (3, 5));
        assert_eq!((part.flows, scene.tables.live()), (0, 0));
    }
}

#[test]
fn fin_one_way_leaves_a_flow_open() {
    let mut scene = scene();
    talk(&mut scene, 10, A, B);
    scene.frame(10, tcp(A, B, FIN | ACK));
    scene.frame(10, tcp(A, B, FIN | ACK));
    scene.cut(10, None);
    assert_eq!(endings(&scene.cut(3609, None)), []);
    assert_eq!(endings(&scene.cut(3610, None)), [(1, Ending::Idle)]);
}

#[test]
fn a_syn_after_the_end_begins_another_flow() {
    let mut scene = scene();
    talk(&mut scene, 10, A, B);
    scene.frame(10, tcp(B, A, RST));
    // What comes late, a SYN's answer included, is still of the flow that ended.
    scene.frame(10, tcp(B, A, SYN | ACK));
    let second = scene.frame(10, tcp(A, B, SYN));
    scene.frame(10, tcp(A, B, ACK));
    let part = scene.cut(10, None);
    assert_eq!(endings(&part), [(1, Ending::Reset)]);
    assert_eq!(packets(part.ended[0].traffic), (4, 3));
    let rows: Vec<_> = part
        .rows
        .iter()
        .map(|row| (row.flow, row.opened, packets(row.traffic)))
        .collect();
    assert_eq!(
        rows,
        [(FrameNumber(1), true, (4, 3)), (second, true, (0, 2))]
    );
    assert_eq!(part.flows, 1);
    assert_eq!(
        endings(&scene.cut(70, None)),
        [(second.0, Ending::Idle)],
        "the new flow is half open"
    );
}

#[test]
fn each_kind_of_flow_may_be_silent_for_its_time() {
    let idle = Config::default().idle;
    let kinds: [(&[Vec<u8>], u32); 5] = [
        (&[tcp(A, B, ACK), tcp(B, A, ACK)], idle.tcp),
        (&[tcp(A, B, SYN), tcp(A, B, SYN)], idle.half_open),
        (&[udp(A, B), udp(A, B)], idle.other),
        (&[udp(A, B)], idle.single),
        (
            &[ip((A, B), 47, 0, &[]), ip((B, A), 47, 0, &[])],
            idle.other,
        ),
    ];
    for (frames, silence) in kinds {
        let mut scene = scene();
        for frame in frames {
            scene.frame(1000, frame.clone());
        }
        scene.cut(1000, None);
        let end = 1000 + i64::from(silence);
        assert_eq!(endings(&scene.cut(end - 1, None)), []);
        assert_eq!(endings(&scene.cut(end, None)), [(1, Ending::Idle)]);
    }
}

#[test]
fn a_clock_set_far_back_leaves_no_flow_behind() {
    let mut scene = scene();
    talk(&mut scene, 1_000_000, A, B);
    scene.cut(1_000_000, None);
    scene.frame(1000, udp(B, A));
    let part = scene.cut(1000, None);
    assert_eq!(endings(&part), [(1, Ending::Idle)]);
    assert_eq!(part.flows, 1);
}

#[test]
fn half_open_and_single_frames_go_first_and_then_the_most_idle() {
    let mut scene = scene_of(4);
    talk(&mut scene, 10, A, B);
    talk(&mut scene, 11, (3, 1), B);
    scene.cut(10, Some(11));
    let half_open = scene.frame(12, tcp((4, 1), B, SYN));
    let single = scene.frame(12, udp((5, 1), B));
    scene.cut(11, Some(12));
    talk(&mut scene, 13, (6, 1), B);
    talk(&mut scene, 13, (7, 1), B);
    let part = scene.cut(12, Some(13));
    let evicted = |numbers: &[u64]| -> Vec<_> {
        let ending = |number: &u64| (*number, Ending::Evicted);
        numbers.iter().map(ending).collect()
    };
    assert_eq!(endings(&part), evicted(&[half_open.0, single.0]));
    assert_eq!((part.evicted, part.flows), (2, 4));
    // Now all four are established. The first was heard from again: the second is the most idle.
    scene.frame(14, tcp(A, B, ACK));
    scene.frame(14, udp((8, 1), B));
    let part = scene.cut(13, Some(14));
    assert_eq!(endings(&part), evicted(&[6]));
    assert_eq!((part.evicted, scene.tables.live()), (1, 4));
}

#[test]
fn established_flows_survive_a_flood_and_every_frame_is_counted() {
    let mut scene = scene_of(300);
    let client = |number: u16| (1, 10_000 + number);
    for number in 0..200 {
        talk(&mut scene, 10, client(number), B);
    }
    let flood = 20_000;
    for number in 0..flood {
        scene.frame(11, tcp((3, number), (2, 443), SYN));
        if number % 100 == 0 {
            scene.frame(11, tcp(client(number / 100), B, ACK));
        }
    }
    let established = scene.cut(10, Some(11));
    assert_eq!(established.rows.len(), 200);
    assert!(
        established
            .rows
            .iter()
            .all(|row| packets(row.traffic) == (2, 3))
    );
    let [open] = established.open[..] else {
        panic!("{:?}", established.open)
    };
    assert_eq!(packets(open.traffic), (0, u64::from(flood) + 200));
    let flooded = scene.cut(11, None);
    assert_eq!(
        flooded.rows.len(),
        4096,
        "the most rows that a second can have"
    );
    let rows: u64 = flooded.rows.iter().map(|row| packets(row.traffic).1).sum();
    let folded = flooded
        .folded
        .iter()
        .map(|folded| packets(folded.traffic).1);
    assert_eq!(rows + folded.sum::<u64>(), u64::from(flood) + 200);
    let opened = flooded.rows.iter().filter(|row| row.opened).count() as u32;
    let folded: u32 = flooded.folded.iter().map(|folded| folded.opened).sum();
    assert_eq!(opened + folded, u32::from(flood));
    assert_eq!(
        (flooded.flows, established.evicted),
        (300, u64::from(flood) - 100)
    );
    let part = scene.last(12);
    let survivors = part.ended.iter().filter(|ended| ended.flow.0 <= 1000);
    assert_eq!(survivors.clone().count(), 200);
    assert!(
        survivors
            .into_iter()
            .all(|ended| packets(ended.traffic) == (2, 4))
    );
}

#[test]
fn the_first_frame_alone_is_classified() {
    let calls = Arc::new(AtomicU32::new(0));
    let counted = calls.clone();
    let classify =
        Box::new(move |_, _: &[u8]| Classes(counted.fetch_add(1, Ordering::Relaxed) + 1));
    let rule = (Link::Raw, DirectionRule::ClientToServer);
    let mut scene = Scene::with(Config::default(), classify, &[rule]);
    talk(&mut scene, 10, A, B);
    scene.frame(10, udp(A, B));
    scene.frame(11, udp(B, A));
    scene.cut(10, Some(11));
    let part = scene.last(11);
    assert_eq!(part.rows[0].classes, Classes(2));
    assert_eq!(calls.load(Ordering::Relaxed), 2);
}

#[test]
fn a_frame_of_the_elder_second_counts_there() {
    let mut scene = scene();
    scene.frame(11, udp(A, B));
    scene.take(Nanos(10 * NANOS + 7), 10, 0, 1000, udp(B, A));
    scene.frame(11, udp(A, B));
    let elder = scene.cut(10, Some(11));
    assert_eq!(only_row(&elder), (1, 0));
    assert!(
        !elder.rows[0].opened,
        "its first frame lies in the next second"
    );
    assert_eq!(packets(elder.open[0].traffic), (0, 2));
    let newer = scene.cut(11, None);
    assert_eq!(only_row(&newer), (0, 2));
    assert!(newer.rows[0].opened);
    assert_eq!(newer.open, []);
    let [ended] = scene.last(12).ended[..] else {
        panic!("one flow")
    };
    assert_eq!(ended.first, Nanos(10 * NANOS + 7));
    assert_eq!(ended.last, Nanos(11 * NANOS));
    assert_eq!(ended.traffic.inbound.bytes, 1000);
}

#[test]
fn a_flow_that_is_looked_at_or_ends_has_what_its_open_second_counts() {
    let mut scene = scene_of(1);
    scene.frame(10, udp(A, B));
    scene.frame(11, udp(A, B));
    scene.cut(10, Some(11));
    scene.frame(11, udp(B, A));
    scene.frame(11, udp((3, 3), B));
    let part = scene.cut(11, None);
    assert_eq!(endings(&part), [(1, Ending::Evicted)]);
    assert_eq!(packets(part.ended[0].traffic), (1, 2));
    assert_eq!(part.rows.len(), 2, "a flow that was given up keeps its row");
}

#[test]
fn nothing_follows_the_last_cut() {
    let mut scene = scene();
    talk(&mut scene, 10, A, B);
    scene.frame(10, tcp((3, 1), B, RST));
    let part = scene.last(10);
    assert_eq!(endings(&part), [(1, Ending::Stopped), (6, Ending::Reset)]);
    assert_eq!((part.flows, scene.tables.live()), (0, 0));
}

#[test]
fn garbage_is_counted_by_reason() {
    let mut scene = scene();
    let mut bytes = 0;
    for length in 0..200u32 {
        let random = |at: u32| (at.wrapping_mul(2_654_435_761) ^ length.wrapping_mul(40_503)) as u8;
        scene.frame(10, (0..length).map(random).collect());
        scene.take(
            Nanos(0),
            10,
            0,
            length,
            ip((A, B), TCP, 0, &[])[..length.min(19) as usize].to_vec(),
        );
        // An interface that nobody announced.
        scene.take(Nanos(0), 10, 7, length, udp(A, B));
        bytes += u64::from(length) * 3;
    }
    let part = scene.last(10);
    let mut sum = Tally::default();
    part.rows.iter().for_each(|row| sum += row.traffic.total());
    for unflowed in &part.unflowed {
        let of_it = unflowed
            .by_reason
            .iter()
            .map(|(_, traffic)| traffic.total());
        of_it.for_each(|tally| sum += tally);
    }
    assert_eq!((sum.packets, sum.bytes), (600, bytes));
    let unknown = part
        .unflowed
        .iter()
        .find(|unflowed| unflowed.interface == InterfaceId(7))
        .unwrap();
    assert_eq!(unknown.by_reason[0].0, Reason::UnknownLink);
}

#[test]
fn a_flood_of_ended_flows_is_counted_and_not_all_kept() {
    let config = Config {
        max: 10,
        ended_max: 100,
        ..Config::default()
    };
    let mut scene = Scene::new(config, DirectionRule::ClientToServer);
    for port in 0..500 {
        scene.frame(10, udp((1, port), B));
    }
    let part = scene.cut(10, None);
    assert_eq!((part.ended.len(), part.unrecorded), (100, 390));
    scene.frame(11, udp(A, B));
    let part = scene.cut(11, None);
    assert_eq!((part.ended.len(), part.unrecorded), (1, 0));
}

#[test]
fn a_flow_that_begins_anew_for_ever_leaves_no_tickets_behind() {
    let mut scene = scene();
    for _ in 0..60 {
        for _ in 0..1000 {
            scene.frame(10, tcp(A, B, SYN));
            scene.frame(10, tcp(A, B, RST));
        }
        scene.flush();
    }
    let tickets = scene.worker.tickets();
    assert!(tickets < 80_000, "{tickets} tickets for one flow");
    let part = scene.last(10);
    assert_eq!(part.ended.len(), 60_000);
}
