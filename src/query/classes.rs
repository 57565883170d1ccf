//! `/api/classes`: the bytes of each named class over a range.

use super::Query;
use super::ask::Ask;
use super::carried::{Carried, Tunnels};
use super::error::Error;
use super::live::names_of;
use super::shape::{Counts, Span};
use crate::store::{ClassesId, Tier};
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

#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ClassList {
    pub items: Vec<ClassItem>,
    /// Always `null`: the list is whole.
    pub next: Option<String>,
    /// The coarsest tier that was read.
    pub tier: &'static str,
    /// What only sums over longer spans are left of: it is in no figure.
    pub missing: Vec<Span>,
}

impl Query {
    /// Every configured class, and whatever else the range holds; most bytes first.
    pub fn classes(&self, ask: &Ask) -> Result<ClassList, Error> {
        let mut look = self.look(ask.long_range()?, ask)?.in_tiers(Tier::Day)?;
        let (asked, mut sets) = (look.narrowed(), Carried::<ClassesId>::default());
        look.seconds_and_tunnels(|picked, rows| {
            let tunnels = Tunnels::of(picked);
            sets.add_unflowed(&tunnels, picked, !asked.rows, |_, _| None);
            rows.for_each(|shown| sets.add_row(&tunnels, &shown, shown.row.classes));
        })?;
        let configured = self.classes.iter();
        let mut sums: BTreeMap<String, Counts> = configured
            .map(|class| (class.name.to_string(), Counts::default()))
            .collect();
        for (id, traffic) in sets.settled().only(asked.ways).sums {
            for name in names_of(&look.class_set(id)?) {
                *sums.entry(name).or_default() += traffic.into();
            }
        }
        let mut items: Vec<ClassItem> = sums
            .into_iter()
            .map(|(name, counts)| self.class_item(name, counts))
            .collect();
        items.sort_by_key(|item| std::cmp::Reverse(item.counts.bytes()));
        Ok(ClassList {
            items,
            next: None,
            tier: look.plan().tier().word(),
            missing: Span::missing(look.plan()),
        })
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
