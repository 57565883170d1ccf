//! Which connections are meant, by what only connections have: a state, ends, a process, an ending, how
//! they are known and what they speak.

use super::spoken::{Spoken, server};
use crate::flow::Ending;
use crate::key::Endpoint;
use crate::label::{OwnerSource, SiteSource};
use crate::names::Protocol;
use crate::owners::Process;
use crate::store::Ended;
use crate::tick::{Connection, Facts};
use std::net::IpAddr;
use std::sync::Arc;

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
    pub locals: Vec<IpAddr>,
    pub remotes: Vec<IpAddr>,
    /// Of either end.
    pub ports: Vec<u16>,
    /// Processes that have the local end.
    pub processes: Vec<u32>,
    /// How it ended: nothing that is live has.
    pub endings: Vec<Ending>,
    pub owner_sources: Vec<OwnerSource>,
    pub site_sources: Vec<SiteSource>,
    /// By content or by port.
    pub speaks: Vec<Protocol>,
    /// Fingerprints of the client.
    pub ja4s: Vec<String>,
    /// Where the process runs that has the local end, and what it belongs to.
    pub containers: Vec<String>,
    pub units: Vec<String>,
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
        let server = server(one.local_is_client, one.local, one.remote);
        let facts = one.facts.as_deref();
        any(&self.endings, &one.ending)
            && self.ends(one.local, one.remote)
            && self.known(one.label.owner_source, one.label.site_source)
            && self.said(&Spoken::of(facts, one.protocol, server), facts)
            && self.process(facts)
    }

    pub(super) fn live(&self, one: &Connection) -> bool {
        let server = server(one.local_is_client, one.local, one.remote);
        let facts = one.facts.as_deref();
        self.endings.is_empty()
            && self.ends(one.local, one.remote)
            && self.known(one.label.app_source, one.label.site_source)
            && self.said(&Spoken::of(facts, one.protocol, server), facts)
            && self.process(facts)
    }

    fn ends(&self, local: Endpoint, remote: Endpoint) -> bool {
        let has = |port: Option<u16>| port.is_some_and(|port| self.ports.contains(&port));
        any(&self.locals, &local.address)
            && any(&self.remotes, &remote.address)
            && (self.ports.is_empty() || has(local.port) || has(remote.port))
    }

    fn known(&self, owner: OwnerSource, site: SiteSource) -> bool {
        any(&self.owner_sources, &owner) && any(&self.site_sources, &site)
    }

    fn said(&self, spoken: &Spoken, facts: Option<&Facts>) -> bool {
        let ja4 = facts.and_then(|facts| facts.fingerprint.as_ref());
        let is = |wanted: &String| ja4.is_some_and(|ja4| ja4.as_str() == wanted);
        let speaks = |wanted: &Protocol| spoken.name == Some(wanted.word());
        (self.speaks.is_empty() || self.speaks.iter().any(speaks))
            && (self.ja4s.is_empty() || self.ja4s.iter().any(is))
    }

    fn process(&self, facts: Option<&Facts>) -> bool {
        let owner = facts.and_then(|facts| facts.owner.as_deref());
        let is = |owner: &Process| self.processes.contains(&owner.run.pid);
        let named = |wanted: &[String], name: fn(&Process) -> Option<&Arc<str>>| {
            let name = owner.and_then(name);
            wanted.is_empty() || name.is_some_and(|name| wanted.iter().any(|one| **one == **name))
        };
        (self.processes.is_empty() || owner.is_some_and(is))
            && named(&self.containers, |owner| owner.container.as_ref())
            && named(&self.units, |owner| owner.unit.as_ref())
    }
}

/// Whether a list lets this one through.
fn any<T: PartialEq>(wanted: &[T], one: &T) -> bool {
    wanted.is_empty() || wanted.contains(one)
}
