//! No programs of ours in this system's kernel: PKTAP tells owners here.

use crate::platform::{Error, KernelEvent, Lost};
use std::os::fd::{AsFd, BorrowedFd};

/// What other systems' kernels tell of sockets: there is none here.
pub enum Kernel {}

impl Kernel {
    pub fn load() -> Result<Kernel, Error> {
        Err(Error::NotHere {
            doing: "watch sockets from inside the kernel",
        })
    }

    pub fn missing(&self) -> &[String] {
        match *self {}
    }

    pub fn tells_programs(&self) -> bool {
        match *self {}
    }

    pub fn events(&mut self, _each: &mut dyn FnMut(KernelEvent)) {
        match *self {}
    }

    pub fn lost(&self) -> Lost {
        match *self {}
    }

    pub fn turn(&mut self) {
        match *self {}
    }

    pub fn still_attached(&self) -> bool {
        match *self {}
    }

    pub fn hear_packets(&mut self) -> Result<(), Error> {
        match *self {}
    }

    pub fn stop_hearing_packets(&mut self) {
        match *self {}
    }
}

impl AsFd for Kernel {
    fn as_fd(&self) -> BorrowedFd<'_> {
        match *self {}
    }
}
