//! Files of this format, made here block by block in either byte order: what they hold comes out,
//! what is damaged is said with its place, and no bytes can hurt.

use crate::capture::file::tests::{Got, read};
use crate::capture::file::{Damage, Place};
use crate::capture::frame::Link;
use crate::capture::process::Process;
use proptest::prelude::*;

const FRAME: &[u8] = b"abcde";

/// A writer of blocks in one byte order.
#[derive(Clone, Copy)]
struct Order {
    big: bool,
}

const LITTLE: Order = Order { big: false };
const BIG: Order = Order { big: true };

type Setting = (u16, Vec<u8>);

impl Order {
    fn bytes<const N: usize>(self, mut little: [u8; N]) -> Vec<u8> {
        if self.big {
            little.reverse();
        }
        little.to_vec()
    }

    fn half(self, value: u16) -> Vec<u8> {
        self.bytes(value.to_le_bytes())
    }

    fn word(self, value: u32) -> Vec<u8> {
        self.bytes(value.to_le_bytes())
    }

    fn words(self, values: &[u32]) -> Vec<u8> {
        values.iter().flat_map(|value| self.word(*value)).collect()
    }

    fn options(self, options: &[Setting]) -> Vec<u8> {
        let mut out = Vec::new();
        for (code, value) in options {
            out.extend(self.half(*code));
            out.extend(self.half(value.len() as u16));
            out.extend(padded(value));
        }
        if !options.is_empty() {
            out.extend([0; 4]);
        }
        out
    }

    fn block(self, kind: u32, body: &[u8]) -> Vec<u8> {
        let body = padded(body);
        let length = body.len() as u32 + 12;
        let (head, tail) = (self.words(&[kind, length]), self.word(length));
        [head, body, tail].concat()
    }

    /// A section header that says how long its section is.
    fn section_of(self, length: u64) -> Vec<u8> {
        let mut body = self.word(0x1a2b_3c4d);
        body.extend([self.half(1), self.half(0)].concat());
        body.extend(self.bytes(length.to_le_bytes()));
        self.block(0x0a0d_0d0a, &body)
    }

    fn section(self) -> Vec<u8> {
        self.section_of(u64::MAX)
    }

    fn described(self, link: u16, snaplen: u32, options: &[Setting]) -> Vec<u8> {
        let body = [
            self.half(link),
            vec![0; 2],
            self.word(snaplen),
            self.options(options),
        ];
        self.block(1, &body.concat())
    }

    fn interface(self, link: u16, resolution: u8) -> Vec<u8> {
        self.described(link, 262_144, &[(9, vec![resolution])])
    }

    fn packet(self, interface: u32, ticks: u64, frame: &[u8], options: &[Setting]) -> Vec<u8> {
        let (high, low) = ((ticks >> 32) as u32, ticks as u32);
        let length = frame.len() as u32;
        let head = self.words(&[interface, high, low, length, length + 50]);
        self.block(6, &[head, padded(frame), self.options(options)].concat())
    }

    fn process(self, pid: u32, options: &[Setting]) -> Vec<u8> {
        self.block(
            0x8000_0001,
            &[self.word(pid), self.options(options)].concat(),
        )
    }

    /// A packet with its process and its effective process.
    fn owned(self, own: Option<u32>, effective: Option<u32>) -> Vec<u8> {
        let flags = (2, self.word(2));
        let own = own.map(|place| (0x8001, self.word(place)));
        let effective = effective.map(|place| (0x8003, self.word(place)));
        let options: Vec<_> = [Some(flags), own, effective]
            .into_iter()
            .flatten()
            .collect();
        self.packet(0, 7_000_000, FRAME, &options)
    }

    /// A section with one Ethernet interface that counts microseconds.
    fn begun(self) -> Vec<u8> {
        [self.section(), self.interface(1, 6)].concat()
    }
}

fn padded(bytes: &[u8]) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    bytes.resize(bytes.len().next_multiple_of(4), 0);
    bytes
}

fn whole(blocks: &[Vec<u8>]) -> Got {
    let (got, damage) = read(&blocks.concat());
    assert_eq!(damage, None);
    got
}

/// What was read before the damage, where that is, and what it is.
fn damaged(blocks: &[Vec<u8>]) -> (usize, u64, String) {
    let (got, damage) = read(&blocks.concat());
    match damage {
        Some(Damage {
            place: Place::Byte(at),
            why,
        }) => (got.frames.len(), at, why),
        other => panic!("{other:?}"),
    }
}

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
    assert_eq!(name(&[b'x'; 60_000]).len(), 253);
    assert!(name(b"").starts_with(".tmp"), "called by its file");
}

