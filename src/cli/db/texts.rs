//! What was found and done, in lines for a person.

use crate::cli::json::{list, number, word};
use crate::cli::text;
use crate::query::time;
use crate::store::care::{Made, Restored};
use serde_json::Value;
use std::io::{self, Write};
use std::path::Path;

pub(super) fn stats(stats: &Value, out: &mut impl Write) -> io::Result<()> {
    let bytes = |name: &str| text::bytes(number(&stats[name]));
    let (file, unused) = (bytes("file_bytes"), bytes("unused_bytes"));
    writeln!(out, "file       {file}, {unused} of it in no table")?;
    writeln!(out, "schema     {}", number(&stats["schema"]))?;
    let through = word(&stats["committed_through"], "nothing yet");
    writeln!(out, "committed  {through}")?;
    writeln!(out, "checked    {}\n", checked(&stats["checked"]))?;
    let head = ["table", "rows", "stored", "in file"];
    writeln!(
        out,
        "{:<19} {:>10} {:>9} {:>9}  first and last",
        head[0], head[1], head[2], head[3]
    )?;
    for table in list(&stats["tables"]) {
        writeln!(
            out,
            "{:<19} {:>10} {:>9} {:>9}  {}",
            word(&table["name"], "?"),
            number(&table["rows"]),
            text::bytes(number(&table["stored_bytes"])),
            text::bytes(number(&table["file_bytes"])),
            span(&table["first"], &table["last"]),
        )?;
    }
    writeln!(out)?;
    for one in list(&stats["seconds"]) {
        let each = match one["bytes_per_row"].as_f64() {
            Some(each) => format!(", {each:.2} bytes each"),
            None => String::new(),
        };
        let damaged = match number(&one["damaged"]) {
            0 => String::new(),
            some => format!("; {some} values are damaged: `netmonitor db check` says which"),
        };
        let (seconds, rows) = (number(&one["seconds"]), number(&one["rows"]));
        let name = word(&one["table"], "?");
        writeln!(
            out,
            "{name:<10} {seconds} seconds, {rows} rows{each}{damaged}"
        )?;
    }
    for one in list(&stats["dictionaries"]) {
        let (words, file) = (
            number(&one["words"]),
            text::bytes(number(&one["file_bytes"])),
        );
        writeln!(out, "{:<10} {words} words, {file}", word(&one["name"], "?"))?;
    }
    Ok(())
}

fn checked(checked: &Value) -> String {
    let Some(at) = checked["at"].as_str() else {
        return "not yet; a service checks its history once a day".to_owned();
    };
    let values = number(&checked["values"]);
    match number(&checked["damaged"]) {
        0 => format!("{at}: all {values} values are sound"),
        some => format!("{at}: {some} of {values} values are damaged"),
    }
}

fn span(first: &Value, last: &Value) -> String {
    match (first.as_str(), last.as_str()) {
        (Some(first), Some(last)) => format!("{first}  {last}"),
        _ => String::new(),
    }
}

pub(super) fn report(report: &Value, out: &mut impl Write) -> io::Result<()> {
    let values = number(&report["values"]);
    let damaged = number(&report["damaged"]);
    if damaged == 0 {
        let pages = match report["pages"].as_bool() {
            Some(true) => "every page and all",
            _ => "all",
        };
        return writeln!(out, "the history is sound: {pages} {values} values");
    }
    writeln!(
        out,
        "the history is damaged in {damaged} places ({values} values)"
    )?;
    let told = list(&report["damages"]);
    for one in told {
        let place = match one["table"].as_str() {
            Some(table) => format!("table {table}"),
            None => "the file".to_owned(),
        };
        let when = match (one["from"].as_str(), one["to"].as_str()) {
            (Some(from), Some(to)) if from != to => format!(" from {from} to {to}"),
            (Some(from), _) => format!(" at {from}"),
            _ => String::new(),
        };
        let (why, costs) = (word(&one["why"], "?"), word(&one["costs"], "?"));
        writeln!(
            out,
            "{}",
            text::plain(&format!("{place}{when}: {why}; lost: {costs}"))
        )?;
    }
    if (told.len() as u64) < damaged {
        writeln!(out, "and {} more", damaged - told.len() as u64)?;
    }
    writeln!(
        out,
        "Everything else is read as before; an earlier state can be put back with `netmonitor db restore FILE`."
    )
}

pub(super) fn backup(file: &Path, made: &Made, out: &mut impl Write) -> io::Result<()> {
    let Made {
        tables,
        entries,
        file_bytes,
    } = made;
    let bytes = text::bytes(*file_bytes);
    writeln!(
        out,
        "{}: {bytes}, {entries} entries of {tables} tables",
        file.display()
    )
}

pub(super) fn restored(restored: &Restored, out: &mut impl Write) -> io::Result<()> {
    let through = restored.through.map_or("its beginning".to_owned(), time);
    let bytes = text::bytes(restored.file_bytes);
    writeln!(
        out,
        "the history is the backup's, up to {through} ({bytes})"
    )?;
    match &restored.aside {
        Some(aside) => writeln!(out, "what was there is kept as {}", aside.display()),
        None => writeln!(out, "there was none before"),
    }
}

pub(super) fn compacted(compacted: &Value, out: &mut impl Write) -> io::Result<()> {
    let bytes = |name: &str| text::bytes(number(&compacted[name]));
    let (before, after) = (bytes("before_bytes"), bytes("after_bytes"));
    writeln!(out, "the history's file has {after}; it had {before}")
}
