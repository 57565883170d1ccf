//! Labels that became known late: one value for each second that brought some. A record says that
//! a flow's rows from one moment to another, in the order they were lived through, belong to a
//! label; the last record that covers a row wins.

use super::codec::{Damaged, In, Out};
use super::codes::{how, sources};
use super::layout::order;
use super::second::{LabelId, Row};
use super::word::{AppId, SiteId};
use crate::units::{Epoch, FrameNumber, Moment, Second};
use ahash::AHashMap;

const FORMAT: u8 = 1;

/// A flow's rows since a moment have this label.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Relabel {
    pub flow: FrameNumber,
    pub since: Moment,
    pub label: LabelId,
}

/// The value of a second that brought labels.
pub(super) fn encode(relabels: &[Relabel]) -> Vec<u8> {
    let mut out = Out::envelope(FORMAT);
    out.number(relabels.len() as u64);
    for one in relabels {
        out.number(one.flow.0);
        out.signed(one.since.second.0);
        out.number(one.since.epoch.0.into());
        out.number(one.label.app.0.into());
        out.number(one.label.site.0.into());
        out.byte(how(one.label.owner_source, one.label.site_source));
    }
    out.sealed()
}

/// The records of such a value, in order.
pub(super) fn decode(value: &[u8]) -> Result<Vec<Relabel>, Damaged> {
    let mut input = In::envelope(value, FORMAT)?;
    let count: u32 = input.small()?;
    let relabels = (0..count).map(|_| read_one(&mut input));
    let relabels = relabels.collect::<Result<_, _>>()?;
    input.end()?;
    Ok(relabels)
}

fn read_one(input: &mut In) -> Result<Relabel, Damaged> {
    let flow = FrameNumber(input.number()?);
    let since = Moment {
        second: Second(input.signed()?),
        epoch: Epoch(input.small()?),
    };
    let (app, site) = (AppId(input.small()?), SiteId(input.small()?));
    let (owner_source, site_source) = sources(input.byte()?)?;
    let label = LabelId {
        app,
        site,
        owner_source,
        site_source,
    };
    Ok(Relabel { flow, since, label })
}

/// The amendments that some seconds need, found by flow.
#[derive(Clone, Debug, Default)]
pub struct Amendments {
    by_flow: AHashMap<FrameNumber, Vec<Span>>,
}

#[derive(Clone, Copy, Debug)]
struct Span {
    since: (Epoch, Second),
    through: (Epoch, Second),
    label: LabelId,
}

impl Amendments {
    /// Takes in what `carrier`, a second, brought. Seconds must come in the order lived through.
    pub fn add(&mut self, carrier: Moment, relabel: &Relabel) {
        self.by_flow.entry(relabel.flow).or_default().push(Span {
            since: order(relabel.since),
            through: order(carrier),
            label: relabel.label,
        });
    }

    /// Gives a row of this moment its last known label.
    pub fn apply(&self, moment: Moment, row: &mut Row) {
        let Some(spans) = row.flow.and_then(|flow| self.by_flow.get(&flow)) else {
            return;
        };
        let at = order(moment);
        let covering = |span: &&Span| span.since <= at && at <= span.through;
        if let Some(span) = spans.iter().rev().find(covering) {
            row.label = span.label;
        }
    }
}
