//! Forgetting where only a whole can go: of a bucket, of a block, of everything.

use super::forgetting::forget;
use super::*;
use crate::store::forget::{Forgetting, Wish};

/// Where seconds are gone, minutes cannot be cut: the whole of one goes, and the next stays.
#[test]
fn where_nothing_finer_is_left_a_range_takes_whole_buckets() {
    let folder = in_memory();
    let deltas: Vec<_> = (0..180).map(|n| busy(START + n, 0, 10)).collect();
    write(folder.path(), &deltas);
    seal(folder.path());
    let store = store(folder.path(), "UTC");
    roll_until(&store, i64::MAX, false);
    remove(&store, START + 3 * DAY, [1, 400, 400], 1_024);
    assert_eq!(bytes_in(&store, START..START + 180, Tier::Day).0, 1_800);
    let wish = Wish::Range(Time(START + 70)..Time(START + 75));
    forget(&store, &wish, false).unwrap();
    roll_until(&store, i64::MAX, false);
    for tier in [Tier::Minute, Tier::Hour, Tier::Day] {
        let day = START - START % DAY;
        assert_eq!(bytes_in(&store, day..day + DAY, tier).0, 1_200, "{tier:?}");
    }
    assert_eq!(bytes_in(&store, START + 60..START + 120, Tier::Minute).0, 0);
    let gaps = store.reader().snapshot().unwrap().gaps(&ALWAYS).unwrap();
    let told: Vec<_> = gaps
        .iter()
        .map(|gap| (gap.first.second.0, gap.seconds))
        .collect();
    assert_eq!(told, [(START + 60, 60)]);
}

#[test]
fn everything_goes_and_what_comes_then_is_counted() {
    let folder = in_memory();
    let deltas: Vec<_> = (0..400).map(|n| busy(START + n, 0, 10)).collect();
    let (old, new) = deltas.split_at(300);
    write(folder.path(), old);
    {
        let store = store(folder.path(), "UTC");
        roll_until(&store, i64::MAX, false);
        forget(&store, &Wish::Everything, true).unwrap();
        let snapshot = store.reader().snapshot().unwrap();
        assert!(
            snapshot
                .number::<Site>(&Site::Name("example.org".into()))
                .unwrap()
                .is_none()
        );
        assert_eq!(snapshot.first().unwrap(), None);
        let gaps = snapshot.gaps(&ALWAYS).unwrap();
        assert!(gaps[0].first.second <= Time(START) && gaps[0].end() >= Time(START + 300));
    }
    write(folder.path(), new);
    seal(folder.path());
    let store = store(folder.path(), "UTC");
    roll_until(&store, i64::MAX, false);
    for tier in Tier::ALL {
        assert_eq!(
            bytes_in(&store, START - DAY..START + 2 * DAY, tier).0,
            1_000,
            "{tier:?}"
        );
    }
}

/// A day that straddles the border of its blocks lies with what came before.
#[test]
fn a_day_whose_block_begins_before_the_range_is_forgotten_too() {
    let folder = in_memory();
    let border = START - START % (32 * DAY) + 32 * DAY;
    let seconds = [-1_200, 600, HOUR].map(|from| (0..60).map(move |n| border + from + n));
    let (clock, _) = Clock::manual(Time(border + 2 * DAY).start());
    let before = store(folder.path(), "Europe/Berlin");
    let writer = Writer::start(before, clock, Hooks::default()).unwrap();
    // The last of them has the others sealed.
    for second in seconds.into_iter().flatten().chain([border + 2 * DAY]) {
        writer.commit_when_room(busy(second, 0, 10), Nanos(0));
    }
    let patience = std::time::Duration::from_mins(1);
    writer.upkeep().run(What::Aggregate, patience).unwrap();
    writer.stop().unwrap();
    let store = store(folder.path(), "Europe/Berlin");
    roll_until(&store, i64::MAX, false);
    let day = border - HOUR..border + 23 * HOUR;
    let before = bytes_in(&store, day.clone(), Tier::Day).0;
    let wish = Wish::Range(Time(border)..Time(border + HOUR));
    forget(&store, &wish, false).unwrap();
    roll_until(&store, i64::MAX, false);
    for tier in Tier::ALL {
        assert_eq!(
            bytes_in(&store, day.clone(), tier).0,
            before / 3 * 2,
            "{tier:?}"
        );
    }
}

/// What is sealed while everything goes may be of the minute, the hour, the day that it ends in.
#[test]
fn everything_keeps_the_marks_of_what_comes_after_it() {
    use crate::store::layout::{StaleKey, stale_key};
    let folder = in_memory();
    let midnight = START - START % DAY;
    write(
        folder.path(),
        &[busy(midnight, 0, 10), busy(midnight + 65, 0, 10)],
    );
    let store = store(folder.path(), "UTC");
    let database = store.slot.get().unwrap();
    let transaction = file::begin(&database).unwrap();
    let mut state = Forgetting::begin(
        &transaction,
        &store.calendar,
        &Wish::Everything,
        Time(START),
    )
    .unwrap();
    let buckets = Tier::COARSE.map(|tier| {
        let bucket = store.calendar.bucket(tier, Time(midnight + 65));
        stale_key(tier, bucket.start)
    });
    let gone = stale_key(Tier::Minute, Time(midnight));
    let marks = |transaction: &redb::WriteTransaction| -> Vec<StaleKey> {
        let table = transaction.open_table(STALE).unwrap();
        let all = table.iter().unwrap();
        all.map(|entry| *entry.unwrap().0.value()).collect()
    };
    {
        let mut table = transaction.open_table(STALE).unwrap();
        for key in buckets.iter().chain([&gone]) {
            table.insert(key, ()).unwrap();
        }
    }
    while !state.is_swept() {
        state.slice(&transaction, &store.calendar).unwrap();
    }
    let left = marks(&transaction);
    assert!(buckets.iter().all(|key| left.contains(key)) && !left.contains(&gone));
    transaction.abort().unwrap();
}
