//! A copy is the history of one commit, whole or not at all, also while the writer goes on.

use super::*;
use crate::store::layout::AMENDMENTS;
use crate::store::slot::Trust;
use std::os::unix::fs::PermissionsExt;

#[test]
fn a_backup_is_the_history() {
    let folder = tempfile::tempdir().unwrap();
    furnished(folder.path());
    let there = told(folder.path());
    assert!(!there.2.is_empty() && there.3.len() == 120 && there.0.len() == 120);
    let copies = tempfile::tempdir().unwrap();
    let path = copies.path().join(FILE);
    let reader = care::look(&folder.path().join(FILE)).unwrap();
    care::backup(&reader, &target(&path), &mut quiet).unwrap();
    let mode = std::fs::metadata(&path).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    assert_eq!(std::fs::read_dir(copies.path()).unwrap().count(), 1);
    assert_eq!(care::check_file(&path, &mut quiet).unwrap().damaged, 0);
    assert_eq!(told(copies.path()), there);
    drop(reader);
    for table in [HOT, SEALED, AMENDMENTS, GAPS] {
        assert_eq!(values(copies.path(), table), values(folder.path(), table));
    }
}

#[test]
fn a_backup_writes_over_nothing_unless_it_shall() {
    let folder = tempfile::tempdir().unwrap();
    furnished(folder.path());
    let path = folder.path().join("copy");
    std::fs::write(&path, "mine").unwrap();
    let reader = open(folder.path()).reader();
    let refused = care::backup(&reader, &target(&path), &mut quiet);
    assert!(matches!(refused, Err(Error::Exists(_))), "{refused:?}");
    assert_eq!(std::fs::read(&path).unwrap(), b"mine");
    let over = Target {
        replace: true,
        ..target(&path)
    };
    care::backup(&reader, &over, &mut quiet).unwrap();
    assert!(std::fs::metadata(&path).unwrap().len() > 4_096);
}

#[test]
fn a_sent_history_comes_whole_or_not_at_all() {
    let folder = tempfile::tempdir().unwrap();
    furnished(folder.path());
    let there = told(folder.path());
    let mut sent = Vec::new();
    let reader = open(folder.path()).reader();
    care::send(&reader, &mut |chunk| {
        sent.extend(chunk);
        Ok(())
    })
    .unwrap();
    drop(reader);
    let copies = tempfile::tempdir().unwrap();
    let path = copies.path().join(FILE);
    for cut in (0..sent.len()).step_by(sent.len() / 40) {
        let got = care::receive(&mut &sent[..cut], &target(&path), &mut quiet);
        assert!(matches!(got, Err(Error::Cut(_))), "{cut}: {got:?}");
        let mut garbled = sent.clone();
        garbled[cut] ^= 0x10;
        let got = care::receive(&mut garbled.as_slice(), &target(&path), &mut quiet);
        assert!(got.is_err(), "{cut}");
        assert_eq!(std::fs::read_dir(copies.path()).unwrap().count(), 0);
    }
    care::receive(&mut sent.as_slice(), &target(&path), &mut quiet).unwrap();
    assert_eq!(told(copies.path()), there);
}

#[test]
fn commits_go_on_while_a_backup_is_read_slowly() {
    let folder = tempfile::tempdir().unwrap();
    furnished(folder.path());
    let before = told(folder.path());
    let store = open(folder.path());
    let reader = store.reader();
    let epoch = store.next_epoch().0;
    let (clock, _) = Clock::manual(Time(START).start());
    let writer = Writer::start(store, clock, Hooks::default()).unwrap();
    let copies = tempfile::tempdir().unwrap();
    let path = copies.path().join(FILE);
    let (mut sent, mut seconds) = (Vec::new(), 0);
    // The writer seals and commits between any two chunks, and is waited for each time.
    care::send(&reader, &mut |chunk| {
        sent.extend(chunk);
        for _ in 0..100 {
            seconds += 1;
            let rows = vec![row(9, label("new", Site::Other), 0, traffic(1, 1, 1, 1))];
            let moment = at(START + 1_000 + seconds, epoch);
            writer.commit(Arc::new(delta(moment, rows)), Nanos(0));
            while writer.committed().through() != Some(moment) {
                std::thread::yield_now();
            }
        }
        Ok(())
    })
    .unwrap();
    assert!(seconds >= 100);
    drop(reader);
    writer.stop().unwrap();
    care::receive(&mut sent.as_slice(), &target(&path), &mut quiet).unwrap();
    assert_eq!(care::check_file(&path, &mut quiet).unwrap().damaged, 0);
    assert_eq!(
        told(copies.path()),
        before,
        "it is the history of one commit"
    );
}

#[test]
fn a_copy_gives_way_when_the_file_must_be_opened_again() {
    let folder = tempfile::tempdir().unwrap();
    furnished(folder.path());
    let store = open(folder.path());
    let (reader, slot) = (store.reader(), store.slot.clone());
    let path = folder.path().join("copy");
    let ended = care::backup(&reader, &target(&path), &mut |done, total| {
        if done < total {
            slot.close();
        }
        Ok(())
    });
    assert!(matches!(ended, Err(Error::Closed)), "{ended:?}");
    slot.reopen(Trust::AsItIs).unwrap();
    assert!(!path.exists());
}

#[test]
fn a_table_that_is_new_is_copied_and_one_of_an_unknown_kind_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    furnished(folder.path());
    let store = open(folder.path());
    let database = store.slot.get().unwrap();
    let transaction = file::begin(&database).unwrap();
    let marks = redb::TableDefinition::<&[u8; 9], ()>::new("marks");
    let later = redb::TableDefinition::<&layout::Key, &[u8]>::new("later");
    transaction
        .open_table(marks)
        .unwrap()
        .insert(&[7; 9], ())
        .unwrap();
    let value = codec::Out(vec![9, 1, 2]).sealed();
    let mut table = transaction.open_table(later).unwrap();
    table
        .insert(&layout::key(at(START, 0)), value.as_slice())
        .unwrap();
    drop(table);
    transaction.commit().unwrap();
    assert_eq!(
        care::check(&store.reader(), &mut quiet).unwrap().damages,
        []
    );
    let copies = tempfile::tempdir().unwrap();
    let path = copies.path().join(FILE);
    care::backup(&store.reader(), &target(&path), &mut quiet).unwrap();
    let other = open(copies.path());
    let again = other.slot.get().unwrap();
    let again = again.begin_read().unwrap();
    assert!(
        again
            .open_table(marks)
            .unwrap()
            .get(&[7; 9])
            .unwrap()
            .is_some()
    );
    let transaction = file::begin(&database).unwrap();
    let strange = redb::TableDefinition::<i8, i8>::new("strange");
    transaction.open_table(strange).unwrap();
    transaction.commit().unwrap();
    let over = Target {
        replace: true,
        ..target(&path)
    };
    let refused = care::backup(&store.reader(), &over, &mut quiet);
    assert!(matches!(refused, Err(Error::StrangeTable(name)) if name == "strange"));
}
