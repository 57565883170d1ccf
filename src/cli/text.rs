//! How quantities, times and tables look to a person. Knows no room but the units.

mod table;
mod wrap;

pub(super) use table::{Align, Table};
pub(super) use wrap::{fit, wrap};

use crate::units::{NANOS, Nanos};
use std::io::{self, BufWriter, IsTerminal, StdoutLock, Write};

/// Where data goes. Whoever writes flushes, so that a full disk is not overlooked.
pub(super) fn stdout() -> BufWriter<StdoutLock<'static>> {
    BufWriter::new(io::stdout().lock())
}

/// Something to remark on, beside the data.
pub(super) fn remark(what: &str) -> io::Result<()> {
    writeln!(io::stderr().lock(), "netmonitor: {what}")
}

/// Columns of the terminal; `None` where stdout is none, and nothing need be cut.
pub(super) fn width() -> Option<usize> {
    if !io::stdout().is_terminal() {
        return None;
    }
    terminal_size::terminal_size().map(|(width, _)| usize::from(width.0))
}

/// Whether standard output may have colours: a terminal, whose user does not say no.
pub(super) fn coloured() -> bool {
    io::stdout().is_terminal() && !no_colour()
}

/// <https://no-color.org>: set, to anything but nothing.
pub(super) fn no_colour() -> bool {
    std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty())
}

/// Bytes in decimal units: `30.1 MB`.
pub(super) fn bytes(count: u64) -> String {
    const UNITS: [&str; 6] = ["kB", "MB", "GB", "TB", "PB", "EB"];
    if count < 1_000 {
        return format!("{count} B");
    }
    let mut amount = count as f64 / 1_000.0;
    let mut units = UNITS.iter();
    let mut unit = units.next();
    while amount >= 999.95
        && let Some(next) = units.next()
    {
        amount /= 1_000.0;
        unit = Some(next);
    }
    format!("{amount:.1} {}", unit.unwrap_or(&""))
}

pub(super) fn seconds(span: Nanos) -> f64 {
    span.0 as f64 / NANOS as f64
}

/// How long something lasted: `12.3 s`, `4 min 05 s`, `2 h 03 min`, `3 d 4 h`.
pub(super) fn duration(span: Nanos) -> String {
    let whole = span.0 / NANOS;
    match whole {
        ..60 => format!("{:.3} s", seconds(span)),
        60..3_600 => format!("{} min {:02} s", whole / 60, whole % 60),
        3_600..86_400 => format!("{} h {:02} min", whole / 3_600, whole % 3_600 / 60),
        _ => format!("{} d {} h", whole / 86_400, whole % 86_400 / 3_600),
    }
}

/// A point in time as RFC 3339, UTC.
pub(super) fn time(at: Nanos) -> String {
    match jiff::Timestamp::from_nanosecond(i128::from(at.0)) {
        Ok(time) => time.to_string(),
        Err(_) => format!("{} ns since 1970", at.0),
    }
}

/// Text from outside without what could move a terminal's cursor or turn its direction.
pub(super) fn plain(text: &str) -> String {
    let harmless = |c: char| match c {
        c if c.is_control() => '\u{fffd}',
        '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => '\u{fffd}',
        c => c,
    };
    text.chars().map(harmless).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_have_the_unit_that_suits_them() {
        assert_eq!(bytes(0), "0 B");
        assert_eq!(bytes(999), "999 B");
        assert_eq!(bytes(1_000), "1.0 kB");
        assert_eq!(bytes(999_949), "999.9 kB");
        assert_eq!(bytes(999_950), "1.0 MB");
        assert_eq!(bytes(30_123_456), "30.1 MB");
        assert_eq!(bytes(u64::MAX), "18.4 EB");
    }

    #[test]
    fn durations_are_as_exact_as_they_are_short() {
        assert_eq!(duration(Nanos(0)), "0.000 s");
        assert_eq!(duration(Nanos(12_345_000_000)), "12.345 s");
        assert_eq!(duration(Nanos(245 * NANOS)), "4 min 05 s");
        assert_eq!(duration(Nanos(7_380 * NANOS)), "2 h 03 min");
        assert_eq!(duration(Nanos(273_600 * NANOS)), "3 d 4 h");
    }

    #[test]
    fn times_are_utc() {
        assert_eq!(
            time(Nanos(1_385_400_647_217_572_000)),
            "2013-11-25T17:30:47.217572Z"
        );
    }

    #[test]
    fn names_cannot_move_the_cursor() {
        assert_eq!(plain("a\u{1b}[2Jb\u{202e}c"), "a\u{fffd}[2Jb\u{fffd}c");
    }
}
