//! Which connections are meant, by what only connections have: a state, ends, a process, an ending.

use crate::flow::Ending;
use crate::key::Endpoint;
use crate::owners::Process;
use crate::store::Ended;
use crate::tick::{Connection, Facts};
use std::net::IpAddr;

/// Which connections are asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum State {
    #[default]
    Both,
    Live,
    Ended,
}

/// Which connections are asked for beside what a question says of all traffic. An empty list lets
/// everything through.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Which {
    pub state: State,
    pub remotes: Vec<IpAddr>,
    /// Of either end.
    pub ports: Vec<u16>,
    /// Processes that have the local end.
    pub processes: Vec<u32>,
    /// How it ended: nothing that is live has.
    pub endings: Vec<Ending>,
}

impl From<State> for Which {
    fn from(state: State) -> Which {
        Which {
            state,
            ..Which::default()
        }
    }
}

impl Which {
    pub(super) fn ended(&self, one: &Ended) -> bool {
        let ended = self.endings.is_empty() || self.endings.contains(&one.ending);
        ended && self.ends(one.local, one.remote) && self.process(one.facts.as_deref())
    }

    pub(super) fn live(&self, one: &Connection) -> bool {
        let ends = self.endings.is_empty() && self.ends(one.local, one.remote);
        ends && self.process(one.facts.as_deref())
    }

    fn ends(&self, local: Endpoint, remote: Endpoint) -> bool {
        let has = |port: Option<u16>| port.is_some_and(|port| self.ports.contains(&port));
        let remote_is = self.remotes.is_empty() || self.remotes.contains(&remote.address);
        remote_is && (self.ports.is_empty() || has(local.port) || has(remote.port))
    }

    fn process(&self, facts: Option<&Facts>) -> bool {
        let owner = facts.and_then(|facts| facts.owner.as_deref());
        let is = |owner: &Process| self.processes.contains(&owner.run.pid);
        self.processes.is_empty() || owner.is_some_and(is)
    }
}
