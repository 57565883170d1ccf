//! Looking after the file: a backup is the history, also while it is written; a check finds what is
//! damaged and says what it costs; what is put back or compacted loses nothing.

use super::super::care::{self, Care, Compacted, Target};
use super::super::layout::{AMENDMENTS, CONNECTIONS, GAPS};
use super::*;
use crate::units::Nanos;
use std::os::unix::fs::PermissionsExt;

fn quiet(_: u64, _: u64) -> Result<(), Error> {
    Ok(())
}

fn target(path: &Path) -> Target {
    Target {
        path: path.to_owned(),
        replace: false,
    }
}

/// Two minutes with everything that a history has: the first sealed, a label that came late, a gap
/// and connections.
fn furnished(folder: &Path) {
    let second = |n: i64| {
        let flow = n as u64 + 1;
        let rows = vec![row(flow, label("curl", Site::Other), 1, traffic(1, 100, 2, 50))];
        let mut one = delta(at(START + n, 0), rows);
        let last = one.moment.second.start();
        one.ended = vec![connection(flow, last, label("ssh", Site::Other))];
        one.amendments = vec![Amendment {
            flow: FrameNumber(flow),
            since: one.moment,
            label: label("late", Site::Name(format!("site{n}.example").into())),
        }];
        Arc::new(one)
    };
    write(folder, &(0..60).map(second).collect::<Vec<_>>());
    seal(folder);
    write(folder, &(60..120).map(second).collect::<Vec<_>>());
    let store = open(folder);
    let transaction = file::begin(&store.slot.get().unwrap()).unwrap();
    let gap = gap::Gap {
        first: at(START + 500, 0),
        seconds: 7,
        traffic: traffic(1, 2, 3, 4),
    };
    commit::write_gaps(&transaction, &[gap]).unwrap();
    transaction.commit().unwrap();
}

/// Everything that a reader can tell of a history.
fn told(folder: &Path) -> (Vec<Second>, Sums, Vec<Gap>, Vec<Ended>, Option<Moment>) {
    let (seconds, sums) = read(folder);
    let snapshot = open(folder).reader().snapshot().unwrap();
    let mut connections = Vec::new();
    let each = &mut |one, _| {
        connections.push(one);
        ControlFlow::Continue(())
    };
    snapshot.connections(&ALWAYS, None, each).unwrap();
    let gaps = snapshot.gaps(&ALWAYS).unwrap();
    (seconds, sums, gaps, connections, snapshot.through().unwrap())
}

/// Changes the first value of a table.
fn spoil(folder: &Path, table: redb::TableDefinition<'static, &'static layout::Key, &'static [u8]>) {
    let store = open(folder);
    let transaction = file::begin(&store.slot.get().unwrap()).unwrap();
    let mut opened = transaction.open_table(table).unwrap();
    let first = opened.first().unwrap().map(|(key, value)| (*key.value(), value.value().to_vec()));
    let (key, mut value) = first.unwrap();
    let middle = value.len() / 2;
    value[middle] ^= 1;
    opened.insert(&key, value.as_slice()).unwrap();
    drop(opened);
    transaction.commit().unwrap();
}

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
    assert_eq!(told(copies.path()), before, "it is the history of one commit");
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
    slot.reopen().unwrap();
    assert!(!path.exists());
}

#[test]
fn a_sound_history_is_told_to_be() {
    let folder = tempfile::tempdir().unwrap();
    furnished(folder.path());
    let path = folder.path().join(FILE);
    let bytes = std::fs::read(&path).unwrap();
    let report = care::check_file(&path, &mut quiet).unwrap();
    assert_eq!(report.damages, []);
    assert!(report.pages && report.values > 400, "{report:?}");
    assert!(std::fs::read(&path).unwrap() == bytes, "a check changes nothing");
    let store = open(folder.path());
    assert_eq!(care::check(&store.reader(), &mut quiet).unwrap().damages, []);
}

#[test]
fn every_damaged_value_is_found_with_what_it_costs() {
    let minute = (Time(START), Time(START + 59));
    for (table, name, seconds) in [
        (SEALED, "sealed", minute),
        (HOT, "hot", (Time(START + 60), Time(START + 60))),
        (GAPS, "gaps", (Time(START + 500), Time(START + 500))),
    ] {
        let folder = tempfile::tempdir().unwrap();
        furnished(folder.path());
        spoil(folder.path(), table);
        let report = care::check_file(&folder.path().join(FILE), &mut quiet).unwrap();
        assert_eq!(report.damaged, 1, "{report:?}");
        assert_eq!(report.damages[0].table.as_deref(), Some(name));
        assert_eq!(report.damages[0].seconds, Some(seconds));
        assert!(report.damages[0].why.contains("checksum"));
    }
}