fn named(pid: i32, name: &str) -> crate::capture::process::Named {
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

#[test]
fn options_of_a_packet_that_are_cut_off_take_no_frame_away() {
    let mut body = LITTLE.words(&[0, 0, 7_000_000, 5, 55]);
    body.extend(padded(FRAME));
    body.extend(LITTLE.half(0x8001));
    body.extend(LITTLE.half(400));
    let got = whole(&[
        LITTLE.begun(),
        LITTLE.process(500, &[]),
        LITTLE.block(6, &body),
        LITTLE.owned(Some(0), None),
    ]);
    assert_eq!((got.frames.len(), got.processes.len()), (2, 1));
}

#[test]
fn what_is_damaged_is_said_with_its_place_and_what_came_before_is_kept() {
    let begun = [LITTLE.begun(), LITTLE.packet(0, 7_000_000, FRAME, &[])].concat();
    let at = begun.len() as u64;
    let mut other_length = LITTLE.packet(0, 7, FRAME, &[]);
    let end = other_length.len() - 4;
    other_length[end] += 4;
    let mut swapped = LITTLE.section();
    swapped[8] = 0;
    let claims = |captured| LITTLE.block(6, &LITTLE.words(&[0, 0, 7, captured, 60, 0]));
    let cut_option = [LITTLE.words(&[1, 0]), LITTLE.half(9), LITTLE.half(40)].concat();
    let mut future = LITTLE.section();
    future[12] = 2;
    let cases: [(&str, Vec<u8>); 14] = [
        ("ends with another length", other_length),
        ("claims 0 bytes", LITTLE.words(&[6, 0, 0])),
        ("claims 4294967295 bytes", LITTLE.words(&[6, u32::MAX, 0])),
        ("claims 5 captured bytes", claims(5)),
        ("claims 4294967295 captured bytes", claims(u32::MAX)),
        ("packet block is too short", LITTLE.block(6, &[0; 16])),
        ("packet block is too short", LITTLE.block(2, &[])),
        ("packet block is too short", LITTLE.block(3, &[])),
        ("interface 3", LITTLE.packet(3, 7, FRAME, &[])),
        ("description is too short", LITTLE.block(1, &[0; 4])),
        ("option 9 is longer", LITTLE.block(1, &cut_option)),
        ("resolution 0x14", LITTLE.interface(1, 20)),
        ("byte order mark", swapped),
        ("version 2", future),
    ];
    for (why, block) in cases {
        let after = LITTLE.packet(0, 9_000_000, FRAME, &[]);
        let said = damaged(&[begun.clone(), block, after]);
        assert_eq!((said.0, said.1), (1, at), "{said:?}");
        assert!(said.2.contains(why), "{said:?} should say {why}");
    }
    let processes = [
        ("process block is too short", LITTLE.block(0x8000_0001, &[])),
        ("option 2 is longer", {
            let body = [LITTLE.word(7), LITTLE.half(2), LITTLE.half(9)].concat();
            LITTLE.block(0x8000_0001, &body)
        }),
    ];
    for (why, block) in processes {
        let said = damaged(&[begun.clone(), block]);
        assert!(said.1 == at && said.2.contains(why), "{said:?}");
    }
}

#[test]
fn a_file_that_is_cut_says_where_its_last_block_begins() {
    let begun = [LITTLE.begun(), LITTLE.packet(0, 7_000_000, FRAME, &[])].concat();
    let last = LITTLE.packet(0, 8_000_000, FRAME, &[]);
    for length in 1..last.len() {
        let said = damaged(&[begun.clone(), last[..length].to_vec()]);
        assert_eq!((said.0, said.1), (1, begun.len() as u64), "{length}");
    }
}

#[test]
fn places_are_of_the_file_not_of_what_is_in_memory() {
    let mut file = LITTLE.begun();
    for number in 0..2_000 {
        file.extend(LITTLE.packet(0, 7_000_000 + number, &[7; 1_000], &[]));
    }
    let at = file.len() as u64;
    let said = damaged(&[file, LITTLE.packet(9, 7, FRAME, &[])]);
    assert_eq!((said.0, said.1), (2_000, at));
}

#[test]
fn interfaces_without_end_are_damage() {
    let (got, damage) = read(&[LITTLE.section(), LITTLE.interface(1, 6).repeat(5_000)].concat());
    assert_eq!(got.links.len(), 4_096);
    assert!(damage.unwrap().why.contains("more interfaces"));
}

#[test]
fn processes_without_end_are_bounded() {
    let got = whole(&[
        LITTLE.begun(),
        LITTLE.process(9, &[]).repeat(70_000),
        LITTLE.owned(Some(65_535), None),
        LITTLE.owned(Some(65_536), None),
    ]);
    assert_eq!((got.frames.len(), got.processes.len()), (2, 1));
}

proptest! {
    /// Every frame that is said to have been read lies in the file, whatever is done to it.
    #[test]
    fn no_bytes_can_hurt(
        big: bool,
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..12),
        keep in any::<prop::sample::Index>(),
    ) {
        let order = Order { big };
        let mut file = [
            order.begun(),
            order.process(500, &[(2, b"curl".to_vec())]),
            order.owned(Some(0), Some(0)),
            order.block(3, &order.words(&[4, 0])),
            order.section(),
            order.interface(101, 0x80 + 20),
            order.packet(0, 7 << 20, FRAME, &[(2, vec![0; 4])]),
        ].concat();
        for (place, value) in changes {
            let place = place.index(file.len());
            file[place] ^= value;
        }
        // The first four bytes say that it is this format at all.
        file[..4].copy_from_slice(&0x0a0d_0d0a_u32.to_le_bytes());
        file.truncate(4 + keep.index(file.len() - 3));
        let (got, _) = read(&file);
        let captured: usize = got.frames.iter().map(|frame| frame.2.len()).sum();
        prop_assert!(captured <= file.len());
    }
}
