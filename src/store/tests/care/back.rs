//! A backup put back, and a file written anew: nothing is lost, whatever goes wrong.

use super::*;
use crate::store::care::Compacted;
use crate::store::layout::CONNECTIONS;

#[test]
fn what_was_there_is_kept_when_a_backup_is_put_back() {
    let (old, folder) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    furnished(old.path());
    let rows = vec![row(1, label("curl", Site::Other), 0, traffic(1, 1, 1, 1))];
    write(folder.path(), &[Arc::new(delta(at(START + 9, 3), rows))]);
    let (backup, present) = (told(old.path()), told(folder.path()));
    let from = old.path().join(FILE);
    let now = Time(START).start();
    let restored = care::restore(folder.path(), &from, now, &mut quiet).unwrap();
    let aside = restored.aside.unwrap();
    assert!(aside.ends_with("history.redb.before-restore-20260102T030000Z"));
    assert_eq!(restored.through, Some(Time(START + 119)));
    assert_eq!(told(folder.path()), backup);
    std::fs::rename(aside, folder.path().join(FILE)).unwrap();
    assert_eq!(told(folder.path()), present);
    assert_eq!(told(old.path()), backup, "the backup is still one");
}

#[test]
fn a_bad_backup_is_refused_and_nothing_is_touched() {
    let (old, folder) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    furnished(folder.path());
    let (from, now) = (old.path().join(FILE), Nanos(0));
    let there = std::fs::read(folder.path().join(FILE)).unwrap();
    let refused = |what: &str| {
        let refused = care::restore(folder.path(), &from, now, &mut quiet).unwrap_err();
        assert_eq!(
            std::fs::read_dir(folder.path()).unwrap().count(),
            1,
            "{what}"
        );
        assert!(
            std::fs::read(folder.path().join(FILE)).unwrap() == there,
            "{what}"
        );
        refused
    };
    assert!(matches!(refused("absent"), Error::Absent(_)));
    std::fs::write(&from, "this is a letter").unwrap();
    assert!(matches!(refused("a letter"), Error::BadBackup { .. }));
    std::fs::remove_file(&from).unwrap();
    furnished(old.path());
    spoil(old.path(), SEALED);
    assert!(matches!(refused("damaged"), Error::BadBackup { .. }));
    let store = open(old.path());
    let transaction = file::begin(&store.slot.get().unwrap()).unwrap();
    let mut meta = transaction.open_table(layout::META).unwrap();
    meta.insert("schema", 9u32.to_le_bytes().as_slice())
        .unwrap();
    drop(meta);
    transaction.commit().unwrap();
    drop(store);
    assert!(matches!(refused("newer"), Error::Newer { file: 9, .. }));
    let store = open(folder.path());
    let locked = care::restore(folder.path(), &from, now, &mut quiet);
    assert!(matches!(locked, Err(Error::Locked(_))), "{locked:?}");
    drop(store);
}

#[test]
fn compaction_gives_free_pages_back_and_loses_nothing() {
    let folder = tempfile::tempdir().unwrap();
    furnished(folder.path());
    let store = open(folder.path());
    let database = store.slot.get().unwrap();
    // Connections that come and go, as retention lets them.
    for gone in [false, true] {
        let transaction = file::begin(&database).unwrap();
        let mut table = transaction.open_table(CONNECTIONS).unwrap();
        for flow in 0..4_000 {
            let key = layout::connection_key(at(START - 9, 0), FrameNumber(flow));
            if gone {
                table.remove(&key).unwrap();
            } else {
                table.insert(&key, b"SECRET".repeat(80).as_slice()).unwrap();
            }
        }
        drop(table);
        transaction.commit().unwrap();
    }
    drop((database, store));
    let there = told(folder.path());
    let path = folder.path().join(FILE);
    let Compacted {
        before_bytes,
        after_bytes,
    } = care::compact(&path, &mut quiet).unwrap();
    assert!(
        after_bytes * 3 < before_bytes,
        "{before_bytes} to {after_bytes}"
    );
    assert_eq!(std::fs::metadata(&path).unwrap().len(), after_bytes);
    let bytes = std::fs::read(&path).unwrap();
    assert!(!bytes.windows(6).any(|six| six == b"SECRET"));
    assert_eq!(told(folder.path()), there);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
}
