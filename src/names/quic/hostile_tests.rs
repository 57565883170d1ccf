//! Bytes that nobody should send, and hellos cut in every way: nothing panics, nothing grows.

use super::test_packets::{Initial, PLAIN, crypto, hello};
use super::tests::{VERSION_2, done};
use super::*;
use crate::names::Parsed;
use proptest::collection::vec;
use proptest::prelude::*;

proptest! {
    #[test]
    fn no_bytes_can_hurt(
        datagrams in vec((any::<bool>(), any::<u8>(), 0..7_usize, vec(any::<u8>(), 0..80)), 0..24),
    ) {
        let numbers = [
            *b"\0\0\0\x01", *b"k3C\xcf", *b"Q050", *b"T051", *b"Q046", *b"Q043", *b"\x0a\x0a\x0a\x0a",
        ];
        let mut quic = Quic::new();
        for (from_client, first, number, tail) in datagrams {
            let datagram = [&[first][..], &numbers[number], &tail].concat();
            begins(&datagram);
            quic.datagram(from_client, &datagram);
        }
        prop_assert!(quic.held() < 64 * 1024);
    }

    #[test]
    fn no_frames_can_hurt(payloads in vec((0..4_usize, vec(any::<u8>(), 4..80)), 0..20)) {
        let numbers = [1, VERSION_2, u32::from_be_bytes(*b"Q050"), u32::from_be_bytes(*b"T051")];
        let mut quic = Quic::new();
        for (number, payload) in payloads {
            let number = numbers[number];
            quic.datagram(true, &Initial { number, ..PLAIN }.seal(&payload));
        }
        prop_assert!(quic.held() < 64 * 1024);
    }

    #[test]
    fn no_clear_frames_can_hurt(digits in 24..47_u8, frames in vec(any::<u8>(), 0..120)) {
        let version = format!("Q0{digits:02}");
        let short = [b"\x09idididid", version.as_bytes(), b"\x01123456789012", &frames].concat();
        let long = [b"\xc3", version.as_bytes(), b"\x50idididid\0\0\0\x01123456789012", &frames];
        for datagram in [short, long.concat()] {
            begins(&datagram);
            Quic::new().datagram(true, &datagram);
        }
    }

    #[test]
    fn any_way_of_cutting_gives_the_hello(
        length in 10..6000_usize,
        mut cuts in vec(any::<prop::sample::Index>(), 0..9),
        order in any::<u16>(),
    ) {
        let hello = hello(length);
        let mut ends: Vec<usize> = cuts.drain(..).map(|cut| cut.index(length)).collect();
        ends.extend([0, length]);
        ends.sort_unstable();
        let mut parts: Vec<_> = ends.windows(2).map(|ends| ends[0]..ends[1]).collect();
        parts.sort_by_key(|part| part.start ^ usize::from(order));
        let mut found = Parsed::More;
        let mut quic = Quic::new();
        for (number, part) in parts.into_iter().enumerate() {
            let packet_number = number as u64;
            let initial = Initial { packet_number, ..PLAIN };
            match quic.datagram(true, &initial.seal(&crypto(&hello, part))) {
                Parsed::More => {}
                other => found = other,
            }
        }
        prop_assert_eq!(found, done(&hello));
    }
}
