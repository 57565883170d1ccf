//! The file itself: who may read it, who holds it, what becomes of a strange one.

use super::super::layout::META;
use super::*;
use std::os::unix::fs::PermissionsExt;

#[test]
fn only_its_owner_can_read_it() {
    let folder = tempfile::tempdir().unwrap();
    drop(open(folder.path()));
    let mode = std::fs::metadata(folder.path().join(FILE))
        .unwrap()
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[test]
fn a_link_is_not_followed() {
    let folder = tempfile::tempdir().unwrap();
    std::os::unix::fs::symlink("/dev/null", folder.path().join(FILE)).unwrap();
    let refused = Store::open(folder.path(), config(), Nanos(0))
        .err()
        .unwrap();
    assert!(
        matches!(refused, Error::Io { doing: "open", .. }),
        "{refused}"
    );
}

#[test]
fn one_netmonitor_at_a_time() {
    let folder = tempfile::tempdir().unwrap();
    let _first = open(folder.path());
    let refused = Store::open(folder.path(), config(), Nanos(0))
        .err()
        .unwrap();
    assert!(matches!(refused, Error::Locked(_)), "{refused}");
    assert!(refused.to_string().contains("in use by another netmonitor"));
}

#[test]
fn a_newer_file_is_refused_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    let transaction = file::begin(&store.slot.get().unwrap()).unwrap();
    let mut meta = transaction.open_table(META).unwrap();
    meta.insert("schema", 9u32.to_le_bytes().as_slice())
        .unwrap();
    drop(meta);
    transaction.commit().unwrap();
    drop(store);
    for _ in 0..2 {
        let refused = Store::open(folder.path(), config(), Nanos(0))
            .err()
            .unwrap();
        assert!(
            matches!(
                refused,
                Error::Newer {
                    file: 9,
                    ours: SCHEMA
                }
            ),
            "{refused}"
        );
    }
}

#[test]
fn a_corrupt_file_is_set_aside_under_its_time() {
    let folder = tempfile::tempdir().unwrap();
    let garbage = vec![0x55; 100_000];
    std::fs::write(folder.path().join(FILE), &garbage).unwrap();
    let store = Store::open(folder.path(), config(), Time(START).start()).unwrap();
    let aside = store.set_aside().unwrap().to_owned();
    assert!(
        aside.ends_with("history.redb.corrupt-20260102T030000Z"),
        "{}",
        aside.display()
    );
    assert_eq!(std::fs::read(aside).unwrap(), garbage);
    assert_eq!(store.next_epoch(), crate::units::Epoch(0));
}

#[test]
fn a_run_begins_with_an_epoch_of_its_own() {
    let folder = tempfile::tempdir().unwrap();
    let rows = vec![row(1, label("curl", Site::Other), 0, traffic(1, 1, 1, 1))];
    write(folder.path(), &[Arc::new(delta(at(START, 4), rows))]);
    let store = open(folder.path());
    assert_eq!(store.through(), Some(at(START, 4)));
    assert_eq!(store.next_epoch(), crate::units::Epoch(5));
}

#[test]
fn old_history_goes_and_the_rest_stays() {
    let folder = tempfile::tempdir().unwrap();
    let one = |second: i64| {
        let rows = vec![row(1, label("curl", Site::Other), 0, traffic(1, 1, 1, 1))];
        let mut one = delta(at(START + second, 0), rows);
        one.ended = vec![connection(
            1,
            one.moment.second.start(),
            label("curl", Site::Other),
        )];
        Arc::new(one)
    };
    let day = 86_400;
    write(folder.path(), &[one(0), one(day), one(8 * day)]);
    seal(folder.path());
    let store = open(folder.path());
    roll(&store);
    let database = store.slot.get().unwrap();
    let transaction = file::begin(&database).unwrap();
    let config = Config {
        connections_max: 1,
        ..config()
    };
    let retained = retain::retain(
        &transaction,
        &store.calendar,
        &config,
        Time(START + 8 * day),
    )
    .unwrap();
    assert!(retained.finished);
    assert_eq!(
        retained.removed, 3,
        "a block and a connection by age, a connection by number"
    );
    transaction.commit().unwrap();
    let snapshot = store.reader().snapshot().unwrap();
    assert_eq!(values_in(&snapshot), [START + day, START + 8 * day]);
    let mut connections = 0;
    let count = &mut |_, _| {
        connections += 1;
        ControlFlow::Continue(())
    };
    snapshot.connections(&ALWAYS, None, count).unwrap();
    assert_eq!(connections, 1);
}

/// The seconds that are there by the second.
fn values_in(snapshot: &Snapshot) -> Vec<i64> {
    let mut seconds = Vec::new();
    let note = &mut |second: &Second, _: &mut dyn Iterator<Item = Row>| {
        seconds.push(second.moment.second.0);
        ControlFlow::Continue(())
    };
    snapshot
        .seconds(&ALWAYS, &Amendments::default(), note)
        .unwrap();
    seconds
}

/// Whatever happens to a file's bytes: the service comes up, and reading tells or leaves out.
#[test]
fn a_damaged_file_never_stops_the_service() {
    let folder = tempfile::tempdir().unwrap();
    let seconds = (0..200).map(|second| {
        let rows = vec![row(
            second as u64 + 1,
            label("curl", Site::Other),
            0,
            traffic(1, 1, 1, 1),
        )];
        Arc::new(delta(at(START + second, 0), rows))
    });
    write(folder.path(), &seconds.collect::<Vec<_>>());
    let path = folder.path().join(FILE);
    let whole = std::fs::read(&path).unwrap();
    for case in 0..60 {
        let mut bytes = whole.clone();
        let place = case * 7_919 * 64 % whole.len();
        if case % 3 == 0 {
            bytes.truncate(place);
        } else {
            bytes[place..]
                .iter_mut()
                .take(512)
                .for_each(|byte| *byte ^= 0x5a);
        }
        std::fs::write(&path, &bytes).unwrap();
        let store = open(folder.path());
        let snapshot = store.reader().snapshot().unwrap();
        let mut read = 0;
        let count = &mut |_: &Second, rows: &mut dyn Iterator<Item = Row>| {
            read += rows.count();
            ControlFlow::Continue(())
        };
        let _told = snapshot.seconds(&ALWAYS, &Amendments::default(), count);
        assert!(read <= 200, "case {case}: seconds were made up");
    }
}

/// A clock that is wrong at start, and a restart before it is set right: nothing becomes too old by it.
#[test]
fn a_restart_makes_no_wrong_clock_believed() {
    let folder = tempfile::tempdir().unwrap();
    let years = 9 * 365 * 86_400;
    let one = |second| Arc::new(delta(at(second, 0), Vec::new()));
    write(
        folder.path(),
        &(0..200).map(|n| one(START + n)).collect::<Vec<_>>(),
    );
    for run in 0..2 {
        let (clock, _) = Clock::manual(Time(START + years + 10).start());
        let writer = Writer::start(open(folder.path()), clock, Hooks::default()).unwrap();
        let wrong = Arc::new(delta(at(START + years + run, 1), Vec::new()));
        writer.commit(wrong.clone(), Nanos(0));
        super::model::until(|| writer.committed().through() == Some(wrong.moment));
        // Ends once nothing is left to do, of retention neither.
        let patience = std::time::Duration::from_mins(1);
        writer.upkeep().run(What::Aggregate, patience).unwrap();
        writer.stop().unwrap();
    }
    let there = read(folder.path()).0;
    assert_eq!(there.len(), 202);
}
