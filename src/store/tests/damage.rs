//! A value that is damaged on disk costs what it held and nothing else: no minute stays hot for it.

use super::super::layout::AMENDMENTS;
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
