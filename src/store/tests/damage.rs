//! A value that is damaged on disk costs what it held and nothing else: no minute stays hot for it.

use super::super::gap::{Gap, Why};
use super::super::layout::{AMENDMENTS, CONNECTIONS, ConnectionKey, GAPS};
use super::super::slot::Slot;
use super::*;
use std::sync::mpsc;

type Table = redb::TableDefinition<'static, &'static layout::Key, &'static [u8]>;

/// Three seconds; the last brings a label for the flow of all of them.
fn seconds() -> Vec<Arc<Delta>> {
    let unknown = label("unknown", Site::Address([192, 0, 2, 7].into()));
    let one = |second| {
        let rows = vec![row(5, unknown.clone(), 0, traffic(1, 100, 1, 50))];
        delta(at(START + second, 0), rows)
    };
    let mut last = one(2);
    last.amendments = vec![Amendment {
        flow: FrameNumber(5),
        since: at(START, 0),
        label: label("curl", Site::Name("example.org".into())),
    }];
    vec![one(0).into(), one(1).into(), last.into()]
}

/// Flips a bit of the value of this second.
fn damage(folder: &Path, table: Table, second: i64) {
    let store = open(folder);
    let transaction = file::begin(&store.slot.get().unwrap()).unwrap();
    let mut table = transaction.open_table(table).unwrap();
    let key = layout::key(at(START + second, 0));
    let mut value = table.get(&key).unwrap().unwrap().value().to_vec();
    value[1] ^= 1;
    table.insert(&key, value.as_slice()).unwrap();
    drop(table);
    transaction.commit().unwrap();
}

/// The next run seals what the last one left; how many seconds it finds damaged.
fn next_run(folder: &Path) -> u64 {
    let (clock, _) = Clock::manual(Time(START).start());
    let (told, jobs) = mpsc::channel();
    let hooks = Hooks {
        job: Box::new(move |_| {
            // After the first job nobody listens.
            let _ = told.send(());
        }),
        ..Hooks::default()
    };
    let writer = Writer::start(open(folder), clock, hooks).unwrap();
    jobs.recv().unwrap();
    let committed = writer.committed();
    writer.stop().unwrap();
    committed.now().damaged
}

#[test]
fn a_damaged_second_is_counted_and_its_minute_sealed_without_it() {
    let folder = tempfile::tempdir().unwrap();
    let seconds = seconds();
    write(folder.path(), &seconds);
    damage(folder.path(), HOT, 1);
    assert_eq!(next_run(folder.path()), 1);
    assert!(values(folder.path(), HOT).is_empty());
    let left = [&seconds[0], &seconds[2]].map(Arc::clone);
    assert_eq!(read(folder.path()).1, expected(&left));
}

#[test]
fn a_minute_of_which_nothing_can_be_read_does_not_stay_hot() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), &seconds()[..1]);
    damage(folder.path(), HOT, 0);
    assert_eq!(next_run(folder.path()), 1);
    assert!(values(folder.path(), HOT).is_empty());
    assert!(values(folder.path(), SEALED).is_empty());
}

#[test]
fn damaged_late_labels_cost_no_minute() {
    let folder = tempfile::tempdir().unwrap();
    let mut seconds = seconds();
    write(folder.path(), &seconds);
    damage(folder.path(), AMENDMENTS, 2);
    Arc::make_mut(&mut seconds[2]).amendments.clear();
    assert_eq!(read(folder.path()).1, expected(&seconds));
    assert_eq!(next_run(folder.path()), 0);
    assert!(values(folder.path(), HOT).is_empty());
    assert_eq!(read(folder.path()).1, expected(&seconds));
}

/// Flips a bit of what is stored of this flow's connection.
fn damage_connection(slot: &Slot, key: ConnectionKey) {
    let transaction = file::begin(&slot.get().unwrap()).unwrap();
    let mut table = transaction.open_table(CONNECTIONS).unwrap();
    let mut value = table.get(&key).unwrap().unwrap().value().to_vec();
    value[1] ^= 1;
    table.insert(&key, value.as_slice()).unwrap();
    drop(table);
    transaction.commit().unwrap();
}

fn flows(store: &Store, onwards: bool) -> Vec<u64> {
    let snapshot = store.reader().snapshot().unwrap();
    let (mut flows, all) = (Vec::new(), Time(START - 9)..Time(START + 9));
    let mut visit = |ended: Ended, _| {
        flows.push(ended.flow.0);
        ControlFlow::Continue(())
    };
    let visited = if onwards {
        snapshot.connections_after(&all, None, &mut visit)
    } else {
        snapshot.connections(&all, None, &mut visit)
    };
    visited.unwrap();
    flows
}

/// It is left out of what is read, a late label leaves it as it is, and the history stays where it is.
#[test]
fn a_damaged_connection_costs_no_other_and_no_second() {
    let folder = tempfile::tempdir().unwrap();
    let [mut first, second, mut last] = <[_; 3]>::try_from(seconds()).unwrap();
    let name = label("curl", Site::Name("a.example".into()));
    let ended = |flow| connection(flow, Time(START).start(), name.clone());
    Arc::make_mut(&mut first).ended = [4, 5, 6].map(ended).to_vec();
    let store = open(folder.path());
    let slot = store.slot.clone();
    let (clock, _) = Clock::manual(Time(START).start());
    let writer = Writer::start(store, clock, Hooks::default()).unwrap();
    writer.commit(first, Nanos(0));
    writer.commit(second, Nanos(0));
    let through = |second| {
        super::model::until(|| writer.committed().through() == Some(at(START + second, 0)));
    };
    through(1);
    damage_connection(&slot, layout::connection_key(at(START, 0), FrameNumber(5)));
    drop(slot);
    // Its label comes late.
    assert_eq!(Arc::make_mut(&mut last).amendments.len(), 1);
    writer.commit(last, Nanos(0));
    through(2);
    assert_eq!(writer.committed().now().degraded, None);
    writer.stop().unwrap();
    let store = open(folder.path());
    assert_eq!(store.set_aside(), None);
    assert_eq!(flows(&store, true), [4, 6]);
    assert_eq!(flows(&store, false), [6, 4]);
}

#[test]
fn a_damaged_gap_costs_no_other() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    let transaction = file::begin(&store.slot.get().unwrap()).unwrap();
    for second in [0, 4] {
        let first = at(START + second, 0);
        let gap = Gap {
            first,
            seconds: 2,
            why: Why::Unwritten,
            traffic: traffic(1, 2, 3, 4),
        };
        let mut table = transaction.open_table(GAPS).unwrap();
        let key = layout::key(first);
        table.insert(&key, gap.encode().as_slice()).unwrap();
    }
    transaction.commit().unwrap();
    drop(store);
    let gaps = || {
        let snapshot = open(folder.path()).reader().snapshot().unwrap();
        let gaps = snapshot.gaps(&(Time(START - 9)..Time(START + 9))).unwrap();
        gaps.iter()
            .map(|gap| gap.first.second.0 - START)
            .collect::<Vec<_>>()
    };
    assert_eq!(gaps(), [0, 4]);
    damage(folder.path(), GAPS, 0);
    assert_eq!(gaps(), [4]);
}
