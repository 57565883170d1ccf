//! A merged second becomes a [`Delta`]: rows are labelled, ordered and capped, and each interface's
//! sums are put beside what the capture says of it.

use super::delta::{Connection, Cost, Delta, FlowRow, InterfaceSecond, Open};
use super::gather::Merged;
use super::labels::{Labels, Told};
use crate::capture::{Interface, InterfaceFacts};
use crate::decode::Reason;
use crate::flow::{Ended, Folded, Row};
use crate::key::InterfaceId;
use crate::label::{App, Label, Marks, OwnerSource, Site, SiteSource};
use crate::owners::Carriers;
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
    /// protocol and set of classes. At most [`MOST_ROWS`].
    pub rows: usize,
}

impl Default for Config {
    fn default() -> Config {
        Config { rows: 4096 }
    }
}

/// What [`Config::rows`] may be.
pub const MOST_ROWS: usize = 65_536;
/// Rows beside these, in which the rest is: as many as there may be interfaces.
pub const MOST_OTHERS: usize = 1 << 16;

/// Tunnels whose carriers are remembered.
const CARRIERS: usize = 1_024;

/// Turns merged seconds into deltas. Remembers what the interfaces are called.
#[derive(Debug, Default)]
pub struct Labeller {
    config: Config,
    interfaces: BTreeMap<InterfaceId, Arc<Interface>>,
    /// Who carried each tunnel when that was known last: what it carries in the second of its end
    /// is still its own.
    carriers: Carriers,
}

impl Labeller {
    pub fn new(config: Config) -> Labeller {
        Labeller {
            config,
            interfaces: BTreeMap::new(),
            carriers: Carriers::default(),
        }
    }

    /// The delta of a second under `labels`, which have learned what it brought, and a look at the
    /// one that is still open.
    pub fn label(
        &mut self,
        merged: Merged,
        labels: &mut Labels,
        cost: Cost,
    ) -> (Delta, Option<Open>) {
        for interface in &merged.interfaces {
            self.interfaces.insert(interface.id, interface.clone());
        }
        self.learn_carriers(&merged.carriers);
        let open = self.open(&merged);
        let interfaces = self.interface_seconds(&merged);
        let delta = Delta {
            moment: merged.cut.moment,
            width: merged.cut.width,
            rows: self.rows(merged.rows, merged.folded, labels),
            ended: connections(merged.ended, labels),
            interfaces,
            amendments: merged.amendments,
            cost,
        };
        (delta, open)
    }

    /// Those that are not told any more are kept, as long as there are few.
    fn learn_carriers(&mut self, told: &Carriers) {
        let is_known = |(name, app): (&String, &App)| self.carriers.get(name) == Some(app);
        if !told.iter().all(is_known) {
            let mut carriers = (*self.carriers).clone();
            if carriers.len() + told.len() > CARRIERS {
                carriers.clear();
            }
            carriers.extend(told.iter().map(|(name, app)| (name.clone(), app.clone())));
            self.carriers = Arc::new(carriers);
        }
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
        // A virtual machine's program holds the other end of an interface, too: it carries nothing.
        let tunnels = seconds.values_mut().filter(|one| one.role == Role::Tunnel);
        for one in tunnels {
            one.carrier = self.carriers.get(&*one.name).cloned();
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
                carrier: None,
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
    fn rows(&self, mut rows: Vec<Row>, folded: Vec<Folded>, labels: &Labels) -> Vec<FlowRow> {
        let rank = |row: &Row| (Reverse(row.traffic.total().bytes), row.flow, row.key);
        let rest = if rows.len() > self.config.rows {
            rows.select_nth_unstable_by_key(self.config.rows, rank);
            rows.split_off(self.config.rows)
        } else {
            Vec::new()
        };
        rows.sort_unstable_by_key(rank);
        let rest = rest.iter().map(Folded::from).chain(folded);
        let kept = rows.iter().map(|row| labelled(row, labels.of_row(row)));
        kept.chain(others(rest)).collect()
    }
}

fn labelled(row: &Row, label: Arc<Label>) -> FlowRow {
    FlowRow {
        flow: Some(row.flow),
        interface: row.key.interface(),
        protocol: row.key.protocol(),
        label,
        classes: row.classes,
        traffic: row.traffic,
        opened: u32::from(row.opened),
    }
}

/// What the caps leave out: exact in sum, and by interface, protocol and classes; where these are too
/// many, by interface alone.
fn others(rest: impl Iterator<Item = Folded>) -> impl Iterator<Item = FlowRow> {
    let label = Arc::new(Label {
        app: App::unknown(),
        app_source: OwnerSource::Unknown,
        site: Site::Other,
        site_source: SiteSource::Address,
        marks: Marks::default(),
    });
    let mut sums: Vec<_> = Folded::sum(rest).collect();
    if sums.len() > MOST_OTHERS {
        sums = Folded::sum(sums.into_iter().map(Folded::of_any_kind)).collect();
    }
    sums.into_iter().map(move |other| FlowRow {
        flow: None,
        interface: other.interface,
        protocol: other.protocol,
        label: label.clone(),
        classes: other.classes,
        traffic: other.traffic,
        opened: other.opened,
    })
}

fn connections(mut ended: Vec<Ended>, labels: &mut Labels) -> Vec<Connection> {
    ended.sort_unstable_by_key(|flow| (flow.flow, flow.key));
    ended
        .iter()
        .map(|flow| connection(flow, labels.of_ended(flow)))
        .collect()
}

/// A flow under its label, and with what else is known of it.
pub fn connection(flow: &Ended, Told { label, facts, .. }: Told) -> Connection {
    let remote = flow.key.end(flow.local.other());
    Connection {
        flow: flow.flow,
        interface: flow.key.interface(),
        protocol: flow.key.protocol(),
        local: flow.key.end(flow.local),
        remote,
        local_is_client: flow.local == flow.client,
        label,
        facts,
        encapsulations: flow.encapsulations,
        classes: flow.classes,
        first: flow.first,
        last: flow.last,
        traffic: flow.traffic,
        ending: flow.ending,
    }
}

#[cfg(test)]
mod tests;
