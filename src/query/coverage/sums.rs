//! What coverage adds up: what was counted beside what the interfaces' own counters say, and whose
//! the bytes are and how they are named, a tunnel's payload in its carrier's place.

use super::Covered;
use crate::query::carried::{Carried, Tunnels};
use crate::query::look::{Picked, ShownRows};
use crate::query::presence::{Presence, loss};
use crate::store::{NicId, Plan};
use crate::units::Second;
use std::collections::BTreeMap;
use std::ops::Range;

/// The sums of a range.
pub(super) struct Sums {
    presence: Presence,
    counted: u64,
    /// By minute, or by the bucket of a coarser tier.
    beside: BTreeMap<(Second, NicId), Beside>,
    lost: u64,
    gap_ms: u64,
    owners: Carried<&'static str>,
    names: Carried<&'static str>,
}

/// An interface's bytes in a minute: as counted here, and as its own counters have it if they were
/// read. A second in which they were not is in what the next reading tells, so single seconds are
/// never compared.
#[derive(Clone, Debug, Default)]
struct Beside {
    counted: u64,
    carried: Option<u64>,
}

impl Sums {
    /// Of what a plan tells.
    pub(super) fn of(plan: &Plan) -> Sums {
        Sums {
            presence: Presence::of(plan),
            counted: 0,
            beside: BTreeMap::new(),
            lost: 0,
            gap_ms: 0,
            owners: Carried::default(),
            names: Carried::default(),
        }
    }

    pub(super) fn add(&mut self, picked: &Picked, rows: &mut ShownRows) {
        self.presence.note(picked);
        let loss = loss(picked);
        self.lost += loss.packets();
        self.gap_ms += loss.gap_ms;
        self.add_counted(picked);
        self.add_labels(picked, rows);
    }

    fn add_counted(&mut self, picked: &Picked) {
        let minute = picked.second.moment.second.minute();
        for nic in &picked.nics {
            let counted = nic.counted().total().bytes;
            self.counted += counted;
            let beside = self.beside.entry((minute, nic.nic)).or_default();
            beside.counted += counted;
            if let Some(counters) = nic.counters {
                *beside.carried.get_or_insert_default() += counters.total().bytes;
            }
        }
    }

    fn add_labels(&mut self, picked: &Picked, rows: &mut ShownRows) {
        let tunnels = Tunnels::of(picked);
        for shown in rows {
            let label = shown.row.label;
            let (owner, name) = (label.owner_source.word(), label.site_source.word());
            self.owners.add_row(&tunnels, &shown, owner);
            self.names.add_row(&tunnels, &shown, name);
        }
        for labels in [&mut self.owners, &mut self.names] {
            labels.add_unflowed(&tunnels, picked, true, |_, _| None);
        }
    }

    /// All of it; what is missing of the `known` time is a gap.
    pub(super) fn told(self, known: Range<Second>) -> Covered {
        let carried = |beside: &Beside| Some((beside.counted, beside.carried?));
        let compared = self.beside.values().filter_map(carried);
        let (counted, interfaces) =
            compared.fold((0, 0), |sum, one| (sum.0 + one.0, sum.1 + one.1));
        let mut covered = Covered {
            counted_bytes: self.counted,
            interface_bytes: interfaces,
            ratio: (interfaces > 0).then(|| counted as f64 / interfaces as f64),
            lost_packets: self.lost,
            gap_ms: self.gap_ms + self.presence.missing_ms(known),
            by_owner: words(self.owners),
            by_name: words(self.names),
            ..Covered::default()
        };
        covered.share_out();
        covered
    }
}

fn words(labels: Carried<&'static str>) -> BTreeMap<&'static str, u64> {
    let sums = labels.settled().sums.into_iter();
    sums.map(|(word, traffic)| (word, traffic.total().bytes))
        .collect()
}
