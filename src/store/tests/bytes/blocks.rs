//! Seconds, hot and sealed, and the minutes that are made of them.

use super::super::super::layout::STALE;
use super::*;

fn head(hand: &mut Hand, offset: u64) {
    assert_eq!(hand.n(), 1, "one second");
    assert_eq!(hand.n(), offset);
    assert_eq!(hand.z(), 1_000_000_000, "width");
    assert_eq!((hand.z(), hand.n()), (0, 0), "cost");
    assert_eq!(hand.ns(), [2, 1], "rows, interfaces");
    facts(hand);
}

fn facts(hand: &mut Hand) {
    assert_eq!(hand.ns(), [1, 1], "interface 1, carried by app 1");
    assert_eq!(hand.ns(), [4, 1698], "it delivered 4 frames");
    assert_eq!(hand.ns(), [0; 6], "ring, kernel, interface, late, untimed");
    assert_eq!(hand.n(), 250, "gap");
    assert_eq!(hand.take(1), [1], "counters follow");
    assert_eq!(hand.ns(), [1, 1500, 3, 198]);
    assert_eq!(hand.ns(), [1, 1500, 3, 198], "flowed");
    assert_eq!((hand.n(), hand.take(1)), (1, &[2][..]), "one reason: llc");
    assert_eq!(hand.ns(), [1, 60, 0, 0]);
}

#[test]
fn a_hot_second() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), &[sample()]);
    let (key, value) = values(folder.path(), HOT).remove(0);
    let second = (START as u64 + 7) ^ 1 << 63;
    assert_eq!(key[..8], second.to_be_bytes());
    assert_eq!(key[8..], 3u32.to_be_bytes());
    let mut hand = Hand::open(&value, 3);
    head(&mut hand, 0);
    let columns: [_; 12] = columns(&mut hand);
    // Flow 9, then 4: +9 and -5, zigzag.
    assert_eq!(columns[0], [18, 9]);
    assert_eq!(columns[1], [1, 1], "interface");
    assert_eq!(columns[2], [6, 6], "protocol");
    assert_eq!(
        (columns[3], columns[4]),
        (&[1, 1][..], &[1, 1][..]),
        "app, site"
    );
    assert_eq!(columns[5], [0x3a, 0x3a], "exact, sni");
    assert_eq!(columns[6], [1, 2], "class sets");
    assert_eq!(columns[7], [1, 1], "opened");
    assert_eq!(columns[8], [1, 0], "packets in");
    assert_eq!(columns[9], [0xdc, 0x0b, 0], "1500 bytes in");
    assert_eq!(columns[10], [2, 1], "packets out");
    assert_eq!(columns[11], [0x84, 0x01, 66], "132 bytes out");
    assert!(hand.0.is_empty());
}

#[test]
fn a_sealed_block() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), &[sample()]);
    seal(folder.path());
    let (key, value) = values(folder.path(), SEALED).remove(0);
    assert_eq!(key, layout::key(at(START + 7, 3)));
    let mut hand = Hand::open(&value, 6);
    assert_eq!(hand.ns(), [1, 2], "seconds, rows");
    let length = hand.n() as usize;
    heads(&unpacked(&mut Hand(hand.take(length))), &[0], &[]);
    rows(&unpacked(&mut hand));
}

fn heads(body: &[u8], offset: &[u8], watched: &[u8]) {
    let mut hand = Hand(body);
    let columns: [_; 22] = columns(&mut hand);
    assert!(hand.0.is_empty());
    assert_eq!(columns[0], offset);
    assert_eq!(Hand(columns[1]).z(), 1_000_000_000, "width");
    let (zero, one) = (&[0][..], &[1][..]);
    assert_eq!(columns[2..4], [zero, zero], "cost");
    assert_eq!(
        columns[4..8],
        [one, one, one, watched],
        "one interface, its number, carried by app 1"
    );
    let flowed = [one, &[0xdc, 0x0b], &[3], &[0xc6, 0x01]];
    assert_eq!(columns[8..12], flowed, "1 of 1500 in, 3 of 198 out");
    assert_eq!(columns[12], one, "one reason");
    assert_eq!(
        columns[13],
        [1, 119],
        "1 packet and 60 bytes less than counted"
    );
    assert_eq!(
        columns[14], [0; 6],
        "ring twice, kernel, interface, late, untimed"
    );
    assert_eq!(columns[15], [0xfa, 0x01], "gap");
    assert_eq!(
        columns[16],
        [1, 1, 119, 0, 0],
        "counters: that less in, nothing out"
    );
    assert_eq!(
        columns[17..],
        [&[2], one, &[60], zero, zero],
        "llc: 1 packet of 60 bytes in"
    );
}

fn rows(body: &[u8]) {
    let mut hand = Hand(body);
    let columns: [_; 13] = columns(&mut hand);
    assert!(hand.0.is_empty());
    assert_eq!(columns[0], [1, 1], "interface");
    assert_eq!(columns[1], [6, 6], "protocol");
    assert_eq!(columns[2], [1, 1], "app");
    assert_eq!(columns[3], [2, 0], "site: +1, +0");
    assert_eq!(columns[4], [0x3a, 0x3a], "exact, sni");
    assert_eq!(columns[5], [1, 2], "class sets");
    assert_eq!(columns[6], [1, 1], "a row each");
    assert_eq!(columns[7], [0, 0], "in the first second");
    assert_eq!(columns[8], [1, 1], "opened");
    assert_eq!(
        (columns[9], columns[10]),
        (&[1, 0][..], &[0xdc, 0x0b, 0][..])
    );
    assert_eq!(
        (columns[11], columns[12]),
        (&[2, 1][..], &[0x84, 0x01, 66][..])
    );
}

#[test]
fn a_block_of_minutes() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), &[sample()]);
    seal(folder.path());
    let stale = |folder: &Path| {
        let store = open(folder);
        let transaction = store.slot.get().unwrap().begin_read().unwrap();
        let table = transaction.open_table(STALE).unwrap();
        let keys = table.iter().unwrap();
        keys.map(|entry| *entry.unwrap().0.value())
            .collect::<Vec<_>>()
    };
    let minute = (START as u64) ^ 1 << 63;
    let key = [&[1][..], &minute.to_be_bytes()].concat();
    assert_eq!(stale(folder.path()), [&*key], "the minute is to be made");
    roll(&open(folder.path()));
    assert!(stale(folder.path()).is_empty());
    let (key, value) = values(folder.path(), Tier::Minute.table()).remove(0);
    assert_eq!(key, layout::key(at(START, 0)), "the minute, no epoch");
    let mut hand = Hand::open(&value, 7);
    assert_eq!(hand.n(), 1, "one part");
    assert_eq!(hand.ns(), [0, 60, 2], "offset, seconds, rows");
    let length = hand.n() as usize;
    heads(&unpacked(&mut Hand(hand.take(length))), &[], &[1]);
    let length = hand.n() as usize;
    let sums = unpacked(&mut Hand(hand.take(length)));
    let sums: [_; 13] = columns(&mut Hand(&sums));
    let (zero, one) = (&[0][..], &[1][..]);
    assert_eq!(
        sums[..8],
        [one, zero, one, zero, zero, zero, one, zero],
        "interface 1, app 1, one row"
    );
    let counts = [&[2][..], one, &[0xdc, 0x0b], &[3], &[0xc6, 0x01]];
    assert_eq!(sums[8..], counts, "opened, both rows together");
    rows(&unpacked(&mut hand));
}
