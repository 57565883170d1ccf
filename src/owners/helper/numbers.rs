//! The numbers under which processes are told. Both sides of the stream forget alike: a number holds
//! until so many others were given after it.

use crate::owners::Process;
use crate::owners::message::{NUMBERS, Number};
use ahash::AHashMap;
use std::collections::VecDeque;
use std::sync::Arc;

#[derive(Debug, Default)]
pub(super) struct Numbers {
    known: AHashMap<Arc<Process>, Number>,
    order: VecDeque<Arc<Process>>,
    last: u32,
}

impl Numbers {
    /// A process's number, and whether it has to be told first.
    pub(super) fn of(&mut self, process: &Arc<Process>) -> (Number, bool) {
        if let Some(known) = self.known.get(process) {
            return (*known, false);
        }
        if self.order.len() >= NUMBERS as usize
            && let Some(oldest) = self.order.pop_front()
        {
            self.known.remove(&oldest);
        }
        // Zero is none.
        self.last = self.last.checked_add(1).unwrap_or(1);
        let number = Number(self.last);
        self.known.insert(process.clone(), number);
        self.order.push_back(process.clone());
        (number, true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::label::App;
    use crate::platform::Run;

    fn process(pid: u32) -> Arc<Process> {
        Arc::new(Process {
            run: Run { pid, since: 0 },
            started: None,
            app: App::unknown(),
            via: None,
            container: None,
            unit: None,
            parents: Vec::new(),
        })
    }

    #[test]
    fn a_process_is_told_once_until_it_is_forgotten() {
        let mut numbers = Numbers::default();
        assert_eq!(numbers.of(&process(1)), (Number(1), true));
        assert_eq!(numbers.of(&process(2)), (Number(2), true));
        assert_eq!(numbers.of(&process(1)), (Number(1), false));
        for pid in 3..=NUMBERS {
            numbers.of(&process(pid));
        }
        assert_eq!(numbers.of(&process(1)), (Number(1), false));
        numbers.of(&process(NUMBERS + 1));
        assert_eq!(numbers.of(&process(1)), (Number(NUMBERS + 2), true));
        assert_eq!(numbers.known.len(), NUMBERS as usize);
    }
}
