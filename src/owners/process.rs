//! The owner of a flow, as everybody downstream knows it: one run of an app. Knows no system.

use crate::label::App;
use crate::platform::Run;
use crate::units::Nanos;
use std::sync::Arc;

/// One run of an app.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Process {
    pub run: Run,
    /// When it began, in wall time; `None` where only the run is known.
    pub started: Option<Nanos>,
    pub app: App,
    /// Another process did it for the app: what that one is called.
    pub via: Option<Arc<str>>,
    /// The container it runs in, by what its runtime calls it.
    pub container: Option<Arc<str>>,
    /// The systemd unit that it belongs to.
    pub unit: Option<Arc<str>>,
    /// Who started it, and who started that, nearest first.
    pub parents: Vec<Parent>,
}

/// How many parents are told at most.
pub const PARENTS: usize = 4;

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Parent {
    pub pid: u32,
    pub name: Arc<str>,
}
