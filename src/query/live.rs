//! `/api/live`: one event a second as it is cut, provisional until it is committed.

use super::Query;
use super::carried::{Carried, Tunnel, Tunnels};
use super::recent::{Light, LightNic};
use super::select::Selection;
use super::shape::{Counts, Loss, time_of_moment};
use crate::label::Classes;
use crate::platform::Role;
use crate::store::{AppId, ClassSet, Nic, NicId, order};
use crate::tick::Open;
use serde::Serialize;
use std::collections::BTreeMap;
use utoipa::ToSchema;

#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Live {
    pub at_s: i64,
    pub epoch: u32,
    pub width_s: f64,
    pub provisional: bool,
    pub committed_through: Option<String>,
    pub total: Counts,
    /// Every interface, whether it counts in the total or not.
    pub interfaces: Vec<LiveInterface>,
    pub classes: Vec<LiveClass>,
    pub loss: Loss,
    /// Flows that are alive now.
    pub flows: u64,
    pub flows_opened: u64,
    pub cpu_ms: f64,
    pub resident_bytes: u64,
    pub open: Option<OpenSecond>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct LiveInterface {
    pub name: String,
    #[schema(value_type = String)]
    pub role: Role,
    #[serde(flatten)]
    pub counts: Counts,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct LiveClass {
    pub name: String,
    #[serde(flatten)]
    pub counts: Counts,
}

/// The second that is not over yet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct OpenSecond {
    pub at_s: i64,
    pub total: Counts,
}

/// What flows outside every class are called.
pub(super) const NONE: &str = "none";

impl Query {
    /// The seconds after a sequence number (0: all that are kept), oldest first, each with its own
    /// number. `flows`: how many are alive now.
    pub fn live_after(&self, sequence: u64, interfaces: &[String], flows: u64) -> Vec<(u64, Live)> {
        let selection = Selection::of(interfaces);
        let open = self.recent.open();
        let open = open.map(|open| open_second(&open, &selection));
        let lights = self.recent.after(sequence).into_iter();
        let events = lights.map(|light| {
            let event = self.event(&light, &selection, open.clone(), flows);
            (light.sequence, event)
        });
        events.collect()
    }

    fn event(
        &self,
        light: &Light,
        selection: &Selection,
        open: Option<OpenSecond>,
        flows: u64,
    ) -> Live {
        let through = self.recent.committed().through();
        let counted = selection.counted(light.nics.iter().map(|one| &one.nic));
        let chosen = light.nics.iter().zip(counted);
        let chosen: Vec<&LightNic> = chosen.filter_map(|(nic, yes)| yes.then_some(nic)).collect();
        let (mut total, mut loss) = (Counts::default(), Loss::default());
        for nic in &chosen {
            total += nic.traffic.into();
            loss.beside(nic.loss);
        }
        Live {
            at_s: light.moment.second.0,
            epoch: light.moment.epoch.0,
            width_s: light.width.0 as f64 / 1e9,
            provisional: Some(order(light.moment)) > through.map(order),
            committed_through: through.map(time_of_moment),
            total,
            interfaces: light.nics.iter().map(interface).collect(),
            classes: self.classes_of(light, selection),
            loss,
            flows,
            flows_opened: chosen.iter().map(|nic| nic.opened).sum(),
            cpu_ms: light.cost.cpu.0 as f64 / 1e6,
            resident_bytes: light.cost.resident,
            open,
        }
    }

    /// What counts by its classes, a tunnel's by those of its payload.
    fn classes_of(&self, light: &Light, selection: &Selection) -> Vec<LiveClass> {
        let mut sums = BTreeMap::<String, Counts>::new();
        for (classes, traffic) in class_sums(light, selection).settled().sums {
            for name in self.names_of(classes) {
                *sums.entry(name).or_default() += traffic.into();
            }
        }
        let classes = sums
            .into_iter()
            .map(|(name, counts)| LiveClass { name, counts });
        classes.collect()
    }

    /// The names of the classes that these bits mean in this run.
    pub(super) fn names_of(&self, classes: Classes) -> Vec<String> {
        names_of(&ClassSet::of(classes, &self.class_names))
    }
}

/// The classes of a set; what is in none is in the class `none`.
pub(super) fn names_of(set: &ClassSet) -> Vec<String> {
    match set.0.as_slice() {
        [] => vec![NONE.to_owned()],
        names => names.iter().map(ToString::to_string).collect(),
    }
}

fn class_sums(light: &Light, selection: &Selection) -> Carried<Classes> {
    let counted = selection.counted(light.nics.iter().map(|one| &one.nic));
    let nics = (0..).map(NicId).zip(light.nics.iter().zip(counted));
    let nics: Vec<(NicId, &LightNic, bool)> =
        nics.map(|(id, (one, counts))| (id, one, counts)).collect();
    let tunnels = nics.iter().filter_map(|(nic, one, counts)| {
        let carrier = one
            .carrier
            .filter(|_| !counts && selection.carries(&one.nic))?;
        Some(Tunnel { nic: *nic, carrier })
    });
    let tunnels = Tunnels::new(tunnels.collect());
    let mut sums = Carried::default();
    for (nic, one, counts) in nics {
        if !counts && !tunnels.has(nic) {
            continue;
        }
        for (classes, app, traffic) in &one.classes {
            // A number that no carrier has.
            let app = app.unwrap_or(AppId(u32::MAX));
            sums.add(&tunnels, (nic, app), *classes, *traffic);
        }
        if !counts {
            sums.add_rest(&tunnels, nic, one.unflowed);
        }
    }
    sums
}

fn interface(one: &LightNic) -> LiveInterface {
    LiveInterface {
        name: one.nic.name.to_string(),
        role: one.nic.role,
        counts: one.traffic.into(),
    }
}

fn open_second(open: &Open, selection: &Selection) -> OpenSecond {
    let nics = open.interfaces.iter().map(|(name, role, _)| Nic {
        name: name.clone(),
        role: *role,
    });
    let nics: Vec<Nic> = nics.collect();
    let counted = selection.counted(nics.iter());
    let mut total = Counts::default();
    for ((_, _, traffic), counted) in open.interfaces.iter().zip(counted) {
        if counted {
            total += (*traffic).into();
        }
    }
    OpenSecond {
        at_s: open.moment.second.0,
        total,
    }
}
