//! Beside what was counted: never over it, and what comes later is added.

use super::super::tiers::forgetting::forget;
use super::*;

#[test]
fn nothing_is_imported_where_something_was_counted() {
    let folder = in_memory();
    // From 05:20 on the last day, and still unsealed at its end.
    let own = MIDNIGHT - DAY + 5 * HOUR + 1_200..MIDNIGHT;
    live(folder.path(), &lived(own.clone(), 600, 0, 5));
    write(folder.path(), &lived(MIDNIGHT - 5..MIDNIGHT, 1, 1, 5));
    let all = sums();
    let done = import(folder.path(), all.clone());
    assert_eq!(done.covered, 2 * 19, "{done:?}");
    assert_eq!(done.taken, all.len() as u64 - 2 * 19);
    let day = MIDNIGHT - DAY..MIDNIGHT;
    let before = MIDNIGHT - DAY..MIDNIGHT - DAY + 5 * HOUR;
    let count = (own.end - own.start + 599) / 600 + 5;
    for tier in Tier::ALL {
        let eth0 = told(folder.path(), day.clone(), tier.max(Tier::Hour), "eth0");
        assert_eq!(
            eth0,
            expected(&all, "eth0", before.clone()) + 5 * count as u64
        );
    }
    let again = import(folder.path(), all.clone());
    assert_eq!(
        (again.taken, again.had, again.covered),
        (0, done.taken, done.covered)
    );
}

#[test]
fn days_are_not_put_before_finer_history_and_behind_it_neither() {
    let folder = in_memory();
    live(
        folder.path(),
        &lived(MIDNIGHT - 9 * DAY..MIDNIGHT - 9 * DAY + 60, 10, 0, 5),
    );
    let done = import(folder.path(), sums());
    // Five days before it are taken, its own is covered, five behind it do not fit.
    assert_eq!((done.covered, done.unfit), (2, 2 * 5), "{done:?}");
    assert_eq!(done.taken, 2 * (5 + 72));
    let own = MIDNIGHT - 9 * DAY..MIDNIGHT - 8 * DAY;
    assert_eq!(told(folder.path(), own, Tier::Day, "eth0"), 6 * 5);
}

#[test]
fn what_comes_later_into_an_imported_hour_or_day_is_added() {
    let folder = in_memory();
    let all = sums();
    import(folder.path(), all.clone());
    // Twice into the same hour, which is made again each time, and into a day kept as a whole.
    let hour = MIDNIGHT - 30 * HOUR;
    for epoch in 1..3 {
        let from = hour + i64::from(epoch) * 600;
        live(folder.path(), &lived(from..from + 10, 1, epoch, 7));
    }
    let day = MIDNIGHT - 6 * DAY;
    live(folder.path(), &lived(day + 900..day + 910, 1, 3, 7));
    live(folder.path(), &lived(day + 7_200..day + 7_210, 1, 4, 7));
    let range = MIDNIGHT - 2 * DAY..MIDNIGHT - DAY;
    for tier in [Tier::Hour, Tier::Day] {
        let eth0 = told(folder.path(), range.clone(), tier, "eth0");
        assert_eq!(
            eth0,
            expected(&all, "eth0", range.clone()) + 20 * 7,
            "{tier:?}"
        );
    }
    let range = day..day + DAY;
    let eth0 = told(folder.path(), range.clone(), Tier::Day, "eth0");
    assert_eq!(eth0, expected(&all, "eth0", range) + 20 * 7);
    let again = import(folder.path(), all);
    assert_eq!(again.taken, 0, "{again:?}");
}

/// Nothing finer tells what of an imported hour was when: it goes as a whole, and the gap says so.
#[test]
fn of_an_imported_hour_all_is_forgotten_or_nothing() {
    let folder = in_memory();
    let all = sums();
    import(folder.path(), all.clone());
    let imported = |store: &Store| store.reader().snapshot().unwrap().imported().unwrap();
    let (first, last) = (MIDNIGHT - 30 * HOUR, MIDNIGHT - 28 * HOUR);
    {
        let store = open(folder.path());
        let wish = Wish::Range(Time(first + 1_800)..Time(last + 60));
        forget(&store, &wish, false).unwrap();
        roll(&store);
        let left = [
            Time(MIDNIGHT - 3 * DAY)..Time(first),
            Time(last + HOUR)..Time(MIDNIGHT),
        ];
        assert_eq!(imported(&store), left);
        let gaps = store.reader().snapshot().unwrap().gaps(&ALWAYS).unwrap();
        let told: Vec<_> = gaps
            .iter()
            .map(|gap| (gap.first.second.0, gap.end().0))
            .collect();
        assert_eq!(told, [(first, last + HOUR)]);
    }
    let range = MIDNIGHT - 2 * DAY..MIDNIGHT - DAY;
    let left = expected(&all, "eth0", range.clone()) - expected(&all, "eth0", first..last + HOUR);
    for tier in [Tier::Hour, Tier::Day] {
        assert_eq!(
            told(folder.path(), range.clone(), tier, "eth0"),
            left,
            "{tier:?}"
        );
    }
    let store = open(folder.path());
    forget(&store, &Wish::Everything, false).unwrap();
    assert_eq!(imported(&store), []);
}
