//! CHLOs in the clear and protected, as each version writes them.

use super::super::test_packets::{Initial, PLAIN, hello, variable};
use super::super::tests::{done, outcome};
use super::super::{Found, begins};
use crate::names::{Name, Parsed};

/// A CHLO with a tag before the name and one behind it.
fn chlo(name: &[u8]) -> Vec<u8> {
    let ends = [300, 300 + name.len(), 304 + name.len()].map(|end| (end as u32).to_le_bytes());
    let mut message = b"CHLO\x03\0\0\0".to_vec();
    for (tag, end) in [b"PAD\0", b"SNI\0", b"VER\0"].into_iter().zip(ends) {
        message.extend(tag);
        message.extend(end);
    }
    message.extend([b'-'; 300]);
    message.extend(name);
    message.extend(b"Q043");
    message
}

fn named(name: &str) -> Parsed<Found> {
    Parsed::Done(Found::Chlo(Name::of(name.as_bytes())))
}

#[test]
fn googles_first_message_in_the_clear() {
    let message = chlo(b"www.example.com");
    let little = (message.len() as u16).to_le_bytes();
    let big = (message.len() as u16).to_be_bytes();
    let old = b"\x0didididid";
    let acknowledgement = b"\x60\x01\0\0\x01\x01\x01\x01\0";
    for (header, frames) in [
        (
            [&old[..], b"Q025\x01123456789012\0"].concat(),
            [b"\xa0\x01", &little[..]].concat(),
        ),
        (
            [&old[..], b"Q035\x01123456789012"].concat(),
            [b"\xa0\x01", &little[..]].concat(),
        ),
        (
            [b"\x19idididid", &b"Q043\0\x01123456789012"[..]].concat(),
            [b"\xa0\x01", &big[..]].concat(),
        ),
        (
            b"\x09ididididQ043\x01123456789012".to_vec(),
            [&acknowledgement[..], b"\xa4\x01\x04\0", &big].concat(),
        ),
        (
            b"\x09ididididQ043\x01123456789012".to_vec(),
            b"\0\0\x07\x80\x01".to_vec(),
        ),
        (
            b"\xc3Q046\x50idididid\0\0\0\x01123456789012".to_vec(),
            [b"\xa4\x01\x04\0", &big[..]].concat(),
        ),
    ] {
        let datagram = [&header[..], &frames, &message].concat();
        assert!(begins(&datagram));
        assert_eq!(outcome(&[datagram]), named("www.example.com"), "{header:?}");
    }
}

#[test]
fn googles_messages_that_name_nobody() {
    let header = b"\x09ididididQ043\x01123456789012\x80\x01";
    let message = chlo(b"www.example.com");
    let cut = &message[..message.len() - 8];
    for (message, expected) in [
        (&b"CHLO\0\0\0\0"[..], Parsed::Done(Found::Chlo(None))),
        (&chlo(b""), Parsed::Done(Found::Chlo(None))),
        (b"REJ\0\0\0\0\0", Parsed::More),
        (b"CHLO\xff\xff\0\0", Parsed::More),
        (cut, Parsed::More),
        (
            b"CHLO\x02\0\0\0PAD\0\x09\0\0\0SNI\0\x01\0\0\0",
            Parsed::More,
        ),
    ] {
        assert_eq!(outcome(&[[&header[..], message].concat()]), expected);
    }
}

/// Their CRYPTO frames have another number.
#[test]
fn googles_later_versions_protect_it() {
    let frame = |message: &[u8], from: usize, to: usize| {
        let start = [&[0x08][..], &variable(from), &variable(to - from)].concat();
        [&start[..], &message[from..to]].concat()
    };
    let seal = |version: &[u8; 4], payload: &[u8]| {
        let number = u32::from_be_bytes(*version);
        Initial { number, ..PLAIN }.seal(payload)
    };
    let message = chlo(b"www.example.com");
    let whole = seal(
        b"Q050",
        &[&frame(&message, 0, message.len())[..], &[0; 20]].concat(),
    );
    assert!(begins(&whole));
    assert_eq!(outcome(&[whole]), named("www.example.com"));
    let start = seal(b"Q050", &frame(&message, 0, 320));
    let rest = seal(b"Q050", &frame(&message, 320, message.len()));
    assert_eq!(outcome(&[start, rest]), named("www.example.com"));
    let hello = hello(300);
    for version in [b"T050", b"T051"] {
        assert_eq!(
            outcome(&[seal(version, &frame(&hello, 0, 300))]),
            done(&hello)
        );
    }
}
