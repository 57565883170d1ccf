//! `/api/interfaces`: what each interface is and what it carried since the start of this run.

use super::Query;
use super::ask::Ask;
use super::select::{Rank, Selection};
use super::shape::{Counts, Loss, Page};
use super::totals::NicTotal;
use crate::platform::Role;
use crate::store::Nic;
use serde::Serialize;
use utoipa::ToSchema;

/// An interface as capture knows it now; what it carried is known here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InterfaceNow {
    pub name: String,
    pub role: Role,
    pub link: String,
    pub up: bool,
    pub watched: bool,
    pub addresses: Vec<String>,
    pub snaplen: Option<u32>,
    pub filter: Option<String>,
    pub problem: Option<String>,
    pub carrier: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct InterfaceItem {
    pub name: String,
    #[schema(value_type = String)]
    pub role: Role,
    pub link: String,
    pub up: bool,
    pub watched: bool,
    pub counted_in_total: bool,
    /// Of a tunnel: the application that carries it, where that is known.
    pub carrier: Option<String>,
    pub addresses: Vec<String>,
    pub snaplen: Option<u32>,
    pub filter: Option<String>,
    #[serde(flatten)]
    pub counts: Counts,
    pub loss: Loss,
    pub problem: Option<String>,
}

impl Query {
    /// `interface=` restricts the list; without it every interface is told.
    pub fn interfaces(&self, ask: &Ask, now: &[InterfaceNow]) -> Page<InterfaceItem> {
        let totals = self.recent.totals();
        let nics: Vec<Nic> = now.iter().filter(|one| one.watched).map(nic).collect();
        let rank = Selection::rank(nics.iter());
        let asked = now
            .iter()
            .filter(|one| ask.interfaces.is_empty() || ask.interfaces.contains(&one.name));
        let items = asked.map(|one| item(one, totals.get(one.name.as_str()), rank));
        Page {
            items: items.collect(),
            next: None,
        }
    }
}

fn nic(now: &InterfaceNow) -> Nic {
    Nic {
        name: now.name.as_str().into(),
        role: now.role,
    }
}

fn item(now: &InterfaceNow, total: Option<&NicTotal>, rank: Rank) -> InterfaceItem {
    let counts = Selection::default().counts(&nic(now), rank);
    let now = now.clone();
    InterfaceItem {
        counted_in_total: now.watched && counts,
        counts: total.map(|total| total.traffic.into()).unwrap_or_default(),
        loss: total.map(|total| total.loss).unwrap_or_default(),
        name: now.name,
        role: now.role,
        link: now.link,
        up: now.up,
        watched: now.watched,
        addresses: now.addresses,
        snaplen: now.snaplen,
        filter: now.filter,
        problem: now.problem,
        carrier: now.carrier,
    }
}
