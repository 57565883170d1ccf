//! A frame of every tunnel, seen from the inside and from the outside.

use super::*;

const UDP: &str = "udp 10.0.0.1:5000 > 10.0.0.2:53 Whole";
const V6_UDP: &str = "60000000 0008 11 40 20010db8000000000000000000000001 20010db8000000000000000000000002 1388 0035 0008 0000";
const UDP_6: &str = "udp [2001:db8::1]:5000 > [2001:db8::2]:53 Whole";

/// 192.0.2.1 to 192.0.2.2 with this protocol.
fn outer(protocol: u8, payload: &str) -> String {
    let length = 20 + hex(payload).len();
    format!("4500{length:04x} 00010000 40{protocol:02x}0000 c0000201 c0000202 {payload}")
}

/// In a UDP datagram to this port.
fn udp(port: u16, payload: &str) -> String {
    let length = 8 + hex(payload).len();
    outer(17, &format!("c001 {port:04x} {length:04x} 0000 {payload}"))
}

#[test]
fn every_tunnel_is_followed_to_the_flow_inside() {
    let ethernet = format!("{MACS} 0800 {V4_UDP}");
    let cases: &[(String, &str)] = &[
        (outer(4, V4_UDP), "ipip"),
        (format!("60000000 0020 04 40 {V6} {V4_UDP}"), "4in6"),
        (
            outer(
                51,
                &format!("0404 0000 00000001 00000001 000000000000000000000000 {V4_UDP}"),
            ),
            "ah ipip",
        ),
        (outer(47, &format!("0000 0800 {V4_UDP}")), "gre"),
        (
            outer(
                47,
                &format!("b000 0800 00000000 00000007 00000001 {V4_UDP}"),
            ),
            "gre",
        ),
        (
            outer(
                47,
                &format!("4000 0800 00000000 0800 0004 0a000001 0000 0000 {V4_UDP}"),
            ),
            "gre",
        ),
        (outer(47, &format!("2000 6558 00000007 {ethernet}")), "gre"),
        (
            outer(47, &format!("0000 8847 00001101 {V4_UDP}")),
            "gre mpls",
        ),
        (
            outer(47, &format!("0000 880b ff03 0021 {V4_UDP}")),
            "gre ppp",
        ),
        (outer(47, &format!("0000 883e {V4_UDP}")), "gre"),
        (outer(47, &format!("0000 883e 00000000 {V4_UDP}")), "gre"),
        (
            outer(47, &format!("3001 880b 0021 0007 00000001 0021 {V4_UDP}")),
            "gre ppp",
        ),
        (
            outer(
                47,
                &format!("3081 880b 0021 0007 00000001 00000001 21 {V4_UDP}"),
            ),
            "gre ppp",
        ),
        (outer(47, &format!("0000 88be {ethernet}")), "gre erspan"),
        (
            outer(
                47,
                &format!("1000 88be 00000001 1000 0000 00000000 {ethernet}"),
            ),
            "gre erspan",
        ),
        (
            outer(
                47,
                &format!("1000 22eb 00000001 2000 0000 00000000 0000 0000 {ethernet}"),
            ),
            "gre erspan",
        ),
        (
            outer(
                47,
                &format!(
                    "1000 22eb 00000001 2000 0000 00000000 0000 0001 0000000000000000 {ethernet}"
                ),
            ),
            "gre erspan",
        ),
        (
            outer(
                47,
                &format!("1000 22eb 00000001 2000 0000 00000000 0000 0800 {V4_UDP}"),
            ),
            "gre erspan",
        ),
        (outer(97, &format!("3000 {ethernet}")), "etherip"),
        (outer(143, &ethernet), "etherip"),
        (outer(137, &format!("00001101 {V4_UDP}")), "mpls"),
        (udp(4754, &format!("0000 0800 {V4_UDP}")), "gre"),
        (
            udp(4789, &format!("0800 0000 00000700 {ethernet}")),
            "vxlan",
        ),
        (
            udp(
                8472,
                &format!("0800 0000 00000700 {MACS} 8100 0001 0800 {V4_UDP}"),
            ),
            "vxlan vlan",
        ),
        (
            udp(4790, &format!("0c00 0003 00000700 {ethernet}")),
            "vxlan",
        ),
        (udp(4790, &format!("0c00 0001 00000700 {V4_UDP}")), "vxlan"),
        (
            udp(6081, &format!("0000 6558 00000700 {ethernet}")),
            "geneve",
        ),
        (
            udp(
                6081,
                &format!("0200 0800 00000700 0000000000000000 {V4_UDP}"),
            ),
            "geneve",
        ),
        (udp(6635, &format!("00001101 {V4_UDP}")), "mpls"),
        (udp(2152, &format!("30ff 0020 00000007 {V4_UDP}")), "gtp"),
        (
            udp(2152, &format!("32ff 0024 00000007 00010000 {V4_UDP}")),
            "gtp",
        ),
        (
            udp(
                2152,
                &format!("34ff 0028 00000007 00010085 01000900 {V4_UDP}"),
            ),
            "gtp",
        ),
        (
            udp(
                2152,
                &format!("34ff 0030 00000007 00010085 02000900 000000c0 01000000 {V4_UDP}"),
            ),
            "gtp",
        ),
        (
            udp(
                3386,
                &format!("1eff 0020 0001 0002 ffffffff 0000000000000000 {V4_UDP}"),
            ),
            "gtp",
        ),
        (
            udp(1701, &format!("0002 0001 0002 ff03 0021 {V4_UDP}")),
            "l2tp ppp",
        ),
        (
            udp(
                1701,
                &format!("4a02 0036 0001 0002 0001 0001 0002 0000 0021 {V4_UDP}"),
            ),
            "l2tp ppp",
        ),
        (
            udp(1701, &format!("0003 0000 00000007 {}", checked_frame())),
            "l2tp",
        ),
        (
            udp(
                1701,
                &format!(
                    "0003 0000 00000007 0102030405060708 00000000 {}",
                    checked_frame()
                ),
            ),
            "l2tp",
        ),
        (
            outer(115, &format!("00000007 01020304 {}", checked_frame())),
            "l2tp",
        ),
    ];
    for (text, words) in cases {
        assert_eq!(say(Link::Raw, text), UDP, "{words} {text}");
        assert_eq!(around(Link::Raw, text, Tunnels::Inner), *words, "{text}");
    }
}

