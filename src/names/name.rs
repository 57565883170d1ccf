//! A host name as it may be shown, stored and compared: made harmless at this door, because whoever
//! sends a packet chooses what is in it.

use crate::label::harmless;
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;
use std::fmt;
use std::sync::Arc;

/// The longest name that there can be (RFC 1035, 3.1, as text without the last dot).
pub(super) const LONGEST: usize = 253;

/// A host name: lower case, without a last dot, at most [`LONGEST`] bytes, and without anything
/// that could change how the text around it is read (control and bidi characters, invalid UTF-8).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Name(SmolStr);

impl Name {
    /// The name in these bytes; `None` where there is none, or it is longer than a name can be.
    pub fn of(bytes: &[u8]) -> Option<Name> {
        let bytes = bytes.strip_suffix(b".").unwrap_or(bytes);
        if bytes.is_empty() || bytes.len() > LONGEST {
            return None;
        }
        if bytes.iter().all(|byte| is_plain(*byte)) {
            return std::str::from_utf8(bytes)
                .ok()
                .map(|text| Name(text.into()));
        }
        let clean = cleaned(bytes);
        (clean.len() <= LONGEST).then(|| Name(clean.into()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The text, to be shared.
    pub fn text(&self) -> Arc<str> {
        self.0.as_str().into()
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Printable ASCII that is lower case already: nothing is to be done about it.
fn is_plain(byte: u8) -> bool {
    byte.is_ascii_graphic() && !byte.is_ascii_uppercase()
}

/// What cannot be shown safely becomes U+FFFD. A name that is too long by that has no end that
/// could be left out: it is none.
fn cleaned(bytes: &[u8]) -> String {
    harmless(&String::from_utf8_lossy(bytes).to_lowercase(), usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(bytes: &[u8]) -> Option<String> {
        Name::of(bytes).map(|name| name.to_string())
    }

    #[test]
    fn names_are_lower_case_and_end_without_a_dot() {
        assert_eq!(shown(b"Example.COM.").unwrap(), "example.com");
        assert_eq!(
            shown(b"xn--bcher-kva.example").unwrap(),
            "xn--bcher-kva.example"
        );
        assert_eq!(
            shown("B\u{fc}cher.example".as_bytes()).unwrap(),
            "b\u{fc}cher.example"
        );
    }

    #[test]
    fn what_is_no_name_is_none() {
        assert_eq!(shown(b""), None);
        assert_eq!(shown(b"."), None);
        assert_eq!(shown(&[b'a'; LONGEST + 1]), None);
    }

    #[test]
    fn hostile_bytes_are_made_harmless() {
        for bytes in [
            "a\nb",
            "a\u{202e}b",
            "a\x1b[31mb",
            "a\u{200b}b",
            "a\u{2066}b",
            "a\u{0}b",
        ] {
            assert!(
                shown(bytes.as_bytes()).unwrap().contains('\u{fffd}'),
                "{bytes:?}"
            );
        }
        assert_eq!(shown(b"a\xffb").unwrap(), "a\u{fffd}b");
        assert_eq!(
            shown(&[0xff; LONGEST]),
            None,
            "too long once it is harmless"
        );
        let swollen = shown(&[0xff; LONGEST / 3]).unwrap();
        assert!(swollen.chars().all(|letter| letter == '\u{fffd}'));
    }
}
