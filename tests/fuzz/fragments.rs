//! A worker that counts frames, parts of packets among them, in any order: each is counted once, with
//! all its bytes, whatever they hold.

use super::input::Input;
use netmonitor::capture::{Cut, DirectionRule, Frame, Interface, Link, Pool, Slot};
use netmonitor::decode::Tunnels;
use netmonitor::flow::{self, Part, Tables, Worker};
use netmonitor::key::InterfaceId;
use netmonitor::label::Classes;
use netmonitor::names::{self, Listener};
use netmonitor::platform::Role;
use netmonitor::units::{Epoch, FrameNumber, Moment, NANOS, Nanos, Second, Tally};
use std::sync::Arc;

const LINKS: [Link; 2] = [Link::Raw, Link::Ethernet];
const MOST_FRAMES: usize = 400;
const MOST_FLOWS: [usize; 2] = [3, 1000];
const SLAB: usize = 1 << 16;

struct Scene {
    worker: Worker,
    waiting: Vec<(Frame, Vec<u8>)>,
    second: i64,
    number: u64,
    given: Tally,
    counted: Tally,
}

/// The first byte says how many flows there may be, and which view of tunnels counts.
pub fn run(bytes: &[u8]) {
    let mut input = Input(bytes);
    let mut scene = Scene::new(input.byte());
    for _ in 0..MOST_FRAMES {
        if input.is_empty() {
            break;
        }
        scene.event(&mut input);
    }
    scene.cut(false);
    scene.cut(true);
    assert_eq!(scene.counted, scene.given);
}

impl Scene {
    fn new(choice: u8) -> Scene {
        let config = flow::Config {
            max: MOST_FLOWS[usize::from(choice & 1)],
            ended_max: 1000,
            ..flow::Config::default()
        };
        let tunnels = if choice & 2 == 0 {
            Tunnels::Inner
        } else {
            Tunnels::Outer
        };
        let listener = Listener::new(&names::Config::default(), 1);
        let classify = Box::new(|_, _: &[u8]| Classes(0));
        let mut worker = Worker::new(&Tables::new(1), 0, config, tunnels, listener, classify);
        for (id, link) in LINKS.into_iter().enumerate() {
            worker.interface(Arc::new(Interface {
                id: InterfaceId(id as u16),
                name: "fuzz".into(),
                link,
                role: Role::File,
                snaplen: 0,
                direction: DirectionRule::ClientToServer,
            }));
        }
        Scene {
            worker,
            waiting: Vec::new(),
            second: 1_700_000_000,
            number: 0,
            given: Tally::default(),
            counted: Tally::default(),
        }
    }

    /// The end of a second, a frame as it comes, or one that is made a part of a packet.
    fn event(&mut self, input: &mut Input) {
        let kind = input.byte();
        match kind & 7 {
            0 => self.cut(false),
            1 | 2 => self.frame(kind, input.piece().to_vec()),
            3 => self.read(),
            _ => {
                let part = part(kind, input);
                self.frame(kind & 0x20, part);
            }
        }
    }

    /// The lowest bit is the interface, another one of the two seconds that are open.
    fn frame(&mut self, choice: u8, bytes: Vec<u8>) {
        self.number += 1;
        let second = self.second + i64::from(choice >> 5 & 1);
        let frame = Frame {
            number: FrameNumber(self.number),
            at: Nanos(second * NANOS + self.number as i64),
            offset: 0,
            captured: 0,
            length: bytes.len() as u32 + 4,
            interface: InterfaceId(u16::from(choice & 1)),
            slot: slot(second),
        };
        self.given.count(frame.length);
        self.waiting.push((frame, bytes));
    }

    fn read(&mut self) {
        if self.waiting.is_empty() {
            return;
        }
        let mut pool = Pool::new(SLAB);
        let mut filling = pool.filling();
        for (frame, bytes) in self.waiting.drain(..) {
            filling.push(frame, &bytes);
        }
        let batch = filling.finish(Nanos(0));
        self.worker.read(&batch);
        self.worker.hear(&batch);
    }

    fn cut(&mut self, last: bool) {
        self.read();
        let part = self.worker.cut(Arc::new(Cut {
            moment: moment(self.second),
            slot: slot(self.second),
            open: (!last).then(|| (moment(self.second + 1), slot(self.second + 1))),
            width: Nanos(NANOS),
            facts: Vec::new(),
            last,
            sent: Nanos(0),
        }));
        self.counted += counted(&part);
        self.second += 1;
        if last {
            assert_eq!(part.effort.kept_bytes, 0);
        }
    }
}

fn counted(part: &Part) -> Tally {
    let rows = part.rows.iter().map(|row| row.traffic);
    let folded = part.folded.iter().map(|folded| folded.traffic);
    let reasons = part
        .unflowed
        .iter()
        .flat_map(|unflowed| &unflowed.by_reason);
    let all = rows
        .chain(folded)
        .chain(reasons.map(|(_, traffic)| *traffic));
    all.fold(Tally::default(), |sum, traffic| sum + traffic.total())
}

/// A part of one of a few packets, over IPv4 or IPv6, bare or in a tunnel of the same.
fn part(kind: u8, input: &mut Input) -> Vec<u8> {
    let (choice, offset) = (input.byte(), input.word());
    let data = input.piece();
    let (number, more) = (choice & 3, choice & 4 != 0);
    let protocol = [6, 17, 4, 41, 47, 132, 58, 1][usize::from(choice >> 3 & 7)];
    let inner = if kind & 8 == 0 {
        four(number, offset, more, protocol, data)
    } else {
        six(number, offset, more, protocol, data)
    };
    match kind >> 6 {
        0 => four(9, 0, false, if kind & 8 == 0 { 4 } else { 41 }, &inner),
        1 => four(8, 0, true, if kind & 8 == 0 { 4 } else { 41 }, &inner),
        _ => inner,
    }
}

/// RFC 791.
fn four(number: u8, offset: u16, more: bool, protocol: u8, data: &[u8]) -> Vec<u8> {
    let [high, low] = (data.len() as u16).saturating_add(20).to_be_bytes();
    let [flags, place] = (offset & 0x1fff | u16::from(more) << 13).to_be_bytes();
    let mut packet = vec![
        0x45, 0, high, low, 0, number, flags, place, 64, protocol, 0, 0,
    ];
    packet.extend([10, 0, 0, 1, 10, 0, 0, 2]);
    packet.extend(data);
    packet
}

/// RFC 8200, 4.5.
fn six(number: u8, offset: u16, more: bool, protocol: u8, data: &[u8]) -> Vec<u8> {
    let length = (data.len() as u16).saturating_add(8).to_be_bytes();
    let mut packet = vec![0x60, 0, 0, 0, length[0], length[1], 44, 64];
    packet.extend([0x20, 1, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]);
    packet.extend([0x20, 1, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2]);
    packet.extend([protocol, 0]);
    packet.extend((offset << 3 | u16::from(more)).to_be_bytes());
    packet.extend([0, 0, 0, number]);
    packet.extend(data);
    packet
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
