//! A frame of every tunnel, seen from the inside and from the outside.

use super::*;

const UDP: &str = "udp 10.0.0.1:5000 > 10.0.0.2:53 Whole";
const V6_UDP: &str = "60000000 0008 11 40 20010db8000000000000000000000001 20010db8000000000000000000000002 1388 0035 0008 0000";
const UDP_6: &str = "udp [2001:db8::1]:5000 > [2001:db8::2]:53 Whole";

/// What stands for a packet of IPv4, one of IPv6, an Ethernet frame with the first, one that leaves
/// no doubt, and IEEE 802.11 frames, the second with its first bytes swapped.
const NAMES: [&str; 6] = ["FOUR", "SIX", "ETHERNET", "CERTAIN", "RADIO", "SWAPPED"];

/// Payloads of IP protocols, and what they are.
const OVER_IP: &[(u8, &str, &str)] = &[
    (4, "FOUR", "ipip"),
    (
        51,
        "0404 0000 00000001 00000001 000000000000000000000000 FOUR",
        "ah ipip",
    ),
    (47, "0000 0800 FOUR", "gre"),
    (47, "b000 0800 00000000 00000007 00000001 FOUR", "gre"),
    (
        47,
        "4000 0800 00000000 0800 0004 0a000001 0000 0000 FOUR",
        "gre",
    ),
    (47, "2000 6558 00000007 ETHERNET", "gre"),
    (47, "0000 8847 00001101 FOUR", "gre mpls"),
    (47, "0000 880b ff03 0021 FOUR", "gre ppp"),
    (47, "0000 883e FOUR", "gre"),
    (47, "0000 883e 00000000 FOUR", "gre"),
    (47, "3001 880b 0021 0007 00000001 0021 FOUR", "gre ppp"),
    (
        47,
        "3081 880b 0021 0007 00000001 00000001 21 FOUR",
        "gre ppp",
    ),
    (47, "0000 88be ETHERNET", "gre erspan"),
    (
        47,
        "1000 88be 00000001 1000 0000 00000000 ETHERNET",
        "gre erspan",
    ),
    (
        47,
        "1000 22eb 00000001 2000 0000 00000000 0000 0000 ETHERNET",
        "gre erspan",
    ),
    (
        47,
        "1000 22eb 00000001 20000000 00000000 00000001 00000000 00000000 ETHERNET",
        "gre erspan",
    ),
    (
        47,
        "1000 22eb 00000001 2000 0000 00000000 0000 0800 FOUR",
        "gre erspan",
    ),
    (97, "3000 ETHERNET", "etherip"),
    (143, "ETHERNET", "etherip"),
    (137, "00001101 FOUR", "mpls"),
    (115, "00000007 01020304 CERTAIN", "l2tp"),
    (41, "SIX", "6in4"),
    (47, "0000 86dd SIX", "gre"),
];

/// Payloads of UDP ports, and what they are.
const OVER_UDP: &[(u16, &str, &str)] = &[
    (4754, "0000 0800 FOUR", "gre"),
    (4789, "0800 0000 00000700 ETHERNET", "vxlan"),
    (
        8472,
        "0800 0000 00000700 020000000001 020000000002 8100 0001 0800 FOUR",
        "vxlan vlan",
    ),
    (4790, "0c00 0003 00000700 ETHERNET", "vxlan"),
    (4790, "0c00 0001 00000700 FOUR", "vxlan"),
    (6081, "0000 6558 00000700 ETHERNET", "geneve"),
    (6081, "0200 0800 00000700 0000000000000000 FOUR", "geneve"),
    (6635, "00001101 FOUR", "mpls"),
    (2152, "30ff 0020 00000007 FOUR", "gtp"),
    (2152, "32ff 0024 00000007 00010000 FOUR", "gtp"),
    (2152, "34ff 0028 00000007 00010085 01000900 FOUR", "gtp"),
    (
        2152,
        "34ff 0030 00000007 00010085 02000900 000000c0 01000000 FOUR",
        "gtp",
    ),
    (
        3386,
        "1eff 0020 0001 0002 ffffffff 0000000000000000 FOUR",
        "gtp",
    ),
    (1701, "0002 0001 0002 ff03 0021 FOUR", "l2tp ppp"),
    (
        1701,
        "4a02 0036 0001 0002 0001 0001 0002 0000 0021 FOUR",
        "l2tp ppp",
    ),
    (1701, "0003 0000 00000007 CERTAIN", "l2tp"),
    (
        1701,
        "0003 0000 00000007 0102030405060708 00000000 CERTAIN",
        "l2tp",
    ),
    (5247, "00 100000 00000000 ETHERNET", "capwap"),
    (5247, "00 100300 00000000 RADIO", "capwap wifi"),
    (
        5247,
        "00 200310 00000000 0011223344550000 SWAPPED",
        "capwap wifi",
    ),
    (3544, "SIX", "teredo"),
    (3544, "0000 1234 c0000203 SIX", "teredo"),
    (
        3544,
        "0001 00 00 0000000000000000 00 0000 1234 c0000203 SIX",
        "teredo",
    ),
    (
        3544,
        "0001 02 04 0102 01020304 0000000000000000 00 SIX",
        "teredo",
    ),
    (2152, "30ff 0030 00000007 SIX", "gtp"),
];

