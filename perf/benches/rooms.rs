//! Time a packet in each room of its way, by criterion. On a shared machine read them side by side
//! in one run; across runs compare `instructions`.

mod input;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use netmonitor::capture::Link;
use std::hint::black_box;

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
            let decode = |frame: &Vec<u8>| netmonitor::decode::frame(Link::Ethernet, frame).is_ok();
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

criterion_group!(rooms, capture, decode, flow);
criterion_main!(rooms);
