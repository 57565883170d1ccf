//! Which second a frame counts in, and when a second is over. Pure logic: time is an argument.
//! A second stays open until the one after next begins; an older frame counts in the oldest open
//! second and is said to be late; a clock that jumps starts a new epoch. Time moves by jumping,
//! never by walking, so a file may leap over years.

use super::frame::Slot;
use crate::units::{Epoch, Moment, NANOS, Nanos, Second};

/// How far back a file's time may go before that is a jump and not a late frame, in seconds.
const JUMP_BACK: i64 = 60;

/// What is the matter with a frame's time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Older than the oldest open second.
    Late,
    /// No usable time.
    Untimed,
}

/// Where a frame counts, and what has to be cut before it is handed on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Placed {
    pub slot: Slot,
    pub fault: Option<Fault>,
    pub closing: Closings,
}

/// Seconds that are over, oldest first: at most two.
pub type Closings = [Option<Closing>; 2];

/// A second that is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Closing {
    pub moment: Moment,
    pub slot: Slot,
    /// The second that is still open.
    pub open: Option<(Moment, Slot)>,
}

/// The open seconds.
#[derive(Clone, Debug, Default)]
pub struct Seconds {
    epoch: Epoch,
    newest: Option<Second>,
    /// The second before the newest, if it is open.
    elder: Option<Second>,
    /// Seconds up to this one are cut, in this epoch.
    cut_through: Option<Second>,
    /// Live only: no frame can be from a later second than this.
    horizon: Option<Second>,
    /// The newest second as a range of time, for the usual case.
    current: (i64, i64),
}

impl Seconds {
    /// Starts in this epoch (live: one more than the history's last).
    pub fn new(epoch: Epoch) -> Seconds {
        Seconds {
            epoch,
            current: (0, -1),
            ..Seconds::default()
        }
    }

    pub fn epoch(&self) -> Epoch {
        self.epoch
    }

    /// The start of the newest second: the time of a frame that has none.
    pub fn newest(&self) -> Nanos {
        self.current_second().start()
    }

    /// The slot of a frame of the newest second: the usual case, two comparisons.
    #[inline]
    pub fn usual(&self, at: Nanos) -> Option<Slot> {
        (at.0 >= self.current.0 && at.0 < self.current.1).then(|| slot_of(self.current_second()))
    }

    /// Where a frame of this time counts; `None` has no usable time. In a file, a time far behind
    /// the open seconds starts a new epoch.
    pub fn place(&mut self, at: Option<Nanos>) -> Placed {
        let Some(newest) = self.newest else {
            let second = at.map_or(Second(0), Nanos::second);
            let closing = self.open(second);
            let fault = at.is_none().then_some(Fault::Untimed);
            return Placed {
                slot: slot_of(second),
                fault,
                closing,
            };
        };
        let Some(second) = at.map(Nanos::second) else {
            return Placed::faulty(newest, Fault::Untimed);
        };
        if second > newest {
            return self.place_ahead(second, newest);
        }
        if second == newest || self.elder == Some(second) || self.reopen(second, newest) {
            return Placed {
                slot: slot_of(second),
                fault: None,
                closing: [None; 2],
            };
        }
        if self.horizon.is_none() && second.0 < newest.0 - JUMP_BACK {
            let closing = self.step();
            self.open(second);
            return Placed {
                slot: slot_of(second),
                fault: None,
                closing,
            };
        }
        Placed::faulty(self.elder.unwrap_or(newest), Fault::Late)
    }

    /// Live only: the wall clock says `now`, and no frame can be from much later. Closes nothing.
    pub fn expect(&mut self, now: Nanos) {
        self.horizon = Some(Second(now.second().0 + 1));
    }

    /// The slot for what was read just now of the last full second: drops, counters.
    pub fn last(&self) -> Slot {
        slot_of(self.elder.unwrap_or(self.current_second()))
    }

    /// Live only: the wall clock says `now`. Opens its second and closes those that are over.
    pub fn advance(&mut self, now: Nanos) -> Closings {
        let second = now.second();
        self.expect(now);
        match self.newest {
            Some(newest) if newest >= second => [None; 2],
            _ => self.open(second),
        }
    }

    /// The clock jumped, or the source ended: closes all that is open and starts a new epoch.
    pub fn step(&mut self) -> Closings {
        let closing = self.close_all();
        *self = Seconds::new(Epoch(self.epoch.0 + 1));
        closing
    }

    fn current_second(&self) -> Second {
        self.newest.unwrap_or_default()
    }

    fn place_ahead(&mut self, second: Second, newest: Second) -> Placed {
        if self.horizon.is_some_and(|horizon| second > horizon) {
            return Placed::faulty(newest, Fault::Untimed);
        }
        let closing = self.open(second);
        Placed {
            slot: slot_of(second),
            fault: None,
            closing,
        }
    }

    /// Opens the second before the newest for its first frame, if it was not cut.
    fn reopen(&mut self, second: Second, newest: Second) -> bool {
        let possible = self.elder.is_none()
            && second.0 == newest.0 - 1
            && self.cut_through.is_none_or(|cut| second > cut);
        if possible {
            self.elder = Some(second);
        }
        possible
    }

    /// Makes `second` the newest; what is then more than one second old is closed.
    fn open(&mut self, second: Second) -> Closings {
        let mut closing = [None; 2];
        let stays = self.newest.filter(|newest| newest.0 == second.0 - 1);
        let mut over = [
            self.elder,
            self.newest.filter(|newest| Some(*newest) != stays),
        ];
        if over[0].is_none() {
            over.swap(0, 1);
        }
        let last = usize::from(over[1].is_some());
        for (index, old) in over.iter().enumerate() {
            let Some(old) = *old else { continue };
            let next = if index < last { over[1] } else { stays };
            closing[index] = Some(self.closing(old, next));
            self.cut_through = Some(old);
        }
        self.newest = Some(second);
        self.elder = stays;
        let start = second.start().0;
        self.current = (start, start.saturating_add(NANOS));
        closing
    }

    fn close_all(&mut self) -> Closings {
        let over = match (self.elder.take(), self.newest.take()) {
            (Some(elder), newest) => [Some(elder), newest],
            (None, newest) => [newest, None],
        };
        [
            over[0].map(|second| self.closing(second, over[1])),
            over[1].map(|second| self.closing(second, None)),
        ]
    }

    fn closing(&self, second: Second, open: Option<Second>) -> Closing {
        let moment = |second| Moment {
            second,
            epoch: self.epoch,
        };
        Closing {
            moment: moment(second),
            slot: slot_of(second),
            open: open.map(|open| (moment(open), slot_of(open))),
        }
    }
}

impl Placed {
    fn faulty(second: Second, fault: Fault) -> Placed {
        Placed {
            slot: slot_of(second),
            fault: Some(fault),
            closing: [None; 2],
        }
    }
}

/// Neighbouring seconds have different slots.
fn slot_of(second: Second) -> Slot {
    Slot((second.0 & 1) as u8)
}

#[cfg(test)]
#[path = "seconds_tests.rs"]
mod tests;
