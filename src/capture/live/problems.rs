//! Why interfaces that should be watched are not: written by the capture thread, read by whoever
//! tells how it is.

use parking_lot::Mutex;
use std::collections::BTreeMap;
use std::sync::Arc;

/// By interface, what is the matter. Clones share it.
#[derive(Clone, Debug, Default)]
pub struct Problems(Arc<Mutex<BTreeMap<Arc<str>, String>>>);

impl Problems {
    /// What keeps this interface from being watched, if anything does.
    pub fn of(&self, name: &str) -> Option<String> {
        self.0.lock().get(name).cloned()
    }

    pub(super) fn tell(&self, name: &Arc<str>, problem: Option<&str>) {
        let mut problems = self.0.lock();
        match problem {
            Some(problem) => problems.insert(name.clone(), problem.to_owned()),
            None => problems.remove(name),
        };
    }
}
