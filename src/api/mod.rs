//! What can be asked of netmonitor, one file an endpoint group; a table of routes with their guards.
//! Turns questions into answers and knows nothing of sockets: a handler is a function of a
//! [`Context`] and a [`Request`]. What is wrong is told as `application/problem+json`.

mod applications;
mod classes;
mod connections;
mod context;
mod coverage;
mod daemon;
mod docs;
mod domains;
mod filters;
mod health;
mod historical;
mod history;
mod interfaces;
mod latency;
mod live;
mod metrics;
mod openapi;
mod openmetrics;
mod owners;
mod problem;
mod reply;
mod request;
mod route;
mod stats;
mod token;
mod upkeep;

pub use context::Context;
pub use daemon::{DaemonStatus, FlowStatus, RingStatus, StoreStatus};
pub use filters::{Filter, Origin, Use};
pub use history::{HistoryReport, HistoryStats};
pub use live::Events;
pub use openapi::document;
pub use owners::{HelperStatus, OwnersState, OwnersStatus, Rung, RungState, RungStatus};
pub use problem::Problem;
pub use reply::{Body, Reply};
pub use request::Request;
pub use route::{Answer, Gives, Guard, Parameter, Route, routes};
pub use token::{Token, TokenError};

/// The gauge of clients of the live stream.
pub const SSE_CLIENTS: &str = "serve_sse_clients";
