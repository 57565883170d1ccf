//! JA4 by the examples and the rules of its specification.

use super::*;
use crate::names::tls::build::{host, list, protocols, versions};

const CIPHERS: [u16; 16] = [
    0x2a2a, 0x1301, 0x1302, 0x1303, 0xc02b, 0xc02f, 0xc02c, 0xc030, 0xcca9, 0xcca8, 0xc013, 0xc014,
    0x009c, 0x009d, 0x002f, 0x0035,
];
const EXTENSIONS: [u16; 18] = [
    0x1a1a, 0x001b, 0x0000, 0x0033, 0x0010, 0x4469, 0x0017, 0x002d, 0x000d, 0x0005, 0x0023, 0x0012,
    0x002b, 0xff01, 0x000b, 0x000a, 0x0015, 0xeaea,
];
const SIGNATURES: [u16; 8] = [
    0x0403, 0x0804, 0x0401, 0x0503, 0x0805, 0x0501, 0x0806, 0x0601,
];

/// The example of the specification, with the signature algorithms given and GREASE about.
fn example(signatures: &[u16]) -> Build {
    let extensions = EXTENSIONS.map(|kind| {
        let data = match kind {
            0x0000 => host(b"example.com"),
            0x0010 => protocols(&[b"h2", b"http/1.1"]),
            0x000d => list(signatures),
            0x002b => versions(&[0x9a9a, 0x0304, 0x0303]),
            _ => Vec::new(),
        };
        (kind, data)
    });
    Build {
        ciphers: CIPHERS.to_vec(),
        extensions: extensions.to_vec(),
        ..Build::default()
    }
}

fn ja4(build: &Build) -> String {
    done(&build.stream()).unwrap().ja4.unwrap().to_string()
}

#[test]
fn the_examples_of_the_specification_come_out() {
    assert_eq!(
        ja4(&example(&SIGNATURES)),
        "t13d1516h2_8daaf6152771_e5627efa2ab1"
    );
    assert_eq!(ja4(&example(&[])), "t13d1516h2_8daaf6152771_6d807ffa2a79");
    let greased = [&[0x8a8a], &SIGNATURES[..]].concat();
    assert_eq!(
        ja4(&example(&greased)),
        "t13d1516h2_8daaf6152771_e5627efa2ab1"
    );
}

#[test]
fn order_of_ciphers_and_extensions_does_not_matter() {
    let mut build = example(&SIGNATURES);
    build.ciphers.reverse();
    build.extensions.reverse();
    assert_eq!(ja4(&build), "t13d1516h2_8daaf6152771_e5627efa2ab1");
}

#[test]
fn what_carries_the_hello_is_the_first_letter() {
    let build = example(&SIGNATURES);
    let quic = message(&build.message(), Transport::Quic, Wanted::NameAndJa4)
        .done()
        .unwrap();
    assert_eq!(
        quic.ja4.unwrap().as_str(),
        "q13d1516h2_8daaf6152771_e5627efa2ab1"
    );
}

#[test]
fn empty_lists_are_noughts() {
    let mut build = Build {
        ciphers: vec![0x0a0a],
        ..Build::default()
    };
    assert_eq!(ja4(&build), "t12i000000_000000000000_000000000000");
    build.extensions = vec![(0, host(b"a")), (16, protocols(&[b"h2"]))];
    assert_eq!(ja4(&build), "t12d0002h2_000000000000_000000000000");
}

#[test]
fn counts_end_at_99() {
    let mut build = Build {
        ciphers: (1..=99).collect(),
        ..Build::default()
    };
    assert_eq!(&ja4(&build)[4..8], "9900");
    build.ciphers = (1..=100).collect();
    build.extensions = (100..250).map(|kind| (kind, Vec::new())).collect();
    assert_eq!(&ja4(&build)[4..8], "9999");
}

#[test]
fn the_letters_of_the_protocol_are_its_ends_or_those_of_its_hexadecimal_form() {
    for (protocol, letters) in [
        (&b"h2"[..], "h2"),
        (b"http/1.1", "h1"),
        (b"x", "xx"),
        (b"\xab", "ab"),
        (b"\xab\xcd", "ad"),
        (b"\x30\xab", "3b"),
        (b"\x30\x31\xab\xcd", "3d"),
        (b"\x30\xab\xcd\x31", "01"),
        ("\u{2764}".as_bytes(), "e4"),
        (b"", "00"),
    ] {
        let build = Build::default().with(16, protocols(&[protocol]));
        assert_eq!(&ja4(&build)[8..10], letters, "{protocol:?}");
    }
    assert_eq!(
        &ja4(&Build::default().with(16, protocols(&[])))[8..10],
        "00"
    );
    assert_eq!(&ja4(&Build::default())[8..10], "00");
}

#[test]
fn a_name_extension_counts_as_a_name_whatever_is_in_it() {
    assert_eq!(&ja4(&Build::default().with(0, vec![]))[3..4], "d");
    assert_eq!(&ja4(&Build::default())[3..4], "i");
}

#[test]
fn every_version_has_its_letters() {
    for (version, letters) in [
        (0x0300, "s3"),
        (0x0301, "10"),
        (0x0302, "11"),
        (0x0303, "12"),
        (0x0304, "13"),
        (0x0305, "00"),
    ] {
        let build = Build {
            version,
            ..Build::default()
        };
        assert_eq!(&ja4(&build)[1..3], letters);
    }
}

#[test]
fn the_trace_of_rfc_8448_has_its_fingerprint() {
    let hello = message(&unhex(RFC_8448), Transport::Tcp, Wanted::NameAndJa4)
        .done()
        .unwrap();
    assert_eq!(
        hello.ja4.unwrap().as_str(),
        "t13d030900_55b375c5d22e_59cd3dafc54d"
    );
}
