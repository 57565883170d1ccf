//! A name as text on the stack: what names are compared as, before one of them is worth keeping.

use crate::names::Name;

/// The longest name as text: 255 bytes on the wire without the first length and the root
/// (RFC 1035, 2.3.4).
const LONGEST: usize = 253;

/// Labels joined with dots, ASCII letters in lower case (RFC 4343); the root is empty.
#[derive(Clone, Copy)]
pub(in crate::names) struct Text {
    bytes: [u8; LONGEST],
    length: u8,
}

impl Text {
    pub(super) const ROOT: Text = Text {
        bytes: [0; LONGEST],
        length: 0,
    };

    pub(super) fn as_bytes(&self) -> &[u8] {
        self.bytes
            .get(..usize::from(self.length))
            .unwrap_or_default()
    }

    pub(super) fn is_root(&self) -> bool {
        self.length == 0
    }

    /// Adds a label; `None` where the name would be longer than a name can be.
    pub(super) fn push(&mut self, label: &[u8]) -> Option<()> {
        let free = self.bytes.get_mut(usize::from(self.length)..)?;
        let dot = usize::from(self.length > 0);
        let (separator, free) = free.split_at_mut_checked(dot)?;
        separator.fill(b'.');
        let place = free.get_mut(..label.len())?;
        for (to, from) in place.iter_mut().zip(label) {
            *to = from.to_ascii_lowercase();
        }
        let added = u8::try_from(dot + label.len()).ok()?;
        self.length = self.length.checked_add(added)?;
        Some(())
    }

    /// This name with the ending `old` replaced by `new` (RFC 6672, 2.2); `None` where it lies
    /// not below `old`.
    pub(super) fn moved(&self, old: &Text, new: &Text) -> Option<Text> {
        let labels = self
            .as_bytes()
            .strip_suffix(old.as_bytes())?
            .strip_suffix(b".")?;
        let mut moved = Text::ROOT;
        moved.push(labels)?;
        moved.push(new.as_bytes())?;
        Some(moved)
    }

    /// The name to keep: none for the root.
    pub(in crate::names) fn name(&self) -> Option<Name> {
        shown(self.as_bytes())
    }
}

/// The bytes as a name. Control characters are written as C does (`\n`, `\001`), as network
/// analysers do, so that names that differ in them stay different.
pub(super) fn shown(bytes: &[u8]) -> Option<Name> {
    if bytes.iter().any(u8::is_ascii_control) {
        return Name::of(&escaped(bytes));
    }
    Name::of(bytes)
}

fn escaped(bytes: &[u8]) -> Vec<u8> {
    let mut text = Vec::with_capacity(4 * bytes.len());
    for &byte in bytes {
        match byte {
            0x07 => text.extend(br"\a"),
            0x08 => text.extend(br"\b"),
            b'\t' => text.extend(br"\t"),
            b'\n' => text.extend(br"\n"),
            0x0b => text.extend(br"\v"),
            0x0c => text.extend(br"\f"),
            b'\r' => text.extend(br"\r"),
            _ if byte.is_ascii_control() => {
                text.extend([
                    b'\\',
                    b'0' + (byte >> 6),
                    b'0' + (byte >> 3 & 7),
                    b'0' + (byte & 7),
                ]);
            }
            _ => text.push(byte),
        }
    }
    text
}

impl PartialEq for Text {
    fn eq(&self, other: &Text) -> bool {
        self.as_bytes() == other.as_bytes()
    }
}

impl std::fmt::Debug for Text {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.as_bytes().escape_ascii().to_string())
    }
}
