//! Capture files made of random frames: what is in them is known before anything reads them.

use netmonitor::capture::Link;
use netmonitor::decode::{self, Reason, Tunnels};
use netmonitor::key::{InterfaceId, Protocol};
use netmonitor::units::{NANOS, Nanos, Tally};
use proptest::prelude::*;
use std::io::Write;
use std::ops::Range;
use tempfile::NamedTempFile;

/// The file's interfaces.
const LINKS: [Link; 2] = [Link::Ethernet, Link::Raw];
const SYN: u8 = 0x02;
const RST: u8 = 0x04;
const YEAR: i64 = 365 * 86_400 * NANOS;

/// One frame to be written.
#[derive(Clone, Debug)]
pub(crate) struct Shot {
    time: Time,
    raw: bool,
    kind: Kind,
    /// Bytes that were not captured.
    beyond: u32,
}

/// A frame's time, from that of the frame before it.
#[derive(Clone, Debug)]
enum Time {
    At(i64),
    Later(i64),
    /// The file has none: then it is a frame of the first interface.
    Absent,
    /// No clock can show it.
    Absurd,
}

#[derive(Clone, Debug)]
enum Kind {
    Tcp(Ends, u8),
    Udp(Ends),
    Icmp(Ends),
    Fragment(Ends, bool),
    Arp,
    /// A packet of which only so many bytes are there.
    Short(Ends, usize),
    Garbage(Vec<u8>),
}

/// Hosts and ports: few, so that flows meet.
type Ends = ((u8, u16), (u8, u16));

