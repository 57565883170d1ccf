//! Coarser tiers: whatever is written, sealed, rolled up, imported late and removed, in whatever order
//! and with whatever interruptions, every tier tells the same sums as the input.

mod blocks;
pub(super) mod forgetting;
mod forgetting_whole;
mod making;
mod removal;
mod sums;

use super::super::layout::{META, STALE, Tier};
use super::super::retain::retain;
use super::super::roll::Roller;
use super::super::second::{LabelId, NicSecond};
use super::super::{Plan, calendar, coarse};
use super::*;
use crate::key::Protocol;
use redb::ReadableTableMetadata;
use std::ops::Range;

const HOUR: i64 = 3_600;
const DAY: i64 = 24 * HOUR;

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
        let did = roller.slice(&transaction, &store.calendar, Time(through));
        let finished = did.unwrap().finished;
        transaction.commit().unwrap();
        if finished {
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
