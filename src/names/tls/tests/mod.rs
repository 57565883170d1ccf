//! Hellos as clients send them, and as nobody should.

mod bytes;
mod datagrams;
mod fingerprints;
mod names;
mod streams;

use super::build::Build;
use super::*;
use crate::names::Parsed;

/// The ClientHello of RFC 8448, section 3, as a handshake message.
const RFC_8448: &str = "\
    010000c00303cb34ecb1e78163ba1c38c6dacb196a6dffa21a8d9912ec18a2ef6283024dece7000006130113031302\
    010000910000000b0009000006736572766572ff01000100000a00140012001d001700180019010001010102010301\
    0400230000003300260024001d002099381de560e4bd43d23d8e435a7dbafeb3c06e51c13cae4d5413691e529aaf2c\
    002b0003020304000d0020001e040305030603020308040805080604010501060102010402050206020202002d0002\
    0101001c00024001";

fn unhex(text: &str) -> Vec<u8> {
    let digits: Vec<u32> = text
        .chars()
        .filter_map(|letter| letter.to_digit(16))
        .collect();
    digits
        .chunks(2)
        .map(|pair| (pair[0] * 16 + pair[1]) as u8)
        .collect()
}

fn done(bytes: &[u8]) -> Option<Hello> {
    stream(bytes, Wanted::NameAndJa4).done()
}

fn name(hello: Option<Hello>) -> Option<String> {
    hello?.name.map(|name| name.to_string())
}

/// The name that a stream with this hello gives.
fn shown(build: &Build) -> Option<String> {
    name(done(&build.stream()))
}
