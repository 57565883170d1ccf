//! Live interfaces as a source of frames: libpcap handles driven by one poll on one thread, which
//! sleeps until there are frames, a signal, news of interfaces, or a second to cut. Owns the
//! handles and the order of time; never waits for anybody downstream.

mod config;
#[cfg(test)]
pub(crate) mod driven;
mod error;
mod gaps;
mod handle;
mod intake;
mod interfaces;
mod nap;
mod pace;
mod problems;
mod tap;
mod wakes;

pub use config::Config;
pub use error::Error;
pub use problems::Problems;
pub use wakes::{Request, Stopper};

use super::filter::{self, FilterError};
use super::frame::{Link, Message};
use super::pool::Home;
use crate::clock::{Clock, Now};
use crate::platform;
use crate::units::{Epoch, NANOS, Nanos, Second};
use crossbeam_channel::Sender;
use intake::Intake;
use interfaces::Interfaces;
use nap::Naps;
use std::time::Duration;
use wakes::{Wakes, Woken};

/// A second is cut this long after its end, so that one wake-up a second is enough.
const AFTER: i64 = NANOS / 500;
/// How far the cuts may fall behind the wall clock while there is a backlog to read.
const BACKLOG: i64 = 3 * NANOS;
/// Interfaces are listed at most so often, and where there is no news of them, so rarely.
const RELIST: i64 = NANOS / 5;
const RELIST_BLIND: i64 = 5 * NANOS;
/// Batches that are handed over at once at most: a quarter of what a worker's ring holds.
const GATHERED: usize = 16;
/// The longest that draining may take.
const DRAIN: i64 = 5 * NANOS;

/// Live capture, driven by whoever asks for the next message.
pub struct Live {
    clock: Clock,
    wakes: Wakes,
    interfaces: Interfaces,
    intake: Intake,
    requests: Option<Sender<Request>>,
    silence: i64,
    phase: Phase,
    /// The second, by the wall clock, in which drops and counters were read last.
    counted: Second,
    /// The steady time from which the interfaces are to be listed again.
    relist_at: Option<Nanos>,
    listed: Nanos,
    /// How long the last turn read for, until somebody asks.
    reading: Option<Nanos>,
    naps: Naps,
    /// What was read is being handed over, and when that is due again under load.
    handing: bool,
    hand_over_at: Nanos,
}

#[derive(Clone, Copy)]
enum Phase {
    Running,
    /// A stop was asked for at this time: what was sent before still counts.
    Draining(Now),
    Ended,
}

impl Live {
    /// Opens the interfaces. History goes on in `epoch`: one that it does not know yet.
    pub fn open(config: Config, clock: Clock, epoch: Epoch) -> Result<Live, Error> {
        if !platform::may_capture() {
            return Err(Error::Permission {
                interface: None,
                how: platform::how_to_capture(),
            });
        }
        let filter = config.filter.as_deref().map(expression).transpose()?;
        let now = clock.now();
        let silence = config.silence_nanos();
        let mut wakes = Wakes::new()?;
        let mut intake = Intake::new(epoch, now);
        let mut interfaces = Interfaces::new(config, filter);
        interfaces.begin(&mut intake, &mut wakes, now)?;
        let relist_at = (!wakes.has_watch()).then_some(Nanos(now.steady.0 + RELIST_BLIND));
        Ok(Live {
            clock,
            wakes,
            interfaces,
            intake,
            requests: None,
            silence,
            phase: Phase::Running,
            counted: now.wall.second(),
            relist_at,
            listed: now.steady,
            reading: None,
            naps: Naps::new(silence / 2, now.steady),
            handing: true,
            hand_over_at: now.steady,
        })
    }

    /// The way back for batches that were read.
    pub fn home(&self) -> Home {
        self.intake.home()
    }

    /// Names of the interfaces that are watched now.
    pub fn watched(&self) -> Vec<String> {
        self.interfaces.watched()
    }

    /// Why others are not, from now on.
    pub fn problems(&self) -> Problems {
        self.interfaces.problems.clone()
    }

    /// How long it took to read what the kernel had, once a turn.
    pub fn reading(&mut self) -> Option<Nanos> {
        self.reading.take()
    }