/// Payloads of UDP ports that are no tunnel's, or not one that is followed.
const PLAIN: &[(u16, &str)] = &[
    (4789, "0000 0000 00000700 ETHERNET"),
    (
        4789,
        "0800 0000 00000700 020000000001 020000000002 0806 0001",
    ),
    (4789, "0800 0000 00000700"),
    (4790, "0d00 0001 00000700 FOUR"),
    (6081, "4000 6558 00000700 ETHERNET"),
    (2152, "30fe 0020 00000007 FOUR"),
    (2152, "34ff 0028 00000007 00010085 00000900 FOUR"),
    (2152, "32ff 0024 00000007 00010000 ff03 c021"),
    (1701, "c802 0036 0001 0002 0001 0001 FOUR"),
    (1701, "0003 0000 00000007 ETHERNET"),
    (1701, "0002 0001 0002 ff03 c021 0101"),
    (6635, "00001101 12345678"),
    (4754, "0000 1234 12345678"),
    (5247, "00 100008 00000000 ETHERNET"),
    (5247, "00 100080 00010008 ETHERNET"),
    (5247, "01 100000 00000000 ETHERNET"),
    (5000, "0800 0000 00000700 ETHERNET"),
];

/// The bytes that names in a text stand for.
fn with_names(text: &str) -> String {
    let packet = V4_UDP.replacen("40110000", "401166ca", 1);
    let padding = "00".repeat(14);
    let radio = format!("0000 {MACS} 020000000003 0000 aaaa03 000000 0800");
    let stand_for = [
        V4_UDP.to_string(),
        V6_UDP.to_string(),
        format!("{MACS} 0800 {V4_UDP}"),
        format!("{MACS} 0800 {packet} {padding}"),
        format!("0801 {radio} {V4_UDP}"),
        format!("0108 {radio} {V4_UDP}"),
    ];
    let names = NAMES.iter().zip(stand_for);
    names.fold(text.to_string(), |text, (name, bytes)| {
        text.replace(name, &bytes)
    })
}

/// 192.0.2.1 to 192.0.2.2 with this protocol.
fn outer(protocol: u8, payload: &str) -> String {
    let payload = with_names(payload);
    let length = 20 + hex(&payload).len();
    format!("4500{length:04x} 00010000 40{protocol:02x}0000 c0000201 c0000202 {payload}")
}

/// In a UDP datagram to this port.
fn udp(port: u16, payload: &str) -> String {
    let payload = with_names(payload);
    let length = 8 + hex(&payload).len();
    outer(17, &format!("c001 {port:04x} {length:04x} 0000 {payload}"))
}

#[test]
fn every_tunnel_is_followed_to_the_flow_inside() {
    let over_ip = OVER_IP
        .iter()
        .map(|(number, text, words)| (outer(*number, text), *text, *words));
    let over_udp = OVER_UDP
        .iter()
        .map(|(port, text, words)| (udp(*port, text), *text, *words));
    for (frame, text, words) in over_ip.chain(over_udp) {
        let flow = if text.ends_with("SIX") { UDP_6 } else { UDP };
        assert_eq!(say(Link::Raw, &frame), flow, "{words} {text}");
        assert_eq!(around(Link::Raw, &frame, Tunnels::Inner), words, "{text}");
    }
}

#[test]
fn tunnels_in_six() {
    let cases = [
        (format!("60000000 0020 04 40 {V6} {V4_UDP}"), UDP, "4in6"),
        (format!("60000000 0030 29 40 {V6} {V6_UDP}"), UDP_6, "6in6"),
    ];
    for (text, flow, words) in cases {
        assert_eq!(say(Link::Raw, &text), flow, "{text}");
        assert_eq!(around(Link::Raw, &text, Tunnels::Inner), words, "{text}");
    }
}

