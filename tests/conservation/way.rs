//! A capture file's way through the rooms, from its bytes to the seconds of history.

use crate::capture::Taken;
use crossbeam_channel::{Receiver, Sender, unbounded};
use netmonitor::capture::file::{File, Options};
use netmonitor::decode::Tunnels;
use netmonitor::flow::{self, Classify, Part, Tables, Worker};
use netmonitor::label::Classes;
use netmonitor::names::{self, Listener};
use netmonitor::ring::{Item, Ring, WhenFull};
use netmonitor::tick::{self, Cost, Delta, Gather, Labeller, Labels};
use netmonitor::units::Nanos;
use std::thread::Builder;

/// How a file is played.
#[derive(Clone, Copy)]
pub(crate) struct Plan {
    pub(crate) workers: usize,
    /// Flows that a worker keeps.
    pub(crate) flows: usize,
    /// Rows that a second keeps.
    pub(crate) rows: usize,
    /// `Drop`: the workers begin when everything was sent.
    pub(crate) when_full: WhenFull,
}

/// The file's seconds.
pub(crate) fn play(taken: &Taken, plan: Plan) -> Vec<Delta> {
    let options = Options {
        span: Nanos(500_000_000),
        ..Options::default()
    };
    let mut file = File::open(taken.file.path(), options).expect("a capture file");
    let (mut ring, rings) = Ring::new(plan.workers, plan.when_full, file.home());
    let (parts, answers) = unbounded();
    let start = || {
        let tables = Tables::new(plan.workers);
        for (index, ring) in rings.iter().enumerate() {
            let (ring, parts) = (ring.clone(), parts.clone());
            start_worker(worker(&tables, index, plan.flows), ring, parts);
        }
    };
    if plan.when_full != WhenFull::Drop {
        start();
    }
    for message in file.by_ref() {
        ring.send(message, Nanos(0)).expect("workers that read");
    }
    assert_eq!(file.damage(), None);
    if plan.when_full == WhenFull::Drop {
        start();
    }
    drop((ring, parts));
    deltas(&answers, plan)
}

fn worker(tables: &Tables, index: usize, max: usize) -> Worker {
    let config = flow::Config {
        max,
        ..flow::Config::default()
    };
    let classify: Classify =
        Box::new(|_, bytes| Classes(bytes.iter().map(|byte| u32::from(*byte)).sum::<u32>() % 4));
    let listener = Listener::new(&names::Config::default(), 1);
    Worker::new(tables, index, config, Tunnels::Inner, listener, classify)
}

fn start_worker(mut worker: Worker, ring: Receiver<Item>, parts: Sender<Part>) {
    let run = move || {
        for item in ring {
            item.each(|item| match item {
                Item::Interface(interface) => worker.interface(interface),
                Item::Batch(batch) => {
                    worker.read(&batch);
                    worker.hear(&batch);
                }
                Item::Cut(cut) => parts.send(worker.cut(cut)).expect("somebody who gathers"),
                Item::Many(_) => unreachable!("many are not in each other"),
            });
        }
    };
    let thread = Builder::new().name("worker".into()).spawn(run);
    drop(thread.expect("a thread"));
}

/// The answers as seconds of history. Ends when all workers have.
fn deltas(answers: &Receiver<Part>, plan: Plan) -> Vec<Delta> {
    let mut gather = Gather::new(plan.workers);
    let mut labeller = Labeller::new(tick::Config { rows: plan.rows });
    let mut labels = Labels::new(&names::Config::default(), plan.flows);
    let mut deltas = Vec::new();
    for part in answers {
        if let Some(mut merged) = gather.add(part) {
            labels.learn(&mut merged);
            assert!(merged.flows <= (plan.flows * plan.workers) as u64);
            deltas.push(labeller.label(merged, &mut labels, Cost::default()).0);
        }
    }
    deltas
}
