//! Bytes read from the front, in the presentation language of TLS (RFC 8446, 3.3 and 3.4): numbers of
//! the network's byte order, and vectors that bear their length before them. Whatever is not there is
//! `None`, so that no length in a packet can be believed too far.

/// What is still to be read.
#[derive(Clone, Copy)]
pub(super) struct Reader<'a>(pub(super) &'a [u8]);

impl<'a> Reader<'a> {
    pub(super) fn is_empty(self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn u8(&mut self) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*first)
    }

    pub(super) fn u16(&mut self) -> Option<u16> {
        let (number, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(u16::from_be_bytes(*number))
    }

    pub(super) fn u24(&mut self) -> Option<usize> {
        let ([high, middle, low], rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        usize::try_from(u32::from_be_bytes([0, *high, *middle, *low])).ok()
    }

    pub(super) fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(taken)
    }

    /// A vector of at most 255 bytes.
    pub(super) fn short_vector(&mut self) -> Option<&'a [u8]> {
        let length = self.u8()?;
        self.take(usize::from(length))
    }

    /// A vector of at most 65,535 bytes.
    pub(super) fn vector(&mut self) -> Option<&'a [u8]> {
        let length = self.u16()?;
        self.take(usize::from(length))
    }
}

/// The two-byte numbers in these bytes; an odd last byte is none.
pub(super) fn numbers(bytes: &[u8]) -> impl Iterator<Item = u16> {
    let (pairs, _odd) = bytes.as_chunks();
    pairs.iter().map(|pair| u16::from_be_bytes(*pair))
}

/// The values that RFC 8701 reserves for GREASE: they mean nothing, and are chosen at random.
pub(super) fn is_grease(number: u16) -> bool {
    number & 0x0f0f == 0x0a0a && number >> 8 == number & 0xff
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grease_is_exactly_the_sixteen_reserved_values() {
        let grease: Vec<u16> = (0..=u16::MAX).filter(|number| is_grease(*number)).collect();
        assert_eq!(grease.len(), 16);
        assert_eq!(grease.first(), Some(&0x0a0a));
        assert_eq!(grease.last(), Some(&0xfafa));
    }

    #[test]
    fn a_vector_is_there_only_when_all_of_it_is() {
        assert_eq!(Reader(&[0, 2, 7, 8, 9]).vector(), Some(&[7, 8][..]));
        assert_eq!(Reader(&[0, 3, 7, 8]).vector(), None);
        assert_eq!(Reader(&[0]).vector(), None);
        assert_eq!(Reader(&[0]).short_vector(), Some(&[][..]));
    }
}
