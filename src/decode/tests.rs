//! Frames made by hand, each with what it must decode to, and bytes of no sense that must not hurt.

use super::*;
use crate::key::{FlowKey, InterfaceId};
use proptest::prelude::*;

mod extensions;
mod hostile;
mod links;
mod tunnels;

/// Hexadecimal with spaces to bytes.
fn hex(text: &str) -> Vec<u8> {
    let digits: Vec<u32> = text
        .chars()
        .filter_map(|letter| letter.to_digit(16))
        .collect();
    digits
        .chunks(2)
        .map(|pair| (pair[0] * 16 + pair[1]) as u8)
        .collect()
}

const MACS: &str = "020000000001 020000000002";
const V4_UDP: &str = "45000020 00010000 40110000 0a000001 0a000002 1388 0035 000c0000 00000000";
const V4_TCP: &str =
    "45000028 00010000 40060000 0a000001 0a000002 1388 0050 00000001 00000000 5002 0000 00000000";
const V6: &str = "20010db8000000000000000000000001 20010db8000000000000000000000002";

fn say(link: Link, text: &str) -> String {
    match frame(link, &hex(text), Tunnels::Inner) {
        Err(reason) => reason.word().into(),
        Ok(packet) => {
            let (key, end) = FlowKey::of(&packet.tuple, InterfaceId(0));
            let name = packet.tuple.protocol.name();
            format!(
                "{name} {} > {} {}",
                key.end(end),
                key.end(end.other()),
                of_fragment(packet.fragment)
            )
        }
    }
}

/// What lies around the flow's IP header, in words.
fn around(link: Link, text: &str, tunnels: Tunnels) -> String {
    let packet = frame(link, &hex(text), tunnels).unwrap();
    let words: Vec<_> = packet
        .encapsulations
        .kinds()
        .map(Encapsulation::word)
        .collect();
    words.join(" ")
}

/// A fragment and its number.
fn of_fragment(fragment: Fragment) -> String {
    match fragment {
        Fragment::Whole => "Whole".into(),
        Fragment::First(part) => format!("First({})", part.number),
        Fragment::Later(part) => format!("Later({})", part.number),
    }
}

#[test]
fn links_lead_to_ip() {
    let udp = "udp 10.0.0.1:5000 > 10.0.0.2:53 Whole";
    let cases = [
        (Link::Ethernet, format!("{MACS} 0800 {V4_UDP}")),
        (Link::Ethernet, format!("{MACS} 8100 0005 0800 {V4_UDP}")),
        (
            Link::Ethernet,
            format!("{MACS} 88a8 0005 8100 0006 0800 {V4_UDP}"),
        ),
        (
            Link::Ethernet,
            format!("{MACS} 0028 aaaa03 000000 0800 {V4_UDP}"),
        ),
        (
            Link::LinuxSll,
            format!("0000 0001 0006 0200000000010000 0800 {V4_UDP}"),
        ),
        (
            Link::LinuxSll2,
            format!("0800 0000 00000002 0001 00 06 0200000000010000 {V4_UDP}"),
        ),
        (Link::Null, format!("02000000 {V4_UDP}")),
        (Link::Null, format!("00000002 {V4_UDP}")),
        (Link::Loop, format!("00000002 {V4_UDP}")),
        (Link::Raw, V4_UDP.into()),
    ];
    for (link, text) in cases {
        assert_eq!(say(link, &text), udp, "{link:?} {text}");
    }
}

#[test]
fn what_is_not_ip_has_a_reason() {
    let cases = [
        (Link::Ethernet, format!("{MACS} 0806 0001"), "arp"),
        (Link::Ethernet, format!("{MACS} 88cc 0001"), "not-ip"),
        (Link::Ethernet, format!("{MACS} 0026 424203"), "llc"),
        (Link::Ethernet, "0200".into(), "short-link"),
        (Link::Ethernet, format!("{MACS} 0800 4500"), "short-ip"),
        (
            Link::Ethernet,
            format!("{MACS} 0800 65{}", &V4_UDP[2..]),
            "bad-ip",
        ),
        (
            Link::Ethernet,
            format!("{MACS} {} 0800", "8100 0001".repeat(16)),
            "too-deep",
        ),
        (Link::Other(147), V4_UDP.into(), "unknown-link"),
        (Link::Raw, String::new(), "short-link"),
    ];
    for (link, text, word) in cases {
        assert_eq!(say(link, &text), word, "{text}");
    }
}

#[test]
fn ip_six_and_its_extensions() {
    let udp = "1388 0035 0008 0000";
    let cases = [
        (
            format!("60000000 0008 11 40 {V6} {udp}"),
            "udp [2001:db8::1]:5000 > [2001:db8::2]:53 Whole",
        ),
        (
            format!("60000000 0018 00 40 {V6} 3c00000000000000 1100000000000000 {udp}"),
            "udp [2001:db8::1]:5000 > [2001:db8::2]:53 Whole",
        ),
        (
            format!("60000000 0010 2c 40 {V6} 1100 0001 00000007 {udp}"),
            "udp [2001:db8::1]:5000 > [2001:db8::2]:53 First(7)",
        ),
        (
            format!("60000000 0010 2c 40 {V6} 1100 0008 00000007 {udp}"),
            "udp 2001:db8::1 > 2001:db8::2 Later(7)",
        ),
        (
            format!("60000000 0000 3b 40 {V6}"),
            "ip-59 2001:db8::1 > 2001:db8::2 Whole",
        ),
        (
            format!("60000000 0008 00 40 {V6} 11"),
            "ip-0 2001:db8::1 > 2001:db8::2 Whole",
        ),
    ];
    for (text, words) in cases {
        assert_eq!(say(Link::Raw, &text), words, "{text}");
    }
}

