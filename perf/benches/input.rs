//! What the benches read: captures made from nothing and workers that know their flows already.
//! The same every time, so that instruction counts can be compared.
#![allow(
    dead_code,
    unreachable_pub,
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "each bench uses its own part of this, and fails by panicking"
)]

#[path = "../../tests/harness/capture.rs"]
mod capture;

use capture::{Draw, Stamped};
use netmonitor::capture::file::{File, Options};
use netmonitor::capture::{Batch, Cut, Message};
use netmonitor::decode::Tunnels;
use netmonitor::flow::{Config, Part, Tables, Worker};
use netmonitor::label::Classes;
use netmonitor::names::{self, Listener};
use netmonitor::tick::{Cost, Delta, Gather, Labeller, Labels};
use netmonitor::units::{Epoch, Moment, NANOS, Nanos, Second};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// How many packets a bench reads in one go.
pub const PACKETS: u64 = 10_000;

/// Frames of many kinds: protocols, IP versions, VLANs, what is not IP.
pub fn frames() -> Vec<Vec<u8>> {
    let traffic = capture::traffic(1, 1, PACKETS);
    traffic.into_iter().map(|frame| frame.bytes).collect()
}

/// A capture file of 66-byte TCP and UDP frames, drawn evenly from so many flows.
pub fn file(flows: u64) -> PathBuf {
    let mut draw = Draw(flows);
    let frame = |at| Stamped {
        micros: 1_700_000_000_000_000 + at,
        bytes: small(draw.below(flows)),
    };
    let path = std::env::temp_dir().join(format!("netmonitor-bench-{flows}.pcap"));
    let frames: Vec<_> = (0..PACKETS.max(flows * 4)).map(frame).collect();
    std::fs::write(&path, capture::pcap(&frames)).expect("a capture");
    path
}

/// Reads a capture to its end as the monitor does, giving each batch back; the packets in it.
pub fn read(path: &Path) -> u64 {
    let file = File::open(path, Options::default()).expect("the capture");
    let home = file.home();
    let mut packets = 0;
    for message in file {
        if let Message::Batch(batch) = message {
            packets += batch.frames.len() as u64;
            home.give(batch);
        }
    }
    packets
}

/// A worker that has seen all its flows, and [`PACKETS`] packets for it to count.
pub fn worker(flows: u64) -> (Worker, Vec<Batch>) {
    let path = file(flows);
    let tables = Tables::new(1);
    let classify = Box::new(|_, _: &[u8]| Classes::default());
    let listener = Listener::new(&names::Config::default(), 1);
    let config = Config::default();
    let mut worker = Worker::new(&tables, 0, config, Tunnels::Inner, listener, classify);
    let mut batches = Vec::new();
    for message in File::open(&path, Options::default()).expect("the capture") {
        match message {
            Message::Interface(interface) => worker.interface(interface),
            Message::Batch(batch) => batches.push(batch),
            Message::Cut(_) => {}
        }
    }
    for batch in &batches {
        worker.read(batch);
    }
    keep(&mut batches);
    (worker, batches)
}

/// What a worker answers at the end of a second in which it counted these batches.
pub fn part(worker: &mut Worker, batches: &[Batch]) -> Part {
    for batch in batches {
        worker.read(batch);
    }
    worker.cut(Arc::new(Cut {
        moment: moment(0),
        slot: batches[0].frames[0].slot,
        open: None,
        width: Nanos(NANOS),
        facts: Vec::new(),
        sent: Nanos(0),
        last: false,
    }))
}

/// Joins the only worker's part and labels it.
pub fn label(labeller: &mut Labeller, labels: &mut Labels, part: Part) -> Delta {
    let mut merged = Gather::new(1).add(part).expect("the only part");
    labels.learn(&mut merged);
    labeller.label(merged, labels, Cost::default()).0
}

/// The moment so many seconds into the captures.
pub fn moment(seconds: i64) -> Moment {
    Moment {
        second: Second(1_700_000_000 + seconds),
        epoch: Epoch(0),
    }
}

/// Leaves [`PACKETS`] packets.
fn keep(batches: &mut Vec<Batch>) {
    let mut left = PACKETS as usize;
    for batch in &mut *batches {
        batch.frames.truncate(left);
        left -= batch.frames.len();
    }
    batches.retain(|batch| !batch.frames.is_empty());
}

fn small(flow: u64) -> Vec<u8> {
    let hash = Draw(flow).next().to_le_bytes();
    let protocol = if flow.is_multiple_of(2) { 6 } else { 17 };
    let mut frame = vec![0; 66];
    frame[12..14].copy_from_slice(&[0x08, 0x00]);
    frame[14] = 0x45;
    frame[17] = 52;
    frame[23] = protocol;
    frame[26..30].copy_from_slice(&[10, hash[0], hash[1], hash[2]]);
    frame[30..34].copy_from_slice(&[192, 168, hash[3], hash[4]]);
    frame[34..36].copy_from_slice(&hash[5..7]);
    frame[36..38].copy_from_slice(&443_u16.to_be_bytes());
    match protocol {
        6 => frame[46..48].copy_from_slice(&[0x50, 0x10]),
        _ => frame[39] = 32,
    }
    frame
}

/// Labels that have learned nothing yet.
pub fn labels() -> Labels {
    Labels::new(&names::Config::default(), 262_144)
}
