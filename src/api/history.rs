//! `/api/store/*`: the history as a file: what it holds, whether it is sound, a whole copy of it.
//! What takes long is streamed by a thread of its own, which ends when the client leaves.

use super::chunks;
use super::context::Context;
use super::problem::Problem;
use super::reply::Reply;
use super::request::Request;
use super::route::{Answer, Gives, Guard, Route, shape};
use crate::query::time;
use crate::store::care::{self, Report, Turn};
use crate::store::{self, Error};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

pub(super) const STATS: Route = Route {
    name: "GET /api/store/stats",
    guard: Guard::Token,
    about: "What the history's file holds.",
    takes: &[],
    body: None,
    gives: Gives::Json(shape::<HistoryStats>),
    answer: Answer::Handler(stats),
};

pub(super) const CHECK: Route = Route {
    name: "POST /api/store/check",
    about: "Checks the whole history; a line of JSON for each piece, and one with the report.",
    body: Some(shape::<Nothing>),
    gives: Gives::Other(LINES),
    answer: Answer::Handler(check),
    ..STATS
};

pub(super) const BACKUP: Route = Route {
    name: "POST /api/store/backup",
    about: "The whole history as it was at one commit; `netmonitor db backup` makes a file of it.",
    body: Some(shape::<Nothing>),
    gives: Gives::Other(BYTES),
    answer: Answer::Handler(backup),
    ..STATS
};

pub(super) const LINES: &str = "application/x-ndjson";
const BYTES: &str = "application/octet-stream";

/// Takes no parameters: that a body must be JSON keeps other sites' forms out.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Nothing {}

#[derive(Debug, Serialize, ToSchema)]
pub struct HistoryStats {
    pub schema: u32,
    pub file_bytes: u64,
    /// What no table uses: free pages, and what redb notes for itself.
    pub unused_bytes: u64,
    pub committed_through: Option<String>,
    /// When a running service checked all of it last, which it does once a day.
    pub checked: Option<CheckedItem>,
    pub tables: Vec<TableItem>,
    /// What the tables of seconds hold when they are unpacked.
    pub seconds: Vec<SecondsItem>,
    pub dictionaries: Vec<DictionaryItem>,
}

