//! What a disk refuses: from which operation on, for how many, and how it says so.

use super::cut::Event;
use std::io;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Trouble {
    #[default]
    /// Writes and lengths: no space is left. What is there can be read.
    Full,
    /// Nothing works.
    Broken,
    /// Nothing can be changed.
    ReadOnly,
    /// As `Broken`; a sync that fails has lost what it was for, as Linux drops such pages.
    Forgetful,
}

#[derive(Debug)]
pub(super) struct Fault {
    trouble: Trouble,
    /// Operations that work before it, counted down; none: nothing ails.
    after: Option<usize>,
    /// Operations that fail.
    lasts: usize,
    /// What was synced last, for `Forgetful`.
    synced: Vec<u8>,
}

impl Default for Fault {
    fn default() -> Fault {
        Fault {
            trouble: Trouble::Full,
            after: None,
            lasts: 0,
            synced: Vec::new(),
        }
    }
}

impl Fault {
    pub(super) fn begin(&mut self, trouble: Trouble, after: usize, lasts: usize) {
        self.trouble = trouble;
        self.after = Some(after);
        self.lasts = lasts;
    }

    pub(super) fn end(&mut self) {
        self.after = None;
    }

    /// Whether it has shown.
    pub(super) fn has_begun(&self) -> bool {
        self.after == Some(0)
    }

    pub(super) fn look(&mut self) -> io::Result<()> {
        self.meet(matches!(self.trouble, Trouble::Broken | Trouble::Forgetful))
    }

    pub(super) fn change(&mut self, _: &Event) -> io::Result<()> {
        self.meet(true)
    }

    pub(super) fn sync(&mut self, seen: &mut Vec<u8>) -> io::Result<()> {
        let met = self.meet(self.trouble != Trouble::Full);
        if self.trouble != Trouble::Forgetful {
            return met;
        }
        match met {
            Ok(()) => self.synced.clone_from(seen),
            Err(_) => seen.clone_from(&self.synced),
        }
        met
    }

    fn meet(&mut self, concerns: bool) -> io::Result<()> {
        match self.after {
            None => return Ok(()),
            Some(0) => {}
            Some(left) => {
                self.after = Some(left - 1);
                return Ok(());
            }
        }
        if !concerns || self.lasts == 0 {
            return Ok(());
        }
        self.lasts = self.lasts.saturating_sub(1);
        Err(io::Error::from_raw_os_error(self.trouble.code()))
    }
}

impl Trouble {
    fn code(self) -> i32 {
        match self {
            Trouble::Full => nix::errno::Errno::ENOSPC as i32,
            Trouble::ReadOnly => nix::errno::Errno::EROFS as i32,
            Trouble::Broken | Trouble::Forgetful => nix::errno::Errno::EIO as i32,
        }
    }

    /// What is said of it.
    pub(super) fn words(self) -> &'static str {
        match self {
            Trouble::Full => "No space left on device",
            Trouble::ReadOnly => "Read-only file system",
            Trouble::Broken | Trouble::Forgetful => "Input/output error",
        }
    }
}
