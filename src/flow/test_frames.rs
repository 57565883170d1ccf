//! Frames made by hand for this room's tests, and a worker that is fed with them.

use super::config::Config;
use super::row::Part;
use super::table::Tables;
use super::worker::{Classify, Worker};
use crate::capture::{BATCH_FRAMES, Cut, DirectionRule, Frame, Interface, Link, Pool, Slot};
use crate::decode::Tunnels;
use crate::key::InterfaceId;
use crate::label::Classes;
use crate::names::{self, Listener};
use crate::platform::Role;
use crate::units::{Epoch, FrameNumber, Moment, NANOS, Nanos, Second};
use std::sync::Arc;

pub(super) const TCP: u8 = 6;
pub(super) const UDP: u8 = 17;

/// A host 10.0.0.x and its port.
pub(super) type End = (u8, u16);

/// A packet of raw IPv4: the first two bytes behind its header are the source port.
pub(super) fn ip((from, to): (End, End), protocol: u8, part: u16, rest: &[u8]) -> Vec<u8> {
    let payload = [&from.1.to_be_bytes(), &to.1.to_be_bytes(), rest].concat();
    let [length, part] = [20 + payload.len() as u16, part].map(u16::to_be_bytes);
    let mut packet = vec![0x45, 0, length[0], length[1], 0, 7, part[0], part[1], 64];
    packet.extend([protocol, 0, 0, 10, 0, 0, from.0, 10, 0, 0, to.0]);
    packet.extend(payload);
    packet
}

pub(super) fn tcp(from: End, to: End, flags: u8) -> Vec<u8> {
    let mut rest = [0; 16];
    (rest[8], rest[9]) = (0x50, flags);
    ip((from, to), TCP, 0, &rest)
}

pub(super) fn udp(from: End, to: End) -> Vec<u8> {
    ip((from, to), UDP, 0, &[0, 8, 0, 0])
}

/// One worker, and the frames that wait to be read in its next batch.
pub(super) struct Scene {
    pub worker: Worker,
    pub tables: Tables,
    number: u64,
    waiting: Vec<(Frame, Vec<u8>)>,
}

impl Scene {
    /// Interface 0 tells direction by `rule`; its link is raw IP.
    pub(super) fn new(config: Config, rule: DirectionRule) -> Scene {
        Scene::with(config, Box::new(|_, _| Classes(0)), &[(Link::Raw, rule)])
    }

    pub(super) fn with(
        config: Config,
        classify: Classify,
        interfaces: &[(Link, DirectionRule)],
    ) -> Scene {
        let tables = Tables::new(1);
        let listener = Listener::new(&names::Config::default(), 1);
        let mut worker = Worker::new(&tables, 0, config, Tunnels::Inner, listener, classify);
        for (id, (link, direction)) in interfaces.iter().enumerate() {
            worker.interface(Arc::new(Interface {
                id: InterfaceId(id as u16),
                name: "test".into(),
                link: *link,
                role: Role::File,
                snaplen: 0,
                direction: direction.clone(),
            }));
        }
        Scene {
            worker,
            tables,
            number: 0,
            waiting: Vec::new(),
        }
    }

    /// A frame at the start of a second, on interface 0; gives its number.
    pub(super) fn frame(&mut self, second: i64, bytes: Vec<u8>) -> FrameNumber {
        let length = bytes.len() as u32;
        self.take(Nanos(second * NANOS), second, 0, length, bytes)
    }

    /// A frame that counts in `second`, at whatever time it is from.
    pub(super) fn take(
        &mut self,
        at: Nanos,
        second: i64,
        interface: u16,
        length: u32,
        bytes: Vec<u8>,
    ) -> FrameNumber {
        let frame = Frame {
            at,
            interface: InterfaceId(interface),
            ..self.stamp(second, length)
        };
        self.waiting.push((frame, bytes));
        frame.number
    }

    /// The next frame, on interface 0 at the start of a second.
    pub(super) fn stamp(&mut self, second: i64, length: u32) -> Frame {
        self.number += 1;
        Frame {
            number: FrameNumber(self.number),
            at: Nanos(second * NANOS),
            offset: 0,
            captured: 0,
            length,
            interface: InterfaceId(0),
            slot: slot(second),
        }
    }

    /// Reads what waits.
    pub(super) fn flush(&mut self) {
        let mut pool = Pool::new(1 << 16);
        for frames in self.waiting.chunks(BATCH_FRAMES) {
            let mut filling = pool.filling();
            for (frame, bytes) in frames {
                filling.push(*frame, bytes);
            }
            self.worker.read(&filling.finish(Nanos(0)));
        }
        self.waiting.clear();
    }

    /// Reads what waits and cuts a second, `open` being the other that is open.
    pub(super) fn cut(&mut self, second: i64, open: Option<i64>) -> Part {
        self.answer(second, open, false)
    }

    /// The same, at the end of everything.
    pub(super) fn last(&mut self, second: i64) -> Part {
        self.answer(second, None, true)
    }

    fn answer(&mut self, second: i64, open: Option<i64>, last: bool) -> Part {
        self.flush();
        self.worker.cut(Arc::new(Cut {
            moment: moment(second),
            slot: slot(second),
            open: open.map(|open| (moment(open), slot(open))),
            width: Nanos(NANOS),
            facts: Vec::new(),
            last,
            sent: Nanos(0),
        }))
    }
}

fn moment(second: i64) -> Moment {
    Moment {
        second: Second(second),
        epoch: Epoch(0),
    }
}

fn slot(second: i64) -> Slot {
    Slot((second & 1) as u8)
}
