//! The application protocol that a client names first (ALPN, RFC 7301), small and harmless.

use std::fmt;

/// Longer than any registered protocol's name.
const LONGEST: usize = 15;

/// An ALPN protocol name as it may be shown: printable ASCII, anything else as `?`, cut after 15
/// bytes. Registered names are shorter and come through as they are.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Alpn {
    length: u8,
    bytes: [u8; LONGEST],
}

impl Alpn {
    /// The name in these bytes; `None` where there is none.
    pub(super) fn of(bytes: &[u8]) -> Option<Alpn> {
        let mut alpn = Alpn {
            length: u8::try_from(bytes.len().min(LONGEST)).ok()?,
            bytes: [0; LONGEST],
        };
        for (kept, byte) in alpn.bytes.iter_mut().zip(bytes) {
            *kept = if byte.is_ascii_graphic() { *byte } else { b'?' };
        }
        (alpn.length > 0).then_some(alpn)
    }

    pub fn as_str(&self) -> &str {
        let used = self.bytes.get(..usize::from(self.length));
        used.and_then(|bytes| std::str::from_utf8(bytes).ok())
            .unwrap_or_default()
    }
}

impl fmt::Display for Alpn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Alpn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Alpn({})", self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn protocol_names_are_short_and_printable() {
        for (bytes, shown) in [
            (&b"h2"[..], Some("h2")),
            (b"http/1.1", Some("http/1.1")),
            (b"a\x1b[31m\xff", Some("a?[31m?")),
            (b"a-name-that-is-too-long", Some("a-name-that-is-")),
            (b"", None),
        ] {
            assert_eq!(Alpn::of(bytes).as_ref().map(Alpn::as_str), shown);
        }
    }
}
