//! One second as the store knows it: the tick's delta with every label, interface and class set
//! replaced by its number. The writer numbers by its dictionaries, a reader of seconds that are
//! not written yet by what it finds there and numbers of its own.

use super::word::{AppId, ClassesId, Nic, NicId, SiteId, nic};
use crate::decode::Reason;
use crate::key::{InterfaceId, Protocol};
use crate::label::{App, Classes, Label, OwnerSource, Site, SiteSource};
use crate::tick::{Cost, Delta, FlowRow, InterfaceSecond};
use crate::units::{FrameNumber, Moment, Nanos, Tally, Traffic};
use std::sync::Arc;

/// A second without its rows, or the sums of a coarser tier's bucket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Second {
    pub moment: Moment,
    /// Seconds of the clock that it stands for: 1, or a bucket's length.
    pub span: u32,
    pub width: Nanos,
    pub cost: Cost,
    pub nics: Vec<NicSecond>,
}

/// One interface's second: `tick::InterfaceSecond` by number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NicSecond {
    pub nic: NicId,
    /// Of a tunnel: who carries it, where that is known.
    pub carrier: Option<AppId>,
    pub delivered: Tally,
    pub ring_dropped: Tally,
    pub kernel_dropped: u64,
    pub interface_dropped: u64,
    pub late_frames: u64,
    pub untimed_frames: u64,
    pub counters: Option<Traffic>,
    pub gap_ms: u32,
    /// Seconds in which it was watched for some time.
    pub watched: u32,
    pub flowed: Traffic,
    pub unflowed: Vec<(Reason, Traffic)>,
}

/// Whether an interface with this gap was watched for some of its second.
pub(super) fn was_watched(gap_ms: u32) -> u32 {
    u32::from(gap_ms < 1_000)
}

impl NicSecond {
    /// Everything that was counted on this interface, in flows or not.
    pub fn counted(&self) -> Traffic {
        let unflowed = self.unflowed.iter().map(|(_, traffic)| *traffic);
        unflowed.fold(self.flowed, |mut sum, traffic| {
            sum += traffic;
            sum
        })
    }
}

/// Both labels of a row by number, and how they are known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LabelId {
    pub app: AppId,
    pub site: SiteId,
    pub owner_source: OwnerSource,
    pub site_source: SiteSource,
}

/// One row of a second: of one flow while it is hot, of one label once it is sealed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Row {
    pub flow: Option<FrameNumber>,
    pub nic: NicId,
    pub protocol: Protocol,
    pub label: LabelId,
    pub classes: ClassesId,
    pub opened: u32,
    pub traffic: Traffic,
}

/// What rows by label are told apart by, and sorted by.
pub(super) type RowKey = (NicId, LabelId, Protocol, ClassesId);

impl Row {
    pub(super) fn key(&self) -> RowKey {
        (self.nic, self.label, self.protocol, self.classes)
    }
}

/// Who gives numbers to words.
pub trait Numbering {
    type Error;
    fn app(&mut self, app: &App) -> Result<AppId, Self::Error>;
    fn site(&mut self, site: &Site) -> Result<SiteId, Self::Error>;
    fn nic(&mut self, nic: &Nic) -> Result<NicId, Self::Error>;
    fn classes(&mut self, classes: Classes) -> Result<ClassesId, Self::Error>;
    /// The number of an interface of this run, by its description in the same second if it has
    /// one there: a flow may end after its interface is gone.
    fn nic_of(&mut self, id: InterfaceId, now: &[InterfaceSecond]) -> Result<NicId, Self::Error>;

    fn label(&mut self, label: &Arc<Label>) -> Result<LabelId, Self::Error> {
        self.both(label)
    }

    /// The numbers of both words of a label.
    fn both(&mut self, label: &Label) -> Result<LabelId, Self::Error> {
        Ok(LabelId {
            app: self.app(&label.app)?,
            site: self.site(&label.site)?,
            owner_source: label.app_source,
            site_source: label.site_source,
        })
    }
}

/// A delta's second, numbered.
pub fn second_of<N: Numbering>(delta: &Delta, numbers: &mut N) -> Result<Second, N::Error> {
    let nics = delta.interfaces.iter().map(|one| nic_second(one, numbers));
    Ok(Second {
        moment: delta.moment,
        span: 1,
        width: delta.width,
        cost: delta.cost,
        nics: nics.collect::<Result<_, _>>()?,
    })
}

/// A delta's row, numbered.
pub fn row_of<N: Numbering>(
    row: &FlowRow,
    now: &[InterfaceSecond],
    numbers: &mut N,
) -> Result<Row, N::Error> {
    Ok(Row {
        flow: row.flow,
        nic: numbers.nic_of(row.interface, now)?,
        protocol: row.protocol,
        label: numbers.label(&row.label)?,
        classes: numbers.classes(row.classes)?,
        opened: row.opened,
        traffic: row.traffic,
    })
}

fn nic_second<N: Numbering>(one: &InterfaceSecond, numbers: &mut N) -> Result<NicSecond, N::Error> {
    let facts = &one.facts;
    Ok(NicSecond {
        nic: numbers.nic(&nic(one))?,
        carrier: one
            .carrier
            .as_ref()
            .map(|app| numbers.app(app))
            .transpose()?,
        delivered: facts.delivered,
        ring_dropped: facts.ring_dropped,
        kernel_dropped: facts.kernel_dropped,
        interface_dropped: facts.interface_dropped,
        late_frames: facts.late_frames,
        untimed_frames: facts.untimed_frames,
        counters: facts.counters,
        gap_ms: facts.gap_ms,
        watched: was_watched(facts.gap_ms),
        flowed: one.flowed,
        unflowed: one.unflowed.clone(),
    })
}
