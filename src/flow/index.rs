//! Where a flow's row of an open second lies, by the hash of its key: open addressing over a power
//! of two of places that are never more than half full. Its next second begins by counting up, not
//! by clearing. Knows neither keys nor rows: whoever asks compares.

use crate::platform;

/// Places of an empty index.
const LEAST: usize = 64;
/// The row of a place whose flow is over.
const GONE: u32 = u32::MAX;

/// Valid only in the use of the index that it was written in; 0 is none.
#[derive(Clone, Copy, Debug, Default)]
struct Place {
    generation: u16,
    /// Bits of the hash that do not say where the place is.
    tag: u16,
    row: u32,
}

#[derive(Debug)]
pub(super) struct Index {
    places: Vec<Place>,
    generation: u16,
    used: usize,
}

impl Index {
    pub(super) fn new() -> Index {
        Index {
            places: vec![Place::default(); LEAST],
            generation: 1,
            used: 0,
        }
    }

    /// Has the processor fetch where a search for this hash begins.
    #[inline]
    pub(super) fn prefetch(&self, hash: u64) {
        if let Some(place) = self.places.get(self.home(hash)) {
            platform::prefetch(place);
        }
    }

    /// The row with this hash that is the one.
    #[inline]
    pub(super) fn find(&self, hash: u64, is_it: impl Fn(u32) -> bool) -> Option<u32> {
        self.place(hash, is_it).map(|(_, row)| row)
    }

    /// Adds a row that is not in it. `hash_of` gives the hash of any row that is.
    #[inline]
    pub(super) fn add(&mut self, hash: u64, row: u32, hash_of: impl Fn(u32) -> u64) {
        if self.used * 2 >= self.places.len() {
            self.grow(hash_of);
        }
        self.put(hash, row);
    }

    /// Drops the row with this hash that is the one, if it is there.
    pub(super) fn drop_row(&mut self, hash: u64, is_it: impl Fn(u32) -> bool) {
        if let Some((at, _)) = self.place(hash, is_it)
            && let Some(place) = self.places.get_mut(at)
        {
            place.row = GONE;
        }
    }

    /// Drops every row.
    pub(super) fn clear(&mut self) {
        self.used = 0;
        self.generation = self.generation.wrapping_add(1);
        if self.generation == 0 {
            self.places.fill(Place::default());
            self.generation = 1;
        }
    }

    #[inline]
    fn place(&self, hash: u64, is_it: impl Fn(u32) -> bool) -> Option<(usize, u32)> {
        let mut at = self.home(hash);
        loop {
            let place = self.places.get(at)?;
            if place.generation != self.generation {
                return None;
            }
            if place.tag == tag(hash) && place.row != GONE && is_it(place.row) {
                return Some((at, place.row));
            }
            at = self.after(at);
        }
    }

    /// Takes the first place that is free, or was: a flow that begins anew again and again must not
    /// lengthen the way to itself.
    #[inline]
    fn put(&mut self, hash: u64, row: u32) {
        let generation = self.generation;
        let mut at = self.home(hash);
        while let Some(place) = self.places.get_mut(at) {
            let fresh = place.generation != generation;
            if fresh || place.row == GONE {
                let tag = tag(hash);
                *place = Place {
                    generation,
                    tag,
                    row,
                };
                self.used += usize::from(fresh);
                return;
            }
            at = self.after(at);
        }
    }

    #[cold]
    fn grow(&mut self, hash_of: impl Fn(u32) -> u64) {
        let wider = vec![Place::default(); self.places.len() * 2];
        let old = std::mem::replace(&mut self.places, wider);
        let live = |place: &Place| place.generation == self.generation && place.row != GONE;
        let rows: Vec<u32> = old.iter().filter(|it| live(it)).map(|it| it.row).collect();
        self.used = 0;
        for row in rows {
            self.put(hash_of(row), row);
        }
    }

    #[inline]
    fn home(&self, hash: u64) -> usize {
        hash as usize & (self.places.len() - 1)
    }

    #[inline]
    fn after(&self, at: usize) -> usize {
        (at + 1) & (self.places.len() - 1)
    }
}

#[inline]
fn tag(hash: u64) -> u16 {
    (hash >> 48) as u16
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Few homes and few tags, so that searches meet each other.
    fn hash(row: u32) -> u64 {
        u64::from(row % 7) << 48 | u64::from(row % 61)
    }

    #[test]
    fn rows_are_found_until_they_are_dropped() {
        let mut index = Index::new();
        for row in 0..500 {
            index.add(hash(row), row, hash);
        }
        for row in (0..500).step_by(3) {
            index.drop_row(hash(row), |it| it == row);
        }
        for row in 0..500 {
            let found = (row % 3 != 0).then_some(row);
            assert_eq!(index.find(hash(row), |it| it == row), found, "{row}");
        }
        assert_eq!(index.find(hash(3), |it| it == 1000), None);
    }

    #[test]
    fn what_was_dropped_does_not_come_back_when_it_grows() {
        let mut index = Index::new();
        for row in 0..300 {
            index.add(hash(row), row, hash);
            if row % 2 == 0 {
                index.drop_row(hash(row), |it| it == row);
            }
        }
        for row in 0..300 {
            let found = (row % 2 == 1).then_some(row);
            assert_eq!(index.find(hash(row), |it| it == row), found, "{row}");
        }
    }

    #[test]
    fn a_place_is_taken_again() {
        let mut index = Index::new();
        for row in 0..100_000 {
            index.add(7, row, |_| 7);
            index.drop_row(7, |it| it == row);
        }
        assert_eq!((index.used, index.places.len()), (1, LEAST));
    }

    #[test]
    fn nothing_is_left_of_any_earlier_use() {
        let mut index = Index::new();
        for use_ in 0..=u32::from(u16::MAX) + 2 {
            assert_eq!(index.find(7, |_| true), None, "use {use_}");
            index.add(7, use_, |_| 7);
            assert_eq!(index.find(7, |row| row == use_), Some(use_));
            index.clear();
        }
    }
}
