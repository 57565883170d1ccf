//! One worker's ear: takes the payloads of flows that may have something to tell, and gives what was
//! heard. Most names come whole in one frame, and are read where they lie; the rest is put together
//! in a bounded store. Knows no flow table and no clock.

mod budget;
mod datagram;
mod kept;
mod stream;

use super::claim::{Heard, Notes, Speech, Who};
use super::config::Config;
use super::hearing::{Hearing, Mode};
use super::tls::Wanted;
use crate::key::{End, FlowKey, Protocol};
use crate::units::Nanos;
use budget::Budget;
use kept::Store;
use std::ops::AddAssign;

/// Payloads of one flow that may tell nothing before it is given up: of a stream, and of datagrams.
const IDLE_SEGMENTS: u8 = 6;
const IDLE_DATAGRAMS: u8 = 4;
/// Datagrams that are recognised and may come before a hello.
const BEFORE_A_HELLO: u8 = 16;
/// What is heard in one second usually finds room for the next one's.
const ROOM: usize = 4096;

const UDP_LITE: Protocol = Protocol(136);

pub struct Listener {
    enabled: bool,
    wanted: Wanted,
    ear: Ear,
    heard: Vec<Heard>,
}

/// What is needed to put together what comes in pieces.
struct Ear {
    budget: Budget,
    kept: Store,
    given_up: u64,
}

/// What a worker's ear did since it was last asked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Effort {
    /// Flows that were given up for want of memory or of time to decrypt.
    pub given_up: u64,
    /// Bytes that are being put together now.
    pub kept_bytes: u64,
    /// Frames that made a parser panic: there must be none.
    pub panics: u64,
}

impl AddAssign for Effort {
    fn add_assign(&mut self, other: Effort) {
        self.given_up += other.given_up;
        self.kept_bytes += other.kept_bytes;
        self.panics += other.panics;
    }
}

impl Listener {
    /// `config` is this worker's share; `workers` share the memory.
    pub fn new(config: &Config, workers: usize) -> Listener {
        Listener {
            enabled: config.enabled,
            wanted: if config.fingerprints {
                Wanted::NameAndJa4
            } else {
                Wanted::Name
            },
            ear: Ear {
                budget: Budget::new(config.hellos_per_second),
                kept: Store::new(config.memory() / workers.max(1)),
                given_up: 0,
            },
            heard: Vec::new(),
        }
    }

    /// Whether anything is listened to at all.
    pub fn is_on(&self) -> bool {
        self.enabled
    }

    /// Whether a flow is listened to, from its first frame on.
    pub fn begin(&self, key: &FlowKey) -> Hearing {
        if !self.enabled || !key.has_ports() {
            return Hearing::default();
        }
        let port = |end| key.end(end).port.unwrap_or(0);
        let ports = (port(End::Low), port(End::High));
        Hearing::of(match key.protocol() {
            Protocol::UDP | UDP_LITE if datagram::family(ports).is_some() => Mode::Messages,
            Protocol::TCP | Protocol::SCTP | Protocol::UDP | UDP_LITE => Mode::Fresh,
            _ => Mode::Off,
        })
    }

    /// Takes a payload of a flow that is listened to.
    pub fn hear(&mut self, hearing: &mut Hearing, who: Who, speech: Speech) {
        let notes = &mut Notes {
            who,
            from: speech.from,
            at: speech.at,
            frame: speech.frame,
            wanted: self.wanted,
            heard: &mut self.heard,
        };
        match who.key.protocol() {
            Protocol::TCP => self.ear.segment(hearing, speech, notes),
            Protocol::SCTP => datagram::chunks(hearing, speech, notes),
            _ => self.ear.datagram(hearing, speech, notes),
        }
    }

    /// Gives up what was not completed in time; all of it, when nothing follows.
    pub fn expire(&mut self, now: Nanos, all: bool) {
        self.ear.kept.expire(now, all, &mut self.heard);
    }

    /// What was heard since this was last asked, in the order of frames.
    pub fn take(&mut self) -> Vec<Heard> {
        let room = Vec::with_capacity(self.heard.len().min(ROOM));
        std::mem::replace(&mut self.heard, room)
    }

    pub fn effort(&mut self) -> Effort {
        Effort {
            given_up: std::mem::take(&mut self.ear.given_up) + self.ear.kept.take_refused(),
            kept_bytes: self.ear.kept.size() as u64,
            panics: 0,
        }
    }

    /// One more payload of this flow told nothing.
    fn idle(hearing: &mut Hearing, most: u8) {
        hearing.idle = hearing.idle.saturating_add(1);
        if hearing.idle >= most {
            hearing.stop();
        }
    }
}

#[cfg(test)]
mod tests;
