//! One end's half of a TCP stream, from its first byte, as far as it is there without a gap: put
//! together by sequence number whatever the order of arrival (RFC 9293, 3.4). Bounded.

/// The most that one half keeps: a larger hello is none.
pub(super) const MOST: usize = 16 * 1024 + 512;
/// Pieces that wait for what is before them.
const MOST_PIECES: usize = 16;

/// The first bytes of a half.
#[derive(Debug)]
pub(super) struct Half {
    /// The sequence number of `bytes`' first one.
    start: u32,
    bytes: Vec<u8>,
    /// What is behind a gap: where it begins, as a distance from `start`.
    pieces: Vec<(usize, Vec<u8>)>,
}

impl Half {
    pub(super) fn new(start: u32) -> Half {
        Half {
            start,
            bytes: Vec::new(),
            pieces: Vec::new(),
        }
    }

    /// Takes a segment in. True if there is more to read without a gap than before.
    pub(super) fn take(&mut self, sequence: u32, payload: &[u8]) -> bool {
        let distance = sequence.wrapping_sub(self.start) as i32;
        let before = self.bytes.len();
        match usize::try_from(distance) {
            Ok(at) => self.place(at, payload),
            // A retransmission that begins before what is kept.
            Err(_) => self.place(
                0,
                payload
                    .get(distance.unsigned_abs() as usize..)
                    .unwrap_or_default(),
            ),
        }
        self.join();
        self.bytes.len() > before
    }

    /// What is there without a gap.
    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Lets go of the first bytes.
    pub(super) fn consume(&mut self, length: usize) {
        let length = length.min(self.bytes.len());
        self.bytes.drain(..length);
        self.start = self.start.wrapping_add(length as u32);
        for (at, _) in &mut self.pieces {
            *at = at.saturating_sub(length);
        }
    }

    /// Bytes that are kept.
    pub(super) fn size(&self) -> usize {
        let pieces = self.pieces.iter().map(|(_, piece)| piece.len());
        self.bytes.len() + pieces.sum::<usize>()
    }

    /// Whether nothing more finds room.
    pub(super) fn is_full(&self) -> bool {
        self.size() >= MOST || self.pieces.len() >= MOST_PIECES
    }

    /// What was there first stays: a later copy may lie.
    fn place(&mut self, at: usize, payload: &[u8]) {
        let room = MOST.saturating_sub(self.size());
        if at > self.bytes.len() {
            if self.pieces.len() < MOST_PIECES && at < MOST {
                let piece = payload.get(..payload.len().min(room)).unwrap_or_default();
                self.pieces.push((at, piece.to_vec()));
            }
            return;
        }
        let fresh = payload.get(self.bytes.len() - at..).unwrap_or_default();
        let fresh = fresh.get(..fresh.len().min(room)).unwrap_or_default();
        self.bytes.extend_from_slice(fresh);
    }

    /// Appends the pieces that the gap before them is closed of.
    fn join(&mut self) {
        for _ in 0..MOST_PIECES {
            let reached = self.bytes.len();
            let Some(next) = self.pieces.iter().position(|(at, _)| *at <= reached) else {
                return;
            };
            let (at, piece) = self.pieces.swap_remove(next);
            self.place(at, &piece);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn text(half: &Half) -> &str {
        std::str::from_utf8(half.bytes()).unwrap()
    }

    #[test]
    fn segments_join_in_any_order_and_over_the_end_of_the_numbers() {
        for start in [0, 7, u32::MAX - 3] {
            let mut half = Half::new(start);
            let mut take =
                |at: u32, piece: &str| half.take(start.wrapping_add(at), piece.as_bytes());
            assert!(!take(6, "gh"));
            assert!(!take(3, "def"));
            assert!(take(0, "abc"));
            assert!(!take(0, "XYZ"), "a retransmission");
            assert!(take(7, "hij"), "an overlap");
            assert_eq!(text(&half), "abcdefghij");
        }
    }

    #[test]
    fn what_was_consumed_stays_away() {
        let mut half = Half::new(100);
        half.take(100, b"hello ");
        half.take(110, b"!");
        half.consume(6);
        assert_eq!(text(&half), "");
        assert!(!half.take(100, b"hello "));
        assert!(half.take(103, b"lo worl"));
        assert_eq!(text(&half), "worl!");
    }

    #[test]
    fn it_is_bounded() {
        let mut half = Half::new(0);
        for at in 0..100 {
            half.take(at * 1000 + 500, &[1; 400]);
        }
        assert!(half.pieces.len() <= MOST_PIECES && half.size() <= MOST);
        while half.take(half.bytes().len() as u32, &vec![2; 60_000]) {
            assert!(half.size() <= MOST);
        }
        assert!(half.is_full() && half.size() <= MOST);
    }

    proptest! {
        #[test]
        fn any_order_gives_the_same(
            mut cuts in prop::collection::vec(0usize..300, 0..10),
            order in any::<prop::sample::Index>(),
            start in any::<u32>(),
        ) {
            let whole: Vec<u8> = (0..300u32).map(|at| at as u8).collect();
            cuts.extend([0, 300]);
            cuts.sort_unstable();
            let mut parts: Vec<(usize, usize)> = cuts.windows(2).map(|pair| (pair[0], pair[1])).collect();
            let length = parts.len();
            parts.rotate_left(order.index(length));
            let mut half = Half::new(start);
            for (from, to) in parts {
                half.take(start.wrapping_add(from as u32), &whole[from..to]);
            }
            prop_assert_eq!(half.bytes(), &whole[..]);
        }
    }
}
