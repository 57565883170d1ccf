//! How many bytes a row takes once it is sealed, and rolled up, all overhead of the values included.

use netmonitor::clock::Clock;
use netmonitor::config::Config;
use netmonitor::monitor::{self, Replay};
use netmonitor::store::{self, Hooks, Snapshot, Store, Tier, What, Writer};
use netmonitor::units::Second;
use std::ops::ControlFlow;
use std::path::Path;
use std::time::Duration;

const ALWAYS: std::ops::Range<Second> = Second(0)..Second(1 << 40);

pub(crate) fn captures(folder: &Path, captures: &[&str]) {
    for (number, capture) in captures.iter().enumerate() {
        let folder = folder.join(number.to_string());
        let replay = Replay {
            config: Config::default(),
            local: Vec::new(),
            pace: false,
            into: Some(folder.clone()),
            keep_flows: false,
        };
        // A damaged capture has what came before.
        let _ = monitor::replay(Path::new(capture), &replay);
        told(&folder, capture);
    }
}

fn told(folder: &Path, capture: &str) {
    let clock = Clock::system();
    let config = store::Config {
        seconds_days: 40_000,
        minutes_days: 40_000,
        hours_days: 40_000,
        zone: "UTC".into(),
        ..store::Config::default()
    };
    let store = Store::open(folder, config, clock.now().wall).expect("the history");
    let reader = store.reader();
    // What an earlier run left is sealed at once.
    let writer = Writer::start(store, clock, Hooks::default()).expect("a writer");
    let did = writer
        .upkeep()
        .run(What::Aggregate, Duration::from_mins(10));
    did.expect("sealing and roll-up");
    let snapshot = reader.snapshot().expect("a look");
    let held = snapshot.held().expect("sizes");
    let tiers: Vec<String> = Tier::ALL
        .into_iter()
        .zip(held)
        .map(|(tier, held)| {
            let (parts, rows) = counted(&snapshot, tier);
            let each = held.bytes as f64 / rows.max(1) as f64;
            let word = tier.word();
            format!(
                r#""{word}": {{"parts": {parts}, "rows": {rows}, "bytes": {}, "each": {each:.2}}}"#,
                held.bytes
            )
        })
        .collect();
    println!(r#"{{"capture": "{capture}", {}}}"#, tiers.join(", "));
    drop(snapshot);
    writer.stop().expect("the history is closed");
}

fn counted(snapshot: &Snapshot, tier: Tier) -> (u64, u64) {
    let plan = store::Plan {
        pieces: vec![store::Piece {
            tier,
            range: ALWAYS,
        }],
        ..store::Plan::default()
    };
    let amendments = snapshot.amendments(&ALWAYS).expect("late labels");
    let (mut parts, mut rows) = (0, 0);
    let mut count = |_: &store::Second, all: &mut dyn Iterator<Item = store::Row>| {
        parts += 1;
        rows += all.count() as u64;
        ControlFlow::Continue(())
    };
    snapshot
        .planned(&plan, &ALWAYS, &amendments, &mut count)
        .expect("a tier");
    (parts, rows)
}
