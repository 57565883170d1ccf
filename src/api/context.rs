//! What handlers work with. The whole is put together by `monitor`; a handler sees questions it can
//! ask, never the rooms that answer them.

use super::daemon::DaemonStatus;
use super::filters::Filter;
use super::interfaces::InterfaceStatus;
use super::token::Token;
use crate::measure::{Meters, Stages};

pub struct Context {
    pub stages: Stages,
    pub meters: Meters,
    pub token: Token,
    /// The named filters, and what each is used as.
    pub filters: Vec<Filter>,
    /// The capture filter's expression, when one is on.
    pub capture_filter: Option<String>,
    pub status: Box<dyn Fn() -> DaemonStatus + Send + Sync>,
    pub interfaces: Box<dyn Fn() -> Vec<InterfaceStatus> + Send + Sync>,
}
