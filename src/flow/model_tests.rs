//! The flow table against a plain map: the same frames, one at a time, without look-ahead, wheels,
//! slots or shards. Random frames of a few hosts, in batches of any size, across two open seconds;
//! some are parts of packets, which come in any order.

mod sums;

use super::config::Config;
use super::row::{self, Ended, Ending};
use super::test_frames::{End as Host, Scene, TCP, UDP, ip, tcp};
use crate::capture::{DirectionRule, Link};
use crate::decode::tcp::{ACK, FIN, RST, SYN};
use crate::key::{End, FlowKey};
use crate::label::Classes;
use crate::units::{FrameNumber, NANOS, Nanos, Tally};
use proptest::prelude::*;
use std::collections::{BTreeMap, HashMap};
use sums::Sums;

/// Two hosts in their order, protocol and interface.
type Key = (Host, Host, u8, u16);

/// Sender, receiver and interface of a packet's parts: all bear one identification.
type Part = (u8, u8, u16);

const WHOLE: u16 = 0;
const FIRST: u16 = 0x2000;
const LATER: u16 = 0x0003;
/// How long a packet's first part is remembered, in seconds.
const REMEMBERED: i64 = 60;

#[derive(Clone, Debug)]
enum Step {
    Frame(Shot),
    /// Ends a batch.
    Read,
    /// So many seconds later.
    Pass(i64),
}

#[derive(Clone, Copy, Debug)]
struct Shot {
    from: Host,
    to: Host,
    protocol: u8,
    flags: u8,
    /// What IPv4's header says of fragments: UDP's may be a first or a later part.
    part: u16,
    interface: u16,
    length: u32,
    /// It counts in the elder of the two open seconds.
    elder: bool,
    /// Nanoseconds into that second; below zero it is late.
    at: i64,
}

#[derive(Clone, Debug, PartialEq)]
struct Flow {
    key: Key,
    client: Host,
    number: FrameNumber,
    sent: [Tally; 2],
    first: Nanos,
    last: Nanos,
    classes: Classes,
    flags: [u8; 2],
}

/// What is true, found the plain way.
#[derive(Default)]
struct Model {
    live: HashMap<Key, Flow>,
    /// Packets of which the first part came: their ports, and when.
    parts: HashMap<Part, (Host, Host, i64)>,
    /// Later parts without a first one.
    waiting: Vec<(Shot, FrameNumber, Nanos, i64)>,
    /// By second and flow: what the low and the high host sent.
    rows: BTreeMap<(i64, FrameNumber), (Key, [Tally; 2])>,
    ended: Vec<(Flow, Ending)>,
    opened: usize,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let host = || (1..4u8, 1..3u16);
    let flags = prop::sample::select(vec![SYN, SYN, SYN | ACK, ACK, ACK, FIN | ACK, RST, 0]);
    let kinds = vec![
        (TCP, WHOLE),
        (TCP, WHOLE),
        (TCP, WHOLE),
        (1, WHOLE),
        (UDP, WHOLE),
        (UDP, FIRST),
        (UDP, LATER),
    ];
    let shot = (
        (host(), host(), prop::sample::select(kinds)),
        (flags, 0..2u16, 40..1500u32),
        (any::<bool>(), -3 * NANOS..NANOS),
    );
    let shot = shot.prop_map(
        |((from, to, (protocol, part)), (flags, interface, length), (elder, at))| {
            let at = if at < -NANOS {
                at
            } else {
                at.rem_euclid(NANOS)
            };
            Shot {
                from,
                to,
                protocol,
                flags,
                part,
                interface,
                length,
                elder,
                at,
            }
        },
    );
    let step = prop_oneof![
        40 => shot.prop_map(Step::Frame),
        2 => Just(Step::Read),
        3 => Just(Step::Pass(1)),
        2 => prop::sample::select(vec![2, 5, 30, 61, 200, 4000]).prop_map(Step::Pass),
    ];
    prop::collection::vec(step, 1..300)
}

