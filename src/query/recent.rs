//! What the file does not hold yet: the seconds that are cut but not committed, the second that is
//! still open, and light totals of the last five minutes for the live view. Bounded.

use super::shape::Loss;
use super::totals::{NicTotal, Totals};
use crate::key::InterfaceId;
use crate::label::{App, Classes};
use crate::store::{AppId, BACKLOG_SECONDS, Committed, Nic, nic, order};
use crate::tick::{Cost, Delta, InterfaceSecond, Open};
use crate::units::{Moment, Nanos, Traffic};
use parking_lot::Mutex;
use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::Arc;
use tokio::sync::watch;

/// Seconds whose totals are kept.
const RING: usize = 300;

/// Shared between the tick thread, which pushes, and everybody who asks.
#[derive(Clone)]
pub struct Recent(Arc<Shared>);

struct Shared {
    state: Mutex<State>,
    committed: Committed,
    sequence: watch::Sender<u64>,
}

#[derive(Default)]
struct State {
    pending: VecDeque<Arc<Delta>>,
    ring: VecDeque<Light>,
    open: Option<Open>,
    totals: Totals,
    interfaces: HashMap<InterfaceId, Nic>,
    sequence: u64,
}

/// One second's totals.
#[derive(Clone, Debug)]
pub(super) struct Light {
    pub(super) sequence: u64,
    pub(super) moment: Moment,
    pub(super) width: Nanos,
    pub(super) nics: Vec<LightNic>,
    pub(super) cost: Cost,
}

/// One interface's part of it.
#[derive(Clone, Debug)]
pub(super) struct LightNic {
    pub(super) nic: Nic,
    pub(super) traffic: Traffic,
    pub(super) loss: Loss,
    pub(super) opened: u64,
    /// What is in no flow.
    pub(super) unflowed: Traffic,
    /// Of a tunnel: its carrier. Carriers are numbered within the second.
    pub(super) carrier: Option<AppId>,
    /// By classes, and by what of it is a carrier's.
    pub(super) classes: Vec<(Classes, Option<AppId>, Traffic)>,
}

impl Recent {
    pub fn new(committed: Committed) -> Recent {
        Recent(Arc::new(Shared {
            state: Mutex::default(),
            committed,
            sequence: watch::Sender::new(0),
        }))
    }

    /// Takes in a second that was just cut, and a look at the one that is open.
    pub fn push(&self, delta: Arc<Delta>, open: Option<Open>) {
        let mut state = self.0.state.lock();
        state.sequence += 1;
        let light = Light::of(&delta, state.sequence);
        state.learn(&delta);
        state.ring.push_back(light);
        state.pending.push_back(delta);
        state.open = open;
        state.prune(self.0.committed.through());
        let sequence = state.sequence;
        drop(state);
        self.0.sequence.send_replace(sequence);
    }

    /// Tells of every second: the value is the sequence number of the last one.
    pub fn subscribe(&self) -> watch::Receiver<u64> {
        self.0.sequence.subscribe()
    }

    /// How far the history reaches.
    pub fn committed(&self) -> &Committed {
        &self.0.committed
    }

    /// The last second that was cut.
    pub fn last(&self) -> Option<Moment> {
        Some(self.0.state.lock().ring.back()?.moment)
    }

    /// What each interface carried since the start.
    pub fn totals(&self) -> BTreeMap<Arc<str>, NicTotal> {
        self.0.state.lock().totals.told()
    }

    pub(super) fn pending(&self) -> Pending {
        let state = self.0.state.lock();
        Pending {
            deltas: state.pending.iter().cloned().collect(),
            interfaces: state.interfaces.clone(),
        }
    }

    pub(super) fn open(&self) -> Option<Open> {
        self.0.state.lock().open.clone()
    }

    /// The seconds after a sequence number, oldest first, as far as they are kept.
    pub(super) fn after(&self, sequence: u64) -> Vec<Light> {
        let state = self.0.state.lock();
        let newer = state.ring.iter().filter(|light| light.sequence > sequence);
        newer.cloned().collect()
    }

    /// The last few seconds, oldest first.
    pub(super) fn lately(&self, count: usize) -> Vec<Light> {
        let state = self.0.state.lock();
        let skipped = state.ring.len().saturating_sub(count);
        state.ring.iter().skip(skipped).cloned().collect()
    }
}

/// Seconds that may not be in the file yet.
pub(super) struct Pending {
    pub(super) deltas: Vec<Arc<Delta>>,
    pub(super) interfaces: HashMap<InterfaceId, Nic>,
}

impl State {
    /// Lets go of what the file holds by now, and of the oldest beyond the bounds.
    fn prune(&mut self, through: Option<Moment>) {
        let through = through.map(order);
        while let Some(first) = self.pending.front() {
            let is_written = Some(order(first.moment)) <= through;
            if !is_written && self.pending.len() <= BACKLOG_SECONDS {
                break;
            }
            self.pending.pop_front();
        }
        while self.ring.len() > RING {
            self.ring.pop_front();
        }
    }

    fn learn(&mut self, delta: &Delta) {
        for one in &delta.interfaces {
            self.interfaces.insert(one.facts.interface, nic(one));
        }
        self.totals.add(delta, self.sequence);
    }
}

impl Light {
    fn of(delta: &Delta, sequence: u64) -> Light {
        let carriers = delta
            .interfaces
            .iter()
            .filter_map(|one| one.carrier.as_ref());
        let carriers: Vec<&App> = carriers.collect();
        Light {
            sequence,
            moment: delta.moment,
            width: delta.width,
            nics: delta
                .interfaces
                .iter()
                .map(|one| LightNic::of(one, delta, &carriers))
                .collect(),
            cost: delta.cost,
        }
    }
}

impl LightNic {
    fn of(one: &InterfaceSecond, delta: &Delta, carriers: &[&App]) -> LightNic {
        let mine = |row: &&_| is_on(row, one);
        let number = |app: &App| {
            let place = carriers.iter().position(|carrier| *carrier == app);
            place.map(|place| AppId(place as u32))
        };
        let mut classes = BTreeMap::<_, Traffic>::new();
        for row in delta.rows.iter().filter(mine) {
            let key = (row.classes, number(&row.label.app));
            *classes.entry(key).or_default() += row.traffic;
        }
        let classes = classes.into_iter();
        LightNic {
            nic: nic(one),
            traffic: one.counted(),
            unflowed: unflowed(one),
            loss: loss(one),
            opened: delta
                .rows
                .iter()
                .filter(mine)
                .map(|row| u64::from(row.opened))
                .sum(),
            carrier: one.carrier.as_ref().and_then(number),
            classes: classes
                .map(|((classes, app), traffic)| (classes, app, traffic))
                .collect(),
        }
    }
}

fn unflowed(one: &InterfaceSecond) -> Traffic {
    one.unflowed
        .iter()
        .fold(Traffic::default(), |mut sum, (_, traffic)| {
            sum += *traffic;
            sum
        })
}

fn is_on(row: &crate::tick::FlowRow, one: &InterfaceSecond) -> bool {
    row.interface == one.facts.interface
}

pub(super) fn loss(one: &InterfaceSecond) -> Loss {
    Loss {
        kernel_packets: one.facts.kernel_dropped,
        interface_packets: one.facts.interface_dropped,
        ring_packets: one.facts.ring_dropped.packets,
        ring_bytes: one.facts.ring_dropped.bytes,
        gap_ms: one.facts.gap_ms.into(),
    }
}
