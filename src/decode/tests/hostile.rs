//! Every frame of these tests, cut at every byte and with every value at every place of its headers.

use super::*;

/// Frames with a header of each kind: link type, what comes first, and the rest.
const FRAMES: &[(u16, &str, &str)] = &[
    (9, "", "ff03 0021 FOUR"),
    (9, "", "0f00 8864 1100 0007 0022 0021 FOUR"),
    (105, "", "WIFI FOUR"),
    (
        127,
        "",
        "00 00 1900 03000080 0000000000000000 0000000000000000 20 WIFI FOUR",
    ),
    (119, "", "80211001 00000010 0000000000000000 WIFI FOUR"),
    (192, "", "0000 0800 7f000000 00 00 0800 00000000 WIFI FOUR"),
    (239, "", "0200 0000 0600 0100 abcd 0000 2400 0900 FOUR"),
    (
        113,
        "",
        "0000 0323 0006 0200000000010000 0000 00 00 0800 00000000 WIFI FOUR",
    ),
    (
        1,
        "MACS",
        "88a8 0001 88e7 00000001 MACS 8847 00001101 00000000 MACS 0800 FOUR",
    ),
    (1, "MACS", "894f 0002 0103 00000000 MACS 0800 FOUR"),
    (
        101,
        "2f",
        "f000 88be 00000000 00000007 00000001 1000000000000000 MACS 0800 FOUR",
    ),
    (
        101,
        "2f",
        "4000 22eb 00000000 08000004 0a000001 00000000 2000000000000000 00000001",
    ),
    (101, "2f", "3081 880b 0021 0007 00000001 00000001 21 FOUR"),
    (101, "61", "3000 MACS 0800 FOUR"),
    (101, "73", "00000007 01020304 MACS 0800 FOUR"),
    (101, "12b5", "0800 0000 00000700 MACS 0800 FOUR"),
    (101, "12b6", "0c00 0003 00000700 MACS 0800 FOUR"),
    (
        101,
        "17c1",
        "0200 6558 00000700 0000000000000000 MACS 0800 FOUR",
    ),
    (
        101,
        "0868",
        "34ff 0030 00000007 00010085 01000985 01000900 FOUR",
    ),
    (
        101,
        "06a5",
        "4a02 0036 0001 0002 0001 0001 0002 0000 0021 FOUR",
    ),
    (101, "06a5", "0003 0000 00000007 MACS 0800 FOUR"),
    (101, "147f", "00 200310 00000000 0011223344550000 WIFI FOUR"),
    (
        101,
        "0dd8",
        "0001 0204 0102 01020304 0000000000000000 00 0000 1234 c0000203 SIX",
    ),
    (
        101,
        "six",
        "2c04 0000 0000000100000001 0000000000000000 00000000 3c00 0001 00000009",
    ),
    (
        101,
        "six",
        "2c04 0000 0000000100000001 0000000000000000 00000000 2900 0000 00000009 SIX",
    ),
];

fn frames() -> Vec<(u16, Vec<u8>)> {
    let six = format!("60000000 0008 11 40 {V6} 1388 0035 0008 0000");
    let wifi = "8803 0000 020000000001 020000000002 020000000003 0000 020000000004 0001 \
                01 1f 00000001 020000000005 aaaa03 000000 0800";
    let four = |protocol: &str| format!("45000000 00010000 40{protocol}0000 c0000201 c0000202");
    let frame = |(number, start, rest): &(u16, &str, &str)| {
        let start = match *start {
            "six" => format!("60000000 0048 33 40 {V6}"),
            start if start.len() == 2 => four(start),
            "" | "MACS" => start.to_string(),
            port => format!("{} c001 {port} 0000 0000", four("11")),
        };
        let names = [
            ("SIX", six.as_str()),
            ("FOUR", V4_UDP),
            ("MACS", MACS),
            ("WIFI", wifi),
        ];
        let text = format!("{start} {rest}");
        let replace = |text: String, (name, bytes): (&str, &str)| text.replace(name, bytes);
        (*number, hex(&names.into_iter().fold(text, replace)))
    };
    FRAMES.iter().map(frame).collect()
}

fn decode(number: u16, bytes: &[u8]) {
    for tunnels in [Tunnels::Inner, Tunnels::Outer] {
        if let Ok(packet) = frame(Link::of(number), bytes, tunnels) {
            let (payload, end) = (packet.payload as usize, packet.end as usize);
            assert!(
                payload <= end && end <= bytes.len(),
                "{number} {bytes:02x?}"
            );
            packet.around(bytes);
        }
    }
}

#[test]
fn no_cut_and_no_byte_can_hurt() {
    for (number, whole) in frames() {
        for length in 0..=whole.len() {
            decode(number, &whole[..length]);
        }
        let mut bytes = whole.clone();
        for at in 0..whole.len().min(160) {
            for value in 0..=u8::MAX {
                bytes[at] = value;
                decode(number, &bytes);
            }
            bytes[at] = whole[at];
        }
    }
}

#[test]
fn bombs_are_bounded() {
    let repeated = [
        (1, "8100 0001"),
        (1, "88e7 00000001 020000000001 020000000002"),
        (9, "0281 00001101"),
        (192, "0000 0800 c0000000"),
        (219, "00001000"),
        (239, "02000000 0400 0100"),
        (101, "45000000 00010000 40040000 c0000201 c0000202"),
        (
            101,
            "45000000 00010000 402f0000 c0000201 c0000202 0000 0800",
        ),
        (
            101,
            "45000000 00010000 402f0000 c0000201 c0000202 4000 0800 00000000 00000004 00000000",
        ),
        (
            101,
            "45000000 00010000 40110000 c0000201 c0000202 c001 0868 0000 0000 34ff 0000 00000000 00000085 01000085",
        ),
        (101, "3c00000000000000"),
    ];
    for (number, text) in repeated {
        let start = match number {
            1 => MACS.to_string(),
            101 if text.starts_with("3c") => format!("60000000 0000 3c 40 {V6}"),
            _ => String::new(),
        };
        let mut bytes = hex(&start);
        bytes.extend(hex(text).repeat(5000));
        decode(number, &bytes);
    }
}

proptest! {
    #[test]
    fn no_noise_behind_a_header_can_hurt(
        which in 0..FRAMES.len(),
        at in 0..160usize,
        noise in prop::collection::vec(any::<u8>(), 0..64),
    ) {
        let (number, mut bytes) = frames().swap_remove(which);
        bytes.truncate(at);
        bytes.extend(noise);
        decode(number, &bytes);
    }
}
