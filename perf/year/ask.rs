//! Questions to the year: how long they take while the writer commits, beside redb alone reading the
//! same blocks, and how much memory one takes at most.

use crate::MEMORY;
use crate::mix::{Mix, draw};
use crate::simulate::{Workstation, open};
use netmonitor::clock::Clock;
use netmonitor::query::{Ask, By, Class, Query, Recent, Step};
use netmonitor::store::{Cycle, FILE, Hooks, Reader, Tier, Writer};
use netmonitor::units::{NANOS, Nanos, Second};
use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeValLike;
use redb::{ReadableDatabase, TableDefinition};
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

const DAY: i64 = 86_400;
/// How often each is asked, where `NETMONITOR_YEAR_TIMES` does not say it.
const TIMES: u64 = 200;
/// The writer is given a second so often: ten times as often as a live one.
const PACE: Duration = Duration::from_millis(100);

/// A question: its name, the range and the coarsest tier that it reads, and itself, asked at a time.
type Question<'a> = (
    &'static str,
    Box<dyn Fn(i64) -> (Range<Second>, Tier) + 'a>,
    Box<dyn Fn(i64) + 'a>,
);

pub(crate) fn questions(folder: &Path) {
    let replayed = tempfile::tempdir().expect("a folder");
    let mix = Mix::of(&crate::capture(), replayed.path());
    let workstation = Workstation::new(mix, 0).numbered_from(1 << 36);
    let copy = folder.join("copy.redb");
    std::fs::copy(folder.join(FILE), &copy).expect("a copy");
    let raw = redb::Database::open(&copy).expect("the copy");
    let classes = workstation.classes();
    let (store, _, _) = open(folder, classes.clone(), 0);
    let through = store.through().expect("a year").second.0;
    drop(store);
    let (store, clock, hands) = open(folder, classes.clone(), through);
    let reader = store.reader();
    let epoch = store.next_epoch().0;
    let writer = Writer::start(store, clock, Hooks::default()).expect("a writer");
    let recent = Recent::new(writer.committed());
    let class = |name: &Arc<str>| Class {
        name: name.clone(),
        expression: "".into(),
    };
    let query = Query::new(
        reader.clone(),
        recent.clone(),
        classes.iter().map(class).collect(),
    );
    let all = all(&query, through);
    println!(r#"{{"asked": "alone", "through": {through}}}"#);
    memory(&all, through);
    let stop = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let mut workstation = workstation;
            let mut at = through;
            while !stop.load(Ordering::Relaxed) {
                at += 1;
                let delta = Arc::new(workstation.second(at, epoch));
                hands.advance(NANOS);
                recent.push(delta.clone(), None);
                writer.commit(delta, Nanos(0));
                std::thread::sleep(PACE);
            }
        });
        ask(&all, &reader, &raw, through);
        stop.store(true, Ordering::Relaxed);
    });
    writer.stop().expect("the history is closed");
    drop(raw);
    std::fs::remove_file(copy).expect("the copy is removed");
}

fn all(query: &Query, through: i64) -> Vec<Question<'_>> {
    let ask = |from: i64, to: i64| Ask {
        from: Some(Second(from)),
        to: Some(Second(to)),
        ..Ask::at(Second(to))
    };
    let app = firefox(query, through);
    vec![
        (
            "top 20 applications of 30 days",
            Box::new(|now| (Second(now - 30 * DAY)..Second(now), Tier::Day)),
            Box::new(move |now| {
                let ask = Ask {
                    limit: Some(20),
                    ..ask(now - 30 * DAY, now)
                };
                let found = query.top(&ask, By::Application, false).expect("a list");
                assert_eq!(found.items.len(), 20);
            }),
        ),
        (
            "a summary of 30 days",
            Box::new(|now| (Second(now - 30 * DAY)..Second(now), Tier::Day)),
            Box::new(move |now| {
                let found = query.summary(&ask(now - 30 * DAY, now)).expect("a summary");
                assert_eq!(found.applications.items.len(), 10);
            }),
        ),
        (
            "an application's year by day",
            Box::new(|now| (Second(now - 365 * DAY)..Second(now), Tier::Day)),
            Box::new(move |now| {
                let ask = Ask {
                    step: Some(Step::Each(Cycle::Day)),
                    ..ask(now - 365 * DAY, now)
                };
                let found = query.application_timeline(&ask, app).expect("a timeline");
                assert!(found.at_s.len() >= 365);
                assert!(found.bytes_in.iter().flatten().any(|bytes| *bytes > 0));
            }),
        ),
        (
            "the year by day",
            Box::new(|now| (Second(now - 365 * DAY)..Second(now), Tier::Day)),
            Box::new(move |now| {
                let ask = Ask {
                    step: Some(Step::Each(Cycle::Day)),
                    ..ask(now - 365 * DAY, now)
                };
                let found = query.timeline(&ask).expect("a timeline");
                assert!(found.at_s.len() >= 365);
            }),
        ),
        (
            "the last hour by second",
            Box::new(|now| (Second(now - 3_600)..Second(now), Tier::Second)),
            Box::new(move |now| {
                let ask = Ask {
                    step: Some(Step::Seconds(1)),
                    ..ask(now - 3_600, now)
                };
                let found = query.timeline(&ask).expect("a timeline");
                assert_eq!(found.at_s.len(), 3_600);
            }),
        ),
        (
            "what happened two days ago",
            Box::new(|now| {
                (
                    Second(now - 2 * DAY - 1_800)..Second(now - 2 * DAY + 1_800),
                    Tier::Hour,
                )
            }),
            Box::new(move |now| {
                let found = query.at(&Ask::at(Second(now)), Second(now - 2 * DAY));
                let found = found.expect("what happened");
                assert!(found.hour.counts.is_some());
            }),
        ),
    ]
}

