//! Text in lines that are not wider than they may be, by the columns that its letters take.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// Breaks at spaces; a word that is wider than a line has one of its own.
pub(crate) fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        let Some(line) = lines.last_mut() else { break };
        if line.is_empty() {
            line.push_str(word);
        } else if line.width() + 1 + word.width() <= width {
            line.push(' ');
            line.push_str(word);
        } else {
            lines.push(word.to_owned());
        }
    }
    lines
}

/// In exactly this many columns: cut, and told so by a dot of dots, or filled up.
pub(crate) fn fit(text: &str, width: usize) -> String {
    let mut fitting = text.to_owned();
    if text.width() > width {
        fitting = start(text, width.saturating_sub(1));
        if width > 0 {
            fitting.push('…');
        }
    }
    let missing = width.saturating_sub(fitting.width());
    fitting.extend(std::iter::repeat_n(' ', missing));
    fitting
}

/// As much of the start as there is room for.
fn start(text: &str, width: usize) -> String {
    let mut taken = 0;
    let fits = text.chars().take_while(|letter| {
        taken += letter.width().unwrap_or(0);
        taken <= width
    });
    fits.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_break_at_spaces() {
        assert_eq!(wrap("one two three", 7), ["one two", "three"]);
        assert_eq!(wrap("unbreakable is", 5), ["unbreakable", "is"]);
        assert_eq!(wrap("", 5), [""]);
    }

    #[test]
    fn wide_letters_take_two_columns() {
        assert_eq!(fit("日本語", 5), "日本…");
        assert_eq!(fit("日本語", 4), "日… ");
        assert_eq!(fit("abc", 5), "abc  ");
        assert_eq!(fit("abcdef", 3), "ab…");
        assert_eq!(fit("abc", 0), "");
    }
}
