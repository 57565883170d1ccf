//! Histories that earlier netmonitors wrote: each opens, is migrated, and tells what went in - also its
//! ended connections, in each format that they ever had. One that a newer netmonitor wrote is refused and
//! left alone. `scripts/histories.sh` says how the files of `tests/histories/` were made: each by the
//! program of its time, from the capture that is made here.
#![allow(clippy::expect_used, reason = "a test fails by panicking")]

mod harness;

use harness::capture::{Stamped, pcap, traffic};
use harness::{dump, netmonitor, seconds};
use netmonitor::clock::Clock;
use netmonitor::query::{Ask, Query, Recent};
use netmonitor::store::{self, Committed, FILE, Hooks, SCHEMA, Store, What, Writer};
use netmonitor::units::{Nanos, Second};
use redb::{ReadableDatabase, TableDefinition};
use std::collections::BTreeMap;
use std::io::Read;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// By the schema of the file and the format of its connections.
const HISTORIES: [(&str, u32); 4] = [
    ("schema-1-connections-1", 1),
    ("schema-1-connections-2", 1),
    ("schema-1-connections-3", 1),
    ("schema-2-connections-3", 2),
];
const META: TableDefinition<&str, &[u8]> = TableDefinition::new("meta");
const DAY: i64 = 86_400;

/// What all of them hold: minutes that were sealed, and some that were not.
fn given() -> Vec<Stamped> {
    traffic(27, 240, 2)
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/histories")
}

/// A history as it was left, in a folder of its own.
fn unpacked(name: &str) -> tempfile::TempDir {
    let data = tempfile::tempdir().expect("a folder");
    let packed = std::fs::File::open(folder().join(name).with_extension("redb.gz"));
    let mut bytes = Vec::new();
    let mut packed = flate2::read::GzDecoder::new(packed.expect("a history"));
    packed.read_to_end(&mut bytes).expect("the history's bytes");
    std::fs::write(data.path().join(FILE), bytes).expect("room");
    data
}

#[test]
fn every_history_that_was_ever_written_opens() {
    for (name, schema) in HISTORIES {
        let data = unpacked(name);
        assert_eq!(schema_of(data.path()), schema, "{name}");
        let held = seconds(&dump(data.path()));
        assert_eq!(held, by_second(), "{name}: packets by the second");
        assert_eq!(schema_of(data.path()), SCHEMA, "{name}: migrated");
        let asides = std::fs::read_dir(data.path()).expect("a folder").count();
        assert_eq!(asides, 1, "{name}: nothing was set aside");
        let checked = netmonitor()
            .args(["db", "check", "--data-dir"])
            .arg(data.path())
            .output();
        let checked = checked.expect("netmonitor db check");
        assert!(checked.status.success(), "{name}: {checked:?}");
        is_told_in_every_tier(data.path(), name);
    }
}

/// Bytes by the minute, hour and day, and the connections.
fn is_told_in_every_tier(data: &Path, name: &str) {
    let first = given()[0].micros as i64 / 1_000_000;
    let end = Second(first + 3 * DAY);
    let config = store::Config {
        seconds_days: 100_000,
        minutes_days: 100_000,
        hours_days: 100_000,
        connections_days: 100_000,
        zone: "UTC".into(),
        ..store::Config::default()
    };
    let store = Store::open(data, config, end.start()).expect("the history");
    let reader = store.reader();
    let mut connections = 0;
    let count = &mut |_, _| {
        connections += 1;
        ControlFlow::Continue(())
    };
    let snapshot = reader.snapshot().expect("a view of it");
    let all = Second(0)..Second(i64::MAX / 1_000_000_000);
    snapshot
        .connections(&all, None, count)
        .expect("connections");
    assert!(connections > 100, "{name}: {connections} connections");
    drop(snapshot);
    let (clock, _) = Clock::manual(end.start());
    let writer = Writer::start(store, clock, Hooks::default()).expect("a writer");
    let done = writer.upkeep().run(What::Aggregate, Duration::from_mins(1));
    done.expect("everything is rolled up");
    let bytes: u64 = given().iter().map(|frame| frame.bytes.len() as u64).sum();
    let query = Query::new(reader, Recent::new(Committed::new(None)), Vec::new());
    let from = Second(first.div_euclid(DAY) * DAY);
    for (step, tier) in [(60, "minute"), (3_600, "hour")] {
        let ask = Ask {
            step: Some(step.into()),
            ..day(from, end)
        };
        let told = query.timeline(&ask).expect("a series");
        let sum: u64 = told.bytes_in.iter().chain(&told.bytes_out).flatten().sum();
        assert_eq!((sum, told.tier), (bytes, tier), "{name}");
    }
    let told = query.stats(&day(from, end)).expect("sums");
    let sum = told.counts.bytes_in + told.counts.bytes_out;
    assert_eq!((sum, told.tier), (bytes, "day"), "{name}");
    writer.stop().expect("the end");
}

