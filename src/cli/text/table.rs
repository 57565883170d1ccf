//! A table of text whose columns line up, and which can be narrowed to fit a terminal.

use std::io::{self, Write};

const GAP: &str = "  ";
/// A flexible column is not made narrower than this.
const NARROWEST: usize = 8;

/// How a column is set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Align {
    Left,
    Right,
    /// To the left, and cut where the table is too wide.
    Flexible,
}

pub(crate) struct Table {
    align: Vec<Align>,
    rows: Vec<Vec<String>>,
}

impl Table {
    pub(crate) fn new(columns: &[(&str, Align)]) -> Table {
        Table {
            align: columns.iter().map(|(_, align)| *align).collect(),
            rows: vec![columns.iter().map(|(name, _)| (*name).to_owned()).collect()],
        }
    }

    pub(crate) fn row(&mut self, cells: Vec<String>) {
        self.rows.push(cells);
    }

    pub(crate) fn write(&self, width: Option<usize>, out: &mut impl Write) -> io::Result<()> {
        let widths = self.widths(width);
        for row in &self.rows {
            let cells = row.iter().zip(&widths).zip(&self.align);
            let cells: Vec<String> = cells.map(|((c, w), a)| cell(c, *w, *a)).collect();
            writeln!(out, "{}", cells.join(GAP).trim_end())?;
        }
        Ok(())
    }

    /// As wide as the widest cell; flexible columns give way, the widest first.
    fn widths(&self, width: Option<usize>) -> Vec<usize> {
        let mut widths = vec![0; self.align.len()];
        for row in &self.rows {
            for (width, cell) in widths.iter_mut().zip(row) {
                *width = (*width).max(cell.chars().count());
            }
        }
        let gaps = GAP.len() * widths.len().saturating_sub(1);
        let limit = width.unwrap_or(usize::MAX);
        while widths.iter().sum::<usize>() + gaps > limit {
            let flexible = widths.iter_mut().zip(&self.align);
            let widest = flexible
                .filter(|(width, align)| **align == Align::Flexible && **width > NARROWEST)
                .max_by_key(|(width, _)| **width);
            match widest {
                Some((width, _)) => *width -= 1,
                None => break,
            }
        }
        widths
    }
}

fn cell(text: &str, width: usize, align: Align) -> String {
    if text.chars().count() > width {
        let kept: String = text.chars().take(width.saturating_sub(1)).collect();
        return format!("{kept}…");
    }
    match align {
        Align::Right => format!("{text:>width$}"),
        Align::Left | Align::Flexible => format!("{text:<width$}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(width: Option<usize>) -> String {
        let mut table = Table::new(&[
            ("NAME", Align::Flexible),
            ("BYTES", Align::Right),
            ("KIND", Align::Left),
        ]);
        table.row(vec!["2001:db8:1234::17".into(), "7".into(), "é".into()]);
        let mut out = Vec::new();
        table.write(width, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn columns_line_up() {
        assert_eq!(
            shown(None),
            "NAME               BYTES  KIND\n2001:db8:1234::17      7  é\n"
        );
    }

    #[test]
    fn flexible_columns_give_way() {
        assert_eq!(
            shown(Some(25)),
            "NAME          BYTES  KIND\n2001:db8:12…      7  é\n"
        );
        assert!(shown(Some(3)).starts_with("NAME      BYTES"));
    }
}
