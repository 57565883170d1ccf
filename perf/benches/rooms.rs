//! Time a packet in each room of its way, by criterion. On a shared machine read them side by side
//! in one run; across runs compare `instructions`.

#![allow(clippy::expect_used, reason = "a bench fails by panicking")]

mod input;

use criterion::{BatchSize, BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use netmonitor::capture::Link;
use netmonitor::clock::Clock;
use netmonitor::decode::Tunnels;
use netmonitor::store::{self, Hooks, Store, Writer};
use netmonitor::tick::{Delta, Labeller};
use netmonitor::units::Nanos;
use std::hint::black_box;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

fn capture(criterion: &mut Criterion) {
    let path = input::file(10_000);
    let mut group = criterion.benchmark_group("capture");
    group.throughput(Throughput::Elements(input::read(&path)));
    group.bench_function("read a file", |bench| {
        bench.iter(|| input::read(black_box(&path)));
    });
    group.finish();
}

fn decode(criterion: &mut Criterion) {
    let frames = input::frames();
    let mut group = criterion.benchmark_group("decode");
    group.throughput(Throughput::Elements(frames.len() as u64));
    group.bench_function("mixed frames", |bench| {
        bench.iter(|| {
            let decode = |frame: &Vec<u8>| {
                netmonitor::decode::frame(Link::Ethernet, frame, Tunnels::Inner).is_ok()
            };
            frames
                .iter()
                .filter(|frame| decode(black_box(frame)))
                .count()
        });
    });
    group.finish();
}

fn flow(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("flow");
    group.throughput(Throughput::Elements(input::PACKETS));
    for flows in [100, 10_000, 100_000] {
        let (mut worker, batches) = input::worker(flows);
        group.bench_function(BenchmarkId::new("decode and count", flows), |bench| {
            bench.iter(|| {
                for batch in &batches {
                    worker.read(black_box(batch));
                }
            });
        });
    }
    group.finish();
}

fn tick(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("tick");
    for flows in [100, 4_000] {
        let (mut worker, batches) = input::worker(flows);
        let (mut labeller, mut labels) = (Labeller::default(), input::labels());
        group.throughput(Throughput::Elements(flows));
        group.bench_function(BenchmarkId::new("merge and label", flows), |bench| {
            bench.iter_batched(
                || input::part(&mut worker, &batches),
                |part| input::label(&mut labeller, &mut labels, black_box(part)),
                BatchSize::LargeInput,
            );
        });
    }
    group.finish();
}

fn store(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("store");
    group.sample_size(20);
    for flows in [100, 4_000] {
        let (mut worker, batches) = input::worker(flows);
        let part = input::part(&mut worker, &batches);
        let delta = input::label(&mut Labeller::default(), &mut input::labels(), part);
        group.throughput(Throughput::Elements(flows));
        group.bench_function(BenchmarkId::new("durable commit", flows), |bench| {
            bench.iter_custom(|seconds| commits(&delta, seconds));
        });
    }
    group.finish();
}

/// How long the transactions of so many seconds took, one a second as in a live run.
fn commits(delta: &Delta, seconds: u64) -> Duration {
    let folder = tempfile::tempdir().expect("a folder");
    let store = Store::open(folder.path(), store::Config::default(), Nanos(0)).expect("a store");
    let nanos = Arc::new(AtomicU64::new(0));
    let sum = nanos.clone();
    let hooks = Hooks {
        commit: Box::new(move |took| {
            sum.fetch_add(took.0.unsigned_abs(), Ordering::Relaxed);
        }),
        ..Hooks::default()
    };
    let writer = Writer::start(store, Clock::system(), hooks).expect("a writer");
    for second in 0..seconds {
        let moment = input::moment(second.cast_signed());
        let delta = Delta {
            moment,
            ..delta.clone()
        };
        writer.commit(Arc::new(delta), Nanos(0));
        while writer.committed().through() != Some(moment) {
            std::thread::sleep(Duration::from_micros(200));
        }
    }
    writer.stop().expect("the history is closed");
    Duration::from_nanos(nanos.load(Ordering::Relaxed))
}

criterion_group!(rooms, capture, decode, flow, tick, store);
criterion_main!(rooms);
