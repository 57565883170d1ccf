//! The flows that ended since the last cut, to be kept as connections. Bounded: a scan of millions
//! of ports is no reason to remember every one of them. What they carried is in the rows anyway.

use super::row::Ended;

#[derive(Debug)]
pub(super) struct Endings {
    most: usize,
    list: Vec<Ended>,
    /// Flows that found no room since the last cut.
    unrecorded: u64,
}

impl Endings {
    pub(super) fn new(most: usize) -> Endings {
        Endings {
            most,
            list: Vec::new(),
            unrecorded: 0,
        }
    }

    pub(super) fn push(&mut self, ended: Ended) {
        if self.list.len() < self.most {
            self.list.push(ended);
        } else {
            self.unrecorded += 1;
        }
    }

    /// All flows that are left at the end: no more than there is room for in the table.
    pub(super) fn extend(&mut self, ended: impl Iterator<Item = Ended>) {
        self.list.extend(ended);
    }

    /// What ended, and how many more did.
    pub(super) fn take(&mut self) -> (Vec<Ended>, u64) {
        let list = std::mem::take(&mut self.list);
        (list, std::mem::take(&mut self.unrecorded))
    }
}
