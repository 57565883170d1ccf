//! Who had which flow a moment ago: what is left of a connection may be seen after its socket is
//! gone. Bounded: two generations.

use super::flows::Ends;
use crate::owners::Process;
use crate::units::{NANOS, Nanos};
use ahash::AHashMap;
use std::sync::Arc;

const MOST: usize = 32_768;
/// How long an owner is remembered: as long as TCP keeps the ends of a connection from being used
/// again (RFC 9293, 3.4.1; on Linux a minute).
const LONGEST: Nanos = Nanos(60 * NANOS);

type Had = (Arc<Process>, Nanos);

#[derive(Debug, Default)]
pub(super) struct Recent {
    younger: AHashMap<Ends, Had>,
    elder: AHashMap<Ends, Had>,
}

impl Recent {
    pub(super) fn note(&mut self, ends: Ends, process: &Arc<Process>, now: Nanos) {
        if self.younger.len() >= MOST && !self.younger.contains_key(&ends) {
            self.elder = std::mem::take(&mut self.younger);
        }
        self.younger.insert(ends, (process.clone(), now));
    }

    pub(super) fn of(&self, ends: &Ends, now: Nanos) -> Option<Arc<Process>> {
        let had = self.younger.get(ends).or_else(|| self.elder.get(ends))?;
        let (process, at) = had;
        (now.0 - at.0 < LONGEST.0).then(|| process.clone())
    }
}
