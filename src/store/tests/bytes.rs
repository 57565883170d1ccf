//! One value of each kind, read by hand as `docs/storage.md` says: the page and the code agree.

use super::super::forget::Forgetting;
use super::super::layout::{AMENDMENTS, CONNECTIONS, META, STALE, Tier};
use super::*;
use crate::decode::{Encapsulation, Encapsulations, Reason};
use crate::label::{Marks, SiteSource};
use crate::names::{self, Claim, Ja4, Name};
use crate::owners::{Parent, Process};
use crate::platform::Run;
use crate::tick::Facts;
use std::io::Read as _;

/// A reader that knows the page, not the code.
pub(super) struct Hand<'a>(pub(super) &'a [u8]);

impl<'a> Hand<'a> {
    /// Checks the CRC-32 at the end and the format byte at the start.
    pub(super) fn open(value: &'a [u8], format: u8) -> Hand<'a> {
        let (body, sum) = value.split_at(value.len() - 4);
        let mut crc = flate2::Crc::new();
        crc.update(body);
        assert_eq!(sum, crc.sum().to_le_bytes());
        assert_eq!(body[0], format);
        Hand(&body[1..])
    }

    pub(super) fn take(&mut self, count: usize) -> &'a [u8] {
        let (taken, rest) = self.0.split_at(count);
        self.0 = rest;
        taken
    }

    pub(super) fn n(&mut self) -> u64 {
        let length = self.0.iter().position(|byte| byte & 0x80 == 0).unwrap() + 1;
        let bytes = self.take(length).iter().rev();
        bytes.fold(0, |number, byte| number << 7 | u64::from(byte & 0x7f))
    }

    pub(super) fn ns<const N: usize>(&mut self) -> [u64; N] {
        std::array::from_fn(|_| self.n())
    }

    pub(super) fn z(&mut self) -> i64 {
        let number = self.n();
        if number.is_multiple_of(2) {
            (number / 2) as i64
        } else {
            -(number.div_ceil(2) as i64)
        }
    }
}

pub(super) fn sample() -> Arc<Delta> {
    let site = label("curl", Site::Name("example.org".into()));
    let mut one = delta(
        at(START + 7, 3),
        vec![
            row(9, site.clone(), 0b11, traffic(1, 1500, 2, 132)),
            row(4, site.clone(), 0, traffic(0, 0, 1, 66)),
        ],
    );
    one.interfaces[0].unflowed = vec![(Reason::Llc, traffic(1, 60, 0, 0))];
    one.interfaces[0].facts.gap_ms = 250;
    one.interfaces[0].carrier = Some(label("curl", Site::Other).app.clone());
    one.ended = vec![connection(
        9,
        Nanos(Time(START + 7).start().0 + 5),
        site.clone(),
    )];
    let ended = &mut one.ended[0];
    Arc::make_mut(&mut ended.label).marks = Marks::ECH_OUTER;
    ended.encapsulations = Encapsulations::of_number(Encapsulation::Vxlan as u64);
    ended.facts = Some(known());
    one.amendments = vec![Amendment {
        flow: FrameNumber(4),
        since: at(START + 6, 3),
        label: site,
    }];
    Arc::new(one)
}

fn known() -> Arc<Facts> {
    Arc::new(Facts {
        claims: vec![Claim {
            source: SiteSource::Sni,
            name: Name::of(b"a.example").unwrap(),
            marks: Marks::ECH_OUTER,
        }],
        spoke: Some(names::Protocol::Tls),
        fingerprint: Ja4::of_text(&"t".repeat(36)),
        name_age_ms: 12,
        named_after_ms: 34,
        via: Some("via".into()),
        owner: Some(process("", 7)),
        peer: Some(process("nginx", 8)),
    })
}

