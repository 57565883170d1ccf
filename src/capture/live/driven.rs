//! A live source without interfaces, for tests of what clocks do: the same intake, asked for turns as
//! the capture thread takes them, on a clock that a test moves.

use super::intake::{Intake, Seen};
use crate::capture::{Home, Interface, Message};
use crate::clock::Clock;
use crate::key::InterfaceId;
use crate::units::{Epoch, Nanos};
use std::sync::Arc;

pub(crate) struct Driven {
    intake: Intake,
    clock: Clock,
}

impl Driven {
    pub(crate) fn new(clock: Clock, epoch: Epoch) -> Driven {
        Driven {
            intake: Intake::new(epoch, clock.now()),
            clock,
        }
    }

    pub(crate) fn home(&self) -> Home {
        self.intake.home()
    }

    pub(crate) fn describe(&mut self, interface: Arc<Interface>) {
        self.intake.describe(interface);
    }

    /// What the kernel stamped since the last turn, each frame with its time.
    pub(crate) fn turn(&mut self, frames: &[(Nanos, Vec<u8>)]) -> Vec<Message> {
        let now = self.clock.now();
        self.intake.follow(now);
        self.intake.expect(now.wall);
        for (at, bytes) in frames {
            self.intake.take(Seen {
                interface: InterfaceId(0),
                at: *at,
                length: bytes.len() as u32,
                bytes,
            });
        }
        self.intake.settle();
        self.intake.advance(now.wall);
        self.intake.flush();
        self.intake.out.drain(..).collect()
    }

    /// Nothing follows.
    pub(crate) fn end(&mut self) -> Vec<Message> {
        let now = self.clock.now();
        self.intake.follow(now);
        self.intake.settle();
        self.intake.advance(now.wall);
        self.intake.end(now.wall);
        self.intake.flush();
        self.intake.out.drain(..).collect()
    }
}
