//! Coarser tiers: whatever is written, sealed, rolled up, imported late and removed, in whatever order
//! and with whatever interruptions, every tier tells the same sums as the input.

use super::super::layout::{META, STALE, Tier};
use super::super::retain::retain;
use super::super::roll::Roller;
use super::super::second::{LabelId, NicSecond};
use super::super::{Plan, calendar, coarse, stale};
use super::*;
use crate::key::Protocol;
use redb::ReadableTableMetadata;
use std::ops::Range;

const HOUR: i64 = 3_600;
const DAY: i64 = 24 * HOUR;

/// A folder whose disk need not be waited for, where there is one: many small transactions are made.
fn in_memory() -> tempfile::TempDir {
    tempfile::tempdir_in("/dev/shm")
        .or_else(|_| tempfile::tempdir())
        .unwrap()
}

fn store(folder: &Path, zone: &str) -> Store {
    let config = Config {
        zone: zone.into(),
        ..config()
    };
    Store::open(folder, config, Nanos(0)).unwrap()
}

/// Rolls up all that is over by a second. With `fails`, each slice's transaction is given up at first,
/// and what was read for it forgotten.
fn roll_until(store: &Store, through: i64, fails: bool) {
    let database = store.slot.get().unwrap();
    let mut roller = Roller::default();
    loop {
        if fails {
            let transaction = file::begin(&database).unwrap();
            let lost = Roller::default().slice(&transaction, &store.calendar, Time(through));
            lost.unwrap();
            transaction.abort().unwrap();
        }
        let transaction = file::begin(&database).unwrap();
        let rolled = roller.slice(&transaction, &store.calendar, Time(through));
        let rolled = rolled.unwrap();
        transaction.commit().unwrap();
        if rolled.finished {
            return;
        }
    }
}

fn roll(folder: &Path) {
    super::roll(&open(folder));
}

/// Removes what is older at `now` than so many days.
fn remove(store: &Store, now: i64, days: [u32; 3], budget_mib: u64) {
    let database = store.slot.get().unwrap();
    let config = Config {
        seconds_days: days[0],
        minutes_days: days[1],
        hours_days: days[2],
        budget_mib,
        ..config()
    };
    loop {
        let transaction = file::begin(&database).unwrap();
        let retained = retain(&transaction, &store.calendar, &config, Time(now)).unwrap();
        transaction.commit().unwrap();
        if retained.finished {
            return;
        }
    }
}

/// The same history over days in the place of seconds.
fn stretched(deltas: &[Arc<Delta>], by: i64) -> Vec<Arc<Delta>> {
    let far = |moment: Moment| Moment {
        second: Time(START + (moment.second.0 - START) * by),
        ..moment
    };
    let stretch = |delta: &Arc<Delta>| {
        let mut one = (**delta).clone();
        one.moment = far(one.moment);
        for amendment in &mut one.amendments {
            // Labels come up to 60 s late, whatever the time between seconds.
            let late = Time(one.moment.second.0 - 60);
            amendment.since = far(amendment.since);
            amendment.since.second = amendment.since.second.max(late);
        }
        Arc::new(one)
    };
    deltas.iter().map(stretch).collect()
}

type Key = (String, String, String, Protocol, u32);
#[derive(Debug, Default, PartialEq)]
struct Told {
    rows: BTreeMap<Key, (Traffic, u64)>,
    nics: BTreeMap<String, (Traffic, u64, u64)>,
}

/// What a plan tells of a range.
fn told(snapshot: &Snapshot, plan: &Plan, range: &Range<Time>) -> Told {
    let amendments = snapshot.amendments(range).unwrap();
    let mut told = Told::default();
    let name = |id| {
        snapshot
            .word::<Nic>(id)
            .unwrap()
            .unwrap()
            .0
            .name
            .to_string()
    };
    let visit = &mut |second: &Second, rows: &mut dyn Iterator<Item = Row>| {
        for nic in &second.nics {
            let sum = told.nics.entry(name(nic.nic)).or_default();
            sum.0 += nic.counted();
            sum.1 += nic.kernel_dropped;
            sum.2 += if nic.watched > 0 {
                u64::from(nic.gap_ms)
            } else {
                0
            };
        }
        for row in rows {
            let app = snapshot.word::<App>(row.label.app).unwrap().unwrap().0;
            let site = snapshot.word::<Site>(row.label.site).unwrap().unwrap().0;
            let key = (
                name(row.nic),
                app.name.to_string(),
                site.to_string(),
                row.protocol,
                row.classes.0,
            );
            let sum = told.rows.entry(key).or_default();
            sum.0 += row.traffic;
            sum.1 += u64::from(row.opened);
        }
        ControlFlow::Continue(())
    };
    snapshot.planned(plan, range, &amendments, visit).unwrap();
    told
}

