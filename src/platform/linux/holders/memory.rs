//! Which process was last seen to have which socket open. Bounded: what was not asked for lately is
//! forgotten first.

use crate::platform::Run;
use ahash::AHashMap;

/// Of each half.
const AT_MOST: usize = 65_536;

/// A socket among the open files of a process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) run: Run,
    pub(super) descriptor: u32,
}

/// Two halves: when the younger one is full, it becomes the older one.
#[derive(Default)]
pub(super) struct Memory {
    young: AHashMap<u64, Place>,
    old: AHashMap<u64, Place>,
}

impl Memory {
    pub(super) fn get(&mut self, inode: u64) -> Option<Place> {
        if let Some(place) = self.young.get(&inode) {
            return Some(*place);
        }
        let place = self.old.remove(&inode)?;
        self.insert(inode, place);
        Some(place)
    }

    pub(super) fn insert(&mut self, inode: u64, place: Place) {
        if self.young.len() >= AT_MOST {
            self.old = std::mem::take(&mut self.young);
        }
        self.young.insert(inode, place);
    }

    pub(super) fn forget(&mut self, inode: u64) {
        self.young.remove(&inode);
        self.old.remove(&inode);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_asked_for_stays_and_the_rest_goes() {
        let mut memory = Memory::default();
        let place = Place {
            run: Run { pid: 1, since: 2 },
            descriptor: 3,
        };
        for inode in 0..4 * AT_MOST as u64 {
            memory.insert(inode, place);
            assert_eq!(memory.get(0), Some(place));
        }
        assert_eq!(memory.get(1), None);
        assert!(memory.young.len() + memory.old.len() <= 2 * AT_MOST);
        memory.forget(0);
        assert_eq!(memory.get(0), None);
    }
}
