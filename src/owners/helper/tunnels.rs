//! Which process carries which tunnel: the one that has the other end of its interface open. Looking
//! for it is dear, so that it is done when tunnels come, when a carrier ends, and a few times for one
//! that nobody seems to carry. Decides nothing else.

use crate::platform::{self, Role, Run};
use std::collections::BTreeMap;

/// How often a tunnel without a carrier is looked for: the kernel's own have none.
const TRIES: u8 = 4;

#[derive(Debug, Default)]
pub(super) struct Tunnels(BTreeMap<String, Tunnel>);

#[derive(Debug, Default)]
struct Tunnel {
    carrier: Option<Run>,
    tries: u8,
}

impl Tunnel {
    /// Whether its carrier is to be looked for.
    fn wants(&self) -> bool {
        match self.carrier {
            Some(run) => platform::started(run.pid) != Some(run.since),
            None => self.tries < TRIES,
        }
    }
}

impl Tunnels {
    /// What has changed since the last look.
    pub(super) fn look(&mut self) -> Vec<(String, Option<Run>)> {
        let nics = platform::nics().unwrap_or_default();
        let tunnels = nics.into_iter().filter(|nic| nic.role == Role::Tunnel);
        let names: Vec<String> = tunnels.map(|nic| nic.name).collect();
        let mut changes = self.gone(&names);
        for name in names {
            self.0.entry(name).or_default();
        }
        if self.0.values().any(Tunnel::wants) {
            self.search(&mut changes);
        }
        changes
    }

    fn gone(&mut self, names: &[String]) -> Vec<(String, Option<Run>)> {
        let gone = self.0.extract_if(.., |name, _| !names.contains(name));
        gone.map(|(name, _)| (name, None)).collect()
    }

    fn search(&mut self, changes: &mut Vec<(String, Option<Run>)>) {
        let holders: BTreeMap<String, Run> = platform::tunnel_holders().into_iter().collect();
        for (name, tunnel) in &mut self.0 {
            let carrier = holders.get(name).copied();
            if carrier != tunnel.carrier {
                changes.push((name.clone(), carrier));
                tunnel.tries = 0;
            }
            tunnel.carrier = carrier;
            tunnel.tries = tunnel.tries.saturating_add(1);
        }
    }
}