#[test]
fn a_number_without_a_word_is_found() {
    let folder = tempfile::tempdir().unwrap();
    furnished(folder.path());
    let store = open(folder.path());
    let transaction = file::begin(&store.slot.get().unwrap()).unwrap();
    let (by_id, _) = <App as Word>::tables();
    let mut apps = transaction.open_table(by_id).unwrap();
    apps.pop_last().unwrap();
    drop(apps);
    transaction.commit().unwrap();
    drop(store);
    let report = care::check_file(&folder.path().join(FILE), &mut quiet).unwrap();
    let tables: Vec<_> = report.damages.iter().filter_map(|one| one.table.as_deref()).collect();
    assert!(tables.contains(&"apps_by_word"), "{report:?}");
    assert!(report.damages.iter().any(|one| one.why.contains("is not in `apps`")));
}

#[test]
fn bytes_that_are_altered_outside_are_found() {
    let folder = tempfile::tempdir().unwrap();
    furnished(folder.path());
    let path = folder.path().join(FILE);
    let whole = std::fs::read(&path).unwrap();
    let needle = b"site7.example";
    let places = whole.windows(needle.len()).enumerate();
    let places: Vec<_> = places.filter(|(_, bytes)| bytes == needle).map(|(at, _)| at).collect();
    assert!(!places.is_empty());
    let mut bytes = whole.clone();
    places.iter().for_each(|at| bytes[*at] ^= 0x20);
    std::fs::write(&path, &bytes).unwrap();
    let report = care::check_file(&path, &mut quiet).unwrap();
    assert!(report.damaged > 0, "{report:?}");
    assert!(std::fs::read(&path).unwrap() == bytes, "a check repairs nothing");
    std::fs::write(&path, "no history at all, but longer than nothing").unwrap();
    let report = care::check_file(&path, &mut quiet).unwrap();
    assert_eq!((report.damaged, &report.damages[0].table), (1, &None));
}

#[test]
fn what_cannot_be_checked_is_an_error_and_no_damage() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(FILE);
    let absent = care::check_file(&path, &mut quiet);
    assert!(matches!(absent, Err(Error::Absent(_))), "{absent:?}");
    assert!(!path.exists());
    let store = open(folder.path());
    let locked = care::check_file(&path, &mut quiet);
    assert!(matches!(locked, Err(Error::Locked(_))), "{locked:?}");
    drop(store);
}

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
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "{what}");
        assert!(std::fs::read(folder.path().join(FILE)).unwrap() == there, "{what}");
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
    meta.insert("schema", 9u32.to_le_bytes().as_slice()).unwrap();
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
    let Compacted { before_bytes, after_bytes } = care::compact(&path, &mut quiet).unwrap();
    assert!(after_bytes * 3 < before_bytes, "{before_bytes} to {after_bytes}");
    assert_eq!(std::fs::metadata(&path).unwrap().len(), after_bytes);
    let bytes = std::fs::read(&path).unwrap();
    assert!(!bytes.windows(6).any(|six| six == b"SECRET"));
    assert_eq!(told(folder.path()), there);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn statistics_are_of_every_table() {
    let folder = tempfile::tempdir().unwrap();
    furnished(folder.path());
    let stats = care::stats(&open(folder.path()).reader()).unwrap();
    let table = |name: &str| stats.tables.iter().find(|table| table.name == name).unwrap();
    assert_eq!((table("hot").rows, table("sealed").rows), (60, 1));
    assert_eq!(table("hot").first, Some(Time(START + 60)));
    assert_eq!(table("hot").last, Some(Time(START + 119)));
    assert_eq!((table("connections").rows, table("gaps").rows), (120, 1));
    assert_eq!(table("connections").last, Some(Time(START + 119)));
    let rows: Vec<_> = stats.rows.iter().map(|one| (one.seconds, one.rows)).collect();
    assert_eq!(rows, [(60, 60), (60, 60)]);
    let apps = stats.dictionaries.iter().find(|one| one.name == "apps").unwrap();
    assert_eq!(apps.words, table("apps_by_word").rows);
    assert_eq!(stats.through, Some(Time(START + 119)));
}

#[test]
fn one_at_a_time_looks_after_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let care = Care::new(open(folder.path()).reader());
    let turn = care.turn().unwrap();
    assert!(matches!(care.turn(), Err(Error::Busy)));
    drop(turn);
    assert!(care.turn().is_ok());
}
