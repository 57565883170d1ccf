//! What is exported is what the history has: sums of rows are those of the statistics, whatever the
//! tier, the format and the place where an export was cut and continued; names stay names.

mod formats;
mod left;
mod narrowed;
mod resuming;
mod sizes;
mod sums;
mod tiers;

use super::*;
use crate::clock::Clock;
use crate::label::Site;
use crate::query::Recent;
use crate::store::sample::{
    START, any_history, at, connection, delta, label, row, stretched, traffic,
};
use crate::store::{Committed, Config, Hooks, Store, What as Task, Writer};
use crate::tick::Delta;
use crate::units::Nanos;
use proptest::prelude::*;
use serde_json::Value;
use std::sync::Arc;
use std::time::Duration;

const DAY: i64 = 86_400;
const PATIENCE: Duration = Duration::from_mins(2);

fn folder() -> tempfile::TempDir {
    tempfile::tempdir_in("/dev/shm")
        .or_else(|_| tempfile::tempdir())
        .unwrap()
}

/// A query over these seconds, sealed and rolled up as at `now`, and cleaned up after `config`.
fn history(folder: &tempfile::TempDir, seconds: &[Arc<Delta>], now: i64, config: &Config) -> Query {
    let config = Config {
        classes: vec!["web".into(), "dns".into()],
        zone: "UTC".into(),
        ..config.clone()
    };
    let open = || Store::open(folder.path(), config.clone(), Nanos(0)).unwrap();
    let (clock, _) = Clock::manual(Second(now).start());
    let writer = Writer::start(open(), clock, Hooks::default()).unwrap();
    for delta in seconds {
        writer.commit_when_room(delta.clone(), Nanos(0));
    }
    writer.upkeep().run(Task::Aggregate, PATIENCE).unwrap();
    writer.upkeep().run(Task::Cleanup, PATIENCE).unwrap();
    writer.stop().unwrap();
    let recent = Recent::new(Committed::new(None));
    Query::new(open().reader(), recent, Vec::new())
}

fn wish(what: What, format: Format, tier: Option<Tier>, range: &Range<Second>) -> Wish {
    let ask = Ask {
        from: Some(range.start),
        to: Some(range.end),
        ..Ask::at(range.end)
    };
    Wish {
        what,
        format,
        ask,
        by: (what == What::Top).then_some(By::Site),
        tier,
    }
}

fn written(wish: &Wish, query: &Query) -> Vec<u8> {
    written_from(wish, query, None)
}

fn written_from(wish: &Wish, query: &Query, from: Option<Second>) -> Vec<u8> {
    let plan = wish.plan_from(query, from).unwrap();
    let mut bytes = Vec::new();
    let mut give = |piece: Vec<u8>| {
        bytes.extend(piece);
        Ok(())
    };
    wish.write_from(query, &plan, from, &mut give).unwrap();
    bytes
}

/// The items of an export in any format, as objects with text for values.
fn items(wish: &Wish, query: &Query) -> Vec<Value> {
    let bytes = written(wish, query);
    match wish.format {
        Format::Json => {
            let document: Value = serde_json::from_slice(&bytes).unwrap();
            let items = document["items"].as_array().unwrap().clone();
            assert_eq!(document["count"], items.len());
            items
        }
        Format::Ndjson => {
            let text = String::from_utf8(bytes).unwrap();
            let lines = text.lines().map(|line| serde_json::from_str(line).unwrap());
            lines.collect()
        }
        Format::Csv => {
            let mut reader = ::csv::Reader::from_reader(bytes.as_slice());
            let head = reader.headers().unwrap().clone();
            let object = |record: ::csv::StringRecord| {
                let cells = head.iter().zip(record.iter());
                let cells = cells.map(|(name, cell)| {
                    let value = serde_json::from_str(cell).ok();
                    let value = value.filter(|value: &Value| !value.is_string());
                    (name.to_owned(), value.unwrap_or_else(|| cell.into()))
                });
                cells.collect::<serde_json::Map<_, _>>().into()
            };
            reader.records().map(|one| object(one.unwrap())).collect()
        }
    }
}

fn sum(items: &[Value], field: &str) -> u64 {
    items.iter().map(|item| item[field].as_u64().unwrap()).sum()
}

fn span(deltas: &[Arc<Delta>]) -> Range<i64> {
    let seconds = || deltas.iter().map(|delta| delta.moment.second.0);
    seconds().min().unwrap() - 2..seconds().max().unwrap() + 3
}

/// A second in which curl got a hundred bytes.
fn second(second: i64) -> Arc<Delta> {
    let word = label("curl", Site::Other);
    let rows = vec![row(1, word, 0, traffic(1, 100, 1, 10))];
    Arc::new(delta(at(second, 0), rows))
}

fn any_tier() -> impl Strategy<Value = Option<Tier>> {
    prop_oneof![
        Just(None),
        prop::sample::select(Tier::ALL.to_vec()).prop_map(Some)
    ]
}