    /// Ends this capture from another thread.
    pub fn stopper(&self) -> Stopper {
        self.wakes.stopper()
    }

    /// Where requests by signal go.
    pub fn send_requests(&mut self, requests: Sender<Request>) {
        self.requests = Some(requests);
    }

    /// The steady time at which a message is handed over.
    fn stamped(&self, mut message: Message) -> Message {
        match &mut message {
            Message::Batch(batch) => batch.sent = self.clock.steady(),
            Message::Cut(cut) => cut.sent = self.clock.steady(),
            Message::Interface(_) => {}
        }
        message
    }

    fn turn(&mut self) -> Result<(), Error> {
        if !self.nap() {
            return Ok(());
        }
        let patience = self.patience();
        let woken = self.wakes.wait(patience);
        let now = self.clock.now();
        if woken.is_err() && self.intake.holds() {
            // The next wait fails as well; what came before it goes first.
            self.hand_over(now.steady);
            return Ok(());
        }
        let woken = woken?;
        self.follow_clock(now);
        self.heed(woken, now);
        if matches!(self.phase, Phase::Ended) {
            // The last cut is made: a frame behind it would be counted in no second.
            return Ok(());
        }
        self.intake.expect(now.wall);
        self.interfaces.read(&mut self.intake, now.steady);
        self.intake.settle();
        self.reading = Some(Nanos(self.clock.steady().0 - now.steady.0));
        self.follow_seconds(now);
        self.follow_interfaces(now);
        self.end_if_drained(now);
        if self.is_to_hand_over(now.steady) {
            self.hand_over(now.steady);
        }
        Ok(())
    }

    /// Under load, lets frames gather in the kernel once everything was read. False if there is
    /// none any more, and something to hand over first.
    fn nap(&mut self) -> bool {
        if matches!(self.phase, Phase::Running) && !self.interfaces.any_readable() {
            let now = self.clock.steady();
            let rings = self.interfaces.handles.iter_mut();
            let rings = rings.map(|handle| (handle.ring, &mut handle.inflow));
            let nap = self.naps.next(now, rings);
            if !self.naps.under_load() && self.intake.holds() {
                self.hand_over(now);
                return false;
            }
            std::thread::sleep(Duration::from_nanos(nap.0 as u64));
        }
        true
    }

    /// Under load batches are gathered here as well, where the ring is too small for long naps: to
    /// wake the workers costs as much as to be woken.
    fn is_to_hand_over(&self, now: Nanos) -> bool {
        let out = self.intake.out.iter();
        let urgent = !out
            .clone()
            .all(|message| matches!(message, Message::Batch(_)));
        urgent
            || now >= self.hand_over_at
            || self.intake.out.len() >= GATHERED
            || !self.naps.under_load()
            || !matches!(self.phase, Phase::Running)
    }

    fn hand_over(&mut self, now: Nanos) {
        self.intake.flush();
        self.handing = true;
        self.hand_over_at = Nanos(now.0 + self.naps.most());
    }

    /// How long there is nothing to do, unless something happens.
    fn patience(&self) -> Duration {
        if self.interfaces.any_readable() {
            return Duration::ZERO;
        }
        let now = self.clock.now();
        let second = NANOS - i64::from(now.wall.fraction()) + AFTER;
        let until = |at: Nanos| (at.0 - now.steady.0).max(0);
        let due = self.interfaces.due().map(until);
        let relist = self.relist_at.map(until);
        let drain = matches!(self.phase, Phase::Draining(_)).then_some(self.silence / 4);
        let held = self.intake.holds().then(|| until(self.hand_over_at));
        let nap = platform::CAPTURE_NAP.map(|nap| nap.as_nanos() as i64);
        let soonest = [due, relist, drain, held, nap].into_iter().flatten().min();
        Duration::from_nanos(soonest.map_or(second, |soonest| soonest.min(second)) as u64)
    }

    /// A wall clock that jumped starts a new epoch; one that is slewed is followed.
    fn follow_clock(&mut self, now: Now) {
        if self.intake.follow(now) {
            self.interfaces.count(&mut self.intake, now);
            self.counted = now.wall.second();
            self.relist_at = Some(now.steady);
        }
    }

