//! Reading ended connections, from either end of a range.

use super::{Place, Snapshot};
use crate::store::connection::Ended;
use crate::store::error::{Error, tell_damage};
use crate::store::layout::{CONNECTIONS, ConnectionKey, connection_key, connection_of};
use crate::units::{self, FrameNumber, Moment};
use std::ops::{Bound, ControlFlow, Range};

impl Snapshot {
    /// Visits connections whose last second lies in the range, the latest first, before a place.
    pub fn connections(
        &self,
        range: &Range<units::Second>,
        before: Option<Place>,
        visit: &mut dyn FnMut(Ended, Place) -> ControlFlow<()>,
    ) -> Result<(), Error> {
        self.slot.looked(|| {
            let (start, end) = edges(range);
            let end = before.map_or(end, |place| place.0.min(end));
            self.visit((Bound::Included(start), end), Sense::Back, visit)
        })
    }

    /// The same, the first first, after a place.
    pub fn connections_after(
        &self,
        range: &Range<units::Second>,
        after: Option<Place>,
        visit: &mut dyn FnMut(Ended, Place) -> ControlFlow<()>,
    ) -> Result<(), Error> {
        self.slot.looked(|| {
            let (start, end) = edges(range);
            let start = match after {
                Some(place) if place.0 >= start => Bound::Excluded(place.0),
                _ => Bound::Included(start),
            };
            self.visit((start, end), Sense::Onwards, visit)
        })
    }

    fn visit(
        &self,
        (start, end): (Bound<ConnectionKey>, ConnectionKey),
        sense: Sense,
        visit: &mut dyn FnMut(Ended, Place) -> ControlFlow<()>,
    ) -> Result<(), Error> {
        let (Bound::Included(first) | Bound::Excluded(first)) = &start else {
            return Ok(());
        };
        if *first >= end {
            return Ok(());
        }
        let table = self.transaction.open_table(CONNECTIONS)?;
        let mut entries = table.range::<&ConnectionKey>((start.as_ref(), Bound::Excluded(&end)))?;
        while let Some(entry) = match sense {
            Sense::Onwards => entries.next(),
            Sense::Back => entries.next_back(),
        } {
            let (key, value) = entry?;
            match Ended::decode(key.value(), value.value()) {
                Ok(ended) => {
                    if visit(ended, Place(*key.value())).is_break() {
                        break;
                    }
                }
                Err(why) => tell_damage("connections", connection_of(key.value()).0, why),
            }
        }
        Ok(())
    }
}

/// Which way connections are visited.
#[derive(Clone, Copy)]
enum Sense {
    Onwards,
    Back,
}

/// The keys that the connections of a range lie between.
fn edges(range: &Range<units::Second>) -> (ConnectionKey, ConnectionKey) {
    let edge = |second| {
        let moment = Moment {
            second,
            ..Moment::default()
        };
        connection_key(moment, FrameNumber(0))
    };
    (edge(range.start), edge(range.end))
}