/// An Ethernet frame that leaves no doubt.
fn checked_frame() -> String {
    let packet = V4_UDP.replacen("40110000", "401166ca", 1);
    format!("{MACS} 0800 {packet} 0000000000000000000000000000")
}

#[test]
fn tunnels_of_six() {
    let cases = [
        (outer(41, V6_UDP), "6in4"),
        (format!("60000000 0030 29 40 {V6} {V6_UDP}"), "6in6"),
        (udp(3544, V6_UDP), "teredo"),
        (udp(3544, &format!("0000 1234 c0000203 {V6_UDP}")), "teredo"),
        (
            udp(
                3544,
                &format!("0001 00 00 0000000000000000 00 0000 1234 c0000203 {V6_UDP}"),
            ),
            "teredo",
        ),
        (
            udp(
                3544,
                &format!("0001 02 04 0102 01020304 0000000000000000 00 {V6_UDP}"),
            ),
            "teredo",
        ),
        (udp(2152, &format!("30ff 0030 00000007 {V6_UDP}")), "gtp"),
        (outer(47, &format!("0000 86dd {V6_UDP}")), "gre"),
    ];
    for (text, words) in cases {
        assert_eq!(say(Link::Raw, &text), UDP_6, "{text}");
        assert_eq!(around(Link::Raw, &text, Tunnels::Inner), words, "{text}");
    }
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
    let ethernet = format!("{MACS} 0800 {V4_UDP}");
    let longer = V4_UDP.replacen("45000020", "45000080", 1);
    let plain = [
        udp(4789, &format!("0000 0000 00000700 {ethernet}")),
        udp(4789, &format!("0800 0000 00000700 {MACS} 0806 0001")),
        udp(4789, &format!("0800 0000 00000700 {MACS} 0800 {longer}")),
        udp(4789, "0800 0000 00000700"),
        udp(4790, &format!("0d00 0001 00000700 {V4_UDP}")),
        udp(6081, &format!("4000 6558 00000700 {ethernet}")),
        udp(2152, &format!("30fe 0020 00000007 {V4_UDP}")),
        udp(
            2152,
            &format!("34ff 0028 00000007 00010085 00000900 {V4_UDP}"),
        ),
        udp(2152, "32ff 0024 00000007 00010000 ff03 c021"),
        udp(1701, &format!("c802 0036 0001 0002 0001 0001 {V4_UDP}")),
        udp(1701, &format!("0003 0000 00000007 {ethernet}")),
        udp(1701, "0002 0001 0002 ff03 c021 0101"),
        udp(3544, &V6_UDP.replacen("0008", "0009", 1)),
        udp(6635, "00001101 12345678"),
        udp(4754, "0000 1234 12345678"),
        udp(5000, &format!("0800 0000 00000700 {ethernet}")),
    ];
    for text in plain {
        let flow = say(Link::Raw, &text);
        assert!(
            flow.starts_with("udp 192.0.2.1:49153 > 192.0.2.2:"),
            "{flow} {text}"
        );
        assert_eq!(around(Link::Raw, &text, Tunnels::Inner), "", "{text}");
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
fn extension_headers_come_in_any_order() {
    let ah = "04 0000 00000001 00000001 000000000000000000000000";
    let udp = "1388 0035 0008 0000";
    let cases = [
        (
            format!(
                "60000000 0038 33 40 {V6} 00{ah} 3c00000000000000 2b00000000000000 1100000000000000 {udp}"
            ),
            UDP_6,
        ),
        (
            format!("60000000 0030 3c 40 {V6} 3300000000000000 00{ah} 1100000000000000 {udp}"),
            UDP_6,
        ),
        (
            format!("60000000 0038 2c 40 {V6} 3300 0001 00000009 3c{ah} 1100000000000000 {udp}"),
            "udp [2001:db8::1]:5000 > [2001:db8::2]:53 First(9)",
        ),
    ];
    for (text, flow) in cases {
        assert_eq!(say(Link::Raw, &text), flow, "{text}");
    }
    let many = format!(
        "60000000 0328 3c 40 {V6} {} 1100000000000000 {udp}",
        "3c00000000000000".repeat(99)
    );
    assert_eq!(say(Link::Raw, &many), UDP_6);
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