/// A file and what is in it.
pub(crate) struct Taken {
    pub(crate) file: NamedTempFile,
    pub(crate) frames: Vec<Frame>,
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Frame {
    pub(crate) interface: InterfaceId,
    pub(crate) at: Option<Nanos>,
    pub(crate) length: u32,
    pub(crate) decoded: Result<Protocol, Reason>,
}

impl Taken {
    pub(crate) fn total(&self) -> Tally {
        let mut total = Tally::default();
        self.frames
            .iter()
            .for_each(|frame| total.count(frame.length));
        total
    }
}

impl Shot {
    /// One UDP frame of the host that has this number, at a time of its own.
    pub(crate) fn udp(at: i64, number: u16) -> Shot {
        Shot {
            time: Time::At(at),
            raw: true,
            kind: Kind::Udp(((1, number), (2, 53))),
            beyond: 0,
        }
    }
}

/// Frames at any time.
pub(crate) fn shots(count: Range<usize>) -> impl Strategy<Value = Vec<Shot>> {
    let time = prop_oneof![
        20 => (0..NANOS / 3).prop_map(Time::Later),
        5 => (0..5 * NANOS).prop_map(Time::Later),
        3 => (-4 * NANOS..0).prop_map(Time::Later),
        1 => (-90 * NANOS..200 * NANOS).prop_map(Time::Later),
        1 => (-3 * YEAR..3 * YEAR).prop_map(Time::Later),
        1 => Just(Time::Absent),
        1 => Just(Time::Absurd),
    ];
    prop::collection::vec(shot(time), count)
}

/// Frames whose times never go back.
pub(crate) fn in_order(count: Range<usize>) -> impl Strategy<Value = Vec<Shot>> {
    let time = prop_oneof![
        8 => (0..NANOS).prop_map(Time::Later),
        1 => (0..YEAR / 9).prop_map(Time::Later),
    ];
    prop::collection::vec(shot(time), count)
}

fn shot(time: impl Strategy<Value = Time>) -> impl Strategy<Value = Shot> {
    (time, any::<bool>(), kind(), 0..3000u32).prop_map(|(time, raw, kind, beyond)| Shot {
        time,
        raw,
        kind,
        beyond,
    })
}

fn kind() -> impl Strategy<Value = Kind> {
    let end = || (1..4u8, 1..2u16);
    let ends = || (end(), end());
    let flags = prop::sample::select(vec![SYN, SYN, 0x12, 0x10, 0x18, 0x11, 0x11, RST]);
    prop_oneof![
        8 => (ends(), flags).prop_map(|(ends, flags)| Kind::Tcp(ends, flags)),
        4 => ends().prop_map(Kind::Udp),
        1 => ends().prop_map(Kind::Icmp),
        2 => (ends(), any::<bool>()).prop_map(|(ends, first)| Kind::Fragment(ends, first)),
        1 => Just(Kind::Arp),
        1 => (ends(), 0..40usize).prop_map(|(ends, length)| Kind::Short(ends, length)),
        1 => prop::collection::vec(any::<u8>(), 0..80).prop_map(Kind::Garbage),
    ]
}

/// Writes the frames as a pcapng file of two interfaces, in nanoseconds.
pub(crate) fn write(shots: &[Shot]) -> Taken {
    let mut bytes = block(0x0a0d_0d0a, &[0x1a2b_3c4d, 1, u32::MAX, u32::MAX], &[]);
    for link in LINKS {
        let resolution = [1 << 16 | 9, 9];
        let words = [u32::from(link.number()), 0, resolution[0], resolution[1]];
        bytes.extend(block(1, &words, &[]));
    }
    let mut now = 1_700_000_000 * NANOS;
    let mut frames = Vec::new();
    for shot in shots {
        let (frame, record) = shot.record(&mut now);
        frames.push(frame);
        bytes.extend(record);
    }
    let mut file = NamedTempFile::new().expect("a file");
    file.write_all(&bytes).expect("room for it");
    Taken { file, frames }
}

impl Shot {
    /// What a reader is to find, and the block that says it.
    fn record(&self, now: &mut i64) -> (Frame, Vec<u8>) {
        let untimed = matches!(self.time, Time::Absent);
        let interface = u16::from(self.raw && !untimed);
        let data = self.kind.bytes(interface == 1);
        let captured = data.len() as u32;
        let length = if untimed {
            captured
        } else {
            captured + self.beyond
        };
        let at = self.time.after(now);
        let ticks = at.map_or(u64::MAX, |at| at.0 as u64);
        let (high, low) = ((ticks >> 32) as u32, ticks as u32);
        let record = if untimed {
            block(3, &[length], &data)
        } else {
            block(
                6,
                &[u32::from(interface), high, low, captured, length],
                &data,
            )
        };
        let packet = decode::frame(LINKS[usize::from(interface)], &data, Tunnels::Inner);
        let frame = Frame {
            interface: InterfaceId(interface),
            at,
            length,
            decoded: packet.map(|packet| packet.tuple.protocol),
        };
        (frame, record)
    }
}

impl Time {
    fn after(&self, now: &mut i64) -> Option<Nanos> {
        *now = match self {
            Time::At(at) => *at,
            Time::Later(by) => now.saturating_add(*by).clamp(0, 200 * YEAR),
            Time::Absent | Time::Absurd => return None,
        };
        Some(Nanos(*now))
    }
}

impl Kind {
    fn bytes(&self, raw: bool) -> Vec<u8> {
        let (ethertype, network) = match self {
            Kind::Tcp(ends, flags) => {
                let mut segment = vec![0; 16];
                (segment[8], segment[9]) = (0x50, *flags);
                (0x0800, ip(*ends, 6, 0, &segment))
            }
            Kind::Udp(ends) => (0x0800, ip(*ends, 17, 0, &[0, 8, 0, 0])),
            Kind::Icmp(ends) => (0x0800, ip(*ends, 1, 0, &[0; 8])),
            Kind::Fragment(ends, first) => {
                let part = if *first { 0x2000 } else { 0x0003 };
                (0x0800, ip(*ends, 17, part, &[0, 8, 0, 0]))
            }
            Kind::Arp => (0x0806, vec![0; 28]),
            Kind::Short(ends, length) => {
                let packet = ip(*ends, 6, 0, &[0; 16]);
                (0x0800, packet[..*length].to_vec())
            }
            Kind::Garbage(bytes) => return bytes.clone(),
        };
        if raw {
            network
        } else {
            [&[2; 12][..], &u16::to_be_bytes(ethertype), &network].concat()
        }
    }
}

/// An IPv4 packet: the ports first, but for ICMP and later fragments, where they mean nothing.
fn ip((from, to): Ends, protocol: u8, part: u16, rest: &[u8]) -> Vec<u8> {
    let payload = [&from.1.to_be_bytes(), &to.1.to_be_bytes(), rest].concat();
    let [length, part] = [20 + payload.len() as u16, part].map(u16::to_be_bytes);
    let mut packet = vec![0x45, 0, length[0], length[1], 0, 7, part[0], part[1], 64];
    packet.extend([protocol, 0, 0, 10, 0, 0, from.0, 10, 0, 0, to.0]);
    packet.extend(payload);
    packet
}

/// A pcapng block: words, then bytes.
fn block(kind: u32, words: &[u32], data: &[u8]) -> Vec<u8> {
    let body = words.len() * 4 + data.len().next_multiple_of(4);
    let length = body as u32 + 12;
    let head = [kind, length].into_iter().chain(words.iter().copied());
    let mut bytes: Vec<u8> = head.flat_map(u32::to_le_bytes).collect();
    bytes.extend(data);
    bytes.resize(8 + body, 0);
    bytes.extend(length.to_le_bytes());
    bytes
}
