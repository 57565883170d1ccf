//! Whoever asked, who may leave before there is an answer: then there is no need to look any further.
//! Knows no connection.

use super::error::Error;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Whether whoever asked has left. Clones are of the same one.
#[derive(Clone, Debug, Default)]
pub struct Asker(Arc<AtomicBool>);

impl Asker {
    /// Has left, or has got the whole answer.
    pub fn leave(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// An error once the asker has left.
    pub(super) fn is_here(&self) -> Result<(), Error> {
        if self.0.load(Ordering::Relaxed) {
            return Err(Error::Left);
        }
        Ok(())
    }
}

/// Who asks does not change what is asked.
impl PartialEq for Asker {
    fn eq(&self, _: &Asker) -> bool {
        true
    }
}

impl Eq for Asker {}