impl Shot {
    fn bytes(&self) -> Vec<u8> {
        match self.protocol {
            TCP => tcp(self.from, self.to, self.flags),
            UDP => ip((self.from, self.to), UDP, self.part, &[0, 8, 0, 0]),
            other => ip((self.from, self.to), other, 0, &[]),
        }
    }

    /// The flow's key and the place of the sender in it.
    fn key(&self) -> (Key, usize) {
        let no_ports = self.protocol == 1 || self.part == LATER;
        let ported = |host: Host| (host.0, if no_ports { 0 } else { host.1 });
        let (from, to) = (ported(self.from), ported(self.to));
        let key = |low, high| (low, high, self.protocol, self.interface);
        if from <= to {
            (key(from, to), 0)
        } else {
            (key(to, from), 1)
        }
    }
}

impl Flow {
    fn is_closed(&self) -> bool {
        let [low, high] = self.flags;
        self.is_reset() || low & high & FIN != 0
    }

    fn is_reset(&self) -> bool {
        (self.flags[0] | self.flags[1]) & RST != 0
    }

    fn ending(&self, otherwise: Ending) -> Ending {
        match self.is_closed() {
            _ if self.is_reset() => Ending::Reset,
            true => Ending::Closed,
            false => otherwise,
        }
    }

    /// The second in which it has been silent for too long.
    fn deadline(&self) -> i64 {
        let idle = Config::default().idle;
        let one_way = self.sent.iter().any(|sent| sent.packets == 0);
        let packets = self.sent[0].packets + self.sent[1].packets;
        let silence = match self.key.2 {
            _ if self.is_closed() => idle.closed,
            TCP if one_way => idle.half_open,
            TCP => idle.tcp,
            _ if packets == 1 => idle.single,
            _ => idle.other,
        };
        self.last.second().0 + i64::from(silence)
    }
}

impl Model {
    fn frame(&mut self, shot: &Shot, number: FrameNumber, at: Nanos, second: i64) {
        let part = (shot.from.0, shot.to.0, shot.interface);
        if shot.part != LATER {
            self.count(shot, &shot.bytes(), number, at, second);
        }
        match (shot.part, self.parts.get(&part).copied()) {
            (FIRST, _) => {
                let ends = (shot.from, shot.to, at.second().0);
                self.parts.insert(part, ends);
                self.count_waiting(|it| (it.from.0, it.to.0, it.interface) == part, Some(ends));
            }
            (LATER, Some(ends)) => self.count_part(shot, number, at, second, Some(ends)),
            (LATER, None) => self.waiting.push((*shot, number, at, second)),
            _ => {}
        }
    }

    /// Counts a later part, as its first one if that is known.
    fn count_part(
        &mut self,
        shot: &Shot,
        number: FrameNumber,
        at: Nanos,
        second: i64,
        first: Option<(Host, Host, i64)>,
    ) {
        let bytes = shot.bytes();
        let mut shot = *shot;
        if let Some((from, to, _)) = first {
            (shot.from, shot.to, shot.part) = (from, to, FIRST);
        }
        self.count(&shot, &bytes, number, at, second);
    }

    fn count_waiting(&mut self, which: impl Fn(&Shot) -> bool, first: Option<(Host, Host, i64)>) {
        let waiting = std::mem::take(&mut self.waiting);
        for (shot, number, at, second) in waiting {
            if which(&shot) {
                self.count_part(&shot, number, at, second, first);
            } else {
                self.waiting.push((shot, number, at, second));
            }
        }
    }

    /// What the end of a second does to parts.
    fn cut_parts(&mut self, second: i64, last: bool) {
        let all = std::mem::take(&mut self.waiting);
        let (overdue, waiting) = all.into_iter().partition(|it| last || it.3 == second);
        self.waiting = overdue;
        self.count_waiting(|_| true, None);
        self.waiting = waiting;
        if !last {
            let span = second - REMEMBERED..=second + REMEMBERED;
            self.parts.retain(|_, (_, _, seen)| span.contains(seen));
        }
    }

