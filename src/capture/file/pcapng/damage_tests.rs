//! Files that are damaged, cut or hostile: what is wrong is said with its place, what came before it
//! is kept, and no bytes can hurt.

use super::test_blocks::{FRAME, LITTLE, Order, damaged, padded, whole};
use crate::capture::file::tests::read;
use proptest::prelude::*;

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
