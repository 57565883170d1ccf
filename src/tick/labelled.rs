//! A merged second becomes a [`Delta`]: rows are labelled, ordered and capped, and each interface's
//! sums are put beside what the capture says of it.

use super::delta::{Connection, Cost, Delta, FlowRow, InterfaceSecond, Open};
use super::gather::Merged;
use super::owners::Owners;
use crate::capture::{Interface, InterfaceFacts};
use crate::decode::Reason;
use crate::flow::{Ended, Folded, Row};
use crate::key::InterfaceId;
use crate::label::{App, Label, OwnerSource, Site, SiteSource};
use crate::platform::Role;
use crate::units::Traffic;
use serde::{Deserialize, Serialize};
use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::sync::Arc;

/// `[tick]` in the configuration.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Most rows that a second keeps; the smallest beyond that become `other`, one an interface,
    /// protocol and set of classes.
    pub rows: usize,
}

impl Default for Config {
    fn default() -> Config {
        Config { rows: 4096 }
    }
}

/// Turns merged seconds into deltas. Remembers what the interfaces are called.
#[derive(Debug, Default)]
pub struct Labeller {
    config: Config,
    interfaces: BTreeMap<InterfaceId, Arc<Interface>>,
    owners: Owners,
}

impl Labeller {
    pub fn new(config: Config) -> Labeller {
        Labeller {
            config,
            interfaces: BTreeMap::new(),
            owners: Owners::default(),
        }
    }

    /// The delta of a second, and a look at the one that is still open.
    pub fn label(&mut self, mut merged: Merged, cost: Cost) -> (Delta, Option<Open>) {
        self.owners.learn(std::mem::take(&mut merged.owners));
        for interface in &merged.interfaces {
            self.interfaces.insert(interface.id, interface.clone());
        }
        let open = self.open(&merged);
        let interfaces = self.interface_seconds(&merged);
        let delta = Delta {
            moment: merged.cut.moment,
            width: merged.cut.width,
            rows: self.rows(merged.rows, merged.folded),
            ended: self.connections(merged.ended),
            interfaces,
            amendments: Vec::new(),
            cost,
        };
        (delta, open)
    }

    fn open(&self, merged: &Merged) -> Option<Open> {
        let (moment, _) = merged.cut.open?;
        let mut interfaces: Vec<_> = merged
            .open
            .iter()
            .map(|total| {
                let (name, role) = self.called(total.interface);
                (name, role, total.traffic)
            })
            .collect();
        interfaces.sort_by(|one, other| one.0.cmp(&other.0));
        Some(Open { moment, interfaces })
    }

    fn interface_seconds(&self, merged: &Merged) -> Vec<InterfaceSecond> {
        let mut seconds: BTreeMap<InterfaceId, InterfaceSecond> = BTreeMap::new();
        for facts in &merged.cut.facts {
            self.second(&mut seconds, facts.interface).facts = facts.clone();
        }
        for row in &merged.rows {
            self.second(&mut seconds, row.key.interface()).flowed += row.traffic;
        }
        for folded in &merged.folded {
            self.second(&mut seconds, folded.interface).flowed += folded.traffic;
        }
        for unflowed in &merged.unflowed {
            let mut reasons: Vec<(Reason, Traffic)> = unflowed.by_reason.clone();
            reasons.sort_by_key(|(reason, _)| *reason);
            self.second(&mut seconds, unflowed.interface).unflowed = reasons;
        }
        seconds.into_values().collect()
    }

    fn second<'a>(
        &self,
        seconds: &'a mut BTreeMap<InterfaceId, InterfaceSecond>,
        interface: InterfaceId,
    ) -> &'a mut InterfaceSecond {
        seconds.entry(interface).or_insert_with(|| {
            let (name, role) = self.called(interface);
            let facts = InterfaceFacts {
                interface,
                ..InterfaceFacts::default()
            };
            InterfaceSecond {
                name,
                role,
                facts,
                flowed: Traffic::default(),
                unflowed: Vec::new(),
            }
        })
    }

    fn called(&self, interface: InterfaceId) -> (Arc<str>, Role) {
        match self.interfaces.get(&interface) {
            Some(known) => (known.name.clone(), known.role),
            None => (format!("#{}", interface.0).into(), Role::Virtual),
        }
    }

    /// Most bytes first; equal ones in the order of their first frames, so that the same frames
    /// always give the same rows.
    fn rows(&self, mut rows: Vec<Row>, folded: Vec<Folded>) -> Vec<FlowRow> {
        let rank = |row: &Row| (Reverse(row.traffic.total().bytes), row.flow, row.key);
        let rest = if rows.len() > self.config.rows {
            rows.select_nth_unstable_by_key(self.config.rows, rank);
            rows.split_off(self.config.rows)
        } else {
            Vec::new()
        };
        rows.sort_unstable_by_key(rank);
        let rest = rest.iter().map(Folded::from).chain(folded);
        rows.iter()
            .map(|row| self.labelled(row))
            .chain(others(rest))
            .collect()
    }

    fn labelled(&self, row: &Row) -> FlowRow {
        let mut labelled = labelled(row);
        self.owners.put_on(row.flow, &mut labelled.label);
        labelled
    }

    fn connections(&mut self, ended: Vec<Ended>) -> Vec<Connection> {
        self.owners.leave(&ended);
        let mut connections = connections(ended);
        for connection in &mut connections {
            self.owners.put_on(connection.flow, &mut connection.label);
        }
        connections
    }
}

fn labelled(row: &Row) -> FlowRow {
    FlowRow {
        flow: Some(row.flow),
        interface: row.key.interface(),
        protocol: row.key.protocol(),
        label: Arc::new(Label::of_address(row.key.end(row.local.other()).address)),
        classes: row.classes,
        traffic: row.traffic,
        opened: u32::from(row.opened),
    }
}

/// What the caps leave out: exact in sum, and by interface, protocol and classes.
fn others(rest: impl Iterator<Item = Folded>) -> impl Iterator<Item = FlowRow> {
    let label = Arc::new(Label {
        app: App::unknown(),
        app_source: OwnerSource::Unknown,
        site: Site::Other,
        site_source: SiteSource::Address,
    });
    Folded::sum(rest).map(move |other| FlowRow {
        flow: None,
        interface: other.interface,
        protocol: other.protocol,
        label: label.clone(),
        classes: other.classes,
        traffic: other.traffic,
        opened: other.opened,
    })
}

fn connections(mut ended: Vec<Ended>) -> Vec<Connection> {
    ended.sort_unstable_by_key(|flow| (flow.flow, flow.key));
    ended.iter().map(connection).collect()
}

/// An ended flow under the label that is known now.
pub fn connection(flow: &Ended) -> Connection {
    let remote = flow.key.end(flow.local.other());
    Connection {
        flow: flow.flow,
        interface: flow.key.interface(),
        protocol: flow.key.protocol(),
        local: flow.key.end(flow.local),
        remote,
        local_is_client: flow.local == flow.client,
        label: Arc::new(Label::of_address(remote.address)),
        classes: flow.classes,
        first: flow.first,
        last: flow.last,
        traffic: flow.traffic,
        ending: flow.ending,
    }
}

#[cfg(test)]
mod tests;
