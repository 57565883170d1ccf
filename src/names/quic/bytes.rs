//! A cursor over bytes of the wire: what is not there is `None`, and nothing is read twice.

/// The bytes that are still to be read.
#[derive(Clone, Copy)]
pub(super) struct Bytes<'a>(pub(super) &'a [u8]);

impl<'a> Bytes<'a> {
    pub(super) fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(taken)
    }

    pub(super) fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (taken, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(*taken)
    }

    pub(super) fn byte(&mut self) -> Option<u8> {
        self.array().map(|[byte]| byte)
    }

    /// An integer of variable length (RFC 9000, 16).
    pub(super) fn variable(&mut self) -> Option<u64> {
        let first = self.byte()?;
        let more = (1_usize << (first >> 6)) - 1;
        let start = u64::from(first & 0x3f);
        let rest = self.take(more)?;
        Some(
            rest.iter()
                .fold(start, |value, byte| value << 8 | u64::from(*byte)),
        )
    }

    /// As many bytes as an integer of variable length before them says.
    pub(super) fn counted(&mut self) -> Option<&'a [u8]> {
        let length = self.variable()?;
        self.take(usize::try_from(length).ok()?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 9000, A.1.
    #[test]
    fn integers_of_variable_length() {
        for (bytes, value) in [
            (
                &[0xc2, 0x19, 0x7c, 0x5e, 0xff, 0x14, 0xe8, 0x8c][..],
                151_288_809_941_952_652,
            ),
            (&[0x9d, 0x7f, 0x3e, 0x7d], 494_878_333),
            (&[0x7b, 0xbd], 15_293),
            (&[0x40, 0x25], 37),
            (&[0x25], 37),
        ] {
            let mut all = Bytes(bytes);
            assert_eq!(all.variable(), Some(value));
            assert!(all.0.is_empty());
            assert_eq!(Bytes(&bytes[..bytes.len() - 1]).variable(), None);
        }
    }
}