/// A process; one that is written without its app is read without.
fn process(name: &str, pid: u32) -> Arc<Process> {
    let named = App {
        name: name.into(),
        path: Some("/n".into()),
        user: Some(33),
    };
    Arc::new(Process {
        run: Run { pid, since: 9 },
        started: Some(Nanos(10)),
        app: if name.is_empty() {
            App::unknown()
        } else {
            named
        },
        via: None,
        container: Some("c1".into()),
        unit: None,
        parents: vec![Parent {
            pid: 1,
            name: "init".into(),
        }],
    })
}

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

pub(super) fn columns<'a, const N: usize>(hand: &mut Hand<'a>) -> [&'a [u8]; N] {
    std::array::from_fn(|_| {
        let length = hand.n() as usize;
        hand.take(length)
    })
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

/// A length, and as much of raw deflate.
fn unpacked(hand: &mut Hand) -> Vec<u8> {
    let (length, mut body) = (hand.n(), Vec::new());
    let mut inflate = flate2::read::DeflateDecoder::new(hand.0);
    inflate.read_to_end(&mut body).unwrap();
    assert_eq!(body.len() as u64, length);
    body
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

#[test]
fn how_days_are_cut_and_how_much_tiers_hold() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), &[sample()]);
    seal(folder.path());
    let length = values(folder.path(), SEALED).remove(0).1.len() as u64;
    let store = open(folder.path());
    let transaction = store.slot.get().unwrap().begin_read().unwrap();
    let meta = transaction.open_table(META).unwrap();
    let zones = meta.get("zones").unwrap().unwrap();
    let mut hand = Hand::open(zones.value(), 1);
    assert_eq!((hand.n(), hand.n()), (1, u64::MAX), "one, since ever");
    assert_eq!(hand.0, b"\x03UTC");
    let tiers = meta.get("tiers").unwrap().unwrap();
    let mut hand = Hand::open(tiers.value(), 1);
    assert_eq!(
        (hand.n(), hand.n()),
        (length, u64::MAX),
        "nothing was removed"
    );
    assert_eq!(hand.ns(), [0, u64::MAX, 0, u64::MAX, 0, u64::MAX]);
    assert!(hand.0.is_empty());
}

#[test]
fn an_imported_hour() {
    let folder = tempfile::tempdir().unwrap();
    let hour = START - START % 3_600;
    let sum = Sum {
        tier: Tier::Hour,
        at: Time(hour + 1_800),
        interface: "eth0".into(),
        role: crate::platform::Role::Uplink,
        bytes_in: 300,
        bytes_out: 7,
    };
    let (clock, _) = Clock::manual(Time(START).start());
    let writer = Writer::start(open(folder.path()), clock, Hooks::default()).unwrap();
    let patience = std::time::Duration::from_mins(1);
    writer.importer().run(vec![sum], patience).unwrap();
    writer.stop().unwrap();
    let (key, value) = values(folder.path(), Tier::Hour.table()).remove(0);
    assert_eq!(key, layout::key(at(hour, 0)));
    let mut hand = Hand::open(&value, 7);
    assert_eq!(
        (hand.n(), hand.n(), hand.n(), hand.n()),
        (1, 0, 3_600, 1),
        "a part, at the key, an hour long, with a row"
    );
    let store = open(folder.path());
    let transaction = store.slot.get().unwrap().begin_read().unwrap();
    let meta = transaction.open_table(META).unwrap();
    let imported = meta.get("imported").unwrap().unwrap();
    let mut hand = Hand::open(imported.value(), 1);
    assert_eq!((hand.n(), hand.z(), hand.n()), (1, hour, 3_600));
    assert!(hand.0.is_empty());
    let by_word: redb::TableDefinition<&[u8], u32> = redb::TableDefinition::new("classes_by_word");
    let classes = transaction.open_table(by_word).unwrap();
    let class = classes.get(&b"\x01\x0a(imported)"[..]).unwrap();
    assert!(class.is_some());
}

