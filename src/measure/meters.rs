//! Named counters and gauges: lock-free to write (relaxed atomics; whoever counts packets adds once
//! a batch), snapshot to read. A gauge with a limit is a cap, and tells how near it is.

use parking_lot::RwLock;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// All counters and gauges. Clones share them. Names are in the style of `/metrics`, without its
/// prefix: `capture_frames`, `flow_entries`.
#[derive(Clone, Default)]
pub struct Meters {
    table: Arc<RwLock<Vec<Meter>>>,
}

#[derive(Clone)]
struct Meter {
    name: &'static str,
    about: &'static str,
    kind: Kind,
    limit: Option<u64>,
    value: Arc<AtomicU64>,
}

/// What a value does over time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Only grows.
    Counter,
    /// Goes up and down.
    Gauge,
}

/// A count that only grows.
#[derive(Clone)]
pub struct Counter(Arc<AtomicU64>);

/// A level that goes up and down.
#[derive(Clone)]
pub struct Gauge(Arc<AtomicU64>);

/// One value as it was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reading {
    pub name: &'static str,
    pub about: &'static str,
    pub kind: Kind,
    pub value: u64,
    /// The most that the value may become, for what is bounded.
    pub limit: Option<u64>,
}

impl Meters {
    /// The counter of this name; the same one each time it is asked for.
    pub fn counter(&self, name: &'static str, about: &'static str) -> Counter {
        Counter(self.named(name, about, Kind::Counter, None))
    }

    /// The gauge of this name; the same one each time it is asked for.
    pub fn gauge(&self, name: &'static str, about: &'static str) -> Gauge {
        Gauge(self.named(name, about, Kind::Gauge, None))
    }

    /// A gauge that cannot exceed `limit`.
    pub fn cap(&self, name: &'static str, about: &'static str, limit: u64) -> Gauge {
        Gauge(self.named(name, about, Kind::Gauge, Some(limit)))
    }

    pub fn snapshot(&self) -> Vec<Reading> {
        self.table.read().iter().map(Meter::read).collect()
    }

    fn named(
        &self,
        name: &'static str,
        about: &'static str,
        kind: Kind,
        limit: Option<u64>,
    ) -> Arc<AtomicU64> {
        let mut table = self.table.write();
        if let Some(known) = table.iter().find(|meter| meter.name == name) {
            debug_assert_eq!(known.kind, kind, "{name} is one thing or the other");
            return known.value.clone();
        }
        let value = Arc::new(AtomicU64::new(0));
        table.push(Meter {
            name,
            about,
            kind,
            limit,
            value: value.clone(),
        });
        value
    }
}

impl Meter {
    fn read(&self) -> Reading {
        Reading {
            name: self.name,
            about: self.about,
            kind: self.kind,
            value: self.value.load(Ordering::Relaxed),
            limit: self.limit,
        }
    }
}

impl Counter {
    pub fn add(&self, more: u64) {
        self.0.fetch_add(more, Ordering::Relaxed);
    }

    pub fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

impl Gauge {
    pub fn set(&self, value: u64) {
        self.0.store(value, Ordering::Relaxed);
    }

    pub fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_one_value_wherever_it_is_asked_for() {
        let meters = Meters::default();
        meters.counter("frames", "").add(2);
        meters.clone().counter("frames", "").add(3);
        meters.cap("flows", "", 10).set(7);
        let seen = meters.snapshot();
        assert_eq!(seen.len(), 2);
        assert_eq!(
            (seen[0].value, seen[0].kind, seen[0].limit),
            (5, Kind::Counter, None)
        );
        assert_eq!(
            (seen[1].value, seen[1].kind, seen[1].limit),
            (7, Kind::Gauge, Some(10))
        );
    }
}
