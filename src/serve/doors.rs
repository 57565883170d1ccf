//! How many may be inside: connections that have not asked (a new one evicts the oldest), requests
//! that are being answered, clients of the live stream; each with a cap of its own, so that no kind
//! can crowd out another.

use super::Config;
use crate::measure::{Counter, Gauge, Meters};
use crate::query::Asker;
use parking_lot::Mutex;
use std::collections::VecDeque;
use std::sync::{Arc, OnceLock};
use tokio::task::AbortHandle;

#[derive(Clone)]
pub(super) struct Doors(Arc<Shared>);

struct Shared {
    caps: Config,
    inside: Mutex<Inside>,
    meters: DoorMeters,
}

#[derive(Default)]
struct Inside {
    next: u64,
    /// Oldest first.
    waiting: VecDeque<(u64, AbortHandle)>,
    active: usize,
    live: usize,
}

struct DoorMeters {
    waiting: Gauge,
    active: Gauge,
    live: Gauge,
    evicted: Counter,
    refused: Counter,
}

/// A connection.
pub(super) struct Visitor {
    id: u64,
    doors: Doors,
    abort: OnceLock<AbortHandle>,
}

/// Leave to be answered; given back when the answer was handed over, or the client is gone: hyper drops
/// what answers when the connection is closed.
pub(super) struct Permit {
    pub(super) asker: Asker,
    visitor: Arc<Visitor>,
    kind: Kind,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Active,
    Live,
}

impl Doors {
    pub(super) fn new(config: &Config, meters: &Meters) -> Doors {
        let cap = |name, about, limit: usize| meters.cap(name, about, limit as u64);
        Doors(Arc::new(Shared {
            caps: config.clone(),
            inside: Mutex::default(),
            meters: DoorMeters {
                waiting: cap(
                    "serve_waiting",
                    "Connections that have not asked.",
                    config.waiting,
                ),
                active: cap("serve_active", "Requests being answered.", config.active),
                live: cap(crate::api::SSE_CLIENTS, "Live streams.", config.sse_clients),
                evicted: meters.counter("serve_evicted", "Waiting connections that gave way."),
                refused: meters.counter("serve_refused", "Requests refused because of a cap."),
            },
        }))
    }

    pub(super) fn visitor(&self) -> Arc<Visitor> {
        let mut inside = self.0.inside.lock();
        inside.next += 1;
        Arc::new(Visitor {
            id: inside.next,
            doors: self.clone(),
            abort: OnceLock::new(),
        })
    }

    fn change<T>(&self, change: impl FnOnce(&mut Inside, &Config) -> T) -> T {
        let mut inside = self.0.inside.lock();
        let result = change(&mut inside, &self.0.caps);
        let meters = &self.0.meters;
        meters.waiting.set(inside.waiting.len() as u64);
        meters.active.set(inside.active as u64);
        meters.live.set(inside.live as u64);
        result
    }

    fn wait(&self, id: u64, abort: AbortHandle) {
        let oldest = self.change(|inside, caps| {
            inside.waiting.push_back((id, abort));
            let full = inside.waiting.len() > caps.waiting;
            full.then(|| inside.waiting.pop_front()).flatten()
        });
        if let Some((_, oldest)) = oldest {
            self.0.meters.evicted.add(1);
            oldest.abort();
        }
    }
}

impl Inside {
    fn forget(&mut self, id: u64) {
        self.waiting.retain(|(waiting, _)| *waiting != id);
    }

    fn count(&mut self, kind: Kind) -> &mut usize {
        match kind {
            Kind::Active => &mut self.active,
            Kind::Live => &mut self.live,
        }
    }
}

impl Visitor {
    /// Waits for its first request; `abort` ends the connection.
    pub(super) fn wait(&self, abort: AbortHandle) {
        self.doors
            .wait(self.id, self.abort.get_or_init(|| abort).clone());
    }

    /// Has asked: may it be answered?
    pub(super) fn ask(self: &Arc<Visitor>) -> Option<Permit> {
        let free = self.doors.change(|inside, caps| {
            let free = inside.active < caps.active;
            if free {
                inside.forget(self.id);
                inside.active += 1;
            }
            free
        });
        if !free {
            self.doors.0.meters.refused.add(1);
        }
        free.then(|| Permit {
            asker: Asker::default(),
            visitor: self.clone(),
            kind: Kind::Active,
        })
    }
}

impl Drop for Visitor {
    fn drop(&mut self) {
        self.doors.change(|inside, _| inside.forget(self.id));
    }
}

impl Permit {
    /// Leave to stay, for a live stream.
    pub(super) fn stay(mut self) -> Option<Permit> {
        let doors = self.visitor.doors.clone();
        let free = doors.change(|inside, caps| {
            let free = inside.live < caps.sse_clients;
            if free {
                inside.active -= 1;
                inside.live += 1;
            }
            free
        });
        if !free {
            doors.0.meters.refused.add(1);
            return None;
        }
        self.kind = Kind::Live;
        Some(self)
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        self.asker.leave();
        let visitor = &self.visitor;
        visitor
            .doors
            .change(|inside, _| *inside.count(self.kind) -= 1);
        if let Some(abort) = visitor.abort.get() {
            visitor.doors.wait(visitor.id, abort.clone());
        }
    }
}
