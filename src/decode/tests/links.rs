//! A frame of every link and of what lies between links and IP.

use super::*;

const UDP: &str = "udp 10.0.0.1:5000 > 10.0.0.2:53 Whole";
/// A data frame's header without its first two bytes, and SNAP.
const WIFI: &str = "0000 020000000001 020000000002 020000000003 0000";
const SNAP: &str = "aaaa03 000000 0800";

#[test]
fn every_link_leads_to_ip() {
    let radiotap = "00 00 0900 02000000 10";
    let cases: &[(u16, String, &str)] = &[
        (9, format!("ff03 0021 {V4_UDP}"), "ppp"),
        (9, format!("0021 {V4_UDP}"), "ppp"),
        (9, format!("21 {V4_UDP}"), "ppp"),
        (50, format!("ff03 21 {V4_UDP}"), "ppp"),
        (50, format!("0f00 0800 {V4_UDP}"), ""),
        (166, format!("0103 0021 {V4_UDP}"), "ppp"),
        (204, format!("01 ff03 0021 {V4_UDP}"), "ppp"),
        (51, format!("1100 0007 0022 0021 {V4_UDP}"), "pppoe ppp"),
        (104, format!("0f00 0800 {V4_UDP}"), ""),
        (104, format!("8f00 8847 00001101 {V4_UDP} 0000"), "mpls"),
        (105, format!("0802 {WIFI} {SNAP} {V4_UDP}"), "wifi"),
        (
            127,
            format!("{radiotap} 0801 {WIFI} {SNAP} {V4_UDP} 12345678"),
            "wifi",
        ),
        (
            119,
            format!(
                "44000000 90000000 {} 0801 {WIFI} {SNAP} {V4_UDP}",
                "00".repeat(136)
            ),
            "wifi",
        ),
        (
            119,
            format!(
                "80211001 00000040 {} 0801 {WIFI} {SNAP} {V4_UDP}",
                "00".repeat(56)
            ),
            "wifi",
        ),
        (
            163,
            format!(
                "80211001 00000040 {} 0801 {WIFI} {SNAP} {V4_UDP}",
                "00".repeat(56)
            ),
            "wifi",
        ),
        (
            192,
            format!("0000 0c00 69000000 01020304 0801 {WIFI} {SNAP} {V4_UDP}"),
            "wifi",
        ),
        (192, format!("0000 0800 01000000 {MACS} 0800 {V4_UDP}"), ""),
        (219, format!("00001000 00002100 {V4_UDP}"), "mpls"),
        (100, format!("{SNAP} {V4_UDP}"), ""),
        (100, format!("fefe03cc {V4_UDP}"), ""),
        (274, format!("55555555555555d5 {MACS} 0800 {V4_UDP}"), ""),
        (
            239,
            format!("0200 0000 0600 0100 abcd 0000 2400 0900 {V4_UDP}"),
            "",
        ),
        (
            113,
            format!("0000 0323 0006 0200000000010000 0000 {radiotap} 0801 {WIFI} {SNAP} {V4_UDP}"),
            "wifi",
        ),
    ];
    for (number, text, words) in cases {
        assert_eq!(say(Link::of(*number), text), UDP, "{number} {text}");
        assert_eq!(
            around(Link::of(*number), text, Tunnels::Outer),
            *words,
            "{number} {text}"
        );
    }
}

#[test]
fn every_ethertype_leads_to_ip() {
    let cases = [
        (format!("8864 1100 0007 0022 0021 {V4_UDP}"), "pppoe ppp"),
        (
            format!("8100 0001 8864 1100 0007 0022 0021 {V4_UDP}"),
            "vlan pppoe ppp",
        ),
        (format!("8847 00001040 00002101 {V4_UDP}"), "mpls"),
        (format!("8848 00001101 {V4_UDP}"), "mpls"),
        (
            format!("8847 00001101 00000000 {MACS} 0800 {V4_UDP}"),
            "mpls",
        ),
        (
            format!("8847 00001101 {MACS} 0800 {} 0000", checked()),
            "mpls",
        ),
        (
            format!(
                "8847 00001101 460000000001 020000000002 0800 {} 0000",
                checked()
            ),
            "mpls",
        ),
        (format!("88e7 00000001 {MACS} 0800 {V4_UDP}"), "bridge"),
        (format!("8903 0001 {MACS} 0800 {V4_UDP}"), "bridge"),
        (
            format!("22f3 0040 0001 0002 00000000 {MACS} 0800 {V4_UDP}"),
            "bridge",
        ),
        (format!("6558 {MACS} 0800 {V4_UDP}"), ""),
        (format!("8909 0101 0001 0007 0800 {V4_UDP}"), "tag"),
        (format!("8926 0000 0007 0800 {V4_UDP}"), "tag"),
        (format!("893f 0000 0007 0000 0800 {V4_UDP}"), "tag"),
        (format!("892f 0000 0007 0800 {V4_UDP}"), "tag"),
        (
            format!("894f 0006 0101 00000000 0000000000000000 0000000000000000 {V4_UDP}"),
            "nsh",
        ),
        (format!("0028 aaaa03 0000f8 0800 {V4_UDP}"), ""),
        (format!("0028 060603 {V4_UDP}"), ""),
    ];
    for (text, words) in cases {
        let text = format!("{MACS} {text}");
        assert_eq!(say(Link::Ethernet, &text), UDP, "{text}");
        assert_eq!(
            around(Link::Ethernet, &text, Tunnels::Inner),
            words,
            "{text}"
        );
    }
}

