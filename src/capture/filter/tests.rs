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
