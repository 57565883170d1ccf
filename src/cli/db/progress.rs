//! How far a long command is: a line on the terminal that is written over, and nothing elsewhere.

use crate::store;
use std::io::{self, IsTerminal, Write};

pub(in crate::cli) struct Progress {
    shown: bool,
    percent: Option<u64>,
}

impl Progress {
    pub(in crate::cli) fn new(quiet: bool) -> Progress {
        Progress {
            shown: !quiet && io::stderr().is_terminal(),
            percent: None,
        }
    }

    /// Shows what it is told; `word` says what was done with so much.
    pub(super) fn tell<'a>(
        &'a mut self,
        word: &'a str,
    ) -> impl FnMut(u64, u64) -> Result<(), store::Error> + 'a {
        move |done, total| {
            let percent = (done * 100).checked_div(total);
            if self.shown && percent.is_some() && self.percent != percent {
                self.percent = percent;
                let percent = percent.unwrap_or_default();
                // A terminal that is gone has nobody to tell.
                let _ = write!(io::stderr(), "\r{percent:>3} % {word}");
            }
            Ok(())
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if self.percent.is_some() {
            let _ = write!(io::stderr(), "\r{:24}\r", "");
        }
    }
}
