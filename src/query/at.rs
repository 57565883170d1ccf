//! `/api/at`: what happened at a second. What was carried in it and in its minute; who carried more or
//! less in its hour than in the same hour of the weeks before; who and what appeared for the first time.

mod appeared;
mod changed;

pub use appeared::AppearedItem;
pub use changed::ChangedItem;

use super::Query;
use super::ask::Ask;
use super::by::By;
use super::error::Error;
use super::look::Fit;
use super::series::Point;
use super::shape::{Counts, Span, time};
use super::sheet::sheets;
use super::summary::Top;
use super::talks::TalkItem;
use crate::store::{Calendar, Tier};
use crate::units::Second;
use changed::changed;
use serde::Serialize;
use std::ops::Range;
use utoipa::ToSchema;

/// Weeks before that an hour is compared with.
const WEEKS: i64 = 4;
/// What is compared.
const COMPARED: [By; 2] = [By::Application, By::Site];
/// Items of a list.
const TOLD: usize = 20;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct At {
    pub at: String,
    /// The time zone whose hours are compared.
    pub zone: String,
    pub second: Around,
    pub minute: Around,
    pub hour: SameHour,
    /// First seen in that hour, as far as what was seen in it is known.
    pub new_applications: Vec<AppearedItem>,
    pub new_sites: Vec<AppearedItem>,
}

/// A short span, and who carried what in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Around {
    pub from: String,
    pub to: String,
    /// `null` where nothing was watched, or nothing so fine is left.
    pub counts: Option<Counts>,
    pub lost_packets: u64,
    pub gap_ms: u64,
    /// What only sums over longer spans are left of: it is in no figure.
    pub missing: Vec<Span>,
    pub talks: Top<TalkItem>,
}

/// The hour of the zone's clocks, as far as it has come, beside those of the four weeks before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct SameHour {
    pub from: String,
    pub to: String,
    pub counts: Option<Counts>,
    pub gap_ms: u64,
    /// The same hours that were watched: the others are left out.
    pub weeks: Vec<Span>,
    /// Who changed most, most first; empty where there is nothing to compare with.
    pub applications: Vec<ChangedItem>,
    pub sites: Vec<ChangedItem>,
}

impl Query {
    pub fn at(&self, ask: &Ask, at: Second) -> Result<At, Error> {
        let second = at..Second(at.0.saturating_add(1));
        of(ask, &second).long_range()?;
        let calendar = self.calendar()?;
        let minute = at.minute();
        let hour = calendar.hour(at);
        let (new_applications, new_sites) = self.appeared(ask, &hour, &calendar)?;
        Ok(At {
            at: time(at),
            zone: calendar.zone(at).to_owned(),
            second: self.around(ask, second)?,
            minute: self.around(ask, minute..Second(minute.0 + 60))?,
            hour: self.same_hour(ask, &hour, &calendar)?,
            new_applications,
            new_sites,
        })
    }

    fn around(&self, ask: &Ask, range: Range<Second>) -> Result<Around, Error> {
        let (point, missing) = self.point(ask, &range)?;
        let asked = Ask {
            limit: Some(ask.limit_or(TOLD)?),
            ..of(ask, &range)
        };
        Ok(Around {
            from: time(range.start),
            to: time(range.end),
            counts: point.counts(),
            lost_packets: point.lost,
            gap_ms: point.gap_ms,
            missing,
            talks: self.talks(&asked)?.talks,
        })
    }

    fn same_hour(
        &self,
        ask: &Ask,
        hour: &Range<Second>,
        calendar: &Calendar,
    ) -> Result<SameHour, Error> {
        // Whole minutes are kept for longer than the weeks that are compared.
        let passed = (ask.now.0 - hour.start.0).clamp(60, 3_600) / 60 * 60;
        let hour = hour.start..Second(hour.start.0 + passed);
        let (point, _) = self.point(ask, &hour)?;
        let mut look = self.look(hour.clone(), ask)?.in_tiers(Tier::Day)?;
        let now = sheets(&mut look, COMPARED)?;
        let (mut weeks, mut before) = (Vec::new(), [Vec::new(), Vec::new()]);
        for back in 1..=WEEKS {
            let Some(start) = calendar.weeks_before(hour.start, back) else {
                continue;
            };
            let then = start..Second(start.0 + passed);
            // Half an hour is no hour to compare with.
            if self.point(ask, &then)?.0.watched_s * 10 < passed as u64 * 9 {
                continue;
            }
            weeks.push(then.clone());
            if point.watched {
                look = look.over(then, Tier::Day)?;
                let then = sheets(&mut look, COMPARED)?;
                before
                    .iter_mut()
                    .zip(then)
                    .for_each(|(all, one)| all.push(one));
            }
        }
        let ([apps, sites], [apps_before, sites_before]) = (now, before);
        Ok(SameHour {
            from: time(hour.start),
            to: time(hour.end),
            counts: point.counts(),
            gap_ms: point.gap_ms,
            applications: changed(&mut look, &apps, &apps_before)?,
            sites: changed(&mut look, &sites, &sites_before)?,
            weeks: Span::of(&weeks),
        })
    }

    /// One span's sums, and what is missing of it.
    fn point(&self, ask: &Ask, range: &Range<Second>) -> Result<(Point, Vec<Span>), Error> {
        let series = self.series(ask, vec![range.start, range.end], Fit::Days)?;
        let point = series.points.first().copied().unwrap_or_default();
        Ok((point, Span::of(&series.lacks)))
    }
}

/// The same question of another range.
fn of(ask: &Ask, range: &Range<Second>) -> Ask {
    Ask {
        from: Some(range.start),
        to: Some(range.end),
        ..ask.clone()
    }
}
