//! A look as lines of a terminal, or as data. Pure: how wide and how high it may be is told.

use super::super::text::{bytes, fit, plain};
use super::ask::Seen;
use super::rows::{By, Group, Sort, groups};
use serde_json::{Value, json};
use unicode_width::UnicodeWidthStr;

/// Lines below one group before the rest is only counted.
const PARTS: usize = 5;
const AMOUNT: usize = 10;
const SOURCE: usize = 12;
/// Below so many columns there are no totals, and below so many no sources either.
const WITH_TOTALS: usize = 80;
const WITH_SOURCES: usize = 56;
const NARROWEST: usize = 8;

/// What is shown, and how.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct View {
    pub(super) by: By,
    pub(super) sort: Sort,
    pub(super) most: Option<usize>,
    /// Groups alone, without what they are made of.
    pub(super) folded: bool,
    /// Lines that have gone out at the top.
    pub(super) above: usize,
    pub(super) paused: bool,
    /// What is wrong now.
    pub(super) problem: Option<String>,
}

impl View {
    pub(super) fn json(&self, seen: &Seen) -> Value {
        let groups = self.groups(seen);
        json!({"as_of": seen.as_of, "over_s": seen.over_s, "total": seen.total, "items": groups})
    }

    /// The head, the heads of columns, the lines. `None`: as wide and as high as it takes.
    pub(super) fn lines(
        &self,
        seen: &Seen,
        width: Option<usize>,
        height: Option<usize>,
    ) -> Vec<String> {
        let body = self.body(seen);
        let columns = Columns::new(&body, width);
        let mut lines = vec![self.head(seen), columns.heads(self.by)];
        let room = height.map_or(usize::MAX, |height| height.saturating_sub(lines.len()));
        let above = self.above.min(body.len().saturating_sub(room));
        let shown = body.iter().skip(above).take(room);
        lines.extend(shown.map(|line| columns.line(line)));
        match width {
            Some(width) => lines.iter().map(|line| fit(line, width)).collect(),
            None => lines,
        }
    }

    fn groups(&self, seen: &Seen) -> Vec<Group> {
        let mut groups = groups(&seen.pairs, self.by, self.sort);
        groups.truncate(self.most.unwrap_or(usize::MAX));
        groups
    }

    fn head(&self, seen: &Seen) -> String {
        let total = seen.total;
        let rates = format!(
            "{}/s in, {}/s out",
            bytes(total.bytes_in_per_s as u64),
            bytes(total.bytes_out_per_s as u64)
        );
        let mut head = format!("{rates}; totals over {} s", seen.over_s);
        if self.by == By::Connection {
            head = format!("{rates}; totals since each began");
        }
        if !seen.as_of.is_empty() {
            head = format!("{head}; as of {}", seen.as_of);
        }
        if self.paused {
            head = format!("PAUSED  {head}");
        }
        match &self.problem {
            Some(problem) => format!("NOT REFRESHED: {}", plain(problem)),
            None => head,
        }
    }

    fn body(&self, seen: &Seen) -> Vec<Line> {
        let mut lines = Vec::new();
        for group in self.groups(seen) {
            lines.push(Line::of(&group, ""));
            if self.folded {
                continue;
            }
            lines.extend(
                group
                    .parts
                    .iter()
                    .take(PARTS)
                    .map(|part| Line::of(part, "  ")),
            );
            let more = group.parts.len().saturating_sub(PARTS);
            if more > 0 {
                lines.push(Line::rest(&group.parts, more));
            }
        }
        lines
    }
}

/// A line in its cells.
struct Line {
    name: String,
    source: String,
    amounts: [String; 4],
}

impl Line {
    fn of(group: &Group, indent: &str) -> Line {
        let amounts = group.amounts;
        let rate = |rate: f64| match rate {
            0.0..1.0 => String::new(),
            rate => format!("{}/s", bytes(rate as u64)),
        };
        Line {
            name: format!("{indent}{}", plain(&group.name)),
            source: plain(&group.source),
            amounts: [
                rate(amounts.bytes_in_per_s),
                rate(amounts.bytes_out_per_s),
                bytes(amounts.bytes_in),
                bytes(amounts.bytes_out),
            ],
        }
    }

    fn rest(parts: &[Group], more: usize) -> Line {
        let rest = parts.iter().skip(parts.len() - more);
        let mut sum = Group {
            name: format!("and {more} more"),
            source: String::new(),
            amounts: super::rows::Amounts::default(),
            parts: Vec::new(),
        };
        rest.for_each(|part| sum.amounts.add(part.amounts));
        Line::of(&sum, "  ")
    }
}