#[test]
fn fragments_and_padding_of_four() {
    let later = V4_UDP.replacen("00010000", "00090003", 1);
    assert_eq!(say(Link::Raw, &later), "udp 10.0.0.1 > 10.0.0.2 Later(9)");
    let first = V4_UDP.replacen("00010000", "00092000", 1);
    assert_eq!(
        say(Link::Raw, &first),
        "udp 10.0.0.1:5000 > 10.0.0.2:53 First(9)"
    );
    let short = V4_UDP.replacen("45000020", "45000014", 1);
    assert_eq!(
        say(Link::Raw, &short),
        "udp 10.0.0.1 > 10.0.0.2 Whole",
        "padding is no header"
    );
    let offloaded = V4_UDP.replacen("45000020", "45000000", 1);
    assert_eq!(
        say(Link::Raw, &offloaded),
        "udp 10.0.0.1:5000 > 10.0.0.2:53 Whole"
    );
}

#[test]
fn ip_in_ip_is_the_inner_flow() {
    let four = format!("45000034 00010000 40040000 c0000201 c0000202 {V4_UDP}");
    assert_eq!(
        say(Link::Raw, &four),
        "udp 10.0.0.1:5000 > 10.0.0.2:53 Whole"
    );
    let six = format!("60000000 0020 04 40 {V6} {V4_UDP}");
    assert_eq!(
        say(Link::Raw, &six),
        "udp 10.0.0.1:5000 > 10.0.0.2:53 Whole"
    );
    let cut = "45000034 00010000 40290000 c0000201 c0000202 60000000";
    assert_eq!(say(Link::Raw, cut), "ipv6 192.0.2.1 > 192.0.2.2 Whole");
}

#[test]
fn tcp_flags_and_payload() {
    let packet = frame(Link::Raw, &hex(V4_TCP), Tunnels::Inner).unwrap();
    assert_eq!(
        (packet.flags, packet.payload, packet.end),
        (tcp::SYN, 40, 40)
    );
}

#[test]
fn padding_is_no_payload() {
    for link in ["0800", "8100 0001 0800"] {
        let frame = |rest: &str| format!("{MACS} {link} {} {rest}", &V4_UDP[..V4_UDP.len() - 9]);
        let packet = |text: &str| super::frame(Link::Ethernet, &hex(text), Tunnels::Inner).unwrap();
        let length = |packet: Packet| packet.end - packet.payload;
        assert_eq!(length(packet(&frame("61626364 000000000000"))), 4);
        assert_eq!(length(packet(&frame("6162"))), 2, "cut short");
        assert_eq!(length(packet(&frame(""))), 0);
    }
}

#[test]
fn a_part_says_where_its_data_lies_in_the_whole() {
    let parts = [
        (V4_UDP.replacen("00010000", "00092003", 1), 20, 24, true),
        (V4_UDP.replacen("00010000", "00090003", 1), 20, 24, false),
        (
            format!("60000000 0010 2c 40 {V6} 1100 0019 00000009 1388"),
            48,
            24,
            true,
        ),
    ];
    for (text, data, offset, more) in parts {
        let packet = frame(Link::Raw, &hex(&text), Tunnels::Inner).unwrap();
        let Fragment::Later(part) = packet.fragment else {
            panic!("{packet:?}")
        };
        assert_eq!((part.number, part.data), (9, data));
        assert_eq!((part.offset, part.more), (offset, more));
    }
}

proptest! {
    #[test]
    fn no_bytes_can_hurt(bytes in prop::collection::vec(any::<u8>(), 0..200), number in 0u16..300) {
        let packet = frame(Link::of(number), &bytes, Tunnels::Inner);
        prop_assert!(packet.is_err() || packet.unwrap().payload as usize <= bytes.len());
    }

    #[test]
    fn no_prefix_and_no_flip_can_hurt(at in 0usize..60, value in any::<u8>(), length in 0usize..60) {
        for text in [V4_TCP.to_string(), format!("60000000 0010 2c 40 {V6} 1100 0001 00000007 1388")] {
            let mut bytes = hex(&text);
            if let Some(byte) = bytes.get_mut(at) {
                *byte = value;
            }
            bytes.truncate(length);
            let packet = frame(Link::Raw, &bytes, Tunnels::Inner);
            prop_assert!(packet.is_err() || packet.unwrap().payload as usize <= bytes.len());
        }
    }
}

/// A frame that is nearly the usual one: any of its bytes may be another, and it may be cut.
fn nearly_usual() -> impl Strategy<Value = Vec<u8>> {
    let change = (0..74_usize, any::<u8>());
    let changes = prop::collection::vec(change, 0..4);
    (any::<bool>(), changes, 0..75_usize).prop_map(|(tcp, changes, length)| {
        let packet = if tcp { V4_TCP } else { V4_UDP };
        let mut bytes = hex(&format!("{MACS} 0800 {packet}"));
        bytes.resize(74, 0xaa);
        for (at, byte) in changes {
            bytes[at] = byte;
        }
        bytes.truncate(length);
        bytes
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(20_000))]

    #[test]
    fn one_look_sees_what_several_see(bytes in nearly_usual()) {
        let general = any_way(Link::Ethernet, &bytes, Tunnels::Inner);
        if let Some(packet) = usual::packet(&bytes) {
            prop_assert_eq!(Ok(packet), general);
        }
        prop_assert_eq!(frame(Link::Ethernet, &bytes, Tunnels::Inner), general);
    }
}

#[test]
fn the_usual_frame_takes_one_look() {
    for packet in [V4_TCP, V4_UDP] {
        assert!(usual::packet(&hex(&format!("{MACS} 0800 {packet}"))).is_some());
    }
}
