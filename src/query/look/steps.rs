//! How a look reads a range that is told in steps: no bucket lies in two of them, or where only days
//! are left, each counts at the step that its middle lies in.

use super::Look;
use crate::query::error::Error;
use crate::store::Tier;
use crate::units::Second;

/// Which buckets a series of steps may be read from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::query) enum Fit {
    /// All steps are of whole buckets of this tier.
    Whole(Tier),
    /// A step is of days where these lie in it whole.
    Days,
    /// The same; a day that lies in two steps counts at one of them where nothing finer is left.
    NearDays,
}

impl Look {
    /// The same look in tiers that fit these steps: each from one edge to the next.
    pub(in crate::query) fn in_steps(self, edges: &[Second], fit: Fit) -> Result<Look, Error> {
        if let Fit::Whole(tier) = fit {
            return self.in_tiers(tier);
        }
        let look = self.by_days(edges)?;
        if fit == Fit::NearDays {
            return look.or_days();
        }
        Ok(look)
    }

    fn by_days(mut self, edges: &[Second]) -> Result<Look, Error> {
        let (_, after) = edges.split_at(edges.len().min(1));
        let steps = edges.iter().zip(after).map(|(start, end)| *start..*end);
        self.plan = self.snapshot.plans(steps, Tier::Day)?;
        Ok(self)
    }

    /// What would be missing is taken from days that reach no further than the middle of the step
    /// they lie in: the series is of days, or longer ones.
    fn or_days(mut self) -> Result<Look, Error> {
        let missing = std::mem::take(&mut self.plan.missing);
        for range in missing {
            let plan = self.snapshot.plan(&range, Tier::Day)?;
            self.plan.pieces.extend(plan.pieces);
            self.plan.missing.extend(plan.missing);
        }
        Ok(self)
    }
}
