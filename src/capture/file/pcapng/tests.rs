//! Files of this format in either byte order: what they hold comes out.

use super::test_blocks::{BIG, FRAME, LITTLE, Setting, padded, whole};
use crate::capture::frame::Link;
use crate::capture::process::{Named, Process};

fn frame(interface: u16, at: i64) -> (u16, i64, Vec<u8>, u32) {
    (interface, at, FRAME.to_vec(), FRAME.len() as u32 + 50)
}

#[test]
fn sections_have_their_own_order_interfaces_links_and_units() {
    for (first, second) in [(LITTLE, BIG), (BIG, LITTLE)] {
        let got = whole(&[
            first.section(),
            first.interface(1, 6),
            first.interface(101, 9),
            first.packet(0, 5_000_001, FRAME, &[]),
            first.packet(1, 5_000_000_002, FRAME, &[]),
            second.section(),
            second.described(113, 96, &[(9, vec![0x80 + 10])]),
            second.packet(0, 5 * 1024 + 512, FRAME, &[]),
        ]);
        assert_eq!(got.links, [Link::Ethernet, Link::Raw, Link::LinuxSll]);
        let snaplens: Vec<u32> = got.named.iter().map(|(_, snaplen)| *snaplen).collect();
        assert_eq!(snaplens, [262_144, 262_144, 96]);
        let times = [5_000_001_000, 5_000_000_002, 5_500_000_000];
        assert_eq!(
            got.frames,
            [frame(0, times[0]), frame(1, times[1]), frame(2, times[2]),]
        );
    }
}

#[test]
fn times_are_of_their_interface() {
    // Resolution, offset in seconds, ticks, nanoseconds.
    let cases: [(u8, i64, u64, i64); 12] = [
        (0, 0, 7, 7_000_000_000),
        (3, 0, 7_001, 7_001_000_000),
        (6, 0, 7_000_001, 7_000_001_000),
        (9, 0, 7_000_000_001, 7_000_000_001),
        (12, 0, 7_000_000_001_999, 7_000_000_001),
        (19, 0, 10_000_000_000_000_000_000, 1_000_000_000),
        (0x80, 0, 7, 7_000_000_000),
        (0x81, 0, 15, 7_500_000_000),
        (0x80 + 32, 0, (7 << 32) + (1 << 30), 7_250_000_000),
        (0x80 + 63, 0, 3 << 62, 1_500_000_000),
        (6, 1_000, 7_000_001, 1_007_000_001_000),
        (6, -3, 7_000_001, 4_000_001_000),
    ];
    for (resolution, offset, ticks, expected) in cases {
        for order in [LITTLE, BIG] {
            let options = [
                (9, vec![resolution]),
                (14, order.bytes(offset.to_le_bytes())),
            ];
            let got = whole(&[
                order.section(),
                order.described(1, 0, &options),
                order.packet(0, ticks, FRAME, &[]),
            ]);
            assert_eq!(got.frames, [frame(0, expected)], "{resolution:#x} {offset}");
        }
    }
}

#[test]
fn without_options_a_tick_is_a_microsecond() {
    let described = LITTLE.described(1, 0, &[]);
    let got = whole(&[LITTLE.section(), described, LITTLE.packet(0, 7, FRAME, &[])]);
    assert_eq!(got.frames, [frame(0, 7_000)]);
}

#[test]
fn simple_packets_have_no_time_and_what_there_is_room_for() {
    for order in [LITTLE, BIG] {
        let simple = |length, data: &[u8]| {
            let body = [order.word(length), padded(data)].concat();
            order.block(3, &body)
        };
        let got = whole(&[
            order.section(),
            order.described(1, 6, &[]),
            order.packet(0, 9_000_000, FRAME, &[]),
            simple(5, b"abcde"),
            simple(1_000, b"abcdef"),
        ]);
        let lengths: Vec<_> = got
            .frames
            .iter()
            .map(|it| (it.1, it.2.len(), it.3))
            .collect();
        let at = 9_000_000_000;
        assert_eq!(lengths, [(at, 5, 55), (at, 5, 5), (at, 6, 1_000)]);
    }
}

