//! What this system does not have, or is not asked for: each answers so.

use crate::clock::Clock;
use crate::key::{Endpoint, Protocol};
use crate::platform::{Distant, Ends, Error, ProcessEvent, Run, Sight};
use std::os::fd::{AsFd, BorrowedFd};

fn absent<T>(doing: &'static str) -> Result<T, Error> {
    Err(Error::NotHere { doing })
}

/// There are no other network namespaces.
pub struct Elsewhere;

impl Elsewhere {
    pub fn new(_: Clock) -> Elsewhere {
        Elsewhere
    }

    pub fn find(&mut self, _: Protocol, _: Endpoint, _: Endpoint) -> Option<Distant> {
        None
    }
}

/// There are none: it cannot be opened.
pub enum Translations {}

impl Translations {
    pub fn open() -> Result<Translations, Error> {
        absent("ask for translated addresses")
    }

    pub fn find(&mut self, _: Protocol, _: Endpoint, _: Endpoint) -> Result<Option<Ends>, Error> {
        match *self {}
    }
}

/// There are none: it cannot be opened.
pub enum ProcessEvents {}

impl ProcessEvents {
    pub fn open() -> Result<ProcessEvents, Error> {
        absent("hear of new processes")
    }

    pub fn each(&mut self, _: impl FnMut(ProcessEvent)) {
        match *self {}
    }
}

impl AsFd for ProcessEvents {
    fn as_fd(&self) -> BorrowedFd<'_> {
        match *self {}
    }
}

pub(crate) fn tunnel_holders() -> Vec<(String, Run)> {
    Vec::new()
}

pub(crate) fn tunnels_of(_: Run) -> Vec<String> {
    Vec::new()
}

/// Root sees everybody.
pub(crate) fn may_look_at_others() -> Sight {
    let root = crate::platform::is_root();
    Sight {
        others: root,
        missing: if root { Vec::new() } else { vec!["root"] },
        hidden: false,
    }
}
