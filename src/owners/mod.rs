//! Whose a flow is: from a five-tuple to the process that has its socket, and to the app that it is
//! a run of, with how that is known. What looks into other processes is a process of its own, the
//! helper: it reads no frames, and the service reads no other process. Knows neither seconds nor the
//! store.

mod client;
mod config;
mod helper;
mod message;
mod owned;
mod process;
mod stub;

pub use client::{Asker, Carriers, Client, Owners, State};
pub use config::{Config, Kernel};
pub use helper::{Error as HelperError, run as help};
/// Questions that wait for an answer at most, and processes that are remembered.
pub const QUESTIONS_MAX: u64 = helper::pending::MOST as u64;
pub const PROCESSES_MAX: u64 = helper::finder::PROCESSES as u64;

pub use message::{Rung, Status};
pub use owned::Owned;
pub use process::{PARENTS, Parent, Process};
pub use stub::Processes;
