//! Reading the coarser tiers: which part of a range lies where, and its buckets in the place of seconds.

use super::{Snapshot, Visit, checked};
use crate::store::amendment::Amendments;
use crate::store::block::Rows;
use crate::store::calendar::Calendar;
use crate::store::coarse;
use crate::store::error::{Error, tell_damage};
use crate::store::import::Hours;
use crate::store::layout::{self, META, STALE, Tier, from_second};
use crate::store::plan::{Detail, Plan, Planner};
use crate::store::second::Second;
use crate::store::sizes::{Held, Sizes};
use crate::units;
use std::ops::{ControlFlow, Range};

impl Snapshot {
    /// How a range is best read, from this tier and finer ones.
    pub fn plan(&self, range: &Range<units::Second>, coarsest: Tier) -> Result<Plan, Error> {
        self.planner()?.plan(range, coarsest)
    }

    fn planner(&self) -> Result<Planner, Error> {
        let meta = self.transaction.open_table(META)?;
        Ok(Planner {
            stale: self.transaction.open_table(STALE)?,
            calendar: Calendar::load(&meta)?,
            sizes: Sizes::load(&meta)?,
        })
    }

    /// How each part of a range is best read on its own: no bucket lies in two of them.
    pub fn plans(
        &self,
        parts: impl Iterator<Item = Range<units::Second>>,
        coarsest: Tier,
    ) -> Result<Plan, Error> {
        let planner = self.planner()?;
        let mut whole = Plan::default();
        for part in parts {
            whole.append(planner.plan(&part, coarsest)?);
        }
        Ok(whole)
    }

    /// Where days begin in this history.
    pub fn calendar(&self) -> Result<Calendar, Error> {
        Calendar::load(&self.transaction.open_table(META)?)
    }

    /// The bucket of a tier that this second lies in.
    pub fn bucket(&self, tier: Tier, at: units::Second) -> Result<Range<units::Second>, Error> {
        let calendar = Calendar::load(&self.transaction.open_table(META)?)?;
        Ok(calendar.bucket(tier, at))
    }

    /// Hours into which something was imported: no finer tier tells of it.
    pub fn imported(&self) -> Result<Vec<Range<units::Second>>, Error> {
        Ok(Hours::load(&self.transaction.open_table(META)?)?.0)
    }

    /// What each tier holds, the finest first.
    pub fn held(&self) -> Result<[Held; 4], Error> {
        Ok(Sizes::load(&self.transaction.open_table(META)?)?.0)
    }

    /// Visits a range in the tiers that a plan names: buckets where these are coarse, and the range's hot
    /// seconds, which are in no bucket yet.
    pub fn planned(
        &self,
        plan: &Plan,
        range: &Range<units::Second>,
        amendments: &Amendments,
        visit: &mut Visit,
    ) -> Result<(), Error> {
        self.slot.looked(|| {
            for piece in &plan.pieces {
                let flow = match piece.tier {
                    Tier::Second => self.sealed(&piece.range, visit)?,
                    tier => self.coarse(tier, &piece.range, plan.detail, visit)?,
                };
                if flow.is_break() {
                    return Ok(());
                }
            }
            self.hot(range, amendments, visit)
        })
    }

    fn coarse(
        &self,
        tier: Tier,
        range: &Range<units::Second>,
        detail: Detail,
        visit: &mut Visit,
    ) -> Result<ControlFlow<()>, Error> {
        let table = self.transaction.open_table(tier.table())?;
        let calendar = self.calendar()?;
        let mut scratch = Vec::new();
        // A block begins in the group that its buckets belong to.
        let start = from_second(calendar.group(tier, range.start).start);
        for entry in table.range::<&layout::Key>(&start..&from_second(range.end))? {
            let (at, value) = entry?;
            let first = layout::moment(at.value());
            let mut flow = ControlFlow::Continue(());
            let each = |second: &Second, rows: &mut Rows| {
                if flow.is_continue() {
                    flow = checked(rows, |rows| visit(second, rows))?;
                }
                Ok(())
            };
            let wanted = coarse::Wanted { range, detail };
            let read = coarse::read(first.second, value.value(), &wanted, &mut scratch, each);
            if let Err(why) = read {
                tell_damage(tier.word(), first, why);
            }
            if flow.is_break() {
                return Ok(flow);
            }
        }
        Ok(ControlFlow::Continue(()))
    }
}