/// The bytes of a range from the input itself, by application and site, late labels applied.
fn given(
    deltas: &[Arc<Delta>],
    range: &Range<Time>,
) -> BTreeMap<(String, String, String), Traffic> {
    let mut sums = BTreeMap::new();
    for ((moment, nic, app, site), traffic) in expected(deltas) {
        if range.contains(&moment.second) {
            *sums
                .entry((nic, app, site))
                .or_insert_with(Traffic::default) += traffic;
        }
    }
    sums
}

fn by_label(told: &Told) -> BTreeMap<(String, String, String), Traffic> {
    let mut sums = BTreeMap::new();
    for ((nic, app, site, _, _), (traffic, _)) in &told.rows {
        let key = (nic.clone(), app.clone(), site.clone());
        *sums.entry(key).or_insert_with(Traffic::default) += *traffic;
    }
    sums
}

fn any_zone() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        "UTC",
        "Europe/Berlin",
        "Asia/Kolkata",
        "America/St_Johns",
    ])
}

/// Seconds as a whole, and the same again in a later epoch: an import.
fn as_import(deltas: &[Arc<Delta>], epoch: u32) -> Vec<Arc<Delta>> {
    let later = |moment: Moment| Moment {
        epoch: crate::units::Epoch(moment.epoch.0 + epoch),
        ..moment
    };
    let import = |delta: &Arc<Delta>| {
        let mut one = (**delta).clone();
        one.moment = later(one.moment);
        for amendment in &mut one.amendments {
            amendment.since = later(amendment.since);
        }
        Arc::new(one)
    };
    deltas.iter().map(import).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn every_tier_tells_what_was_put_in(
        deltas in any_history(30),
        by in prop::sample::select(vec![1i64, 7, 241, 977, 5_003]),
        zone in any_zone(),
        from: prop::sample::Index,
        to: prop::sample::Index,
        through: prop::sample::Index,
    ) {
        let deltas = stretched(&deltas, by);
        let folder = in_memory();
        drop(store(folder.path(), zone));
        write(folder.path(), &deltas);
        seal(folder.path());
        let low = deltas.iter().map(|delta| delta.moment.second.0).min().unwrap() - 2;
        let high = deltas.iter().map(|delta| delta.moment.second.0).max().unwrap() + 3;
        let place = |index: prop::sample::Index| low + index.index((high - low) as usize) as i64;
        let store = store(folder.path(), zone);
        roll_until(&store, place(through), false);
        let (one, other) = (place(from), place(to));
        let range = Time(one.min(other))..Time(one.max(other) + 1);
        let snapshot = store.reader().snapshot().unwrap();
        let seconds = told(&snapshot, &Plan::seconds(&range), &range);
        prop_assert_eq!(by_label(&seconds), given(&deltas, &range));
        for tier in Tier::ALL {
            let plan = snapshot.plan(&range, tier).unwrap();
            prop_assert!(plan.missing.is_empty());
            prop_assert!(plan.pieces.windows(2).all(|two| two[0].range.end == two[1].range.start));
            prop_assert_eq!(&told(&snapshot, &plan, &range), &seconds, "{:?} {:?}", tier, plan);
        }
    }

    #[test]
    fn nothing_counts_twice_or_is_lost_in_whatever_order_it_is_done(
        deltas in any_history(24),
        by in prop::sample::select(vec![13i64, 977, 5_003]),
        zone in any_zone(),
        steps in prop::collection::vec((0..5u8, any::<prop::sample::Index>(), any::<bool>()), 1..8),
    ) {
        let all = stretched(&deltas, by);
        let folder = in_memory();
        drop(store(folder.path(), zone));
        let high = all.iter().map(|delta| delta.moment.second.0).max().unwrap();
        let mut put = Vec::new();
        for (place, (step, index, fails)) in steps.iter().enumerate() {
            match step {
                0 | 1 => {
                    let some = as_import(&all[index.index(all.len())..], 1_000 * (place as u32 + 1));
                    write(folder.path(), &some);
                    seal(folder.path());
                    put.push(some);
                }
                2 | 3 => {
                    let until = high - index.index(3 * DAY as usize) as i64;
                    roll_until(&store(folder.path(), zone), until, *fails);
                }
                _ => {
                    let now = high + index.index(4 * DAY as usize) as i64;
                    remove(&store(folder.path(), zone), now, [1, 2, 3], 1_024);
                }
            }
        }
        let store = store(folder.path(), zone);
        roll_until(&store, i64::MAX, false);
        let snapshot = store.reader().snapshot().unwrap();
        let range = store.calendar.bucket(Tier::Day, Time(START - 2 * DAY)).start
            ..store.calendar.bucket(Tier::Day, Time(high + DAY)).start;
        let plan = snapshot.plan(&range, Tier::Day).unwrap();
        let mut sums = BTreeMap::new();
        for (key, traffic) in put.iter().flat_map(|some| given(some, &range)) {
            *sums.entry(key).or_insert_with(Traffic::default) += traffic;
        }
        prop_assert_eq!(by_label(&told(&snapshot, &plan, &range)), sums);
    }

    #[test]
    fn rolled_up_again_it_is_the_same_to_the_byte(deltas in any_history(20), zone in any_zone()) {
        let deltas = stretched(&deltas, 977);
        let folder = in_memory();
        drop(store(folder.path(), zone));
        write(folder.path(), &deltas);
        seal(folder.path());
        roll_until(&store(folder.path(), zone), i64::MAX, false);
        let before = Tier::COARSE.map(|tier| values(folder.path(), tier.table()));
        {
            let store = store(folder.path(), zone);
            let database = store.slot.get().unwrap();
            let transaction = file::begin(&database).unwrap();
            for delta in &deltas {
                stale::mark_above(&transaction, &store.calendar, Tier::Second, delta.moment.second).unwrap();
            }
            transaction.commit().unwrap();
            roll_until(&store, i64::MAX, true);
        }
        prop_assert_eq!(before, Tier::COARSE.map(|tier| values(folder.path(), tier.table())));
    }
}

