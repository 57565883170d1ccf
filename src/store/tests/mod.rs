//! What the store promises: everything comes back, nothing is made up, late labels move bytes and
//! lose none, and the same deltas give the same bytes.

mod bounds;
mod bytes;
mod care;
mod crash;
mod cut;
mod damage;
mod disk;
mod doubt;
mod fault;
mod forget;
mod import;
mod formats;
mod model;
mod opening;
mod quick;
mod refusing;
mod rot;
mod tiers;
mod writing;

use super::layout::{HOT, SEALED};
use super::sample::{START, any_history, at, connection, delta, label, row, traffic};
use super::second::Row;
use super::*;
use crate::clock::Clock;
use crate::decode::Encapsulations;
use crate::label::{App, Site};
use crate::tick::{Amendment, Delta};
use crate::units::{FrameNumber, Second as Time, Traffic};
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::ops::ControlFlow;

const ALWAYS: std::ops::Range<Time> = Time(0)..Time(1 << 40);

fn config() -> Config {
    Config {
        classes: vec!["web".into(), "dns".into()],
        zone: "UTC".into(),
        ..Config::default()
    }
}

/// A folder whose disk need not be waited for, where there is one: many small transactions are made.
fn in_memory() -> tempfile::TempDir {
    tempfile::tempdir_in("/dev/shm")
        .or_else(|_| tempfile::tempdir())
        .unwrap()
}

fn open(folder: &Path) -> Store {
    Store::open(folder, config(), Nanos(0)).unwrap()
}

fn write(folder: &Path, deltas: &[Arc<Delta>]) {
    let (clock, _) = Clock::manual(Time(START).start());
    let writer = Writer::start(open(folder), clock, Hooks::default()).unwrap();
    for delta in deltas {
        writer.commit_when_room(delta.clone(), Nanos(0));
    }
    writer.stop().unwrap();
}

/// Rolls up everything that a folder has sealed, whether its day is over or not.
fn roll(store: &Store) {
    let database = store.slot.get().unwrap();
    let mut roller = roll::Roller::default();
    let mut finished = false;
    while !finished {
        let transaction = file::begin(&database).unwrap();
        let did = roller.slice(&transaction, &store.calendar, Time(i64::MAX));
        finished = did.unwrap().finished;
        transaction.commit().unwrap();
    }
}

/// Seals everything that a folder still has hot, as the next run does.
fn seal(folder: &Path) {
    let store = open(folder);
    let database = store.slot.get().unwrap();
    let mut unsealed = unsealed::Unsealed::of(store.hot_moments().unwrap().into_iter());
    while let Some(minute) = unsealed.ripe() {
        let transaction = file::begin(&database).unwrap();
        if seal::seal_block(&transaction, minute).unwrap().finished {
            unsealed.done(minute);
        }
        transaction.commit().unwrap();
    }
}

type Sums = BTreeMap<(Moment, String, String, String), Traffic>;

/// What is on file: seconds, and sums by second, interface, app and site.
fn read(folder: &Path) -> (Vec<Second>, Sums) {
    let snapshot = open(folder).reader().snapshot().unwrap();
    let amendments = snapshot.amendments(&ALWAYS).unwrap();
    let (mut seconds, mut sums) = (Vec::new(), Sums::new());
    let visit = &mut |second: &Second, rows: &mut dyn Iterator<Item = Row>| {
        seconds.push(second.clone());
        for row in rows {
            let app = snapshot.word::<App>(row.label.app).unwrap().unwrap().0;
            let site = snapshot.word::<Site>(row.label.site).unwrap().unwrap().0;
            let nic = snapshot.word::<Nic>(row.nic).unwrap().unwrap().0;
            let key = (
                second.moment,
                nic.name.to_string(),
                app.name.to_string(),
                site.to_string(),
            );
            *sums.entry(key).or_default() += row.traffic;
        }
        ControlFlow::Continue(())
    };
    snapshot.seconds(&ALWAYS, &amendments, visit).unwrap();
    seconds.sort_by_key(|second| second.moment);
    (seconds, sums)
}

