//! Import: beside what was counted here and never over it, once however often it is done, and kept by
//! whatever is rolled up or brought later.

use super::*;
use crate::platform::Role;
use std::ops::Range;
use std::time::Duration;

const HOUR: i64 = 3_600;
const DAY: i64 = 24 * HOUR;
/// A day begins here.
const MIDNIGHT: i64 = START - START % DAY;
const PATIENCE: Duration = Duration::from_mins(1);

fn sum(tier: Tier, at: i64, interface: &str, bytes: u64) -> Sum {
    Sum {
        tier,
        at: Time(at),
        interface: interface.into(),
        role: if interface == "lo" {
            Role::Loopback
        } else {
            Role::Uplink
        },
        bytes_in: bytes,
        bytes_out: bytes / 7,
    }
}

/// Eleven days by the day, then three by the hour, on two interfaces.
fn sums() -> Vec<Sum> {
    let mut sums = Vec::new();
    for (interface, factor) in [("eth0", 1), ("lo", 10)] {
        let days = (-14..-3).map(|day| {
            let at = MIDNIGHT + day * DAY + DAY / 2;
            sum(Tier::Day, at, interface, (day + 20) as u64 * 1_000 * factor)
        });
        let hours = (-72..0).map(|hour| {
            let at = MIDNIGHT + hour * HOUR + HOUR / 2;
            sum(Tier::Hour, at, interface, (hour + 100) as u64 * 10 * factor)
        });
        sums.extend(days.chain(hours));
    }
    sums
}

/// Imports, rolls up all that is over, and says what came of it.
fn import(folder: &Path, sums: Vec<Sum>) -> Imported {
    let (clock, _) = Clock::manual(Time(START + 30 * DAY).start());
    let writer = Writer::start(open(folder), clock, Hooks::default()).unwrap();
    let imported = writer.importer().run(sums, PATIENCE).unwrap();
    writer.upkeep().run(What::Aggregate, PATIENCE).unwrap();
    writer.stop().unwrap();
    imported
}

/// Seconds in which `eth0` and `lo` carried so much in, in an epoch of their own.
fn lived(seconds: Range<i64>, step: usize, epoch: u32, bytes: u64) -> Vec<Arc<Delta>> {
    let second = |second| {
        let word = label("curl", Site::Name("a.example".into()));
        let rows = vec![row(1, word, 0, traffic(1, bytes, 0, 0))];
        Arc::new(delta(at(second, epoch), rows))
    };
    seconds.step_by(step).map(second).collect()
}

/// Writes, seals and rolls up all that is over.
fn live(folder: &Path, deltas: &[Arc<Delta>]) {
    write(folder, deltas);
    seal(folder);
    roll(&open(folder));
}

/// Bytes in of an interface in a range, as a tier and finer ones tell it; the sums of its rows are
/// those of the interface.
fn told(folder: &Path, range: Range<i64>, tier: Tier, interface: &str) -> u64 {
    let range = Time(range.start)..Time(range.end);
    let snapshot = open(folder).reader().snapshot().unwrap();
    let plan = snapshot.plan(&range, tier).unwrap();
    let amendments = snapshot.amendments(&range).unwrap();
    let mut bytes = 0;
    let visit = &mut |second: &Second, rows: &mut dyn Iterator<Item = Row>| {
        let rows: Vec<Row> = rows.collect();
        for nic in &second.nics {
            let mine = rows.iter().filter(|row| row.nic == nic.nic);
            let sum = mine.fold(Traffic::default(), |mut sum, row| {
                sum += row.traffic;
                sum
            });
            assert_eq!(sum, nic.flowed, "{second:?}");
            let known = snapshot.word::<Nic>(nic.nic).unwrap().unwrap().0;
            if *known.name == *interface {
                bytes += nic.flowed.inbound.bytes;
            }
        }
        ControlFlow::Continue(())
    };
    snapshot.planned(&plan, &range, &amendments, visit).unwrap();
    bytes
}

fn expected(sums: &[Sum], interface: &str, range: Range<i64>) -> u64 {
    let mine = sums.iter().filter(|sum| *sum.interface == *interface);
    let mine = mine.filter(|sum| range.contains(&sum.at.0));
    mine.map(|sum| sum.bytes_in).sum()
}

