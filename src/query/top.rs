//! `/api/stats/top`: the most of one kind, exactly how much the rest was, and the same of the period
//! before.

use super::Query;
use super::ask::Ask;
use super::by::By;
use super::error::Error;
use super::listed::{Group, Listed, describe};
use super::shape::{Counts, Span, time};
use super::sheet::{Sheet, sheets};
use crate::store::Tier;
use crate::units::Second;
use serde::Serialize;
use utoipa::ToSchema;

/// Items when no number is asked for.
const MOST: usize = 100;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct TopList {
    pub from: String,
    pub to: String,
    pub by: &'static str,
    /// Frames that are in no flow included, where no filter is on.
    pub total: Counts,
    /// How many there are: so many lines the whole list would have.
    pub count: u64,
    pub items: Vec<TopItem>,
    /// What the list leaves out. Classes overlap: of these, what is in none that is listed.
    pub other: Counts,
    /// The period of the same length before, where it was asked for.
    pub previous: Option<Previous>,
    /// The coarsest tier that was read.
    pub tier: &'static str,
    /// What only sums over longer spans are left of: it is in no figure.
    pub missing: Vec<Span>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct TopItem {
    #[serde(flatten)]
    pub listed: Listed,
    /// In the period before, where it was asked for.
    pub before: Option<Counts>,
    /// Bytes that it is more than then, or less.
    pub change_bytes: Option<i64>,
}

/// The period before. `other` is what the items had not then.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Previous {
    pub from: String,
    pub to: String,
    pub total: Counts,
    pub other: Counts,
    pub missing: Vec<Span>,
}

impl Query {
    pub fn top(&self, ask: &Ask, by: By, compare: bool) -> Result<TopList, Error> {
        let (range, limit) = (ask.long_range()?, ask.limit_or(MOST)?);
        let mut look = self.look(range.clone(), ask)?.in_tiers(Tier::Day)?;
        let [sheet] = sheets(&mut look, [by])?;
        let (tier, missing) = (look.plan().tier().word(), Span::missing(look.plan()));
        let listed = sheet.most(limit);
        let groups: Vec<&Group> = listed.iter().map(|(group, _)| group).collect();
        let mut previous = None;
        if compare {
            let before = ask.before()?;
            look = look.over(before.clone(), Tier::Day)?;
            let [sheet] = sheets(&mut look, [by])?;
            let told = Previous {
                from: time(before.start),
                to: time(before.end),
                total: sheet.total.into(),
                other: sheet.rest(&groups),
                missing: Span::missing(look.plan()),
            };
            previous = Some((sheet, told));
        }
        let then = previous.as_ref().map(|(sheet, _)| sheet);
        let items = listed.iter().map(|(group, counts)| {
            let listed = describe(&mut look, group, *counts)?;
            Ok(TopItem::of(listed, then, group))
        });
        Ok(TopList {
            from: time(range.start),
            to: time(range.end),
            by: by.word(),
            total: sheet.total.into(),
            count: sheet.groups.len() as u64,
            items: items.collect::<Result<_, Error>>()?,
            other: sheet.rest(&groups),
            previous: previous.map(|(_, told)| told),
            tier,
            missing,
        })
    }
}

impl TopItem {
    fn of(listed: Listed, then: Option<&Sheet>, group: &Group) -> TopItem {
        let before = then.map(|sheet| sheet.counts(group));
        let more = |before: Counts| {
            let (now, before) = (listed.counts.bytes(), before.bytes());
            now.cast_signed().saturating_sub(before.cast_signed())
        };
        TopItem {
            change_bytes: before.map(more),
            before,
            listed,
        }
    }
}

impl Ask {
    /// The period before, of the same length.
    pub(super) fn before(&self) -> Result<std::ops::Range<Second>, Error> {
        let range = self.long_range()?;
        let from = range.start.0.saturating_sub(range.end.0 - range.start.0);
        let before = Ask {
            from: Some(Second(from)),
            to: Some(range.start),
            ..self.clone()
        };
        before.long_range()
    }
}
