//! The bytes of CRYPTO frames put in their places, in whatever order and however often they come
//! (RFC 9000, 7.5). Bounded: 16 KiB, and so many islands. Where two frames disagree, the first wins.

use crate::names::Parsed;

/// What lies beyond is ignored: no hello is that long.
const LONGEST: usize = 16 * 1024;

/// Pieces that touch no other; one more is ignored.
const MOST_ISLANDS: usize = 128;

/// TLS's handshake type of a ClientHello (RFC 8446, 4).
const CLIENT_HELLO: u8 = 1;

#[derive(Default)]
pub(super) struct Assembly {
    bytes: Vec<u8>,
    /// What is there of `bytes`: in order, and with a gap between each two.
    islands: Vec<Island>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Island {
    start: usize,
    end: usize,
}

impl Assembly {
    pub(super) fn put(&mut self, offset: u64, bytes: &[u8]) {
        let Some(island) = place(offset, bytes.len()) else {
            return;
        };
        let first = self.islands.partition_point(|old| old.end < island.start);
        let after = self.islands.partition_point(|old| old.start <= island.end);
        if first == after && self.islands.len() >= MOST_ISLANDS {
            return;
        }
        if self.bytes.len() < island.end {
            self.bytes.resize(island.end, 0);
        }
        self.fill_gaps(island, first..after, bytes);
        self.join(island, first..after);
    }

    /// The bytes from the start on that have no gap.
    pub(super) fn so_far(&self) -> &[u8] {
        let whole = self.islands.first().filter(|island| island.start == 0);
        whole
            .and_then(|island| self.bytes.get(..island.end))
            .unwrap_or_default()
    }

    /// The ClientHello with its header, once there is all of it.
    pub(super) fn hello(&self) -> Parsed<Box<[u8]>> {
        match self.so_far() {
            [CLIENT_HELLO, upper, middle, lower, ..] => {
                let length = u32::from_be_bytes([0, *upper, *middle, *lower]) as usize + 4;
                let whole = self.so_far().get(..length);
                whole.map_or(Parsed::More, |hello| Parsed::Done(hello.into()))
            }
            [CLIENT_HELLO, ..] | [] => Parsed::More,
            _ => Parsed::Not,
        }
    }

    /// Bytes of memory behind it.
    pub(super) fn held(&self) -> usize {
        self.bytes.capacity() + self.islands.capacity() * size_of::<Island>()
    }

    /// Copies what falls between the islands that the new one touches.
    fn fill_gaps(&mut self, island: Island, touched: std::ops::Range<usize>, bytes: &[u8]) {
        let mut at = island.start;
        for old in self.islands.get(touched).unwrap_or_default() {
            copy(&mut self.bytes, island.start, at..old.start, bytes);
            at = at.max(old.end);
        }
        copy(&mut self.bytes, island.start, at..island.end, bytes);
    }

    /// The new island and those that it touches become one.
    fn join(&mut self, island: Island, touched: std::ops::Range<usize>) {
        let olds = self.islands.get(touched.clone()).unwrap_or_default();
        let joined = olds.iter().fold(island, |all, old| Island {
            start: all.start.min(old.start),
            end: all.end.max(old.end),
        });
        self.islands.splice(touched, [joined]);
    }
}

/// Where the bytes lie, cut at the end of what is kept.
fn place(offset: u64, length: usize) -> Option<Island> {
    let start = usize::try_from(offset).ok().filter(|at| *at < LONGEST)?;
    let end = start.saturating_add(length).min(LONGEST);
    (end > start).then_some(Island { start, end })
}

/// Copies the part `range` of a piece that begins at `start`; nothing for a range that is empty.
fn copy(into: &mut [u8], start: usize, range: std::ops::Range<usize>, piece: &[u8]) {
    let from = range
        .start
        .checked_sub(start)
        .zip(range.end.checked_sub(start));
    let from = from.and_then(|(from, to)| piece.get(from..to));
    if let Some((to, from)) = into.get_mut(range).zip(from) {
        to.copy_from_slice(from);
    }
}

#[cfg(test)]
mod tests;
