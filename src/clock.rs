//! The only reader of time. Everything else is told what time it is, which is why a replay equals
//! a live run. Real, or driven by hand in tests and replays.

use crate::units::Nanos;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

/// What a clock says: wall time, and time that never jumps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Now {
    /// UTC; may jump.
    pub wall: Nanos,
    /// Nanoseconds since this clock was made; never goes back.
    pub steady: Nanos,
}

/// A source of time that can be cloned and handed around.
#[derive(Clone, Debug)]
pub enum Clock {
    System { started: Instant },
    Manual(Arc<Hands>),
}

/// The hands of a clock that a test moves.
#[derive(Debug, Default)]
pub struct Hands {
    wall: AtomicI64,
    steady: AtomicI64,
}

impl Hands {
    /// Lets time pass: both clocks move on.
    pub fn advance(&self, nanos: i64) {
        self.wall.fetch_add(nanos, Ordering::Relaxed);
        self.steady.fetch_add(nanos, Ordering::Relaxed);
    }

    /// Sets the wall clock, as an administrator or NTP would: the steady one does not move.
    pub fn set_wall(&self, wall: Nanos) {
        self.wall.store(wall.0, Ordering::Relaxed);
    }
}

impl Clock {
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the one place that reads clocks"
    )]
    pub fn system() -> Clock {
        Clock::System {
            started: Instant::now(),
        }
    }

    /// A clock that stands at `wall` until its hands are moved.
    pub fn manual(wall: Nanos) -> (Clock, Arc<Hands>) {
        let hands = Arc::new(Hands::default());
        hands.set_wall(wall);
        (Clock::Manual(hands.clone()), hands)
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "this is the one place that reads clocks"
    )]
    pub fn now(&self) -> Now {
        match self {
            Clock::System { started } => Now {
                wall: Nanos(since_epoch(SystemTime::now())),
                steady: Nanos(started.elapsed().as_nanos() as i64),
            },
            Clock::Manual(hands) => Now {
                wall: Nanos(hands.wall.load(Ordering::Relaxed)),
                steady: Nanos(hands.steady.load(Ordering::Relaxed)),
            },
        }
    }

    /// The steady time alone: for measuring how long something took.
    pub fn steady(&self) -> Nanos {
        match self {
            Clock::System { started } => Nanos(started.elapsed().as_nanos() as i64),
            Clock::Manual(hands) => Nanos(hands.steady.load(Ordering::Relaxed)),
        }
    }
}

/// Nanoseconds since the Unix epoch, negative before it.
fn since_epoch(time: SystemTime) -> i64 {
    match time.duration_since(UNIX_EPOCH) {
        Ok(after) => after.as_nanos() as i64,
        Err(before) => -(before.duration().as_nanos() as i64),
    }
}
