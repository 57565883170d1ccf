//! The XML form, by its tags alone: how deep in dictionaries and arrays a key is.

pub(super) fn string(list: &str, key: &str) -> Option<String> {
    let mut tags = Tags { rest: list };
    let mut depth = 0usize;
    while let Some((tag, text)) = tags.next() {
        match tag {
            "dict" | "array" => depth += 1,
            "/dict" | "/array" => depth = depth.saturating_sub(1),
            "key" if depth == 1 && plain(text) == key => {
                // What the key's own end is followed by.
                return match tags.nth(1)? {
                    ("string", text) => Some(plain(text)),
                    _ => None,
                };
            }
            _ => {}
        }
    }
    None
}

/// Each tag by its name, and the text behind it.
struct Tags<'a> {
    rest: &'a str,
}

impl<'a> Iterator for Tags<'a> {
    type Item = (&'a str, &'a str);

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let (_, after) = self.rest.split_once('<')?;
            if let Some(comment) = after.strip_prefix("!--") {
                (_, self.rest) = comment.split_once("-->")?;
                continue;
            }
            let (tag, behind) = after.split_once('>')?;
            self.rest = behind;
            let name = tag.split_ascii_whitespace().next().unwrap_or_default();
            let text = behind.split('<').next().unwrap_or_default();
            return Some((name, text));
        }
    }
}

/// A text with the marks that stand for letters replaced.
fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('&') {
        plain.push_str(before);
        let (letter, behind) = match after.split_once(';') {
            Some((mark, behind)) => (letter(mark), behind),
            None => (None, after),
        };
        match letter {
            Some(letter) => {
                plain.push(letter);
                rest = behind;
            }
            None => {
                plain.push('&');
                rest = after;
            }
        }
    }
    plain.push_str(rest);
    plain
}

fn letter(mark: &str) -> Option<char> {
    match mark {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        _ => {
            let number = mark.strip_prefix('#')?;
            let number = match number.strip_prefix('x') {
                Some(number) => u32::from_str_radix(number, 16),
                None => number.parse(),
            };
            char::from_u32(number.ok()?)
        }
    }
}
