//! The processes that headers told already: one value each, however many frames it has.

use super::Tag;
use crate::capture::process::Process;
use ahash::AHashMap;
use std::sync::Arc;

/// More processes than a host has at a time: beyond that all are made anew.
const MOST: usize = 8_192;

#[derive(Debug, Default)]
pub struct Processes {
    known: AHashMap<Tag, Arc<Process>>,
}

impl Processes {
    /// The process that a tag tells.
    pub fn of(&mut self, tag: &Tag) -> Option<&Arc<Process>> {
        // Asked for twice: a reference that is given back cannot be held while adding.
        if !self.known.contains_key(tag) {
            self.learn(tag)?;
        }
        self.known.get(tag)
    }

    #[cold]
    fn learn(&mut self, tag: &Tag) -> Option<()> {
        let process = Arc::new(tag.process()?);
        if self.known.len() >= MOST {
            self.known.clear();
        }
        self.known.insert(*tag, process);
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_is_made_once_and_they_are_bounded() {
        let tag = |pid| Tag {
            pid: Some(pid),
            ..Tag::default()
        };
        let mut processes = Processes::default();
        let first = processes.of(&tag(7)).unwrap().clone();
        assert!(Arc::ptr_eq(&first, processes.of(&tag(7)).unwrap()));
        for pid in 0..3 * MOST as i32 {
            assert_eq!(processes.of(&tag(pid)).unwrap().pid, pid);
            assert!(processes.known.len() <= MOST);
        }
        assert_eq!(**processes.of(&tag(7)).unwrap(), *first);
    }
}
