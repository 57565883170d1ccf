//! Frames of every kind, cut at every place and with every value at sixty-four places of their headers
//! and of what they carry: whatever comes out is decoded in both views and heard, and what must hold
//! of any frame holds. Deterministic; `make test` takes an even sample of it, `make soak` all.
#![allow(clippy::expect_used, reason = "a test fails by panicking")]

#[path = "fuzz/mod.rs"]
mod fuzz;
mod harness;

use netmonitor::capture::file::{File, Options};
use netmonitor::capture::{Link, Message};
use netmonitor::decode::{self, Fragment, Packet, Tunnels};
use netmonitor::key::{FlowKey, InterfaceId};
use netmonitor::names::{self, Listener, Speech, Who};
use netmonitor::units::{FrameNumber, Nanos};
use std::collections::BTreeMap;
use std::ops::Range;
use std::path::{Path, PathBuf};

/// Places of the headers, and of what they carry, that take every value.
const PLACES: usize = 64;
const VALUES: usize = 256;
/// Headers are cut at every byte; what is longer at so many places, all along.
const CUTS: usize = 256;
/// Mutants of all frames together in a sample; `NETMONITOR_MUTANTS=0` is all there are.
const SAMPLE: usize = 5_000_000;

struct Whole {
    link: Link,
    bytes: Vec<u8>,
    /// Where the headers end.
    payload: usize,
}

#[test]
fn no_cut_and_no_value_can_hurt() {
    let frames = frames();
    assert!(frames.len() > 150, "only {} kinds of frames", frames.len());
    let sample = harness::rounds("NETMONITOR_MUTANTS", SAMPLE);
    let each = sample / frames.len() / 2;
    for frame in &frames {
        mutate(frame, 0..frame.payload, each);
        mutate(frame, frame.payload..frame.bytes.len(), each);
    }
}

/// Each cut of the range with each value at each place of it; of all these, one in so many.
fn mutate(frame: &Whole, range: Range<usize>, sample: usize) {
    let spread = |most: usize| range.clone().step_by(range.len().div_ceil(most).max(1));
    let places: Vec<usize> = spread(PLACES).collect();
    let cuts: Vec<usize> = spread(CUTS).chain([range.end]).collect();
    let all = cuts.len() * places.len() * VALUES;
    // Odd, so that every value has its turn.
    let stride = all.checked_div(sample).unwrap_or(0) | 1;
    let mut bytes = frame.bytes.clone();
    for number in (0..all).step_by(stride) {
        let (value, rest) = (number % VALUES, number / VALUES);
        let (place, cut) = (places[rest % places.len()], cuts[rest / places.len()]);
        bytes[place] = value as u8;
        look(frame.link, &bytes[..cut]);
        bytes[place] = frame.bytes[place];
    }
}

fn look(link: Link, bytes: &[u8]) {
    for packet in fuzz::frame::both_views(link, bytes).into_iter().flatten() {
        hear(&packet, bytes);
    }
}

/// What a worker does with the payload of a flow's first frame, and when none follows.
fn hear(packet: &Packet, bytes: &[u8]) {
    let (key, from) = FlowKey::of(&packet.tuple, InterfaceId(0));
    let mut listener = Listener::new(&names::Config::default(), 1);
    let mut hearing = listener.begin(&key);
    let payload = &bytes[packet.payload as usize..packet.end as usize];
    if payload.is_empty() || !hearing.is_on() {
        return;
    }
    let (flow, frame) = (FrameNumber(1), FrameNumber(1));
    let who = Who {
        key,
        flow,
        local: from,
    };
    let speech = Speech {
        from,
        at: Nanos(0),
        frame,
        sequence: packet.sequence,
        payload,
    };
    listener.hear(&mut hearing, who, speech);
    listener.expire(Nanos(0), true);
    listener.take().into_iter().for_each(fuzz::check::heard);
}

/// One frame of each kind that there is in the captures of this project.
fn frames() -> Vec<Whole> {
    let mut kinds = BTreeMap::new();
    for path in captures() {
        let mut links = BTreeMap::new();
        for message in File::open(&path, Options::default()).expect("a capture") {
            if let Message::Interface(interface) = &message {
                links.insert(interface.id, interface.link);
            }
            let Message::Batch(batch) = message else {
                continue;
            };
            for frame in &batch.frames {
                let (kind, whole) = of_a_kind(links[&frame.interface], batch.bytes(frame));
                kinds.entry(kind).or_insert(whole);
            }
        }
    }
    kinds.into_values().collect()
}

/// What a frame has in common with others: its link, what lies around its packet, whether that is a
/// part, its protocol and the service's port, and its payload's first byte.
fn of_a_kind(link: Link, bytes: &[u8]) -> (String, Whole) {
    let mut whole = Whole {
        link,
        bytes: bytes.to_vec(),
        payload: bytes.len(),
    };
    let kind = match decode::frame(link, bytes, Tunnels::Inner) {
        Err(reason) => reason.word().to_owned(),
        Ok(packet) => {
            whole.payload = packet.payload as usize;
            let around: Vec<_> = packet.encapsulations.kinds().collect();
            let part = packet.fragment != Fragment::Whole;
            let service = packet.tuple.ports.map(|(from, to)| from.min(to));
            let first = bytes
                .get(whole.payload..packet.end as usize)
                .and_then(<[u8]>::first);
            format!(
                "{around:?} {part} {:?} {service:?} {first:?}",
                packet.tuple.protocol
            )
        }
    };
    (format!("{link:?} {kind}"), whole)
}

fn captures() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let listed = root
        .join("tests/captures")
        .read_dir()
        .expect("the captures");
    let paths = listed.map(|entry| entry.expect("an entry").path());
    let is_capture = |path: &PathBuf| path.to_string_lossy().contains(".pcap");
    let mut paths: Vec<PathBuf> = paths.filter(is_capture).collect();
    paths.push(root.join("demo/demo.pcapng.gz"));
    paths.sort();
    paths
}