    fn count(&mut self, shot: &Shot, bytes: &[u8], number: FrameNumber, at: Nanos, second: i64) {
        let (key, sender) = shot.key();
        let flags = if shot.protocol == TCP { shot.flags } else { 0 };
        let asks = flags & (SYN | ACK | RST) == SYN;
        if asks && self.live.get(&key).is_some_and(Flow::is_closed) {
            let flow = self.live.remove(&key).unwrap();
            let ending = flow.ending(Ending::Idle);
            self.ended.push((flow, ending));
        }
        let flow = self.live.entry(key).or_insert_with(|| {
            self.opened += 1;
            Flow {
                key,
                client: if sender == 0 { key.0 } else { key.1 },
                number,
                sent: [Tally::default(); 2],
                first: at,
                last: at,
                classes: classes(bytes),
                flags: [0; 2],
            }
        });
        flow.sent[sender].count(shot.length);
        flow.flags[sender] |= flags & (FIN | RST);
        flow.first = flow.first.min(at);
        flow.last = flow.last.max(at);
        let row = self.rows.entry((second, flow.number));
        row.or_insert((key, Default::default())).1[sender].count(shot.length);
    }

    /// Takes out what a cut of `second` must tell: its rows, and the flows that ended.
    fn cut(&mut self, second: i64, last: bool) -> Told {
        self.cut_parts(second, last);
        let over = |flow: &Flow| last || flow.deadline() <= second;
        let otherwise = if last { Ending::Stopped } else { Ending::Idle };
        let gone: Vec<Key> = self
            .live
            .values()
            .filter(|flow| over(flow))
            .map(|flow| flow.key)
            .collect();
        for key in gone {
            let flow = self.live.remove(&key).unwrap();
            let ending = flow.ending(otherwise);
            self.ended.push((flow, ending));
        }
        let later = self.rows.split_off(&(second + 1, FrameNumber(0)));
        let rows = std::mem::replace(&mut self.rows, later);
        let ended = std::mem::take(&mut self.ended);
        Told {
            rows: rows
                .into_iter()
                .map(|((_, number), (key, sent))| (number, (key, sent)))
                .collect(),
            ended: ended
                .into_iter()
                .map(|(flow, ending)| {
                    (
                        flow.number,
                        (
                            Flow {
                                flags: [0; 2],
                                ..flow
                            },
                            ending,
                        ),
                    )
                })
                .collect(),
            live: self.live.len(),
        }
    }
}

/// A cut's answer, as both sides can give it.
#[derive(Debug, Default, PartialEq)]
struct Told {
    rows: BTreeMap<FrameNumber, (Key, [Tally; 2])>,
    ended: BTreeMap<FrameNumber, (Flow, Ending)>,
    live: usize,
}

impl Told {
    fn of(part: &row::Part) -> Told {
        let row = |row: &super::Row| {
            let sent = match row.local {
                End::Low => [row.traffic.outbound, row.traffic.inbound],
                End::High => [row.traffic.inbound, row.traffic.outbound],
            };
            (row.flow, (key(&row.key), sent))
        };
        let ended = |ended: &Ended| (ended.flow, (flow(ended), ended.ending));
        Told {
            rows: part.rows.iter().map(row).collect(),
            ended: part.ended.iter().map(ended).collect(),
            live: part.flows as usize,
        }
    }
}

fn key(key: &FlowKey) -> Key {
    let host = |end| {
        let end = key.end(end);
        let std::net::IpAddr::V4(address) = end.address else {
            panic!("{key:?} is not of these tests")
        };
        (address.octets()[3], end.port.unwrap_or(0))
    };
    let (low, high) = (host(End::Low), host(End::High));
    (low, high, key.protocol().0, key.interface().0)
}

