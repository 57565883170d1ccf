//! The request examples of RFC 7541, appendix C, in the frames of RFC 9113.

use super::*;

/// The bytes that this hexadecimal text says.
pub(super) fn bytes(text: &str) -> Vec<u8> {
    let digits: Vec<u8> = text
        .bytes()
        .filter(|byte| !byte.is_ascii_whitespace())
        .collect();
    digits
        .chunks(2)
        .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap())
        .collect()
}

fn frame(kind: u8, flags: u8, stream: u8, payload: &[u8]) -> Vec<u8> {
    let mut frame = (payload.len() as u32).to_be_bytes()[1..].to_vec();
    frame.extend([kind, flags, 0, 0, 0, stream]);
    frame.extend(payload);
    frame
}

fn stream(frames: &[Vec<u8>]) -> Vec<u8> {
    [
        PREFACE,
        &frame(4, 0, 0, &[0, 3, 0, 0, 0, 100]),
        &frames.concat(),
    ]
    .concat()
}

fn named(block: &str) -> Parsed<Option<String>> {
    authority(&stream(&[frame(1, 4, 1, &bytes(block))]))
        .map(|name| name.map(|name| name.to_string()))
}

#[test]
fn blocks_name_their_authority() {
    for (block, wanted) in [
        (
            "828684410f7777772e6578616d706c652e636f6d",
            Some("www.example.com"),
        ),
        (
            "828684418cf1e3c2e5f23a6ba0ab90f4ff",
            Some("www.example.com"),
        ),
        (
            "828684 010f7777772e6578616d706c652e636f6d",
            Some("www.example.com"),
        ),
        (
            "828684 110f7777772e6578616d706c652e636f6d",
            Some("www.example.com"),
        ),
        ("3fe11f 828684 0f170162 4104613a3830", Some("a")),
        ("828684 66 04622e6578", Some("b.ex")),
        ("828684 66 04622e6578 41 0163", Some("c")),
        ("828684 00 0a3a617574686f72697479 0164", Some("d")),
        ("66 026162 be 828684", Some("ab")),
        ("20 66 026162 3fe11f 828684", Some("ab")),
        ("40 0a3a617574686f72697479 00 7e 0165", Some("e")),
        ("828684", None),
        ("828684 4100", None),
    ] {
        assert_eq!(
            named(block),
            Parsed::Done(wanted.map(String::from)),
            "{block}"
        );
    }
}

#[test]
fn damaged_blocks_are_refused() {
    for block in [
        "80",
        "be",
        "41 05 61",
        "41 84 ffffffff",
        "7f ffffffff7f",
        "20 66 026162 be",
    ] {
        assert_eq!(named(block), Parsed::Not, "{block}");
    }
}

#[test]
fn a_block_is_joined_from_its_frames() {
    let block = bytes("828684418cf1e3c2e5f23a6ba0ab90f4ff");
    let (start, end) = block.split_at(7);
    let padded = [&[3, 0, 0, 0, 0, 16], start, &[0; 3]].concat();
    let frames = [
        frame(8, 0, 0, &[0, 1, 0, 0]),
        frame(2, 0, 3, &[0; 5]),
        frame(1, 0x28, 1, &padded),
        frame(9, 0, 1, &end[..2]),
        frame(9, 4, 1, &end[2..]),
    ];
    let whole = stream(&frames);
    assert_eq!(
        authority(&whole),
        Parsed::Done(Name::of(b"www.example.com"))
    );
    for length in 0..whole.len() {
        assert_eq!(authority(&whole[..length]), Parsed::More, "{length}");
    }
}

#[test]
fn what_is_no_client_of_http_2_is_refused() {
    let settings = frame(4, 0, 0, &[]);
    for frames in [
        vec![frame(1, 4, 1, &[0x82])],
        vec![settings.clone(), frame(1, 4, 0, &[0x82])],
        vec![settings.clone(), frame(4, 0, 1, &[])],
        vec![settings.clone(), frame(1, 0, 1, &[0x82]), settings.clone()],
        vec![
            settings.clone(),
            frame(1, 0, 1, &[0x82]),
            frame(9, 4, 3, &[]),
        ],
        vec![settings.clone(), frame(1, 0x0c, 1, &[9, 0x82])],
        vec![settings, frame(0xaa, 0, 1, &[0; 20_000])],
    ] {
        let bytes = [PREFACE, &frames.concat()].concat();
        assert_eq!(authority(&bytes), Parsed::Not, "{:?}", &bytes[24..]);
    }
    assert_eq!(authority(b"PRI * HTTP/1.1\r\n"), Parsed::Not);
}
