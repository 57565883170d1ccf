//! `/api/classes`: the bytes of each named class over a range.

use super::Query;
use super::ask::Ask;
use super::carried::{Carried, Tunnels};
use super::error::Error;
use super::live::names_of;
use super::shape::{Counts, Page};
use crate::store::ClassesId;
use serde::Serialize;
use std::collections::BTreeMap;
use utoipa::ToSchema;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ClassItem {
    pub name: String,
    /// `null` for `none`, and for a class that is no longer configured.
    pub expression: Option<String>,
    #[serde(flatten)]
    pub counts: Counts,
}

impl Query {
    /// Every configured class, and whatever else the range holds; most bytes first.
    pub fn classes(&self, ask: &Ask) -> Result<Page<ClassItem>, Error> {
        let mut look = self.look(ask.range()?, ask)?;
        let mut sets = Carried::<ClassesId>::default();
        look.seconds_and_tunnels(|picked, rows| {
            let tunnels = Tunnels::of(picked);
            for row in rows {
                sets.add(&tunnels, (row.nic, row.label.app), row.classes, row.traffic);
            }
            for nic in &picked.tunnels {
                sets.add_unflowed(&tunnels, nic, |_| None);
            }
        })?;
        let configured = self.classes.iter();
        let mut sums: BTreeMap<String, Counts> = configured
            .map(|class| (class.name.to_string(), Counts::default()))
            .collect();
        for (id, traffic) in sets.settled().sums {
            for name in names_of(&look.class_set(id)?) {
                *sums.entry(name).or_default() += traffic.into();
            }
        }
        let mut items: Vec<ClassItem> = sums
            .into_iter()
            .map(|(name, counts)| self.class_item(name, counts))
            .collect();
        items.sort_by_key(|item| std::cmp::Reverse(item.counts.bytes()));
        Ok(Page { items, next: None })
    }

    fn class_item(&self, name: String, counts: Counts) -> ClassItem {
        let class = self.classes.iter().find(|class| *class.name == *name);
        ClassItem {
            expression: class.map(|class| class.expression.to_string()),
            name,
            counts,
        }
    }
}
