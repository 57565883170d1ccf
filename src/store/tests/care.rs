//! Looking after the file: a backup is the history, also while it is written; a check finds what is
//! damaged and says what it costs; what is put back or compacted loses nothing.

mod back;
mod checks;
mod copies;

use super::super::care::{self, Care, Target};
use super::super::layout::GAPS;
use super::*;

#[expect(clippy::unnecessary_wraps, reason = "who is told may refuse to go on")]
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
        let rows = vec![row(
            flow,
            label("curl", Site::Other),
            1,
            traffic(1, 100, 2, 50),
        )];
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
        why: Why::Unwritten,
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
    (
        seconds,
        sums,
        gaps,
        connections,
        snapshot.through().unwrap(),
    )
}

/// Changes the first value of a table.
fn spoil(
    folder: &Path,
    table: redb::TableDefinition<'static, &'static layout::Key, &'static [u8]>,
) {
    let store = open(folder);
    let transaction = file::begin(&store.slot.get().unwrap()).unwrap();
    let mut opened = transaction.open_table(table).unwrap();
    let first = opened
        .first()
        .unwrap()
        .map(|(key, value)| (*key.value(), value.value().to_vec()));
    let (key, mut value) = first.unwrap();
    let middle = value.len() / 2;
    value[middle] ^= 1;
    opened.insert(&key, value.as_slice()).unwrap();
    drop(opened);
    transaction.commit().unwrap();
}

#[test]
fn statistics_are_of_every_table() {
    let folder = tempfile::tempdir().unwrap();
    furnished(folder.path());
    let stats = care::stats(&open(folder.path()).reader()).unwrap();
    let table = |name: &str| {
        stats
            .tables
            .iter()
            .find(|table| table.name == name)
            .unwrap()
    };
    assert_eq!((table("hot").rows, table("sealed").rows), (60, 1));
    assert_eq!(table("hot").first, Some(Time(START + 60)));
    assert_eq!(table("hot").last, Some(Time(START + 119)));
    assert_eq!((table("connections").rows, table("gaps").rows), (120, 1));
    assert_eq!(table("connections").last, Some(Time(START + 119)));
    let rows: Vec<_> = stats
        .rows
        .iter()
        .map(|one| (one.seconds, one.rows))
        .collect();
    assert_eq!(rows, [(60, 60), (60, 60)]);
    let apps = stats
        .dictionaries
        .iter()
        .find(|one| one.name == "apps")
        .unwrap();
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