#[test]
fn a_bubble_of_teredo_has_nothing_inside() {
    let bubble = udp(3544, &format!("60000000 0000 3b 40 {V6}"));
    assert_eq!(
        say(Link::Raw, &bubble),
        "ip-59 2001:db8::1 > 2001:db8::2 Whole"
    );
}

#[test]
fn the_outer_view_is_that_of_the_first_ip_header() {
    let tunnels = [
        udp(4789, &format!("0800 0000 00000700 {MACS} 0800 {V4_UDP}")),
        outer(4, V4_UDP),
    ];
    for text in tunnels {
        let text = format!("{MACS} 8100 0001 8847 00001101 {text}");
        let outer = frame(Link::Ethernet, &hex(&text), Tunnels::Outer).unwrap();
        assert_eq!(
            outer.tuple.source,
            crate::key::RawAddress::v4([192, 0, 2, 1])
        );
        assert_eq!(around(Link::Ethernet, &text, Tunnels::Outer), "vlan mpls");
    }
}

#[test]
fn what_does_not_check_out_is_a_flow_of_its_own() {
    let longer = V4_UDP.replacen("45000020", "45000080", 1);
    let longer = format!("0800 0000 00000700 {MACS} 0800 {longer}");
    let cut = V6_UDP.replacen("0008", "0009", 1);
    let more = [(4789, longer.as_str()), (3544, cut.as_str())];
    for (port, text) in PLAIN.iter().copied().chain(more) {
        let frame = udp(port, text);
        let flow = say(Link::Raw, &frame);
        assert_eq!(
            flow,
            format!("udp 192.0.2.1:49153 > 192.0.2.2:{port} Whole"),
            "{text}"
        );
        assert_eq!(around(Link::Raw, &frame, Tunnels::Inner), "", "{text}");
    }
    let gre = "gre 192.0.2.1 > 192.0.2.2 Whole";
    for payload in [
        "0000 0000",
        "3001 880b 0000 0007 00000001",
        "3001 880b 0004 0007 00000001 ff03 c021",
        "0002 0800",
    ] {
        let text = outer(47, &format!("{payload} {V4_UDP}")).replace("00000001 4500", "00000001");
        assert!(say(Link::Raw, &text).starts_with(gre), "{text}");
    }
}

#[test]
fn errors_and_encrypted_packets_are_not_followed() {
    let quoted = outer(1, &format!("0300 0000 00000000 {V4_UDP}"));
    assert_eq!(say(Link::Raw, &quoted), "icmp 192.0.2.1 > 192.0.2.2 Whole");
    let encrypted = outer(50, &format!("00000001 00000001 {V4_UDP}"));
    assert_eq!(
        say(Link::Raw, &encrypted),
        "esp 192.0.2.1 > 192.0.2.2 Whole"
    );
}

#[test]
fn a_tunnels_first_part_is_known_by_both_headers() {
    let whole = udp(2152, &format!("30ff 0020 00000007 {V4_UDP}"));
    let first = whole.replacen("00010000", "00092000", 1);
    let packet = frame(Link::Raw, &hex(&first), Tunnels::Inner).unwrap();
    assert_eq!(packet.fragment, Fragment::Whole);
    assert!(packet.is_part());
    let around = packet.around(&hex(&first)).unwrap();
    let around = around.fragment_id(InterfaceId(3)).unwrap();
    let later = whole.replacen("00010000", "00090010", 1);
    let packet = frame(Link::Raw, &hex(&later), Tunnels::Inner).unwrap();
    assert_eq!(packet.fragment_id(InterfaceId(3)), Some(around));
    assert_eq!(say(Link::Raw, &later), "udp 192.0.2.1 > 192.0.2.2 Later(9)");
}

#[test]
fn nests_are_followed_to_a_bound() {
    let nest = |deep: usize| (0..deep).fold(V4_UDP.to_string(), |inner, _| outer(4, &inner));
    assert_eq!(say(Link::Raw, &nest(8)), UDP);
    let deeper = say(Link::Raw, &nest(9));
    assert_eq!(deeper, "ip-4 192.0.2.1 > 192.0.2.2 Whole");
    assert_eq!(say(Link::Raw, &nest(500)), deeper);
    let words = around(Link::Raw, &nest(500), Tunnels::Inner);
    assert_eq!(words, ["ipip"; 8].join(" "));
}
