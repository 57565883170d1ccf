//! What a file came to in a few lines, a name and a value each: exact figures first, so that a
//! script can read them too.

use crate::cli::text;
use crate::label::SiteSource;
use crate::tick::Outcome;
use crate::units::{Nanos, Tally};
use std::io::{self, Write};

pub(super) fn write(name: &str, outcome: &Outcome, out: &mut impl Write) -> io::Result<()> {
    let mut line = |name: &str, value: String| writeln!(out, "{name:<11} {value}");
    let total = outcome.total;
    line("file", text::plain(name))?;
    line("packets", total.packets.to_string())?;
    line(
        "bytes",
        format!("{} ({})", total.bytes, text::bytes(total.bytes)),
    )?;
    line("flows", outcome.flow_count.to_string())?;
    line("non-IP", unflowed(outcome))?;
    line("names", names(outcome))?;
    if let Some((first, last)) = outcome.span {
        line("time", span(first, last))?;
    }
    for interface in outcome.interfaces.values() {
        let sum = interface.delivered;
        let name = text::plain(&interface.name);
        line("interface", format!("{name}: {}", tally(sum)))?;
    }
    line("loss", loss(outcome))?;
    line("read in", speed(total, outcome.elapsed))?;
    match &outcome.error {
        None => Ok(()),
        Some(why) => line("error", text::plain(why)),
    }
}

fn tally(sum: Tally) -> String {
    format!("{} packets, {} bytes", sum.packets, sum.bytes)
}

fn unflowed(outcome: &Outcome) -> String {
    let reasons: Vec<String> = outcome
        .unflowed
        .iter()
        .map(|(reason, sum)| format!("{} {}", reason.word(), sum.packets))
        .collect();
    let sum = tally(outcome.unflowed_total());
    if reasons.is_empty() {
        sum
    } else {
        format!("{sum} ({})", reasons.join(", "))
    }
}

/// How many names payloads told, by source.
fn names(outcome: &Outcome) -> String {
    let of = |(source, count): (&SiteSource, &u64)| format!("{} {count}", source.word());
    let names: Vec<String> = outcome.names.iter().map(of).collect();
    if names.is_empty() {
        "none".to_owned()
    } else {
        names.join(", ")
    }
}

fn span(first: Nanos, last: Nanos) -> String {
    let lasted = Nanos(last.0.saturating_sub(first.0));
    let (first, last) = (text::time(first), text::time(last));
    format!("{first} to {last} ({})", text::duration(lasted))
}

/// A file loses nothing; its times can be wrong.
fn loss(outcome: &Outcome) -> String {
    let interfaces = outcome.interfaces.values();
    let (late, untimed) = interfaces.fold((0, 0), |(late, untimed), sum| {
        (late + sum.late_frames, untimed + sum.untimed_frames)
    });
    match (late, untimed) {
        (0, 0) => "none".to_owned(),
        (late, untimed) => format!("none; {late} frames late, {untimed} without a usable time"),
    }
}

fn speed(total: Tally, elapsed: Nanos) -> String {
    let seconds = text::seconds(elapsed).max(1e-9);
    format!(
        "{} ({:.0} packets/s, {}/s)",
        text::duration(elapsed),
        total.packets as f64 / seconds,
        text::bytes((total.bytes as f64 / seconds) as u64)
    )
}
