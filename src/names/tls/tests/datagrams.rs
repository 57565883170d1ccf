//! DTLS: hellos in one datagram, in several, in any order, and with a cookie.

use super::*;
use crate::names::tls::build::{fragment, host, versions};
use proptest::prelude::*;

const NAME: &str = "dtls.example";

fn build() -> Build {
    Build {
        version: 0xfefd,
        cookie: Some(Vec::new()),
        ..Build::default()
    }
    .with(0, host(NAME.as_bytes()))
    .with(21, vec![0; 300])
}

fn read(datagrams: &[Vec<u8>]) -> Option<Hello> {
    let mut dtls = Dtls::default();
    let mut each = datagrams.iter();
    each.find_map(|datagram| dtls.datagram(datagram, Wanted::NameAndJa4).done())
}

#[test]
fn a_whole_hello_needs_no_memory() {
    let body = build().body();
    let datagram = fragment(&body, 0, 0, body.len());
    assert!(dtls_begins(&datagram));
    let mut dtls = Dtls::default();
    let hello = dtls.datagram(&datagram, Wanted::Name).done().unwrap();
    assert_eq!(hello.name.unwrap().as_str(), NAME);
    assert_eq!(hello.version.to_string(), "DTLS 1.2");
    assert_eq!(dtls.held(), 0);
}

#[test]
fn the_hello_with_a_cookie_is_one_too() {
    let mut again = build();
    again.cookie = Some(vec![3; 20]);
    let (first, body) = (build().body(), again.body());
    let datagrams = [
        fragment(&first, 0, 0, 100),
        fragment(&body, 1, 0, 200),
        fragment(&body, 1, 200, body.len()),
    ];
    assert_eq!(name(read(&datagrams)).as_deref(), Some(NAME));
}

#[test]
fn the_newest_version_is_told_counting_down() {
    let build = build().with(43, versions(&[0xfefd, 0xfefc]));
    let body = build.body();
    let hello = read(&[fragment(&body, 0, 0, body.len())]).unwrap();
    assert_eq!(hello.version.to_string(), "DTLS 1.3");
    assert!(hello.ja4.unwrap().as_str().starts_with("dd3d0303"));
}

#[test]
fn the_message_without_fragment_fields_reads_the_same() {
    let hello = message(&build().message(), Transport::Dtls, Wanted::Name);
    assert_eq!(name(hello.done()).as_deref(), Some(NAME));
}

#[test]
fn several_fragments_in_a_datagram_and_others_between_are_read() {
    let body = build().body();
    let (one, two) = (
        fragment(&body, 0, 0, 90),
        fragment(&body, 0, 90, body.len()),
    );
    assert_eq!(
        name(read(&[[one.clone(), two.clone()].concat()])).as_deref(),
        Some(NAME)
    );
    let mut dtls = Dtls::default();
    assert_eq!(
        dtls.datagram(b"\x00\x01\x00\x00stun", Wanted::Name),
        Parsed::Not
    );
    assert_eq!(dtls.datagram(&one, Wanted::Name), Parsed::More);
    assert_eq!(
        dtls.datagram(b"\x00\x01\x00\x00stun", Wanted::Name),
        Parsed::More
    );
    assert_eq!(dtls.name_so_far(), None);
    assert_eq!(
        name(dtls.datagram(&two, Wanted::Name).done()).as_deref(),
        Some(NAME)
    );
    assert_eq!(dtls.held(), 0);
}

#[test]
fn the_name_of_a_hello_that_never_ends_is_known() {
    let body = build().body();
    let mut dtls = Dtls::default();
    assert_eq!(
        dtls.datagram(&fragment(&body, 0, 0, 200), Wanted::Name),
        Parsed::More
    );
    assert_eq!(dtls.name_so_far().unwrap().as_str(), NAME);
    assert!((200..=16_384).contains(&dtls.held()));
}

#[test]
fn what_is_no_hello_does_not_begin() {
    let body = build().body();
    let good = fragment(&body, 0, 0, body.len());
    assert!(dtls_begins(&fragment(&body, 0, 50, 60)));
    for (place, byte) in [
        (0, 23),
        (1, 3),
        (2, 1),
        (4, 1),
        (13, 2),
        (14, 1),
        (25, 3),
        (12, 255),
    ] {
        let mut bad = good.clone();
        bad[place] = byte;
        assert!(!dtls_begins(&bad), "byte {place}");
        assert_eq!(
            Dtls::default().datagram(&bad, Wanted::Name),
            Parsed::Not,
            "byte {place}"
        );
    }
    for end in 0..good.len() {
        assert!(!dtls_begins(&good[..end]), "{end} bytes");
    }
}

#[test]
fn what_comes_behind_many_fragments_of_a_datagram_is_not_read() {
    let body = build().body();
    let read_behind = |count: usize| {
        let pieces = (0..count).map(|at| fragment(&body, 0, 2 * at + 1, 2 * at + 2));
        let whole = fragment(&body, 0, 0, body.len());
        read(&[[pieces.collect::<Vec<_>>().concat(), whole].concat()])
    };
    assert_eq!(name(read_behind(31)).as_deref(), Some(NAME));
    assert_eq!(read_behind(32), None);
}

proptest! {
    #[test]
    fn fragments_in_any_order_give_the_hello(size in 1..200usize, seed in any::<[u8; 16]>()) {
        let body = build().body();
        let starts = (0..body.len()).step_by(size.max(body.len() / 60));
        let mut datagrams: Vec<Vec<u8>> = starts
            .map(|from| fragment(&body, 0, from, (from + size.max(body.len() / 60)).min(body.len())))
            .collect();
        for (place, byte) in seed.iter().enumerate() {
            let last = datagrams.len() - 1;
            datagrams.swap(place.min(last), usize::from(*byte) % (last + 1));
        }
        prop_assert_eq!(name(read(&datagrams)), Some(NAME.to_owned()));
    }

    #[test]
    fn no_datagrams_can_hurt(datagrams in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..80), 0..8)) {
        let mut dtls = Dtls::default();
        for datagram in datagrams {
            let _ = dtls.datagram(&datagram, Wanted::NameAndJa4);
            let _ = dtls_begins(&datagram);
            prop_assert!(dtls.held() <= 16_384);
        }
    }

    #[test]
    fn no_change_of_a_fragment_can_hurt(place in 0..500usize, byte in any::<u8>(), from in 0..300usize) {
        let body = build().body();
        let mut dtls = Dtls::default();
        let mut datagram = fragment(&body, 0, from, body.len());
        let place = place % datagram.len();
        datagram[place] ^= byte;
        let _ = dtls.datagram(&datagram, Wanted::NameAndJa4);
        let _ = dtls.datagram(&fragment(&body, 0, 0, from), Wanted::NameAndJa4);
        prop_assert!(dtls.held() <= 16_384);
    }
}
