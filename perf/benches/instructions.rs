//! Instructions of the packet's way, by callgrind: the same on a busy machine as on a quiet one, so
//! that a change can be told from noise. Every bench handles `input::PACKETS` packets.
#![allow(
    clippy::disallowed_methods,
    reason = "gungraun's macro writes a main that exits"
)]

mod input;

use gungraun::{library_benchmark, library_benchmark_group, main};
use netmonitor::capture::{Batch, Link};
use netmonitor::decode::Tunnels;
use netmonitor::flow::Worker;
use std::hint::black_box;
use std::path::PathBuf;

/// A file that was read before, so that the allocator's tidying up after its making is over.
fn known_file() -> PathBuf {
    let path = input::file(2_500);
    input::read(&path);
    path
}

#[library_benchmark]
#[bench::small_packets(known_file())]
fn capture(path: PathBuf) -> u64 {
    input::read(black_box(&path))
}

#[library_benchmark]
#[bench::mixed(input::frames())]
fn decode(frames: Vec<Vec<u8>>) -> usize {
    let decode =
        |frame: &Vec<u8>| netmonitor::decode::frame(Link::Ethernet, frame, Tunnels::Inner).is_ok();
    let decoded = frames.iter().filter(|frame| decode(black_box(frame)));
    let count = decoded.count();
    std::mem::forget(frames);
    count
}

#[library_benchmark]
#[bench::known_flows(input::worker(2_500))]
fn flow((mut worker, batches): (Worker, Vec<Batch>)) -> (Worker, Vec<Batch>) {
    for batch in &batches {
        worker.read(black_box(batch));
    }
    (worker, batches)
}

library_benchmark_group!(name = way, benchmarks = [capture, decode, flow]);
main!(library_benchmark_groups = way);
