//! Text from outside, made harmless: whoever sends a packet or writes a capture chooses what is in
//! it, and it is shown, stored and compared. Knows no kind of name.

/// At most `most` bytes of a text, with U+FFFD for each letter that could change how what is around
/// it is read.
pub fn harmless(text: &str, most: usize) -> String {
    let mut clean = String::with_capacity(text.len().min(most));
    for letter in text.chars() {
        let letter = if is_harmful(letter) {
            char::REPLACEMENT_CHARACTER
        } else {
            letter
        };
        if clean.len() + letter.len_utf8() > most {
            break;
        }
        clean.push(letter);
    }
    clean
}

/// Control characters, and those that reorder, hide or break the text around them
/// (Unicode UAX 9, and the format and separator characters of its general category Z and Cf).
pub fn is_harmful(letter: char) -> bool {
    letter.is_control()
        || matches!(letter,
            '\u{00ad}' | '\u{034f}' | '\u{061c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
            | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}'
            | '\u{fff0}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_harmful_is_replaced_and_what_is_long_is_cut_between_letters() {
        assert_eq!(harmless("a\u{202e}b\n", 64), "a\u{fffd}b\u{fffd}");
        assert_eq!(harmless("B\u{fc}cher", 64), "B\u{fc}cher");
        assert_eq!(harmless("ab\u{fc}", 3), "ab");
        assert_eq!(harmless("", 0), "");
    }
}
