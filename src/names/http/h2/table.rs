//! HPACK's tables (RFC 7541, 2.3): the static one by its names, the dynamic one by what is kept of
//! its entries. Bounded by the size that the format itself gives it.

use super::names::STATIC;
use std::borrow::Cow;
use std::collections::VecDeque;
use std::sync::Arc;

/// What every entry counts beside its bytes (4.1).
const OVERHEAD: usize = 32;

/// The size until it is changed (RFC 9113, 6.5.2).
const USUAL_SIZE: usize = 4096;

/// Longer values are kept by nobody: no name is that long.
const LONGEST_VALUE: usize = 512;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Field {
    Authority,
    Host,
    Other,
}

impl Field {
    pub(super) fn of(name: &[u8]) -> Field {
        match name {
            b":authority" => Field::Authority,
            b"host" => Field::Host,
            _ => Field::Other,
        }
    }
}

/// A field of which only the authority's value is kept.
#[derive(Clone)]
pub(super) struct Entry {
    pub(super) field: Field,
    pub(super) value: Arc<[u8]>,
    name: usize,
    size: usize,
}

impl Entry {
    pub(super) fn new(field: Field, name: usize, value: Cow<'_, [u8]>) -> Entry {
        let size = name + value.len() + OVERHEAD;
        let wanted = field != Field::Other && value.len() <= LONGEST_VALUE;
        let value = if wanted { value.into() } else { Arc::default() };
        Entry {
            field,
            value,
            name,
            size,
        }
    }
}

pub(super) struct Table {
    /// The newest first, as they are numbered.
    entries: VecDeque<Entry>,
    size: usize,
    most: usize,
}

impl Default for Table {
    fn default() -> Table {
        Table {
            entries: VecDeque::new(),
            size: 0,
            most: USUAL_SIZE,
        }
    }
}

impl Table {
    /// The entry of this number (2.3.3). A static one's value is no authority.
    pub(super) fn at(&self, index: usize) -> Option<Entry> {
        match self.dynamic(index) {
            Some(entry) => Some(entry.clone()),
            None => fixed(index).map(|name| Entry::new(Field::Other, name.len(), Cow::default())),
        }
    }

    /// Which field the entry of this number is, and the length of its name.
    pub(super) fn name_at(&self, index: usize) -> Option<(Field, usize)> {
        match self.dynamic(index) {
            Some(entry) => Some((entry.field, entry.name)),
            None => fixed(index).map(|name| (Field::of(name.as_bytes()), name.len())),
        }
    }

    /// 4.4: an entry that is larger than the table empties it.
    pub(super) fn insert(&mut self, entry: Entry) {
        self.shrink(self.most.saturating_sub(entry.size));
        if entry.size <= self.most {
            self.size += entry.size;
            self.entries.push_front(entry);
        }
    }

    /// 4.3.
    pub(super) fn resize(&mut self, most: usize) {
        self.most = most;
        self.shrink(most);
    }

    fn shrink(&mut self, most: usize) {
        while self.size > most {
            let Some(oldest) = self.entries.pop_back() else {
                return;
            };
            self.size = self.size.saturating_sub(oldest.size);
        }
    }

    fn dynamic(&self, index: usize) -> Option<&Entry> {
        self.entries.get(index.checked_sub(STATIC.len() + 1)?)
    }
}

/// The static entry of this number, which begins at one.
fn fixed(index: usize) -> Option<&'static str> {
    STATIC.get(index.checked_sub(1)?).copied()
}