fn flow(ended: &Ended) -> Flow {
    let key = key(&ended.key);
    Flow {
        key,
        client: match ended.client {
            End::Low => key.0,
            End::High => key.1,
        },
        number: ended.flow,
        sent: ended.sent,
        first: ended.first,
        last: ended.last,
        classes: ended.classes,
        flags: [0; 2],
    }
}

/// Depends on all of a frame, so that only the first can have given it.
fn classes(bytes: &[u8]) -> Classes {
    let sum = bytes.iter().fold(7u32, |sum, byte| {
        sum.wrapping_mul(31).wrapping_add(u32::from(*byte))
    });
    Classes(sum)
}

/// A worker and its model, fed with the same frames: seconds are cut as a source cuts them.
struct Pair {
    scene: Scene,
    model: Model,
    newest: i64,
}

impl Pair {
    fn new(max: usize) -> Pair {
        let config = Config {
            max,
            ..Config::default()
        };
        let rule = || (Link::Raw, DirectionRule::ClientToServer);
        let classify = Box::new(|_, bytes: &[u8]| classes(bytes));
        Pair {
            scene: Scene::with(config, classify, &[rule(), rule()]),
            model: Model::default(),
            newest: 1000,
        }
    }

    /// Takes a step; gives the answers to the cuts that it made, with what the model says.
    fn step(&mut self, step: &Step) -> Vec<(row::Part, Told)> {
        match step {
            Step::Read => self.scene.flush(),
            Step::Frame(shot) => {
                let second = self.newest - i64::from(shot.elder);
                let at = Nanos(second * NANOS + shot.at);
                let (interface, length) = (shot.interface, shot.length);
                let number = self.scene.take(at, second, interface, length, shot.bytes());
                self.model.frame(shot, number, at, second);
            }
            Step::Pass(1) => {
                let (elder, newest) = (self.newest - 1, self.newest);
                self.newest += 1;
                return vec![self.cut(elder, Some(newest))];
            }
            Step::Pass(seconds) => {
                let (elder, newest) = (self.newest - 1, self.newest);
                self.newest += seconds;
                return vec![self.cut(elder, Some(newest)), self.cut(newest, None)];
            }
        }
        Vec::new()
    }

    fn cut(&mut self, second: i64, open: Option<i64>) -> (row::Part, Told) {
        let part = self.scene.cut(second, open);
        (part, self.model.cut(second, false))
    }

    fn end(&mut self) -> Vec<(row::Part, Told)> {
        let first = self.cut(self.newest - 1, Some(self.newest));
        let last = self.scene.last(self.newest);
        vec![first, (last, self.model.cut(self.newest, true))]
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 200,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn the_table_does_what_a_plain_map_does(steps in steps()) {
        let mut pair = Pair::new(1000);
        for step in &steps {
            for (part, told) in pair.step(step) {
                prop_assert_eq!(part.rows.len(), told.rows.len());
                prop_assert_eq!(part.ended.len(), told.ended.len());
                prop_assert_eq!(Told::of(&part), told);
                prop_assert_eq!(part.evicted, 0);
            }
            if matches!(step, Step::Read | Step::Pass(_)) {
                prop_assert_eq!(pair.scene.tables.live(), pair.model.live.len());
            }
        }
        for (part, told) in pair.end() {
            prop_assert_eq!(Told::of(&part), told);
        }
        prop_assert_eq!(pair.scene.tables.live(), 0);
    }

    #[test]
    fn giving_flows_up_loses_nothing(steps in steps(), max in 1..8usize) {
        let mut pair = Pair::new(max);
        let is_part = |step: &Step| matches!(step, Step::Frame(shot) if shot.part != WHOLE);
        let mut sums = Sums::new(steps.iter().any(is_part));
        for step in &steps {
            for (part, told) in pair.step(step) {
                prop_assert!(part.flows as usize <= max);
                sums.check(&part, &told)?;
            }
        }
        for (part, told) in pair.end() {
            sums.check(&part, &told)?;
        }
        sums.finish()?;
    }
}
