//! Import: beside what was counted here and never over it, once however often it is done, and kept by
//! whatever is rolled up or brought later.

mod beside;
mod limits;
mod once;

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