/// The same from the deltas themselves, late labels applied the slow way.
fn expected(deltas: &[Arc<Delta>]) -> Sums {
    let mut sums = Sums::new();
    for (place, delta) in deltas.iter().enumerate() {
        for row in &delta.rows {
            let carriers = deltas[place..].iter();
            let covering = |one: &&Amendment| {
                Some(one.flow) == row.flow && order(one.since) <= order(delta.moment)
            };
            let mut amendments = carriers.flat_map(|later| &later.amendments);
            let amended = amendments.rfind(covering);
            let label = amended.map_or(&row.label, |one| &one.label);
            let nic = &delta.interfaces[usize::from(row.interface.0)].name;
            let key = (
                delta.moment,
                nic.to_string(),
                label.app.name.to_string(),
                label.site.to_string(),
            );
            *sums.entry(key).or_default() += row.traffic;
        }
    }
    sums
}

/// Every stored value of a table.
fn values(folder: &Path, table: layout::Timed) -> Vec<(layout::Key, Vec<u8>)> {
    values_in(&open(folder).slot.get().unwrap(), table)
}

fn values_in(database: &redb::Database, table: layout::Timed) -> Vec<(layout::Key, Vec<u8>)> {
    let table = database.begin_read().unwrap().open_table(table).unwrap();
    let entries = table.iter().unwrap().map(Result::unwrap);
    entries
        .map(|(key, value)| (*key.value(), value.value().to_vec()))
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn what_is_written_is_read_hot_and_sealed(deltas in any_history(30)) {
        let folder = tempfile::tempdir().unwrap();
        write(folder.path(), &deltas);
        let (hot_seconds, hot) = read(folder.path());
        prop_assert_eq!(&hot, &expected(&deltas));
        prop_assert_eq!(hot_seconds.len(), deltas.len());
        seal(folder.path());
        prop_assert!(values(folder.path(), HOT).is_empty());
        let (sealed_seconds, sealed) = read(folder.path());
        prop_assert_eq!(sealed, hot);
        prop_assert_eq!(sealed_seconds, hot_seconds);
    }

    #[test]
    fn the_same_deltas_give_the_same_bytes(deltas in any_history(12)) {
        let folders = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
        let hot = folders.each_ref().map(|folder| {
            write(folder.path(), &deltas);
            let hot = values(folder.path(), HOT);
            seal(folder.path());
            (hot, values(folder.path(), SEALED))
        });
        prop_assert_eq!(&hot[0], &hot[1]);
    }

    #[test]
    fn a_damaged_block_is_an_error(deltas in any_history(6), at: prop::sample::Index, with: u8) {
        let folder = tempfile::tempdir().unwrap();
        write(folder.path(), &deltas);
        let hot = values(folder.path(), HOT);
        seal(folder.path());
        let sealed = values(folder.path(), SEALED);
        let ignore = |_: &Second, rows: &mut block::Rows| rows.try_for_each(|row| row.map(drop));
        for (stored, is_hot) in hot.iter().map(|one| (one, true)).chain(sealed.iter().map(|one| (one, false))) {
            let (first, mut value) = (layout::moment(&stored.0), stored.1.clone());
            let place = at.index(value.len() - 4);
            value[place] ^= with | 1;
            let refused: Result<(), Damaged> = if is_hot {
                block::read_hot(first, &value, ignore)
            } else {
                block::read_sealed(first, &value, &mut Vec::new(), ignore)
            };
            prop_assert!(refused.is_err());
            // With a checksum that is right again it is read or refused, but nothing panics.
            value.truncate(value.len() - 4);
            let value = codec::Out(value).sealed();
            let _: Result<(), Damaged> = block::read_hot(first, &value, ignore);
            let _: Result<(), Damaged> = block::read_sealed(first, &value, &mut Vec::new(), ignore);
        }
    }
}