fn busy(second: i64, epoch: u32, bytes: u64) -> Arc<Delta> {
    let site = Site::Name("example.org".into());
    let rows = vec![row(1, label("curl", site), 0, traffic(1, bytes, 0, 0))];
    Arc::new(delta(at(second, epoch), rows))
}

fn bytes_in(store: &Store, range: Range<i64>, tier: Tier) -> (u64, Plan) {
    let snapshot = store.reader().snapshot().unwrap();
    let range = Time(range.start)..Time(range.end);
    let plan = snapshot.plan(&range, tier).unwrap();
    let told = told(&snapshot, &plan, &range);
    let bytes = told.rows.values().map(|(traffic, _)| traffic.inbound.bytes);
    (bytes.sum(), plan)
}

#[test]
fn what_is_gone_by_the_second_is_told_by_the_minute_and_the_rest_said_to_be_missing() {
    let folder = in_memory();
    let start = START.div_euclid(DAY) * DAY;
    let seconds: Vec<_> = (0..5 * 24 * 4)
        .map(|quarter| busy(start + quarter * 900 + 7, 0, 1))
        .collect();
    write(folder.path(), &seconds);
    seal(folder.path());
    roll(folder.path());
    let store = open(folder.path());
    remove(&store, start + 5 * DAY, [1, 2, 3], 1_024);
    let four = start + 4 * DAY;
    let (bytes, plan) = bytes_in(&store, start..start + 5 * DAY, Tier::Day);
    assert_eq!((bytes, plan.missing.len(), plan.pieces.len()), (480, 0, 1));
    // By hours from three days ago, by minutes from two, by seconds from one.
    let (bytes, plan) = bytes_in(&store, start + DAY..start + 5 * DAY, Tier::Hour);
    assert_eq!((bytes, plan.missing.len()), (3 * 96, 1), "{plan:?}");
    let (bytes, plan) = bytes_in(&store, four + 7..four + 901, Tier::Second);
    assert_eq!((bytes, plan.missing.len()), (1, 0));
    let (bytes, plan) = bytes_in(&store, four - HOUR + 5..four, Tier::Minute);
    assert_eq!(bytes, 3);
    assert_eq!(
        plan.missing,
        [Time(four - HOUR + 5)..Time(four - HOUR + 60)]
    );
    assert_eq!(
        store.reader().snapshot().unwrap().first().unwrap(),
        Some(Time(start))
    );
}