/// What the daily check found.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct CheckedItem {
    pub at: String,
    pub values: u64,
    pub damaged: u64,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct TableItem {
    pub name: String,
    pub rows: u64,
    /// Keys and values.
    pub stored_bytes: u64,
    /// Pages that hold them.
    pub file_bytes: u64,
    /// Where the table is by time.
    pub first: Option<String>,
    pub last: Option<String>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct SecondsItem {
    pub table: String,
    pub seconds: u64,
    pub rows: u64,
    /// What a row of a second takes, all overhead included.
    pub bytes_per_row: Option<f64>,
    /// Values that could not be read.
    pub damaged: u64,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct DictionaryItem {
    pub name: String,
    pub words: u64,
    pub file_bytes: u64,
}

/// What a check found.
#[derive(Debug, Serialize)]
pub struct HistoryReport {
    pub sound: bool,
    /// The pages themselves were checked, too: that needs a file that no service has open.
    pub pages: bool,
    pub values: u64,
    pub damaged: u64,
    /// The first 200.
    pub damages: Vec<DamageItem>,
}

#[derive(Debug, Serialize)]
pub struct DamageItem {
    pub table: Option<String>,
    pub from: Option<String>,
    pub to: Option<String>,
    pub why: String,
    pub costs: &'static str,
}

impl HistoryStats {
    pub fn of(stats: care::Stats, file_bytes: u64) -> HistoryStats {
        let used: u64 = stats.tables.iter().map(|table| table.file_bytes).sum();
        HistoryStats {
            schema: stats.schema,
            file_bytes,
            unused_bytes: file_bytes.saturating_sub(used),
            committed_through: stats.through.map(time),
            checked: stats.checked.map(CheckedItem::of),
            tables: stats.tables.into_iter().map(table).collect(),
            seconds: stats.rows.into_iter().map(seconds).collect(),
            dictionaries: stats.dictionaries.into_iter().map(dictionary).collect(),
        }
    }
}

impl CheckedItem {
    pub fn of(checked: care::Checked) -> CheckedItem {
        CheckedItem {
            at: time(checked.at),
            values: checked.values,
            damaged: checked.damaged,
        }
    }
}

fn table(one: care::TableStats) -> TableItem {
    TableItem {
        name: one.name,
        rows: one.rows,
        stored_bytes: one.stored_bytes,
        file_bytes: one.file_bytes,
        first: one.first.map(time),
        last: one.last.map(time),
    }
}

fn seconds(one: care::RowStats) -> SecondsItem {
    SecondsItem {
        bytes_per_row: (one.rows > 0).then(|| one.file_bytes as f64 / one.rows as f64),
        table: one.table,
        seconds: one.seconds,
        rows: one.rows,
        damaged: one.damaged,
    }
}

fn dictionary(one: care::DictionaryStats) -> DictionaryItem {
    DictionaryItem {
        name: one.name,
        words: one.words,
        file_bytes: one.file_bytes,
    }
}

impl HistoryReport {
    pub fn of(report: Report) -> HistoryReport {
        let damages = report.damages.into_iter().map(|one| DamageItem {
            table: one.table,
            from: one.seconds.map(|(from, _)| time(from)),
            to: one.seconds.map(|(_, to)| time(to)),
            why: one.why,
            costs: one.costs,
        });
        HistoryReport {
            sound: report.damaged == 0,
            pages: report.pages,
            values: report.values,
            damaged: report.damaged,
            damages: damages.collect(),
        }
    }
}

fn stats(context: &Context, _: &Request) -> Result<Reply, Problem> {
    let turn = turn(context)?;
    let stats = care::stats(turn.reader()).map_err(Problem::internal)?;
    let file_bytes = (context.status)().store.file_bytes;
    Reply::json(&HistoryStats::of(stats, file_bytes))
}

fn check(context: &Context, request: &Request) -> Result<Reply, Problem> {
    request.json::<Nothing>()?;
    streamed(turn(context)?, LINES, |turn, give| {
        let checked = care::check(turn.reader(), &mut |done, total| {
            give(line(&serde_json::json!({"done": done, "total": total})))
        });
        let last = match checked.map(HistoryReport::of) {
            Ok(report) => serde_json::json!({"report": report}),
            Err(error) => serde_json::json!({"error": error.to_string()}),
        };
        give(line(&last))
    })
}

fn backup(context: &Context, request: &Request) -> Result<Reply, Problem> {
    request.json::<Nothing>()?;
    streamed(turn(context)?, BYTES, |turn, give| {
        care::send(turn.reader(), give)
    })
}

pub(super) fn line(value: &serde_json::Value) -> Vec<u8> {
    format!("{value}\n").into_bytes()
}

pub(super) fn turn(context: &Context) -> Result<Turn, Problem> {
    context.care.turn().map_err(|error| match error {
        store::Error::Busy => Problem::busy(error.to_string()),
        other => Problem::internal(other),
    })
}

pub(super) type Give<'a> = dyn FnMut(Vec<u8>) -> Result<(), Error> + 'a;

/// An answer that a thread of its own makes, chunk by chunk. What goes wrong is told in it.
pub(super) fn streamed(
    turn: Turn,
    content_type: &'static str,
    work: impl FnOnce(&Turn, &mut Give) -> Result<(), Error> + Send + 'static,
) -> Result<Reply, Problem> {
    chunks::made(content_type, "api-store", move |give| {
        let mut give = |chunk| give(chunk).map_err(|_| Error::Gone);
        if let Err(error) = work(&turn, &mut give) {
            tracing::warn!("the history was not handed on to its end: {error}");
        }
        Ok(())
    })
}
