//! What filters promise: they compile everywhere, errors have a place, classes match.

use super::*;

const LINKS: [Link; 6] = [
    Link::Ethernet,
    Link::LinuxSll,
    Link::LinuxSll2,
    Link::Null,
    Link::Loop,
    Link::Raw,
];

/// An Ethernet frame with an IPv4 UDP datagram from and to these ports.
fn datagram(from: u16, to: u16) -> Vec<u8> {
    let mut frame = vec![2; 12];
    frame.extend([0x08, 0x00, 0x45, 0, 0, 28, 0, 0, 0, 0, 64, 17, 0, 0]);
    frame.extend([10, 0, 0, 1, 10, 0, 0, 2]);
    frame.extend(from.to_be_bytes());
    frame.extend(to.to_be_bytes());
    frame.extend([0, 8, 0, 0]);
    frame
}

fn named(names: &[&str]) -> Vec<Filter> {
    let all = Named::new(&BTreeMap::new());
    names
        .iter()
        .map(|it| all.get(it).unwrap().clone())
        .collect()
}

#[test]
fn every_filter_that_comes_along_compiles_on_every_link_and_says_what_it_keeps() {
    let all = Named::new(&BTreeMap::new());
    assert_eq!(all.iter().count(), BUILT_IN.len());
    for filter in all.iter() {
        assert!(filter.about.len() > 20, "{}", filter.name);
        for link in LINKS {
            check(&filter.expression, link)
                .unwrap_or_else(|error| panic!("{} on {link:?}: {error}", filter.name));
        }
    }
}

#[test]
fn no_filter_file_is_forgotten() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/filters");
    assert_eq!(std::fs::read_dir(folder).unwrap().count(), BUILT_IN.len());
}

#[test]
fn own_filters_are_found_by_name_and_replace_others() {
    let own = BTreeMap::from([("web".to_owned(), "tcp port 3000".to_owned())]);
    let all = Named::new(&own);
    assert_eq!(all.resolve(" web "), "tcp port 3000");
    assert!(!all.get("web").unwrap().built_in);
    assert_eq!(all.resolve("udp port 9"), "udp port 9");
}

#[test]
fn an_error_has_libpcaps_words_and_its_place() {
    let cases = [
        ("tcp prt 80", Some(4)),
        ("tcp port", Some(8)),
        ("(udp or tcp", Some(11)),
        ("port 80 or and port 90", Some(11)),
        ("tcp[tcpflags] & 2 != 0 nonsense 4", Some(23)),
        ("host 10.0.0.1 and (port 1 or prt 2)", Some(29)),
    ];
    for (expression, at) in cases {
        let error = check(expression, Link::Ethernet).unwrap_err();
        assert_eq!(error.at, at, "{expression}: {error}");
        assert!(!error.message.is_empty());
    }
    assert!(check("", Link::Ethernet).is_ok());
    assert!(check("tcp[tcpflags] & 2 != 0", Link::Ethernet).is_ok());
}

#[test]
fn a_name_that_would_be_looked_up_is_refused_with_its_place() {
    let refused = [
        ("host example.org", 5),
        ("src example.org", 4),
        ("ip6 dst example.org", 8),
        ("src or dst host example.org", 16),
        ("net example.org", 4),
        ("net 10.0.0.0 mask 255.0.0.0 or example.org", 31),
        ("gateway router", 8),
        ("ether host printer", 11),
        ("host 192.0.2.1 or example.org", 18),
        ("host (192.0.2.1 or example.org)", 19),
        ("host not example.org", 9),
        ("!host\texample.org", 6),
        ("host \\ftp", 5),
        ("host 1.2.3.4.5", 5),
        ("host 1-2", 5),
        ("host dead:beef", 5),
        ("host example.org:80", 5),
        ("host HOST", 5),
        ("port 80 or src example.org", 15),
        ("host 192.0.2.1 and (port 80) and example.org", 33),
        ("host 192.0.2.1 and (port 80 or port 81) or tcp-nowhere", 43),
        ("wlan ra example.org", 8),
    ];
    for (expression, at) in refused {
        for error in [
            check(expression, Link::Ethernet).unwrap_err(),
            names::refuse(expression).unwrap_err(),
        ] {
            assert!(
                error.message.contains("looks no names up"),
                "{expression}: {error}"
            );
            assert_eq!(error.at, Some(at), "{expression}: {error}");
        }
        let class = Classes::of_expression(expression).classify(Link::Ethernet, &datagram(1, 2));
        assert_eq!(class.0, 0, "{expression}");
    }
}

#[test]
fn what_is_looked_up_nowhere_is_left_to_libpcap() {
    let taken = [
        "host 192.0.2.1 or 192.0.2.2",
        "src host 192.0.2.1 and dst net 10.0.0.0/8",
        "net 10.0 or net 192.0.2.0 mask 255.255.255.0",
        "host 2001:db8::1 or net fe80::/10 or host ::ffff:192.0.2.1",
        "ether host 02:00:00:00:00:0a or ether src 2-0-0-0-0-1 or ether dst 0200.0000.000a",
        "ether host 02000000000a or ether broadcast or ether proto \\arp",
        "port domain or https",
        "udp port (ntp or 53) or tcp portrange 6000-6008",
        "ip proto \\icmp or ip6 proto ipv6-icmp or ip proto 50",
        "tcp[tcpflags] & (tcp-syn|tcp-ack) == tcp-syn",
        "tcp[((tcp[12:1] & 0xf0) >> 2):4] = 0x47455420 and len > 100",
        "icmp[icmptype] != icmp-echo or icmp6[icmp6type] != icmp6-echoreply",
        "vlan 3 and not (ip or ip6) and greater 64",
        "not port 22 and not(host 192.0.2.1)",
        "ether[0] & 1 = 0 and ip[16] >= 224",
    ];
    for expression in taken {
        check(expression, Link::Ethernet).unwrap_or_else(|error| panic!("{expression}: {error}"));
    }
}

#[test]
fn what_a_link_cannot_have_is_refused_there_only() {
    assert!(check("ether host 2:0:0:0:0:1", Link::Ethernet).is_ok());
    let error = check("ether host 2:0:0:0:0:1", Link::Raw).unwrap_err();
    assert!(!error.message.is_empty());
}

#[test]
fn a_flow_falls_in_all_the_classes_that_match_it() {
    let mut classes = Classes::new(named(&["dns", "web", "lan"]));
    let of = |classes: &mut Classes, frame: &[u8]| classes.classify(Link::Ethernet, frame).0;
    assert_eq!(of(&mut classes, &datagram(40000, 53)), 0b101);
    assert_eq!(of(&mut classes, &datagram(40000, 443)), 0b110);
    assert_eq!(of(&mut classes, &datagram(9, 10)), 0b100);
    assert_eq!(of(&mut classes, &[1, 2, 3]), 0);
    assert_eq!(of(&mut classes, &[]), 0);
    let raw = &datagram(40000, 53)[14..];
    assert_eq!(classes.classify(Link::Raw, raw).0, 0b101);
}

#[test]
fn there_are_no_more_classes_than_bits() {
    let one = named(&["lan"]).remove(0);
    let mut classes = Classes::new(vec![one; 40]);
    let bits = classes.classify(Link::Ethernet, &datagram(1, 2)).0;
    assert_eq!(bits, u32::MAX);
}
