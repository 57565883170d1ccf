//! Where an expression is wrong. libpcap says what, not where; the place is the first word that
//! nothing could follow to make sense of what stands before and at it.

/// What may follow the beginning of a good expression, one for each way of leaving off.
const ENDINGS: [&str; 12] = [
    "",
    "ip",
    "1",
    "127.0.0.1",
    "::1",
    "1-2",
    "= 1",
    "0] = 1",
    "] = 1",
    "port 1",
    "1 = 1",
    "0:0:0:0:0:1",
];

/// Bytes from the start of `expression` to what `message` is about; `compiles` tries a text.
pub(super) fn of_error(
    expression: &str,
    message: &str,
    compiles: impl Fn(&str) -> bool,
) -> Option<usize> {
    if let Some(at) = quoted(message).and_then(|word| expression.find(word)) {
        return Some(at);
    }
    if !message.contains("syntax error") {
        return None;
    }
    let words = words(expression);
    let wrong = words
        .iter()
        .find(|(_, end)| !can_go_on(&expression[..*end], &compiles));
    Some(wrong.map_or(expression.trim_end().len(), |(start, _)| *start))
}

/// The word that a message puts in quotes.
fn quoted(message: &str) -> Option<&str> {
    let (_, rest) = message.split_once(['\'', '"', '`'])?;
    let (word, _) = rest.split_once(['\'', '"'])?;
    (!word.is_empty()).then_some(word)
}

fn can_go_on(beginning: &str, compiles: &impl Fn(&str) -> bool) -> bool {
    ENDINGS.iter().any(|ending| {
        let text = format!("{beginning} {ending}");
        let closed = format!("{text}{}", closers(&text));
        compiles(&closed)
    })
}

/// The brackets that are still open, closed.
fn closers(text: &str) -> String {
    let mut open = Vec::new();
    for letter in text.chars() {
        match letter {
            '(' => open.push(')'),
            '[' => open.push(']'),
            ')' | ']' => {
                open.pop();
            }
            _ => {}
        }
    }
    open.into_iter().rev().collect()
}

/// Start and end of each word or operator.
fn words(text: &str) -> Vec<(usize, usize)> {
    let mut words: Vec<(usize, usize)> = Vec::new();
    let mut before = Kind::Space;
    for (at, letter) in text.char_indices() {
        let (kind, end) = (Kind::of(letter), at + letter.len_utf8());
        if kind != Kind::Space {
            match words.last_mut() {
                Some(word) if kind == before && kind != Kind::Bracket => word.1 = end,
                _ => words.push((at, end)),
            }
        }
        before = kind;
    }
    words
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Space,
    Word,
    Bracket,
    Operator,
}

impl Kind {
    fn of(letter: char) -> Kind {
        match letter {
            _ if letter.is_whitespace() => Kind::Space,
            '(' | ')' | '[' | ']' => Kind::Bracket,
            '<' | '>' | '=' | '!' | '&' | '|' | '+' | '*' | '^' | '%' => Kind::Operator,
            _ => Kind::Word,
        }
    }
}