/// The packet with its header's checksum, as a bare pseudowire needs it.
fn checked() -> String {
    V4_UDP.replacen("40110000", "401166ca", 1)
}

#[test]
fn radio_frames_are_followed_whatever_their_header_has() {
    let body = format!("{SNAP} {V4_UDP}");
    let fourth = "020000000004";
    let cases = [
        (105, format!("0803 {WIFI} {fourth} {body}")),
        (105, format!("8801 {WIFI} 0000 {body}")),
        (105, format!("8881 {WIFI} 0000 00000000 {body}")),
        (105, format!("8803 {WIFI} {fourth} 0000 {body}")),
        (105, format!("8801 {WIFI} 8000 {MACS} 0028 {body} 0000")),
        (
            105,
            format!("8803 {WIFI} {fourth} 0001 00 1f 00000001 {body}"),
        ),
        (
            105,
            format!("8803 {WIFI} {fourth} 0001 01 1f 00000001 {fourth} {body}"),
        ),
        (105, format!("8801 {WIFI} 0001 {body}")),
        (
            127,
            format!("00 00 0900 02000000 30 8801 {WIFI} 0000 0000 {body}"),
        ),
        (
            127,
            format!(
                "00 00 1900 03000080 00000000 00000000 0000000000000000 20 8801 {WIFI} 0000 0000 {body}"
            ),
        ),
    ];
    for (number, text) in cases {
        assert_eq!(say(Link::of(number), &text), UDP, "{text}");
    }
}

#[test]
fn what_links_carry_besides_has_a_reason() {
    let cases = [
        (9, "ff03 c021 0101".into(), "not-ip"),
        (9, "00".into(), "short-link"),
        (104, "0f00 2000".into(), "not-ip"),
        (105, format!("8000 {WIFI}"), "not-ip"),
        (105, format!("c400 {WIFI}"), "not-ip"),
        (105, format!("4801 {WIFI}"), "not-ip"),
        (105, format!("0841 {WIFI} {SNAP} {V4_UDP}"), "protected"),
        (105, format!("0801 {WIFI} 424203"), "llc"),
        (
            127,
            format!("00 00 ff00 00000000 0801 {WIFI}"),
            "short-link",
        ),
        (127, format!("01 00 0800 00000000 0801 {WIFI}"), "not-ip"),
        (192, "0000 0800 93000000".into(), "unknown-link"),
        (192, "0000 0800 c0000000".repeat(20), "too-deep"),
        (149, V4_UDP.into(), "unknown-link"),
        (258, V4_UDP.into(), "short-link"),
        (
            274,
            format!("5555555555555561 {MACS} 0800 {V4_UDP}"),
            "not-ip",
        ),
        (239, "0200 0000 0000 0100".into(), "not-ip"),
        (1, format!("{MACS} 8863 1109 0000 0000"), "not-ip"),
        (1, format!("{MACS} 8864 1107 0007 0022 0021"), "not-ip"),
        (1, format!("{MACS} 88e5 0000 0000 0001"), "not-ip"),
        (1, format!("{MACS} 8847 00001101 10000000"), "not-ip"),
        (
            1,
            format!("{MACS} 8847 {}", "00001000".repeat(20)),
            "too-deep",
        ),
    ];
    for (number, text, word) in cases {
        assert_eq!(say(Link::of(number), &text), word, "{number} {text}");
    }
}