#[test]
fn the_rest() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), &[sample()]);
    let (key, value) = values(folder.path(), AMENDMENTS).remove(0);
    assert_eq!(key, layout::key(at(START + 7, 3)));
    let mut hand = Hand::open(&value, 1);
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
    let store = open(folder.path());
    let transaction = store.slot.get().unwrap().begin_read().unwrap();
    let meta = transaction.open_table(META).unwrap();
    assert_eq!(meta.get("schema").unwrap().unwrap().value(), [2, 0, 0, 0]);
    assert_eq!(meta.get("through").unwrap().unwrap().value(), key);
    let age = meta.get("age").unwrap().unwrap();
    let mut hand = Hand::open(age.value(), 1);
    assert_eq!((hand.z(), hand.n()), (START + 7, 0), "no leap");
    assert!(hand.0.is_empty());
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
    assert!(hand.0.is_empty());
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

#[test]
fn what_is_being_forgotten_and_the_gap_that_is_left() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), &[sample()]);
    let store = open(folder.path());
    let database = store.slot.get().unwrap();
    let mark = |wish: Wish| {
        let transaction = file::begin(&database).unwrap();
        Forgetting::begin(&transaction, &store.calendar, &wish, Time(START + 9)).unwrap();
        transaction.commit().unwrap();
        let meta = database.begin_read().unwrap().open_table(META).unwrap();
        meta.get("forget").unwrap().unwrap().value().to_vec()
    };
    let number = |word: &[u8]| {
        let by_word = redb::TableDefinition::<&[u8], u32>::new("sites_by_word");
        let table = database.begin_read().unwrap().open_table(by_word).unwrap();
        table
            .get(word)
            .unwrap()
            .map(|number| u64::from(number.value()))
    };
    let site = number(b"\x01example.org").unwrap();
    let value = mark(Wish::SiteNamed("example.org".into()));
    assert_eq!(number(b"\x01example.org"), None);
    let mut hand = Hand::open(&value, 1);
    assert_eq!(hand.take(2), [0, 1], "the first step; words");
    let forgotten = number(&[2]).unwrap();
    assert_eq!(hand.ns(), [0, forgotten], "in their place: no app, a site");
    assert_eq!(hand.ns(), [0, 1, site], "no apps, one site");
    assert_eq!(hand.ns(), [0, 1], "the words of these");
    assert_eq!(hand.0, b"\x0c\x01example.org\x00", "and no domain");
    let value = mark(Wish::Range(Time(0)..Time(START + 100)));
    let mut hand = Hand::open(&value, 2);
    assert_eq!(hand.take(2), [0, 2], "the first step; seconds");
    assert_eq!((hand.z(), hand.z()), (START + 7, START + 8));
    assert_eq!(hand.n(), 0, "not everything");
    assert_eq!(hand.0, [1, 0], "and addresses, of the wish before");
    let (key, value) = values_in(&database, layout::GAPS).remove(0);
    assert_eq!(key, layout::key(at(START + 7, 0)));
    let mut hand = Hand::open(&value, 1);
    assert_eq!(hand.take(1), [2], "forgotten");
    assert_eq!(hand.ns(), [1, 0, 0, 0, 0], "one second, and no traffic");
    let value = mark(Wish::Everything);
    let mut hand = Hand::open(&value[..], 2);
    assert_eq!(hand.take(2), [0, 2]);
    assert_eq!((hand.z(), hand.z()), (START + 7, START + 8));
    assert_eq!(hand.n(), 4, "the last numbers of all dictionaries");
    assert!(hand.ns::<4>().iter().all(|last| *last > 0));
    assert_eq!(hand.take(2), [1, 1], "and of the wishes before");
    assert_eq!((hand.z(), hand.z()), (START + 7, START + 9));
    assert!(hand.0.is_empty());
}

fn values_in(database: &redb::Database, table: layout::Timed) -> Vec<(layout::Key, Vec<u8>)> {
    let table = database.begin_read().unwrap().open_table(table).unwrap();
    let entries = table.iter().unwrap().map(Result::unwrap);
    entries
        .map(|(key, value)| (*key.value(), value.value().to_vec()))
        .collect()
}
