//! A flow's owner, as the service is told it.

use super::process::Process;
use crate::label::OwnerSource;
use crate::units::{FrameNumber, Nanos};
use std::net::IpAddr;
use std::sync::Arc;

/// Whose a flow is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Owned {
    pub flow: FrameNumber,
    /// When its first frame was seen.
    pub at: Nanos,
    /// The address that its label is about.
    pub remote: IpAddr,
    pub source: OwnerSource,
    /// The process at this host's end, or at the client's where both are this host's.
    pub process: Option<Arc<Process>>,
    /// The process at the other end, where that is on this host, too.
    pub peer: Option<Arc<Process>>,
}
