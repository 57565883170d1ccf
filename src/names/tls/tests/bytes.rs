//! No bytes can hurt, and more bytes never take back what fewer said.

use super::*;
use crate::names::tls::build::{host, list, protocols, records, versions};
use proptest::prelude::*;

fn builds() -> impl Strategy<Value = Build> {
    let ciphers = prop::collection::vec(any::<u16>(), 0..40);
    let other = prop::collection::vec(
        (any::<u16>(), prop::collection::vec(any::<u8>(), 0..60)),
        0..12,
    );
    (ciphers, other, "[a-z]{1,30}\\.example").prop_map(|(ciphers, mut extensions, name)| {
        extensions.push((0, host(name.as_bytes())));
        extensions.push((16, protocols(&[b"h2"])));
        extensions.push((13, list(&[0x0403, 0x0804])));
        extensions.push((43, versions(&[0x0304])));
        Build {
            ciphers,
            extensions,
            ..Build::default()
        }
    })
}

/// Every reader on the same bytes; none may panic.
fn all(bytes: &[u8]) {
    let _ = stream(bytes, Wanted::NameAndJa4);
    let _ = partial(bytes);
    let _ = name_so_far(bytes);
    for transport in [Transport::Tcp, Transport::Quic, Transport::Dtls] {
        let _ = message(bytes, transport, Wanted::NameAndJa4);
        let _ = partial_message(bytes, transport);
    }
}

proptest! {
    #[test]
    fn no_bytes_can_hurt(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        all(&bytes);
        all(&[&[22, 3, 1][..], &bytes].concat());
        all(&[&[1, 0, 0, 200, 3, 3][..], &bytes].concat());
    }

    #[test]
    fn no_change_of_a_hello_can_hurt(build in builds(), place in any::<prop::sample::Index>(), byte in 1..=255u8) {
        let mut bytes = build.stream();
        let place = place.index(bytes.len());
        bytes[place] ^= byte;
        all(&bytes);
        all(&bytes[5..]);
    }

    #[test]
    fn a_beginning_asks_for_more_until_the_hello_is_whole(build in builds(), size in 1..400usize) {
        let bytes = records(&build.message(), size);
        let whole = stream(&bytes, Wanted::Name);
        prop_assert!(matches!(whole, Parsed::Done(_)));
        for end in 0..bytes.len() {
            prop_assert_eq!(stream(&bytes[..end], Wanted::Name), Parsed::More);
        }
    }

    #[test]
    fn what_is_settled_stays(build in builds(), size in 1..400usize, place in any::<prop::sample::Index>(), byte in any::<u8>()) {
        let mut bytes = records(&build.message(), size);
        let place = place.index(bytes.len());
        bytes[place] ^= byte;
        let mut settled = Parsed::More;
        for end in 0..=bytes.len() {
            let now = stream(&bytes[..end], Wanted::Name);
            prop_assert!(settled == Parsed::More || settled == now);
            settled = now;
        }
    }

    #[test]
    fn a_part_gives_the_name_of_the_whole_or_none(build in builds(), size in 1..400usize) {
        let bytes = records(&build.message(), size);
        let name = stream(&bytes, Wanted::Name).done().and_then(|hello| hello.name);
        prop_assert_eq!(&partial(&bytes), &name);
        for end in 0..bytes.len() {
            prop_assert_eq!(partial(&bytes[..end]), None);
            let part = name_so_far(&bytes[..end]);
            prop_assert!(part.is_none() || part == name);
        }
    }
}
