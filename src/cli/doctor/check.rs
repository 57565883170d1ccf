//! A check as data, and how it looks to a person: one line that says it, and below it why, what that
//! costs and what to do.

use crate::cli::text::{plain, wrap};
use serde::Serialize;
use std::io::{self, Write};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum State {
    Ok,
    Warn,
    Bad,
    NotApplicable,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Check {
    pub(super) name: &'static str,
    pub(super) state: State,
    /// What was found.
    pub(super) what: String,
    /// Why it is so.
    pub(super) why: Option<String>,
    /// What there is not as long as it is so.
    pub(super) lost: Option<String>,
    /// What to do, in words.
    pub(super) advice: Option<String>,
    /// What to type.
    pub(super) command: Option<String>,
}

impl Check {
    pub(super) fn new(name: &'static str, state: State, what: impl Into<String>) -> Check {
        Check {
            name,
            state,
            what: what.into(),
            why: None,
            lost: None,
            advice: None,
            command: None,
        }
    }

    pub(super) fn ok(name: &'static str, what: impl Into<String>) -> Check {
        Check::new(name, State::Ok, what)
    }

    pub(super) fn warn(name: &'static str, what: impl Into<String>) -> Check {
        Check::new(name, State::Warn, what)
    }

    pub(super) fn bad(name: &'static str, what: impl Into<String>) -> Check {
        Check::new(name, State::Bad, what)
    }

    pub(super) fn because(self, why: impl Into<String>) -> Check {
        let why = Some(why.into());
        Check { why, ..self }
    }

    pub(super) fn lost(self, lost: impl Into<String>) -> Check {
        let lost = Some(lost.into());
        Check { lost, ..self }
    }

    pub(super) fn advised(self, advice: impl Into<String>) -> Check {
        let advice = Some(advice.into());
        Check { advice, ..self }
    }

    pub(super) fn typed(self, command: impl Into<String>) -> Check {
        let command = Some(command.into());
        Check { command, ..self }
    }
}

impl State {
    fn word(self) -> &'static str {
        match self {
            State::Ok => "ok",
            State::Warn => "warn",
            State::Bad => "bad",
            State::NotApplicable => "n/a",
        }
    }

    /// Green, yellow, red, grey.
    fn colour(self) -> &'static str {
        match self {
            State::Ok => "32",
            State::Warn => "33",
            State::Bad => "31",
            State::NotApplicable => "90",
        }
    }
}

const STATE: usize = 6;
const NAME: usize = 20;
/// Below so many columns the names have lines of their own.
const NARROW: usize = 72;
/// Lines are not longer than a person likes to read, where nobody says how wide they may be.
const READABLE: usize = 100;

pub(super) fn write(
    checks: &[Check],
    width: Option<usize>,
    coloured: bool,
    out: &mut impl Write,
) -> io::Result<()> {
    let width = width.unwrap_or(READABLE).min(READABLE);
    checks
        .iter()
        .try_for_each(|check| one(check, width, coloured, out))
}

fn one(check: &Check, width: usize, coloured: bool, out: &mut impl Write) -> io::Result<()> {
    let state = painted(check.state, coloured);
    let indent = if width < NARROW {
        writeln!(out, "{state}{}", check.name)?;
        2
    } else {
        write!(out, "{state}{:<NAME$}", check.name)?;
        STATE + NAME
    };
    let mut lines = said(check, width.saturating_sub(indent)).into_iter();
    if width >= NARROW {
        writeln!(out, "{}", lines.next().unwrap_or_default())?;
    }
    lines.try_for_each(|line| writeln!(out, "{:indent$}{line}", ""))
}

fn painted(state: State, coloured: bool) -> String {
    let word = format!("{:<STATE$}", state.word());
    if coloured {
        return format!("\u{1b}[{}m{word}\u{1b}[0m", state.colour());
    }
    word
}

/// Everything that is said, line by line. What is to be typed is never broken.
fn said(check: &Check, width: usize) -> Vec<String> {
    let mut lines = wrap(&plain(&check.what), width);
    let more = [
        ("why: ", &check.why),
        ("lost: ", &check.lost),
        ("do: ", &check.advice),
    ];
    for (label, text) in more {
        if let Some(text) = text {
            lines.extend(wrap(&format!("{label}{}", plain(text)), width));
        }
    }
    if let Some(command) = &check.command {
        lines.push(format!("type: {}", plain(command)));
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(width: usize, coloured: bool) -> String {
        let checks = [
            Check::ok("interfaces", "eth0 is watched"),
            Check::warn("owners: kernel", "the kernel's programs cannot be loaded")
                .because("missing: CAP_BPF")
                .lost("programs that end within moments may have no owner")
                .typed("sudo setcap cap_bpf+ep /usr/local/bin/a-long-name-of-a-program"),
        ];
        let mut out = Vec::new();
        write(&checks, Some(width), coloured, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn checks_line_up() {
        assert_eq!(
            shown(80, false),
            "\
ok    interfaces          eth0 is watched
warn  owners: kernel      the kernel's programs cannot be loaded
                          why: missing: CAP_BPF
                          lost: programs that end within moments may have no
                          owner
                          type: sudo setcap cap_bpf+ep /usr/local/bin/a-long-name-of-a-program
"
        );
    }

    #[test]
    fn a_narrow_terminal_gets_lines_that_fit() {
        let shown = shown(30, false);
        assert!(shown.starts_with("ok    interfaces\n  eth0 is watched\nwarn  owners: kernel\n"));
        let long = shown.lines().filter(|line| line.len() > 30);
        assert!(long.clone().all(|line| line.contains("setcap")), "{shown}");
    }

    #[test]
    fn colours_are_only_where_they_are_wanted() {
        assert!(!shown(80, false).contains('\u{1b}'));
        assert!(shown(80, true).contains("\u{1b}[33mwarn  \u{1b}[0m"));
    }
}
