//! What is removed, and when: never before a coarser tier holds it, never twice.

use super::*;

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

/// Of two hours in which so many connections ended: what the tiers hold, and how many connections are left
/// of it in a budget.
fn in_budget(connections: u64, budget_mib: u64) -> ([u64; 4], u64) {
    let folder = in_memory();
    let last = START + 2 * HOUR;
    let seconds = (0..=8).map(|n| {
        let mut one = (*busy(START + n * HOUR / 4, 0, 1)).clone();
        let flows = (n as u64..connections).step_by(9);
        let ended = flows.map(|flow| {
            let site = label("curl", Site::Name("a.example".into()));
            connection(flow, one.moment.second.start(), site)
        });
        one.ended = ended.collect();
        Arc::new(one)
    });
    write(folder.path(), &seconds.collect::<Vec<_>>());
    seal(folder.path());
    roll(folder.path());
    let store = open(folder.path());
    remove(&store, last + HOUR, [7, 30, 90], budget_mib);
    let snapshot = store.reader().snapshot().unwrap();
    let held = snapshot.held().unwrap().map(|held| held.bytes);
    let table = store.slot.get().unwrap().begin_read().unwrap();
    let left = table
        .open_table(layout::CONNECTIONS)
        .unwrap()
        .len()
        .unwrap();
    (held, left)
}

#[test]
fn no_tier_gives_way_for_connections_that_go_themselves() {
    let (all, few) = in_budget(10, 1_024);
    assert_eq!(few, 10);
    // Many jobs of them are over: tiers are as they were.
    let (held, left) = in_budget(12_000, 1);
    assert_eq!(held, all);
    assert!((2_500..7_000).contains(&left), "{left}");
    let (held, left) = in_budget(4_000, 0);
    assert_eq!(left, 0);
    assert!(held[0] < all[0], "nothing fits");
}
