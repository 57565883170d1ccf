//! The fragments of one DTLS handshake message, put together whatever order they come in (RFC 9147,
//! 5.5). Bounded in bytes and in gaps; where fragments overlap, the later one counts.

use super::handshake::LONGEST;
use std::ops::Range;

/// More gaps than any path makes of a hello.
const MOST_PIECES: usize = 64;

/// A message that has not all come yet.
#[derive(Clone, Debug)]
pub(super) struct Fragments {
    length: usize,
    bytes: Vec<u8>,
    /// What is there: apart from each other, in no order.
    pieces: Vec<Range<usize>>,
}

impl Fragments {
    pub(super) fn new(length: usize) -> Fragments {
        Fragments {
            length: length.min(LONGEST),
            bytes: Vec::new(),
            pieces: Vec::new(),
        }
    }

    pub(super) fn length(&self) -> usize {
        self.length
    }

    /// Memory that the pieces take.
    pub(super) fn held(&self) -> usize {
        self.bytes.capacity()
    }

    /// One more fragment; one that does not fit, or makes too many gaps, is passed over.
    pub(super) fn add(&mut self, offset: usize, content: &[u8]) {
        let end = offset.saturating_add(content.len());
        if content.is_empty() || end > self.length {
            return;
        }
        let Some(merged) = self.merged(offset..end) else {
            return;
        };
        if self.bytes.len() < end {
            self.bytes.resize(end, 0);
        }
        if let Some(place) = self.bytes.get_mut(offset..end) {
            place.copy_from_slice(content);
        }
        self.pieces = merged;
    }

    /// All of it, once it is there.
    pub(super) fn whole(&self) -> Option<&[u8]> {
        let all = self.pieces.contains(&(0..self.length));
        all.then_some(&self.bytes)
    }

    /// As much as is there without a gap from the start.
    pub(super) fn beginning(&self) -> &[u8] {
        let first = self.pieces.iter().find(|piece| piece.start == 0);
        let end = first.map_or(0, |piece| piece.end);
        self.bytes.get(..end).unwrap_or_default()
    }

    /// The pieces with one more; `None` if that is too many.
    fn merged(&self, piece: Range<usize>) -> Option<Vec<Range<usize>>> {
        let mut merged = piece;
        let mut apart = Vec::with_capacity(self.pieces.len() + 1);
        for other in &self.pieces {
            if other.start <= merged.end && merged.start <= other.end {
                merged = merged.start.min(other.start)..merged.end.max(other.end);
            } else {
                apart.push(other.clone());
            }
        }
        apart.push(merged);
        (apart.len() <= MOST_PIECES).then_some(apart)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn pieces_meet_in_any_order() {
        let mut fragments = Fragments::new(6);
        fragments.add(4, b"ef");
        assert_eq!((fragments.whole(), fragments.beginning()), (None, &[][..]));
        fragments.add(0, b"ab");
        assert_eq!(
            (fragments.whole(), fragments.beginning()),
            (None, &b"ab"[..])
        );
        fragments.add(1, b"bcde");
        assert_eq!(fragments.whole(), Some(&b"abcdef"[..]));
    }

    #[test]
    fn what_does_not_fit_is_passed_over() {
        let mut fragments = Fragments::new(4);
        fragments.add(3, b"ab");
        fragments.add(usize::MAX, b"ab");
        fragments.add(2, b"");
        assert_eq!((fragments.whole(), fragments.held()), (None, 0));
    }

    proptest! {
        #[test]
        fn whole_exactly_when_every_byte_came(pieces in prop::collection::vec((0..24usize, 0..12usize), 0..16)) {
            let message: Vec<u8> = (0..24).collect();
            let mut fragments = Fragments::new(message.len());
            let mut seen = [false; 24];
            for (start, length) in pieces {
                let end = (start + length).min(24);
                fragments.add(start, &message[start..end]);
                seen[start..end].fill(true);
            }
            let whole = seen.iter().all(|byte| *byte);
            prop_assert_eq!(fragments.whole(), whole.then_some(&message[..]));
            let beginning = seen.iter().take_while(|byte| **byte).count();
            prop_assert_eq!(fragments.beginning(), &message[..beginning]);
        }

        #[test]
        fn gaps_and_bytes_are_bounded(starts in prop::collection::vec(0..20_000usize, 0..300)) {
            let mut fragments = Fragments::new(20_000);
            for start in starts {
                fragments.add(start, b"x");
            }
            prop_assert!(fragments.pieces.len() <= MOST_PIECES);
            prop_assert!(fragments.bytes.len() <= LONGEST);
        }
    }
}