#[test]
fn what_is_imported_is_told_in_every_tier_and_only_once() {
    let folder = in_memory();
    let all = sums();
    let first = import(folder.path(), all.clone());
    assert_eq!(first.taken, all.len() as u64);
    assert_eq!(
        first.bytes_in,
        all.iter().map(|sum| sum.bytes_in).sum::<u64>()
    );
    assert_eq!((first.had, first.covered, first.unfit), (0, 0, 0));
    let before = std::fs::read(folder.path().join(FILE)).unwrap().len();
    for _ in 0..2 {
        let again = import(folder.path(), all.clone());
        assert_eq!((again.taken, again.had), (0, all.len() as u64), "{again:?}");
    }
    assert!(before > 0);
    let whole = MIDNIGHT - 14 * DAY..MIDNIGHT;
    let hours = MIDNIGHT - 3 * DAY..MIDNIGHT;
    for interface in ["eth0", "lo"] {
        let tell = |range: &Range<i64>, tier| told(folder.path(), range.clone(), tier, interface);
        assert_eq!(
            tell(&whole, Tier::Day),
            expected(&all, interface, whole.clone())
        );
        for tier in [Tier::Hour, Tier::Day] {
            assert_eq!(tell(&hours, tier), expected(&all, interface, hours.clone()));
        }
        let some = MIDNIGHT - 50 * HOUR..MIDNIGHT - 7 * HOUR;
        assert_eq!(
            tell(&some, Tier::Day),
            expected(&all, interface, some.clone())
        );
    }
    let noted = open(folder.path())
        .reader()
        .snapshot()
        .unwrap()
        .imported()
        .unwrap();
    assert_eq!(noted, [Time(hours.start)..Time(hours.end)]);
    // A part of a day that is kept as a whole is told to be missing.
    let part = Time(MIDNIGHT - 5 * DAY)..Time(MIDNIGHT - 5 * DAY + HOUR);
    let snapshot = open(folder.path()).reader().snapshot().unwrap();
    assert_eq!(snapshot.plan(&part, Tier::Day).unwrap().missing, [part]);
}

#[test]
fn interfaces_that_come_one_after_the_other_are_told_together() {
    let folder = in_memory();
    for interface in ["eth0", "lo"] {
        let mut some = sums();
        some.retain(|sum| *sum.interface == *interface);
        let wanted = some.len() as u64;
        assert_eq!(import(folder.path(), some).taken, wanted);
    }
    let snapshot = open(folder.path()).reader().snapshot().unwrap();
    let range = Time(MIDNIGHT - HOUR)..Time(MIDNIGHT);
    let plan = snapshot.plan(&range, Tier::Hour).unwrap();
    let mut nics = Vec::new();
    let visit = &mut |second: &Second, _: &mut dyn Iterator<Item = Row>| {
        nics.push(second.nics.len());
        ControlFlow::Continue(())
    };
    let none = Amendments::default();
    snapshot.planned(&plan, &range, &none, visit).unwrap();
    // So that a total does not count loopback where the uplink was there.
    assert_eq!(nics, [2]);
}

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

#[test]
fn an_import_is_many_small_jobs() {
    let folder = in_memory();
    let interfaces = (0..300).map(|n| format!("veth{n}"));
    let all: Vec<Sum> = interfaces
        .flat_map(|name| {
            (-48..0).map(move |hour| sum(Tier::Hour, MIDNIGHT + hour * HOUR, &name, 9))
        })
        .collect();
    let (told, jobs) = std::sync::mpsc::channel();
    let hooks = Hooks {
        job: Box::new(move |_| told.send(()).unwrap()),
        ..Hooks::default()
    };
    let (clock, _) = Clock::manual(Time(START).start());
    let writer = Writer::start(open(folder.path()), clock, hooks).unwrap();
    let count = all.len() as u64;
    let done = writer.importer().run(all, PATIENCE).unwrap();
    writer.stop().unwrap();
    assert_eq!(done.taken, count);
    let jobs = jobs.try_iter().count();
    assert!(jobs > 10, "{jobs}");
}

/// Nothing finer tells what of an imported hour was when: it goes as a whole, and the gap says so.
#[test]
fn of_an_imported_hour_all_is_forgotten_or_nothing() {
    use crate::store::forget::Wish;
    let folder = in_memory();
    let all = sums();
    import(folder.path(), all.clone());
    let imported = |store: &Store| store.reader().snapshot().unwrap().imported().unwrap();
    let (first, last) = (MIDNIGHT - 30 * HOUR, MIDNIGHT - 28 * HOUR);
    {
        let store = open(folder.path());
        let wish = Wish::Range(Time(first + 1_800)..Time(last + 60));
        super::tiers::forgetting::forget(&store, &wish, false).unwrap();
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
    super::tiers::forgetting::forget(&store, &Wish::Everything, false).unwrap();
    assert_eq!(imported(&store), []);
}

/// A list that could not be read again is not written.
#[test]
fn hours_beyond_what_a_file_notes_do_not_fit() {
    let folder = in_memory();
    {
        let store = open(folder.path());
        let ranges = (0..65_536).map(|n| Time(n * 2 * HOUR)..Time(n * 2 * HOUR + HOUR));
        let transaction = file::begin(&store.slot.get().unwrap()).unwrap();
        super::super::import::Hours(ranges.collect())
            .save(&transaction)
            .unwrap();
        transaction.commit().unwrap();
    }
    let all = vec![
        sum(Tier::Hour, MIDNIGHT, "eth0", 9),
        sum(Tier::Hour, 65_535 * 2 * HOUR + HOUR + 1, "eth0", 9),
    ];
    let done = import(folder.path(), all);
    assert_eq!((done.taken, done.unfit), (1, 1), "{done:?}");
    let noted = open(folder.path()).reader().snapshot().unwrap().imported();
    assert_eq!(noted.unwrap().len(), 65_536);
}