proptest! {
    #[test]
    fn any_body_is_read_or_refused(body: Vec<u8>, flow: u64, second: i64) {
        let value = codec::Out([vec![1], body.clone()].concat()).sealed();
        let _ = amendment::decode(&value);
        let _ = gap::Gap::decode(at(second, 0), &value);
        let _ = Ended::decode(&layout::connection_key(at(second, 0), FrameNumber(flow)), &value);
        let _ = App::decode(&body);
        let _ = Site::decode(&body);
        let _ = Nic::decode(&body);
        let _ = ClassSet::decode(&body);
        let ignore = |_: &Second, rows: &mut block::Rows| rows.try_for_each(|row| row.map(drop));
        let _: Result<(), Damaged> = block::read_hot(at(second, 0), &value, ignore);
    }

    #[test]
    fn connections_come_back(flow: u64, last in -1i64 << 62..1 << 62, six: bool, port: Option<u16>) {
        let mut one = connection(flow, Nanos(last), label("curl", Site::Other));
        one.remote.port = port;
        one.local.address = if six { one.remote.address } else { one.local.address };
        let ids = LabelId {
            app: AppId(3),
            site: SiteId(4),
            owner_source: one.label.app_source,
            site_source: one.label.site_source,
        };
        one.encapsulations = Encapsulations::of_number(flow);
        let ended = Ended::of(&one, crate::units::Epoch(2), NicId(1), ids, ClassesId(7));
        prop_assert_eq!(Ended::decode(&ended.key(), &ended.encode()), Ok(ended));
    }
}

#[test]
fn a_label_that_comes_late_moves_bytes_and_connections() {
    let folder = tempfile::tempdir().unwrap();
    let unknown = label("unknown", Site::Address([192, 0, 2, 7].into()));
    let curl = label("curl", Site::Name("example.org".into()));
    let one = |second, classes| {
        let rows = vec![row(5, unknown.clone(), classes, traffic(1, 100, 1, 50))];
        delta(at(START + second, 0), rows)
    };
    let mut first = one(0, 1);
    first.ended = vec![connection(5, Time(START).start(), unknown.clone())];
    let mut second = one(1, 0);
    second.amendments = vec![Amendment {
        flow: FrameNumber(5),
        since: at(START + 1, 0),
        label: curl,
    }];
    write(
        folder.path(),
        &[first.into(), second.into(), one(2, 0).into()],
    );
    let (_, sums) = read(folder.path());
    let apps: Vec<_> = sums.keys().map(|(_, _, app, _)| app.as_str()).collect();
    assert_eq!(apps, ["unknown", "curl", "unknown"]);
    let snapshot = open(folder.path()).reader().snapshot().unwrap();
    let mut found = Vec::new();
    let take = &mut |ended: Ended, _| {
        found.push(ended);
        ControlFlow::Continue(())
    };
    snapshot.connections(&ALWAYS, None, take).unwrap();
    let app = snapshot.word::<App>(found[0].label.app).unwrap().unwrap().0;
    assert_eq!((found.len(), &*app.name), (1, "curl"));
    let classes = snapshot
        .word::<ClassSet>(found[0].classes)
        .unwrap()
        .unwrap()
        .0;
    assert_eq!(classes, ClassSet(vec!["web".into()]));
}

#[test]
fn seconds_on_both_sides_of_sealing_are_all_there() {
    let folder = tempfile::tempdir().unwrap();
    let site = label("curl", Site::Name("example.org".into()));
    let seconds = (0..400).map(|second| {
        let rows = vec![row(second as u64 + 1, site.clone(), 0, traffic(1, 1, 1, 1))];
        Arc::new(delta(at(START + second, 0), rows))
    });
    let seconds: Vec<_> = seconds.collect();
    write(folder.path(), &seconds);
    assert!(
        !values(folder.path(), SEALED).is_empty(),
        "old minutes are sealed meanwhile"
    );
    assert!(
        values(folder.path(), HOT).len() >= 90,
        "labels of the newest may still come"
    );
    let (all, sums) = read(folder.path());
    let moments: Vec<_> = all.iter().map(|second| second.moment).collect();
    let given: Vec<_> = seconds.iter().map(|delta| delta.moment).collect();
    assert_eq!(moments, given);
    assert_eq!(sums, expected(&seconds));
}

#[test]
fn a_heavy_minute_becomes_several_blocks() {
    let folder = tempfile::tempdir().unwrap();
    let site = label("curl", Site::Name("example.org".into()));
    let seconds = (0..20).map(|second| {
        let rows = (1..=4096).map(|flow| row(flow, site.clone(), 0, traffic(1, flow, 0, 0)));
        Arc::new(delta(at(START + second, 0), rows.collect()))
    });
    let seconds: Vec<_> = seconds.collect();
    write(folder.path(), &seconds);
    seal(folder.path());
    assert_eq!(values(folder.path(), SEALED).len(), 3, "8 + 8 + 4 seconds");
    let (all, sums) = read(folder.path());
    assert_eq!((all.len(), sums), (20, expected(&seconds)));
}
