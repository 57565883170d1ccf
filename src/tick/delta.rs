//! One second of history, merged and labelled: what the live view shows and the store keeps.

use super::labels::Facts;
use crate::capture::InterfaceFacts;
use crate::decode::{Encapsulations, Reason};
use crate::flow::Ending;
use crate::key::{Endpoint, InterfaceId, Protocol};
use crate::label::{App, Classes, Label};
use crate::platform::Role;
use crate::units::{FrameNumber, Moment, Nanos, Tally, Traffic};
use std::sync::Arc;

/// What changed in one second. Sums over `rows` plus each interface's `unflowed` equal what each
/// interface delivered less what its ring dropped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delta {
    pub moment: Moment,
    /// How wide the second was on the steady clock; rates divide by it.
    pub width: Nanos,
    /// One a flow, most bytes first, at most `tick.rows` of them; the rest is folded into rows
    /// whose site is [`crate::label::Site::Other`], one an interface, protocol and class set.
    pub rows: Vec<FlowRow>,
    /// Connections that ended in this second.
    pub ended: Vec<Connection>,
    pub interfaces: Vec<InterfaceSecond>,
    /// Labels that became known after their seconds were cut.
    pub amendments: Vec<Amendment>,
    /// What netmonitor itself used in this second.
    pub cost: Cost,
}

/// One flow's second, labelled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FlowRow {
    /// The flow's identity; rows of history are joined to connections and amendments by it.
    /// `None` for a folded row.
    pub flow: Option<FrameNumber>,
    pub interface: InterfaceId,
    pub protocol: Protocol,
    pub label: Arc<Label>,
    pub classes: Classes,
    pub traffic: Traffic,
    /// Flows whose first frame lies in this second.
    pub opened: u32,
}

/// A flow from its first frame to its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Connection {
    pub flow: FrameNumber,
    pub interface: InterfaceId,
    pub protocol: Protocol,
    pub local: Endpoint,
    pub remote: Endpoint,
    /// This host's end sent the first frame.
    pub local_is_client: bool,
    pub label: Arc<Label>,
    /// What else is known of it.
    pub facts: Option<Arc<Facts>>,
    /// What lay around its first frame's IP header.
    pub encapsulations: Encapsulations,
    pub classes: Classes,
    pub first: Nanos,
    pub last: Nanos,
    pub traffic: Traffic,
    pub ending: Ending,
}

/// One interface's second: what it delivered, what of it is in no flow, what was lost.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InterfaceSecond {
    pub name: Arc<str>,
    pub role: Role,
    /// Of a tunnel: the app that carries its packets in flows of its own, where that is known.
    pub carrier: Option<App>,
    pub facts: InterfaceFacts,
    pub flowed: Traffic,
    pub unflowed: Vec<(Reason, Traffic)>,
}

impl InterfaceSecond {
    /// Everything that was counted on this interface, in flows or not.
    pub fn counted(&self) -> Traffic {
        let mut sum = self.flowed;
        self.unflowed
            .iter()
            .for_each(|(_, traffic)| sum += *traffic);
        sum
    }
}

/// A flow's label became known: its rows since `since` belong to `label` from now on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Amendment {
    pub flow: FrameNumber,
    pub since: Moment,
    pub label: Arc<Label>,
}

/// What netmonitor used: the monitor is measured as hard as the network.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cost {
    /// User and system CPU time of the process.
    pub cpu: Nanos,
    /// Resident memory, the kernel's mapped capture rings not counted, in bytes.
    pub resident: u64,
}

/// A look at the second that is still open: it will grow, and is marked provisional.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Open {
    pub moment: Moment,
    pub interfaces: Vec<(Arc<str>, Role, Traffic)>,
}

/// Frames and bytes as one tally, for checks of conservation.
pub fn sum(rows: &[FlowRow]) -> Tally {
    rows.iter()
        .fold(Tally::default(), |sum, row| sum + row.traffic.total())
}