/// Which columns there are room for, and how wide the first is.
struct Columns {
    name: usize,
    sources: bool,
    totals: bool,
}

impl Columns {
    fn new(body: &[Line], width: Option<usize>) -> Columns {
        let widest = body.iter().map(|line| line.name.width()).max();
        let widest = widest.unwrap_or(0).max(NARROWEST);
        let sources = width.is_none_or(|width| width >= WITH_SOURCES);
        let totals = width.is_none_or(|width| width >= WITH_TOTALS);
        let taken =
            2 * (AMOUNT + 1) * (1 + usize::from(totals)) + (SOURCE + 1) * usize::from(sources);
        let name = width.map_or(widest, |width| width.saturating_sub(taken).max(NARROWEST));
        Columns {
            name,
            sources,
            totals,
        }
    }

    fn heads(&self, by: By) -> String {
        let name = match by {
            By::App => "APPLICATION",
            By::Site => "SITE",
            By::Connection => "CONNECTION",
        };
        let heads = ["IN/S", "OUT/S", "IN", "OUT"].map(str::to_owned);
        self.cells(name, "KNOWN BY", &heads)
    }

    fn line(&self, line: &Line) -> String {
        self.cells(&line.name, &line.source, &line.amounts)
    }

    fn cells(&self, name: &str, source: &str, amounts: &[String; 4]) -> String {
        let mut cells = fit(name, self.name);
        if self.sources {
            cells = format!("{cells} {}", fit(source, SOURCE));
        }
        let shown = if self.totals { 4 } else { 2 };
        for amount in amounts.iter().take(shown) {
            cells = format!("{cells} {amount:>AMOUNT$}");
        }
        cells
    }
}

#[cfg(test)]
mod tests {
    use super::super::rows::tests::pair;
    use super::*;

    fn seen() -> Seen {
        let mut pairs = vec![
            pair("firefox", "www.example.org", 1_500.0, 30_000),
            pair("日本語\u{1b}[2J", "a.example", 0.0, 7),
        ];
        pairs.extend((0..7).map(|n| pair("curl", &format!("{n}.example"), 10.0, 100)));
        Seen {
            as_of: "2026-01-02T03:04:05Z".into(),
            over_s: 300,
            total: pairs[0].amounts,
            pairs,
        }
    }

    #[test]
    fn applications_stand_above_their_sites() {
        let lines = View::default().lines(&seen(), Some(90), None);
        let told: Vec<_> = lines.iter().map(|line| line.trim_end()).collect();
        assert_eq!(
            told[..5],
            [
                "1.5 kB/s in, 0 B/s out; totals over 300 s; as of 2026-01-02T03:04:05Z",
                "APPLICATION                       KNOWN BY           IN/S      OUT/S         IN        OUT",
                "firefox                           exact          1.5 kB/s               30.0 kB        0 B",
                "  www.example.org                 sni            1.5 kB/s               30.0 kB        0 B",
                "curl                              exact            70 B/s                 700 B        0 B",
            ]
        );
        assert!(
            lines.iter().any(|line| line.starts_with("  and 2 more ")),
            "{lines:?}"
        );
    }

    #[test]
    fn no_line_is_wider_than_it_may_be_and_none_has_controls() {
        for width in [1, 20, 40, 60, 80, 200] {
            for by in [By::App, By::Site, By::Connection] {
                let view = View {
                    by,
                    ..View::default()
                };
                for line in view.lines(&seen(), Some(width), Some(30)) {
                    assert_eq!(line.width(), width, "{line:?}");
                    assert!(!line.contains('\u{1b}'));
                }
            }
        }
    }

    #[test]
    fn a_low_terminal_shows_what_fits_and_moves() {
        let view = View {
            above: 3,
            ..View::default()
        };
        let lines = view.lines(&seen(), Some(60), Some(5));
        assert_eq!(lines.len(), 5);
        assert!(lines[2].starts_with("  0.example"), "{lines:?}");
        let far = View {
            above: 999,
            ..View::default()
        };
        assert_eq!(far.lines(&seen(), Some(60), Some(5)).len(), 5);
        assert!(View::default().lines(&seen(), Some(60), Some(1)).len() <= 2);
    }

    #[test]
    fn folded_there_are_groups_alone_and_the_most_are_kept() {
        let view = View {
            folded: true,
            most: Some(2),
            ..View::default()
        };
        assert_eq!(view.lines(&seen(), None, None).len(), 4);
        let json = view.json(&seen());
        assert_eq!(json["items"].as_array().unwrap().len(), 2);
        assert_eq!(json["items"][0]["parts"][0]["name"], "www.example.org");
    }
}