    fn heed(&mut self, woken: Woken, now: Now) {
        for handle in &mut self.interfaces.handles {
            handle.readable |= woken.readable.contains(&handle.token);
        }
        if woken.interfaces_changed {
            let soon = Nanos(now.steady.0.max(self.listed.0 + RELIST));
            self.relist_at = Some(self.relist_at.map_or(soon, |at| at.min(soon)));
        }
        for request in woken.requests {
            if let Some(requests) = &self.requests {
                // Nobody who listens is nobody who asks.
                let _ = requests.try_send(request);
            }
        }
        for _ in 0..woken.stops {
            self.stop(now);
        }
    }

    /// The first stop drains, the second does not wait for that.
    fn stop(&mut self, now: Now) {
        match self.phase {
            Phase::Running => {
                self.phase = Phase::Draining(now);
                self.read_everything();
            }
            Phase::Draining(_) => self.end(now),
            Phase::Ended => {}
        }
    }

    /// Once a second: cuts what is over, reads drops and counters. On such a turn every handle is
    /// read, whether the poll told of it or not.
    fn follow_seconds(&mut self, now: Now) {
        let backlog = if self.interfaces.any_readable() {
            BACKLOG
        } else {
            0
        };
        self.intake.advance(Nanos(now.wall.0 - backlog));
        let second = now.wall.second();
        if second != self.counted {
            self.counted = second;
            self.interfaces.count(&mut self.intake, now);
            self.read_everything();
        }
    }

    fn follow_interfaces(&mut self, now: Now) {
        if self.relist_at.is_some_and(|at| at <= now.steady) {
            let blind = Nanos(now.steady.0 + RELIST_BLIND);
            self.relist_at = (!self.wakes.has_watch()).then_some(blind);
            self.listed = now.steady;
            self.interfaces
                .refresh(&mut self.intake, &mut self.wakes, now);
        }
        self.interfaces.tend(&mut self.intake, &mut self.wakes, now);
    }

    fn read_everything(&mut self) {
        for handle in &mut self.interfaces.handles {
            handle.readable = true;
        }
    }

    /// Draining is over when every handle gave a frame from after the stop, or was silent for long
    /// enough to have nothing more.
    fn end_if_drained(&mut self, now: Now) {
        let Phase::Draining(since) = self.phase else {
            return;
        };
        let quiet = |active: Nanos| now.steady.0 - active.max(since.steady).0 >= self.silence;
        let drained = self.interfaces.handles.iter().all(|handle| {
            let past = handle.newest > since.wall;
            let far_past = handle.newest.0 > since.wall.0 + self.silence;
            far_past || !handle.readable && (past || quiet(handle.active))
        });
        if drained || now.steady.0 - since.steady.0 > DRAIN {
            self.end(now);
        }
    }

    fn end(&mut self, now: Now) {
        self.interfaces.count(&mut self.intake, now);
        self.intake.end(now.wall);
        self.phase = Phase::Ended;
    }
}

impl Iterator for Live {
    type Item = Result<Message, Error>;

    /// Waits for the next message; `None` after the last cut.
    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let ended = matches!(self.phase, Phase::Ended);
            if let Some(message) = self.intake.out.pop_front_if(|_| self.handing || ended) {
                return Some(Ok(self.stamped(message)));
            }
            self.handing = false;
            if ended {
                return None;
            }
            if let Err(error) = self.turn() {
                return Some(Err(error));
            }
        }
    }
}

/// The expression behind the name of a filter, or the one that was given, if libpcap takes it.
fn expression(text: &str) -> Result<String, Error> {
    let named = filter::Named::new(&std::collections::BTreeMap::new());
    let expression = named.resolve(text).to_owned();
    let refused = |error: FilterError| Error::Filter {
        expression: expression.clone(),
        error,
    };
    // What only a link without Ethernet can have is fine on those.
    filter::check(&expression, Link::Ethernet)
        .or_else(|error| filter::check(&expression, Link::Raw).map_err(|_| refused(error)))?;
    Ok(expression)
}
