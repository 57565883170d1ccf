//! A check finds what is damaged, says what it costs, and changes nothing.

use super::*;
use crate::store::layout::{AMENDMENTS, META};
use crate::store::slot::{Slot, Trust};

#[test]
fn a_sound_history_is_told_to_be() {
    let folder = tempfile::tempdir().unwrap();
    furnished(folder.path());
    let path = folder.path().join(FILE);
    let bytes = std::fs::read(&path).unwrap();
    let report = care::check_file(&path, &mut quiet).unwrap();
    assert_eq!(report.damages, []);
    assert!(report.pages && report.values > 400, "{report:?}");
    assert!(
        std::fs::read(&path).unwrap() == bytes,
        "a check changes nothing"
    );
    let store = open(folder.path());
    assert_eq!(
        care::check(&store.reader(), &mut quiet).unwrap().damages,
        []
    );
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
fn a_fact_about_the_file_that_turned_is_found() {
    let folder = tempfile::tempdir().unwrap();
    furnished(folder.path());
    let store = open(folder.path());
    let transaction = file::begin(&store.slot.get().unwrap()).unwrap();
    let mut meta = transaction.open_table(META).unwrap();
    let mut zones = meta.get("zones").unwrap().unwrap().value().to_vec();
    *zones.last_mut().unwrap() ^= 1;
    meta.insert("zones", zones.as_slice()).unwrap();
    drop(meta);
    transaction.commit().unwrap();
    let report = care::check(&store.reader(), &mut quiet).unwrap();
    let found = report.damages.iter().map(|one| one.table.as_deref());
    assert_eq!(found.collect::<Vec<_>>(), [Some("meta")]);
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
    let tables: Vec<_> = report
        .damages
        .iter()
        .filter_map(|one| one.table.as_deref())
        .collect();
    assert!(tables.contains(&"apps_by_word"), "{report:?}");
    assert!(
        report
            .damages
            .iter()
            .any(|one| one.why.contains("is not in `apps`"))
    );
}

#[test]
fn bytes_that_are_altered_outside_are_found() {
    let folder = tempfile::tempdir().unwrap();
    furnished(folder.path());
    let path = folder.path().join(FILE);
    let whole = std::fs::read(&path).unwrap();
    let needle = b"site7.example";
    let places = whole.windows(needle.len()).enumerate();
    let places: Vec<_> = places
        .filter(|(_, bytes)| bytes == needle)
        .map(|(at, _)| at)
        .collect();
    assert!(!places.is_empty());
    let mut bytes = whole.clone();
    for at in places {
        bytes[at] ^= 0x20;
    }
    std::fs::write(&path, &bytes).unwrap();
    let report = care::check_file(&path, &mut quiet).unwrap();
    assert!(report.damaged > 0, "{report:?}");
    assert!(
        std::fs::read(&path).unwrap() == bytes,
        "a check repairs nothing"
    );
    std::fs::write(&path, "no history at all, but longer than nothing").unwrap();
    let report = care::check_file(&path, &mut quiet).unwrap();
    assert_eq!((report.damaged, &report.damages[0].table), (1, &None));
}

/// A file of more than 256 MiB is opened without its pages being verified: every value that turned there
/// is found by the check that a service makes.
#[test]
fn what_opening_did_not_verify_a_running_check_finds() {
    let folder = tempfile::tempdir().unwrap();
    furnished(folder.path());
    let path = folder.path().join(FILE);
    let whole = std::fs::read(&path).unwrap();
    let tables = [HOT, SEALED, AMENDMENTS, GAPS];
    let mut looked = 0;
    for (_, value) in tables
        .iter()
        .flat_map(|table| values(folder.path(), *table))
    {
        let mut bytes = whole.clone();
        let places = whole.windows(value.len()).enumerate();
        for (at, _) in places.filter(|(_, bytes)| *bytes == value) {
            bytes[at + value.len() / 2] ^= 0x10;
        }
        assert!(bytes != whole);
        std::fs::write(&path, &bytes).unwrap();
        let unverified = file::open_again(&path, &config(), Trust::AsItIs);
        let slot = Slot::new(unverified.unwrap().0, Box::new(|_| Err(Error::Closed)));
        let report = care::check(&Reader(Arc::new(slot)), &mut quiet).unwrap();
        assert!(report.damaged > 0, "a value of {} bytes", value.len());
        std::fs::write(&path, &whole).unwrap();
        looked += 1;
    }
    assert!(looked > 60, "{looked}");
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