fn day(from: Second, now: Second) -> Ask {
    Ask {
        from: Some(from),
        to: Some(Second(from.0 + DAY)),
        ..Ask::at(now)
    }
}

fn by_second() -> BTreeMap<i64, u64> {
    let mut seconds = BTreeMap::new();
    for frame in given() {
        *seconds
            .entry((frame.micros / 1_000_000) as i64)
            .or_default() += 1;
    }
    seconds
}

/// What the file itself says; it is looked at in a copy, for to open it would change it.
fn schema_of(data: &Path) -> u32 {
    let copy = tempfile::NamedTempFile::new().expect("a file");
    std::fs::copy(data.join(FILE), copy.path()).expect("a copy");
    let database = redb::Database::open(copy.path()).expect("a database");
    let transaction = database.begin_read().expect("a view");
    let meta = transaction.open_table(META).expect("the facts");
    let value = meta.get("schema").expect("a page").expect("a schema");
    u32::from_le_bytes(value.value().try_into().expect("four bytes"))
}

#[test]
fn a_newer_history_is_refused_and_left_alone_to_the_byte() {
    let data = unpacked("schema-2-connections-3");
    let path = data.path().join(FILE);
    drop(dump(data.path()));
    let database = redb::Database::open(&path).expect("a database");
    let transaction = database.begin_write().expect("a change");
    let newer = (SCHEMA + 1).to_le_bytes();
    let mut meta = transaction.open_table(META).expect("the facts");
    meta.insert("schema", newer.as_slice()).expect("a page");
    drop(meta);
    transaction.commit().expect("a commit");
    drop(database);
    let before = std::fs::read(&path).expect("the file");
    let commands = [
        &["dump"][..],
        &["db", "check"],
        &["db", "stats"],
        &["db", "compact"],
    ];
    for command in commands {
        let refused = netmonitor()
            .args(command)
            .arg("--data-dir")
            .arg(data.path())
            .output();
        let refused = refused.expect("netmonitor");
        let said = String::from_utf8_lossy(&refused.stderr);
        assert!(!refused.status.success(), "{command:?} took it");
        assert!(said.contains("newer netmonitor"), "{command:?}: {said}");
        assert!(
            std::fs::read(&path).expect("the file") == before,
            "{command:?} changed it"
        );
    }
    let refused = Store::open(data.path(), store::Config::default(), Nanos(0)).err();
    assert!(
        matches!(refused, Some(store::Error::Newer { .. })),
        "{refused:?}"
    );
    assert!(
        std::fs::read(&path).expect("the file") == before,
        "it was changed"
    );
    let files = std::fs::read_dir(data.path()).expect("a folder").count();
    assert_eq!(files, 1, "it was set aside");
}

/// Writes the capture that the histories were made from, for `scripts/histories.sh`.
#[test]
fn the_capture_of_the_histories() {
    let bytes = pcap(&given());
    assert_eq!(
        bytes.len(),
        24 + given()
            .iter()
            .map(|one| 16 + one.bytes.len())
            .sum::<usize>()
    );
    if let Some(path) = std::env::var_os("NETMONITOR_HISTORY_CAPTURE") {
        std::fs::write(path, bytes).expect("the capture");
    }
}
