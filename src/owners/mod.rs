//! Whose a flow is: from a five-tuple to the process that has its socket, and to the app that it is
//! a run of, with how that is known. Knows neither seconds nor the store.

pub mod identity;
mod process;
mod processes;

pub use process::{PARENTS, Parent, Process};
pub use processes::{Files, Processes, Read};