#[test]
fn obsolete_packets_have_a_count_of_drops_beside_their_interface() {
    for order in [LITTLE, BIG] {
        let head = [order.half(1), order.half(0xffff)].concat();
        let rest = order.words(&[0, 7_000_000, 5, 55]);
        let got = whole(&[
            order.begun(),
            order.interface(101, 6),
            order.block(2, &[head, rest, padded(FRAME)].concat()),
        ]);
        assert_eq!(got.frames, [frame(1, 7_000_000_000)]);
    }
}

#[test]
fn other_blocks_are_passed_over() {
    let kinds = [
        4,
        5,
        7,
        8,
        9,
        10,
        0xbad,
        0x4000_0bad,
        0x8000_0002,
        0x7fff_ffff,
    ];
    for order in [LITTLE, BIG] {
        let mut blocks = vec![order.begun()];
        for (kind, length) in kinds
            .into_iter()
            .zip([0, 1, 4, 90, 4_096, 300_000].repeat(2))
        {
            blocks.push(order.block(kind, &vec![0xa5; length]));
            blocks.push(order.packet(0, 7_000_000, FRAME, &[]));
        }
        let got = whole(&blocks);
        assert_eq!(got.frames, vec![frame(0, 7_000_000_000); kinds.len()]);
    }
}

#[test]
fn a_sections_own_length_may_be_told() {
    let inside = [
        LITTLE.interface(1, 6),
        LITTLE.packet(0, 7_000_000, FRAME, &[]),
    ]
    .concat();
    let section = [LITTLE.section_of(inside.len() as u64), inside].concat();
    let got = whole(&[section.clone(), section]);
    assert_eq!(got.frames.len(), 2);
    assert_eq!(got.frames[1].0, 1);
}

#[test]
fn names_of_interfaces_are_harmless_and_bounded() {
    let name = |bytes: &[u8]| {
        let described = LITTLE.described(1, 0, &[(2, bytes.to_vec())]);
        whole(&[LITTLE.section(), described]).named[0].0.clone()
    };
    assert_eq!(name(b"en0\0"), "en0");
    assert_eq!(name(b"e\x1bn\xff0"), "e\u{fffd}n\u{fffd}0");
    assert_eq!(name(&b"x".repeat(60_000)).len(), 253);
    assert!(name(b"").starts_with(".tmp"), "called by its file");
}

fn named(pid: i32, name: &str) -> Named {
    Process::named(pid, name.as_bytes())
}

#[test]
fn apples_processes_are_told_of_their_frames() {
    for order in [LITTLE, BIG] {
        let name = |name: &str| (2, name.as_bytes().to_vec());
        let got = whole(&[
            order.begun(),
            order.packet(0, 7_000_000, FRAME, &[]),
            order.process(500, &[name("networking"), (4, vec![7; 16])]),
            order.process(600, &[(4, vec![7; 16]), name("browser\0")]),
            order.process(0, &[]),
            order.owned(Some(0), None),
            order.owned(Some(0), Some(1)),
            order.owned(Some(1), Some(1)),
            order.owned(None, Some(1)),
            order.owned(Some(2), None),
            order.owned(Some(3), None),
            order.owned(None, None),
            order.section(),
            order.interface(1, 6),
            order.owned(Some(0), None),
            order.process(700, &[name("other")]),
            order.owned(Some(0), None),
        ]);
        assert_eq!(got.frames.len(), 10);
        let of = |own, effective| Process::of(own, effective);
        assert_eq!(
            got.processes,
            [
                (2, of(named(500, "networking"), None)),
                (3, of(named(500, "networking"), Some(named(600, "browser")))),
                (4, of(named(600, "browser"), None)),
                (5, of(named(600, "browser"), None)),
                (6, of(named(0, "pid 0"), None)),
                (10, of(named(700, "other"), None)),
            ]
        );
    }
}

#[test]
fn processes_stay_with_their_frames_across_batches_and_seconds() {
    let mut blocks = vec![
        LITTLE.begun(),
        LITTLE.process(500, &[(2, b"curl".to_vec())]),
    ];
    for number in 0..5_000u64 {
        let options: &[Setting] = match number % 3 {
            0 => &[(0x8001, vec![0; 4])],
            _ => &[],
        };
        blocks.push(LITTLE.packet(0, number * 1_000, FRAME, options));
    }
    let got = whole(&blocks);
    let numbers: Vec<u64> = got.processes.iter().map(|(number, _)| *number).collect();
    let expected: Vec<u64> = (1..=5_000).step_by(3).collect();
    assert_eq!(numbers, expected);
}
