//! A reader of fields in a block, in either byte order. Past its end everything is absent.

use super::Result;

#[derive(Clone, Copy)]
pub(super) struct Fields<'a> {
    pub bytes: &'a [u8],
    pub big: bool,
}

impl<'a> Fields<'a> {
    /// The `N` bytes at `at` in little-endian order, whatever the section's.
    #[inline]
    fn little<const N: usize>(&self, at: usize) -> Option<[u8; N]> {
        let mut bytes: [u8; N] = self.bytes.get(at..)?.first_chunk().copied()?;
        if self.big {
            bytes.reverse();
        }
        Some(bytes)
    }

    #[inline]
    pub(super) fn u32(&self, at: usize) -> Option<u32> {
        self.little(at).map(u32::from_le_bytes)
    }

    pub(super) fn u16(&self, at: usize) -> Option<u16> {
        self.little(at).map(u16::from_le_bytes)
    }

    pub(super) fn i32(&self, at: usize) -> Option<i32> {
        self.little(at).map(i32::from_le_bytes)
    }

    pub(super) fn i64(&self, at: usize) -> Option<i64> {
        self.little(at).map(i64::from_le_bytes)
    }

    /// The options from `at` on (pcapng, 3.5): codes and values up to the end of options, or of the
    /// block. The last is an error where its value is longer than what is left.
    pub(super) fn options(&self, at: usize) -> Options<'a> {
        Options {
            rest: Fields {
                bytes: self.bytes.get(at..).unwrap_or_default(),
                big: self.big,
            },
        }
    }
}

/// Each takes at least four bytes: there are no more of them than the block is long.
pub(super) struct Options<'a> {
    rest: Fields<'a>,
}

impl<'a> Iterator for Options<'a> {
    type Item = Result<(u16, Fields<'a>)>;

    fn next(&mut self) -> Option<Self::Item> {
        let Fields { bytes, big } = self.rest;
        let (code, length) = (self.rest.u16(0)?, usize::from(self.rest.u16(2)?));
        self.rest.bytes = &[];
        if code == 0 {
            return None;
        }
        let Some(value) = bytes.get(4..4 + length) else {
            return Some(Err(format!("option {code} is longer than its block")));
        };
        let next = 4 + length.next_multiple_of(4);
        self.rest.bytes = bytes.get(next..).unwrap_or_default();
        Some(Ok((code, Fields { bytes: value, big })))
    }
}
