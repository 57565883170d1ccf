//! A capture played through one worker, its flows summed up over all of its time.

use crate::truth::{Ends, Seen};
use netmonitor::capture::Message;
use netmonitor::capture::file::{File, Options};
use netmonitor::decode::Tunnels;
use netmonitor::flow::{Config, Ended, Tables, Worker};
use netmonitor::key::{End, FlowKey};
use netmonitor::label::Classes;
use netmonitor::names::{self, Listener};
use netmonitor::units::{FrameNumber, Tally};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

pub(crate) struct Played {
    pub(crate) packets: u64,
    pub(crate) flows: BTreeMap<Ends, Seen>,
}

/// The sum of a flow's lives: its first frame and that one's sender, and what either end sent.
type Sum = (FrameNumber, End, [Tally; 2]);

pub(crate) fn play(capture: &Path, tunnels: Tunnels) -> Played {
    let empty = Played {
        packets: 0,
        flows: BTreeMap::new(),
    };
    let Ok(file) = File::open(capture, Options::default()) else {
        return empty;
    };
    let (packets, ended) = count(file, tunnels);
    let mut sums: BTreeMap<FlowKey, Sum> = BTreeMap::new();
    for flow in ended {
        let sum = sums.entry(flow.key.anywhere());
        let sum = sum.or_insert((flow.flow, flow.client, [Tally::default(); 2]));
        if flow.flow < sum.0 {
            (sum.0, sum.1) = (flow.flow, flow.client);
        }
        sum.2[0] += flow.sent[0];
        sum.2[1] += flow.sent[1];
    }
    Played {
        packets,
        flows: sums.iter().map(|(key, sum)| seen(key, sum)).collect(),
    }
}

/// How many frames there are, and the flows that they are in.
fn count(file: File, tunnels: Tunnels) -> (u64, Vec<Ended>) {
    let tables = Tables::new(1);
    let classify = Box::new(|_, _: &[u8]| Classes::default());
    let listener = Listener::new(&names::Config::default(), 1);
    let mut worker = Worker::new(&tables, 0, Config::default(), tunnels, listener, classify);
    let (mut packets, mut ended) = (0, Vec::new());
    for message in file {
        match message {
            Message::Interface(interface) => worker.interface(interface),
            Message::Batch(batch) => {
                packets += batch.frames.len() as u64;
                worker.read(&batch);
            }
            Message::Cut(cut) => ended.extend(worker.cut(Arc::new(cut)).ended),
        }
    }
    (packets, ended)
}

fn seen(key: &FlowKey, (_, client, sent): &Sum) -> (Ends, Seen) {
    let tally = |end: End| {
        let Tally { packets, bytes } = sent[end as usize];
        [packets, bytes]
    };
    let (low, high) = (key.end(End::Low), key.end(End::High));
    let (client, server) = (*client, client.other());
    let ends = (key.protocol().0, low.min(high), low.max(high));
    let is_low = key.end(client) <= key.end(server);
    (ends, (is_low, tally(client), tally(server)))
}
