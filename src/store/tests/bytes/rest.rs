//! Late labels, connections, and the words that they are told in.

use super::super::super::layout::{AMENDMENTS, CONNECTIONS};
use super::*;

#[test]
fn the_rest() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), &[sample()]);
    let (key, value) = values(folder.path(), AMENDMENTS).remove(0);
    assert_eq!(key, layout::key(at(START + 7, 3)));
    a_late_label(&mut Hand::open(&value, 1));
    let store = open(folder.path());
    let transaction = store.slot.get().unwrap().begin_read().unwrap();
    how_far_it_reaches(&transaction, &key);
    a_connection(&transaction);
    an_application(&transaction);
}

fn a_late_label(hand: &mut Hand) {
    assert_eq!(
        (hand.ns(), hand.z()),
        ([1, 4], START + 6),
        "one, of flow 4, since"
    );
    assert_eq!(
        (hand.ns(), hand.take(1)),
        ([3, 1, 1], &[0x3a][..]),
        "epoch, app, site, how"
    );
}

fn how_far_it_reaches(transaction: &redb::ReadTransaction, key: &layout::Key) {
    let meta = transaction.open_table(META).unwrap();
    assert_eq!(meta.get("schema").unwrap().unwrap().value(), [2, 0, 0, 0]);
    assert_eq!(meta.get("through").unwrap().unwrap().value(), key);
    let age = meta.get("age").unwrap().unwrap();
    let mut hand = Hand::open(age.value(), 1);
    assert_eq!((hand.z(), hand.n()), (START + 7, 0), "no leap");
    assert!(hand.0.is_empty());
}

fn a_connection(transaction: &redb::ReadTransaction) {
    let connections = transaction.open_table(CONNECTIONS).unwrap();
    let (key, value) = connections.first().unwrap().unwrap();
    assert_eq!(key.value()[..12], layout::key(at(START + 7, 3)));
    assert_eq!(key.value()[12..], 9u64.to_be_bytes());
    let mut hand = Hand::open(value.value(), 3);
    assert_eq!(
        (hand.n(), hand.take(2)),
        (1, &[6, 1][..]),
        "interface; tcp, local is client"
    );
    assert_eq!(hand.take(5), [2, 192, 0, 2, 9], "IPv4 with a port");
    assert_eq!(
        (hand.n(), hand.take(1)),
        (50_000, &[3][..]),
        "IPv6 with a port"
    );
    assert_eq!((hand.take(16)[0], hand.n()), (0x20, 443));
    assert_eq!(
        (hand.ns(), hand.take(1)),
        ([1, 1], &[0x3a][..]),
        "app, site, how"
    );
    assert_eq!(
        (hand.n(), hand.n(), hand.z()),
        (3, 5, 1_500_000_000),
        "classes, fraction, length"
    );
    assert_eq!(
        (hand.take(1), hand.ns()),
        (&[0][..], [3, 300, 2, 200]),
        "closed; traffic"
    );
    assert_eq!((hand.take(1), hand.n()), (&[1][..], 12), "ech-outer; vxlan");
    what_is_known_of_it(&mut hand);
    assert!(hand.0.is_empty());
}

fn what_is_known_of_it(hand: &mut Hand) {
    assert_eq!(
        hand.take(4),
        [1, 1, 10, 1],
        "facts; one claim: sni, ech-outer"
    );
    assert_eq!(hand.take(10), b"\x09a.example");
    assert_eq!(hand.take(4), b"\x03tls");
    assert_eq!((hand.take(1)[0], hand.take(36)), (36, &[b't'; 36][..]));
    assert_eq!(hand.take(4), b"\x03via");
    assert_eq!(hand.ns(), [12, 34], "ages");
    assert_eq!(
        (hand.take(1), hand.ns(), hand.z()),
        (&[1][..], [7, 9], 10),
        "owner"
    );
    assert_eq!(hand.take(4), b"\x02c1\0", "container, no unit");
    assert_eq!(hand.take(7), b"\x01\x01\x04init", "one parent");
    assert_eq!(hand.take(10), b"\x02\x05nginx\x02/n", "peer, with its app");
    assert_eq!((hand.n(), hand.ns(), hand.z()), (34, [8, 9], 10), "user 33");
    assert_eq!(hand.take(11), b"\x02c1\0\x01\x01\x04init");
}

fn an_application(transaction: &redb::ReadTransaction) {
    let (by_id, _) = App::tables();
    let apps = transaction.open_table(by_id).unwrap();
    let app = apps.get(1).unwrap().unwrap();
    let mut hand = Hand::open(app.value(), 1);
    assert_eq!(
        (hand.z(), hand.z()),
        (START + 7, START + 7),
        "first and last seen"
    );
    assert_eq!(hand.n() as usize, hand.0.len());
    assert_eq!(hand.take(5), b"\x04curl");
    assert_eq!(
        (hand.take(1), hand.take(14)),
        (&[3][..], &b"\x0d/usr/bin/curl"[..])
    );
    assert_eq!(hand.n(), 1000, "user");
}

#[test]
fn a_site_with_an_address() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), &[sample()]);
    let store = open(folder.path());
    let transaction = store.slot.get().unwrap().begin_read().unwrap();
    let (by_id, _) = Site::tables();
    let sites = transaction.open_table(by_id).unwrap();
    let site = sites.get(1).unwrap().unwrap();
    let mut hand = Hand::open(site.value(), 2);
    assert_eq!((hand.z(), hand.z()), (START + 7, START + 7));
    assert_eq!(hand.take(13), b"\x0c\x01example.org");
    let remote: std::net::Ipv6Addr = "2001:db8::7".parse().unwrap();
    assert_eq!(
        (hand.take(2), hand.take(16)),
        (&[17, 6][..], &remote.octets()[..])
    );
    assert!(hand.0.is_empty());
}

#[test]
fn a_site_is_read_with_its_address_and_without() {
    let folder = tempfile::tempdir().unwrap();
    let mut second = (*sample()).clone();
    let other = label("curl", Site::Name("other.example".into()));
    second.rows.push(row(12, other, 0, traffic(1, 1, 0, 0)));
    second.interfaces[0].flowed += traffic(1, 1, 0, 0);
    write(folder.path(), &[Arc::new(second)]);
    let snapshot = open(folder.path()).reader().snapshot().unwrap();
    let address = |name: &str| {
        let id = snapshot.number(&Site::Name(name.into())).unwrap().unwrap();
        snapshot.word::<Site>(id).unwrap().unwrap().1.address
    };
    assert_eq!(address("example.org"), Some("2001:db8::7".parse().unwrap()));
    assert_eq!(
        address("other.example"),
        None,
        "no connection to it has ended"
    );
}