#[test]
fn an_import_before_what_is_left_is_added_once() {
    let folder = in_memory();
    let start = START.div_euclid(DAY) * DAY;
    write(
        folder.path(),
        &[busy(start, 0, 100), busy(start + 9 * DAY, 0, 1)],
    );
    seal(folder.path());
    roll(folder.path());
    remove(&open(folder.path()), start + 9 * DAY, [1, 2, 3], 1_024);
    assert_eq!(
        values(folder.path(), Tier::Hour.table()).len(),
        1,
        "the last day's"
    );
    for (epoch, sum) in [(1, 120), (2, 140)] {
        write(folder.path(), &[busy(start, epoch, 20)]);
        seal(folder.path());
        for _ in 0..2 {
            roll(folder.path());
            let store = open(folder.path());
            assert_eq!(bytes_in(&store, start..start + DAY, Tier::Day).0, sum);
        }
    }
    assert_eq!(values(folder.path(), SEALED).len(), 1);
}

#[test]
fn nothing_goes_before_it_is_rolled_up() {
    let folder = in_memory();
    write(folder.path(), &[busy(START, 0, 100)]);
    seal(folder.path());
    remove(&open(folder.path()), START + 90 * DAY, [1, 1, 1], 1_024);
    assert_eq!(values(folder.path(), SEALED).len(), 1);
    roll_until(&open(folder.path()), START, false);
    remove(&open(folder.path()), START + 90 * DAY, [1, 1, 1], 1_024);
    let left = [Tier::Second, Tier::Minute, Tier::Hour, Tier::Day];
    let left = left.map(|tier| values(folder.path(), tier.table()).len());
    assert_eq!(left, [0, 1, 0, 0], "the hour is not over");
    roll(folder.path());
    remove(&open(folder.path()), START + 90 * DAY, [1, 1, 1], 1_024);
    let left = Tier::ALL.map(|tier| values(folder.path(), tier.table()).len());
    assert_eq!(left, [0, 0, 0, 1]);
}

#[test]
fn over_the_budget_the_oldest_of_the_finest_goes_first() {
    let folder = in_memory();
    let seconds: Vec<_> = (0..48)
        .map(|hour| busy(START + hour * HOUR, 0, 1))
        .collect();
    write(folder.path(), &seconds);
    seal(folder.path());
    roll(folder.path());
    let store = open(folder.path());
    let held = || store.reader().snapshot().unwrap().held().unwrap();
    let before = held();
    assert!(before.iter().all(|held| held.bytes > 0));
    remove(&store, START + 48 * HOUR, [7, 30, 90], 0);
    let after = held();
    assert!(
        after[0].bytes <= before[0].bytes / 40,
        "the last hour stays"
    );
    assert_eq!(after[3], before[3]);
    assert!(
        after[1].bytes > 0 && after[1].bytes < before[1].bytes,
        "the last day stays"
    );
    assert_eq!(after[2].bytes, before[2].bytes, "a week stays");
    let (bytes, _) = bytes_in(&store, START - DAY..START + 3 * DAY, Tier::Day);
    assert_eq!(bytes, 48);
}

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

proptest! {
    #[test]
    fn any_block_of_buckets_is_read_or_refused(body: Vec<u8>, second: i64) {
        let value = codec::Out([vec![5], body].concat()).sealed();
        let _ = coarse::decode(Time(second), &value);
        let _ = coarse::entries(Time(second), &value);
    }

    #[test]
    fn a_block_of_buckets_comes_back(rows in prop::collection::vec((0..9u32, 0..9u32, any::<u64>()), 0..20), spans in prop::collection::vec(1..90_000u32, 1..9)) {
        let rows: Vec<Row> = rows.into_iter().map(|(app, site, bytes)| Row {
            flow: None,
            nic: NicId(1),
            protocol: Protocol::TCP,
            label: LabelId {
                app: AppId(app),
                site: SiteId(site),
                owner_source: crate::label::OwnerSource::Exact,
                site_source: crate::label::SiteSource::Sni,
            },
            classes: ClassesId(2),
            opened: 3,
            traffic: traffic(1, bytes, 2, 5),
        }).collect();
        let mut start = START;
        let parts: Vec<_> = spans.iter().map(|span| {
            let second = Second {
                moment: at(start, 0),
                span: *span,
                width: Nanos(5),
                cost: crate::tick::Cost::default(),
                nics: Vec::new(),
            };
            start += i64::from(*span);
            coarse::Part { second, rows: rows.clone() }
        }).collect();
        let value = coarse::encode(&parts).unwrap();
        prop_assert_eq!(coarse::decode(Time(START), &value).unwrap(), parts);
    }
}

#[test]
fn no_zone_is_made_up() {
    assert!(calendar::is_zone("") && calendar::is_zone("Europe/Berlin"));
    assert!(!calendar::is_zone("Europe/Atlantis"));
}
