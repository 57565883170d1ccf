//! Streams: whole, in pieces, damaged, or of something else.

use super::*;
use crate::names::tls::build::{host, message as framed, record, records};

const NAME: &str = "www.example.com";

#[test]
fn records_of_every_size_give_the_same_hello() {
    let build = Build::named(NAME).with(21, vec![0; 600]);
    let whole = done(&build.stream()).unwrap();
    for size in [1, 2, 3, 4, 5, 37, 64, 500, 16_384] {
        let stream = records(&build.message(), size);
        assert_eq!(done(&stream).as_ref(), Some(&whole), "records of {size}");
        assert_eq!(partial(&stream), whole.name, "records of {size}");
    }
}

#[test]
fn what_follows_a_hello_is_not_looked_at() {
    let build = Build::named(NAME);
    let two_in_a_record = record(&[build.message(), vec![11, 0, 0, 1, 0]].concat());
    for stream in [
        two_in_a_record,
        [build.stream(), vec![23, 3, 3, 0, 1, 0]].concat(),
        [build.stream(), vec![0; 40]].concat(),
    ] {
        assert_eq!(name(done(&stream)).as_deref(), Some(NAME));
    }
}

#[test]
fn the_second_hello_after_a_retry_is_one_too() {
    let again = Build::named(NAME).with(44, vec![0, 2, 1, 2]);
    assert_eq!(shown(&again).as_deref(), Some(NAME));
}

#[test]
fn something_else_is_seen_at_once() {
    for bytes in [
        &b"GET / HTTP/1.1\r\n"[..],
        &[23, 3, 3, 0, 40, 1],
        &[21, 3, 1, 0, 2, 2, 40],
        &[22, 3, 3, 0, 90, 2],
        &[22, 3, 3, 0, 0],
        &[22, 3, 3, 0x40, 1],
        &[22, 2],
        &[22, 3, 1, 0, 90, 1, 0, 0, 37],
        &[22, 3, 1, 0, 90, 1, 0, 0x40, 1],
        &[22, 3, 1, 0, 90, 1, 0, 0, 86, 2],
        &[22, 3, 1, 0, 1, 1, 23],
        &[0x80, 46, 2],
        &[0x80, 46, 1, 3, 4],
        &[0x80, 46, 1, 0, 3],
    ] {
        assert_eq!(stream(bytes, Wanted::Name), Parsed::Not, "{bytes:?}");
        assert_eq!(
            (partial(bytes), name_so_far(bytes)),
            (None, None),
            "{bytes:?}"
        );
    }
}

#[test]
fn a_hello_with_a_wrong_length_inside_is_none() {
    let good = Build::named(NAME).body();
    let mut long_session = Build::named(NAME);
    long_session.session = vec![0; 33];
    let mut odd_ciphers = good.clone();
    let at = 2 + 32 + 1 + 32 + 1;
    odd_ciphers[at] -= 1;
    for body in [
        [&good[..], &[0]].concat(),
        good[..good.len() - 1].to_vec(),
        long_session.body(),
        odd_ciphers,
    ] {
        assert_eq!(done(&record(&framed(&body))), None);
    }
}

#[test]
fn a_hello_that_is_too_long_is_none_but_its_name_is_known() {
    let build = Build::named(NAME).with(21, vec![0; 17_000]);
    let stream = records(&build.message(), 16_384);
    assert_eq!(super::stream(&stream, Wanted::Name), Parsed::Not);
    assert_eq!(partial(&stream).unwrap().as_str(), NAME);
    let endless = Build::default().with(0, host(&vec![b'a'; 60_000]));
    let stream = records(&endless.message(), 16_384);
    assert_eq!(super::stream(&stream, Wanted::Name), Parsed::Not);
    assert_eq!(partial(&stream), None);
}

#[test]
fn the_name_so_far_is_known_as_soon_as_its_extension_is_whole() {
    let build = Build::default()
        .with(23, vec![])
        .with(0, host(NAME.as_bytes()))
        .with(21, vec![0; 90]);
    let stream = build.stream();
    let end = stream.len() - 94;
    assert_eq!(name_so_far(&stream[..end]).unwrap().as_str(), NAME);
    assert_eq!(name_so_far(&stream[..end - 1]), None);
}

#[test]
fn a_hello_that_is_cut_has_no_partial_name() {
    let build = Build::named(NAME).with(21, vec![0; 90]);
    let (stream, message) = (build.stream(), build.message());
    assert_eq!(partial(&stream).unwrap().as_str(), NAME);
    assert_eq!(partial(&stream[..stream.len() - 1]), None);
    let whole = partial_message(&message, Transport::Quic);
    assert_eq!(whole.unwrap().as_str(), NAME);
    assert_eq!(
        partial_message(&message[..message.len() - 1], Transport::Quic),
        None
    );
}

#[test]
fn a_hello_damaged_after_its_name_has_a_partial_name() {
    let trailing = record(&framed(&[&Build::named(NAME).body()[..], &[0]].concat()));
    assert_eq!(super::stream(&trailing, Wanted::Name), Parsed::Not);
    assert_eq!(partial(&trailing).unwrap().as_str(), NAME);
}

#[test]
fn a_partial_name_is_not_looked_for_beyond_the_hello() {
    let mut body = Build::default().body();
    let at = body.len() - 2;
    body[at] = 1;
    let after = Build::named(NAME).with(21, vec![0; 300]).body();
    let extensions = &after[at + 2..];
    let stream = record(&[framed(&body), extensions.to_vec()].concat());
    assert_eq!((partial(&stream), name_so_far(&stream)), (None, None));
}

#[test]
fn the_form_of_ssl_2_is_a_hello_without_a_name() {
    let hello = [&[0x80, 46, 1, 3, 1, 0, 21, 0, 0, 0, 16][..], &[5; 37]].concat();
    let read = done(&hello).unwrap();
    assert_eq!(
        (read.name, read.ja4, read.version.to_string()),
        (None, None, "TLS 1.0".to_owned())
    );
    for end in 0..hello.len() {
        assert_eq!(
            stream(&hello[..end], Wanted::Name),
            Parsed::More,
            "{end} bytes"
        );
    }
    let mut wrong = hello;
    wrong[1] += 1;
    assert_eq!(stream(&wrong, Wanted::Name), Parsed::Not);
}