/// The number of the application that is asked for.
fn firefox(query: &Query, through: i64) -> u32 {
    let ask = Ask {
        from: Some(Second(through - DAY)),
        ..Ask::at(Second(through))
    };
    let found = query.summary(&ask).expect("a summary");
    let mut items = found.applications.items.iter();
    let item = items.find(|item| item.name == "firefox");
    item.and_then(|item| item.id).expect("an application")
}

fn memory(all: &[Question], through: i64) {
    for (name, _, question) in all {
        question(through);
        let before = MEMORY.current_usage();
        MEMORY.reset_peak_usage();
        question(through);
        let peak = MEMORY.peak_usage().saturating_sub(before);
        println!(r#"{{"question": "{name}", "memory": {peak}}}"#);
    }
}

/// Each in turn, at times that differ, so that the edges of the ranges do.
fn ask(all: &[Question], reader: &Reader, raw: &redb::Database, through: i64) {
    let clock = Clock::system();
    let times = std::env::var("NETMONITOR_YEAR_TIMES").ok();
    let times = times.and_then(|times| times.parse().ok()).unwrap_or(TIMES);
    let mut took = vec![Vec::new(); all.len()];
    let mut used = vec![Vec::new(); all.len()];
    let mut scans = vec![Vec::new(); all.len()];
    let mut bytes = vec![0; all.len()];
    for time in 0..times {
        let now = through - (draw(&[time]) % 3_000) as i64;
        for (number, (_, range, question)) in all.iter().enumerate() {
            let (start, before) = (clock.steady().0, cpu());
            question(now);
            used[number].push(cpu() - before);
            took[number].push(clock.steady().0 - start);
            let (range, tier) = range(now);
            let start = clock.steady().0;
            bytes[number] = scan(reader, raw, &range, tier);
            scans[number].push(clock.steady().0 - start);
        }
    }
    for (number, (name, ..)) in all.iter().enumerate() {
        let [p50, p99, most] = percentiles(&mut took[number]);
        let [cpu50, cpu99, _] = percentiles(&mut used[number]);
        let [raw50, raw99, _] = percentiles(&mut scans[number]);
        println!(
            r#"{{"question": "{name}", "times": {times}, "cpu_p50_ms": {cpu50:.2}, "cpu_p99_ms": {cpu99:.2}, "p50_ms": {p50:.2}, "p99_ms": {p99:.2}, "max_ms": {most:.2}, "raw_p50_ms": {raw50:.2}, "raw_p99_ms": {raw99:.2}, "raw_bytes": {}}}"#,
            bytes[number],
        );
    }
}

/// CPU time of this thread, in nanoseconds: on a busy machine what a question costs, not how long
/// others kept it waiting.
fn cpu() -> i64 {
    let usage = getrusage(UsageWho::RUSAGE_THREAD).expect("usage");
    (usage.user_time() + usage.system_time()).num_microseconds() * 1_000
}

/// Reads the blocks that begin in the pieces of a plan, and nothing of what is in them.
fn scan(reader: &Reader, raw: &redb::Database, range: &Range<Second>, tier: Tier) -> usize {
    let snapshot = reader.snapshot().expect("a look");
    let plan = snapshot.plan(range, tier).expect("a plan");
    let transaction = raw.begin_read().expect("a transaction");
    let mut bytes = 0;
    for piece in &plan.pieces {
        let name = match piece.tier {
            Tier::Second => "sealed",
            Tier::Minute => "minutes",
            Tier::Hour => "hours",
            Tier::Day => "days",
        };
        let table: TableDefinition<&[u8; 12], &[u8]> = TableDefinition::new(name);
        let table = transaction.open_table(table).expect("a table");
        let (start, end) = (key(piece.range.start), key(piece.range.end));
        for entry in table.range::<&[u8; 12]>(&start..&end).expect("a range") {
            let (_, value) = entry.expect("a block");
            bytes += value
                .value()
                .iter()
                .map(|byte| usize::from(*byte))
                .sum::<usize>()
                % 2;
            bytes += value.value().len();
        }
    }
    bytes
}

/// A second as keys begin with it.
fn key(second: Second) -> [u8; 12] {
    let mut key = [0; 12];
    key[..8].copy_from_slice(&((second.0 as u64) ^ 1 << 63).to_be_bytes());
    key
}

fn percentiles(took: &mut [i64]) -> [f64; 3] {
    took.sort_unstable();
    let at = |part: usize| took[(took.len() - 1) * part / 100] as f64 / 1e6;
    [at(50), at(99), at(100)]
}
