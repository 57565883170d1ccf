//! What a file notes of itself: how days are cut, what was imported, what is being forgotten.

use super::super::super::forget::Forgetting;
use super::*;

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
