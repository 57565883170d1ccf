//! The file written anew: seconds that come meanwhile are all there, and what ends early leaves the old.

use super::*;

#[test]
fn seconds_that_come_while_the_file_is_written_anew_are_all_there() {
    let folder = tempfile::tempdir().unwrap();
    let deltas = furnished(500);
    let (old, new) = deltas.split_at(250);
    let (last, new) = new.split_last().unwrap();
    let store = open(folder.path());
    let reader = store.reader();
    let (clock, _) = Clock::manual(Time(START).start());
    let writer = Writer::start(store, clock, Hooks::default()).unwrap();
    for delta in old {
        writer.commit_when_room(delta.clone(), Nanos(0));
    }
    let reached = old.last().unwrap().moment;
    super::model::until(|| writer.committed().through() == Some(reached));
    let held = reader.snapshot().unwrap();
    let orders = writer.orders();
    let first = orders.give(Order::Compact).unwrap();
    let second = orders
        .give(Order::Forget(Wish::AppNamed("ssh".into())))
        .unwrap();
    let third = orders.give(Order::Compact).unwrap();
    for delta in new {
        writer.commit_when_room(delta.clone(), Nanos(0));
    }
    for waiting in [first, second, third] {
        let last = loop {
            match waiting.next() {
                Told::Progress(..) => {}
                last => break last,
            }
        };
        assert!(
            matches!(last, Told::Compacted(_) | Told::Forgotten(_)),
            "{last:?}"
        );
    }
    // What comes then is in the new file.
    writer.commit(last.clone(), Nanos(0));
    // Whoever was reading reads on, in the file that was.
    assert!(held.through().unwrap().is_some());
    drop(held);
    writer.stop().unwrap();
    let there: Vec<_> = totals(folder.path()).into_keys().collect();
    let given: Vec<_> = deltas.iter().map(|delta| delta.moment).collect();
    assert_eq!(there, given);
}

/// Whoever is not waited for any more: the file stays as it was, and nothing lies beside it.
#[test]
fn a_file_whose_rewriting_ends_early_is_the_old_one() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), &furnished(200));
    let (path, before) = (folder.path().join(FILE), read(folder.path()));
    let target = Target {
        path: path.clone(),
        replace: true,
    };
    let store = open(folder.path());
    let mut seen = 0;
    let refused = care::rewrite(&store.reader(), &target, Unused::default(), &mut |_, _| {
        // What a crash here would leave, is opened.
        let crashed = tempfile::tempdir().unwrap();
        for file in std::fs::read_dir(folder.path()).unwrap() {
            let file = file.unwrap();
            std::fs::copy(file.path(), crashed.path().join(file.file_name())).unwrap();
        }
        assert_eq!(read(crashed.path()), before);
        let names = std::fs::read_dir(crashed.path()).unwrap().count();
        assert_eq!(names, 1, "what lay beside it is removed");
        seen += 1;
        if seen > 2 { Err(Error::Gone) } else { Ok(()) }
    });
    assert!(matches!(refused, Err(Error::Gone)) && seen == 3);
    drop(store);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    assert_eq!(read(folder.path()), before);
}

#[test]
fn what_an_earlier_run_began_is_done_by_the_next() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(FILE);
    write(folder.path(), &furnished(200));
    let before = totals(folder.path());
    {
        let store = open(folder.path());
        let transaction = file::begin(&store.slot.get().unwrap()).unwrap();
        let wish = Wish::Domain(HOST.into());
        Forgetting::begin(&transaction, &store.calendar, &wish, Time(START)).unwrap();
        transaction.commit().unwrap();
    }
    assert!(holds(&path, HOST.as_bytes()));
    let store = open(folder.path());
    let reader = store.reader();
    let (clock, _) = Clock::manual(Time(START + 500).start());
    let writer = Writer::start(store, clock, Hooks::default()).unwrap();
    super::super::model::until(|| {
        let database = reader.0.get();
        database.is_ok_and(|now| Forgetting::resume(&now).unwrap().is_none())
    });
    writer.stop().unwrap();
    assert!(!holds(&path, HOST.as_bytes()));
    assert_eq!(totals(folder.path()), before);
    let report = care::check_file(&path, &mut |_, _| Ok(())).unwrap();
    assert_eq!(report.damages, []);
}
