//! Questions over time: the file's seconds and those that wait to be written, added up without
//! missing or doubling one. Gives the shapes of `docs/api.md`; knows no HTTP. No read transaction
//! outlives the function that answers.

mod amount;
mod applications;
mod ask;
mod asker;
mod at;
mod bandwidth;
mod browsers;
mod by;
mod carried;
mod classes;
mod connections;
mod countries;
mod coverage;
mod domains;
mod error;
mod filter;
mod heatmap;
mod held;
mod interfaces;
mod listed;
mod live;
mod look;
mod percentile;
mod periods;
mod place;
mod presence;
mod process;
mod recent;
mod seen;
mod select;
mod series;
mod shape;
mod sheet;
mod sieve;
mod spoken;
mod stats;
mod step;
mod stretch;
mod summary;
mod talks;
mod timeline;
mod top;
mod totals;
mod which;
mod words;

#[cfg(test)]
mod calendar_tests;
#[cfg(test)]
mod filter_tests;
#[cfg(test)]
mod late_owners;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod tier_tests;
#[cfg(test)]
mod tunnel_tests;
#[cfg(test)]
mod twice_tests;
#[cfg(test)]
mod upkept;

pub use applications::{ApplicationList, ApplicationPage, ApplicationRow};
pub use ask::Ask;
pub use asker::Asker;
pub use at::{AppearedItem, Around, At, ChangedItem, SameHour};
pub use bandwidth::Bandwidth;
pub use by::By;
pub use classes::{ClassItem, ClassList};
pub use connections::{ConnectionItem, EndpointItem, LiveConnection};
pub use coverage::{Coverage, Covered, CoveredRange};
pub use domains::{BrowserItem, DomainBrowsers, DomainList, DomainPage, DomainRow};
pub use error::Error;
pub use filter::Filter;
pub use heatmap::{HeatCell, Heatmap};
pub use held::{HeldInterface, HeldRow, interfaces_since, rows};
pub use interfaces::{InterfaceItem, InterfaceNow};
pub use listed::Listed;
pub use live::{Live, LiveClass, LiveInterface, OpenSecond};
pub use percentile::Percentile;
pub use periods::{Compared, PeriodItem, Periods};
pub use place::PlaceItem;
pub use process::{ParentItem, ProcessItem};
pub use recent::Recent;
pub use shape::{Counts, Loss, Page, Span, time, time_of};
pub use stats::{Stats, Unflowed};
pub use step::Step;
pub use stretch::{Bit, Bucket, RowWords, Stretch};
pub use summary::{ApplicationItem, ProtocolItem, SiteItem, Summary, Top, TunnelItem};
pub use talks::{TalkItem, Talks};
pub use timeline::Timeline;
pub use top::{Previous, TopItem, TopList};
pub use totals::NicTotal;
pub use which::{State, Which};

use crate::names::places::Places;
use crate::store::Reader;
use crate::units::Second;
use look::Look;
use std::ops::Range;
use std::sync::Arc;

/// A class as it is configured: bit `n` of a flow's classes is the `n`th.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Class {
    pub name: Arc<str>,
    pub expression: Arc<str>,
}

/// Answers questions; shared by whoever asks.
pub struct Query {
    reader: Reader,
    recent: Recent,
    classes: Vec<Class>,
    class_names: Vec<Arc<str>>,
    places: Arc<Places>,
}

impl Query {
    pub fn new(reader: Reader, recent: Recent, classes: Vec<Class>) -> Query {
        Query {
            reader,
            recent,
            class_names: classes.iter().map(|class| class.name.clone()).collect(),
            classes,
            places: Arc::default(),
        }
    }

    /// With databases of the user's behind what is told of addresses.
    #[must_use]
    pub fn with_places(self, places: Arc<Places>) -> Query {
        Query { places, ..self }
    }

    /// The seconds that the file does not hold yet, and a way to wait for the next.
    pub fn recent(&self) -> &Recent {
        &self.recent
    }

    fn look(&self, range: Range<Second>, ask: &Ask) -> Result<Look, Error> {
        Look::new(self, range, ask)
    }
}
