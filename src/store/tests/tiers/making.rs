//! How buckets are made: gaps stay gaps, all bytes stay, days are cut where they were.

use super::*;

#[test]
fn what_was_not_watched_is_no_zero_in_any_tier() {
    let folder = in_memory();
    let hour = START.div_euclid(HOUR) * HOUR;
    let mut partly = (*busy(hour + 1, 0, 10)).clone();
    partly.interfaces[0].facts.gap_ms = 400;
    let mut down = (*busy(hour + 2, 0, 0)).clone();
    down.interfaces[0].facts.gap_ms = 1_000;
    write(
        folder.path(),
        &[busy(hour, 0, 10), partly.into(), down.into()],
    );
    seal(folder.path());
    roll(folder.path());
    let store = open(folder.path());
    let snapshot = store.reader().snapshot().unwrap();
    for tier in Tier::COARSE {
        let bucket = store.calendar.bucket(tier, Time(hour));
        let plan = snapshot.plan(&bucket, tier).unwrap();
        assert_eq!(plan.tier(), tier);
        let mut seen: Vec<(u32, i64, NicSecond)> = Vec::new();
        let visit = &mut |second: &Second, _: &mut dyn Iterator<Item = Row>| {
            seen.push((second.span, second.width.0, second.nics[0].clone()));
            ControlFlow::Continue(())
        };
        snapshot
            .planned(&plan, &bucket, &Amendments::default(), visit)
            .unwrap();
        let (span, width, nic) = seen.remove(0);
        assert_eq!(i64::from(span), bucket.end.0 - bucket.start.0);
        assert_eq!(
            (width, nic.watched, nic.gap_ms),
            (3_000_000_000, 2, 400),
            "{tier:?}"
        );
    }
}

#[test]
fn a_bucket_of_too_many_rows_keeps_the_largest_and_every_byte() {
    let folder = in_memory();
    let hour = START.div_euclid(HOUR) * HOUR;
    let seconds = (0..10).map(|second| {
        let rows = (0..4_000u64).map(|flow| {
            let site = Site::Name(format!("{second}-{flow}.example").into());
            row(
                flow + 1,
                label("curl", site),
                0,
                traffic(1, 1 + second as u64, 0, 0),
            )
        });
        Arc::new(delta(at(hour + second, 0), rows.collect()))
    });
    let seconds: Vec<_> = seconds.collect();
    write(folder.path(), &seconds);
    seal(folder.path());
    roll(folder.path());
    let store = open(folder.path());
    let snapshot = store.reader().snapshot().unwrap();
    let range = Time(hour)..Time(hour + 60);
    let plan = snapshot.plan(&range, Tier::Minute).unwrap();
    let told = told(&snapshot, &plan, &range);
    assert!(told.rows.len() <= 16_384, "{}", told.rows.len());
    let bytes: u64 = told
        .rows
        .values()
        .map(|(traffic, _)| traffic.inbound.bytes)
        .sum();
    assert_eq!(bytes, 4_000 * 55);
    let most = told.rows.keys().filter(|key| key.2.starts_with("9-"));
    assert_eq!(most.count(), 4_000);
}

#[test]
fn a_file_of_schema_1_is_rolled_up_as_a_whole() {
    let folder = in_memory();
    write(
        folder.path(),
        &[busy(START, 0, 100), busy(START + 70, 0, 11)],
    );
    seal(folder.path());
    {
        let store = open(folder.path());
        let transaction = file::begin(&store.slot.get().unwrap()).unwrap();
        transaction.delete_table(STALE).unwrap();
        let mut meta = transaction.open_table(META).unwrap();
        meta.remove("zones").unwrap();
        meta.remove("tiers").unwrap();
        meta.insert("schema", 1u32.to_le_bytes().as_slice())
            .unwrap();
        drop(meta);
        transaction.commit().unwrap();
    }
    let store = open(folder.path());
    let transaction = store.slot.get().unwrap().begin_read().unwrap();
    assert_eq!(transaction.open_table(STALE).unwrap().len().unwrap(), 2);
    drop((transaction, store));
    roll(folder.path());
    let store = open(folder.path());
    let day = store.calendar.bucket(Tier::Day, Time(START));
    let (bytes, plan) = bytes_in(&store, day.start.0..day.end.0, Tier::Day);
    assert_eq!((bytes, plan.tier()), (111, Tier::Day));
    let held = store.reader().snapshot().unwrap().held().unwrap();
    let sealed = values_of(&store, SEALED);
    assert_eq!(held[0].bytes, sealed);
}

fn values_of(
    store: &Store,
    table: redb::TableDefinition<&'static layout::Key, &'static [u8]>,
) -> u64 {
    let transaction = store.slot.get().unwrap().begin_read().unwrap();
    let table = transaction.open_table(table).unwrap();
    let values = table
        .iter()
        .unwrap()
        .map(|entry| entry.unwrap().1.value().len() as u64);
    values.sum()
}

#[test]
fn another_zone_leaves_the_days_that_are_there() {
    let folder = in_memory();
    write(
        folder.path(),
        &[busy(START, 0, 100), busy(START + DAY, 0, 7)],
    );
    seal(folder.path());
    roll(folder.path());
    let before = values(folder.path(), Tier::Day.table());
    let store = store(folder.path(), "Europe/Berlin");
    roll_until(&store, i64::MAX, false);
    let since = START + DAY + HOUR - (START + DAY).rem_euclid(HOUR);
    let day = store.calendar.bucket(Tier::Day, Time(since + 2 * DAY));
    assert_eq!(day.start.0.rem_euclid(DAY), 23 * HOUR);
    drop(store);
    assert_eq!(values(folder.path(), Tier::Day.table()), before);
}

#[test]
fn the_writer_rolls_up_and_says_what_it_did() {
    let folder = in_memory();
    let (clock, _) = Clock::manual(Time(START + 10 * DAY).start());
    let writer = Writer::start(open(folder.path()), clock, Hooks::default()).unwrap();
    let upkeep = writer.upkeep();
    for second in [START, START + 60, START + 2 * DAY, START + 2 * DAY + 200] {
        writer.commit_when_room(busy(second, 0, 10), Nanos(0));
    }
    let patience = std::time::Duration::from_secs(30);
    let did = upkeep.run(What::Aggregate, patience).unwrap();
    let again = upkeep.run(What::Aggregate, patience).unwrap();
    assert_eq!(again.entries, 0);
    assert!(did.entries <= 5, "{did:?}");
    let shorter = Config {
        seconds_days: 1,
        ..config()
    };
    writer.kept().set(&shorter);
    let did = upkeep.run(What::Cleanup, patience).unwrap();
    assert_eq!((did.entries, did.rows), (2, 2), "two minutes of a row");
    assert!(did.bytes > 0);
    writer.stop().unwrap();
    assert!(matches!(
        upkeep.run(What::Cleanup, patience),
        Err(Error::Closed)
    ));
    let left = Tier::ALL.map(|tier| values(folder.path(), tier.table()).len());
    // The last hot second's minute is not sealed; the day of the third is not over.
    assert_eq!(left, [1, 2, 1, 1]);
}
