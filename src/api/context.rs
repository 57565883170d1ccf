//! What handlers work with. The whole is put together by `monitor`; a handler sees questions it can
//! ask, never the rooms that answer them.

use super::daemon::DaemonStatus;
use super::export::Exports;
use super::filters::Filter;
use super::owners::OwnersStatus;
use super::token::Token;
use crate::measure::{Meters, Stages};
use crate::query::{InterfaceNow, LiveConnection, Query};
use crate::store::care::Care;
use crate::store::{self, Did, Imported, Orders, Sum, What};
use std::sync::Arc;

pub struct Context {
    pub query: Arc<Query>,
    /// Who looks after the history's file.
    pub care: Care,
    pub stages: Stages,
    pub meters: Meters,
    pub token: Token,
    /// The named filters, and what each is used as.
    pub filters: Vec<Filter>,
    /// The capture filter's expression, when one is on.
    pub capture_filter: Option<String>,
    pub status: Box<dyn Fn() -> DaemonStatus + Send + Sync>,
    /// How owners are found now.
    pub owners: Box<dyn Fn() -> OwnersStatus + Send + Sync>,
    /// Does roll-up or retention, and waits for it, but not for long.
    pub upkeep: Box<dyn Fn(What) -> Result<Did, store::Error> + Send + Sync>,
    /// Forgetting, and writing the history anew.
    pub orders: Orders,
    /// Puts in what another program counted, and waits for it, but not for long.
    pub import: Box<dyn Fn(Vec<Sum>) -> Result<Imported, store::Error> + Send + Sync>,
    pub exports: Exports,
    pub interfaces: Box<dyn Fn() -> Vec<InterfaceNow> + Send + Sync>,
    pub connections: Box<dyn Fn() -> Vec<LiveConnection> + Send + Sync>,
    /// How many flows are alive: cheap, it is asked once a second for each live stream.
    pub flows: Arc<dyn Fn() -> u64 + Send + Sync>,
}
