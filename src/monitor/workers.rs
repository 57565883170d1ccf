//! The worker threads: each reads its ring, counts, and answers cuts.

use super::Error;
use crate::capture::{Batch, Home};
use crate::clock::Clock;
use crate::flow::{Part, Worker};
use crate::measure::{Recorder, Stages};
use crate::owners::Asker;
use crate::ring::Item;
use crate::units::Nanos;
use crossbeam_channel::{Receiver, Sender};
use std::thread::{Builder, JoinHandle};

/// What a worker thread needs besides its share of the flows.
#[derive(Clone)]
pub(super) struct Tools {
    pub clock: Clock,
    pub stages: Stages,
    pub home: Home,
    /// Answers to cuts, as many at a time as the cuts came.
    pub parts: Sender<Vec<Part>>,
    /// Who is asked about flows that begin.
    pub asker: Option<Asker>,
}

/// Starts one thread a ring.
pub(super) fn start(
    rings: Vec<Receiver<Item>>,
    mut worker: impl FnMut(usize) -> Worker,
    tools: &Tools,
) -> Result<Vec<JoinHandle<()>>, Error> {
    let thread = |(index, ring)| {
        let (worker, tools) = (worker(index), tools.clone());
        let name = format!("flow-{index}");
        Ok(Builder::new()
            .name(name)
            .spawn(move || Loop::new(worker, tools).run(&ring))?)
    };
    rings.into_iter().enumerate().map(thread).collect()
}

struct Loop {
    worker: Worker,
    tools: Tools,
    ring_wait: Recorder,
    decode_flow: Recorder,
    names: Recorder,
}

impl Loop {
    fn new(mut worker: Worker, tools: Tools) -> Loop {
        if tools.asker.is_some() {
            worker.note_newcomers();
        }
        let stage = |name, about| tools.stages.stage(name, about);
        let ring_wait = stage("ring_wait", "a batch's time between capture and its worker");
        let decode_flow = stage("decode_flow", "decoding and counting one batch");
        let names = stage(
            "names",
            "looking for names in one batch, where there were any to find",
        );
        Loop {
            worker,
            tools,
            ring_wait,
            decode_flow,
            names,
        }
    }

    /// Until the source lets go of the ring, or nobody wants the parts.
    fn run(mut self, ring: &Receiver<Item>) {
        for item in ring {
            let mut parts = Vec::new();
            item.each(|item| self.take(item, &mut parts));
            if !parts.is_empty() && self.tools.parts.send(parts).is_err() {
                return;
            }
        }
    }

    fn take(&mut self, item: Item, parts: &mut Vec<Part>) {
        match item {
            Item::Interface(interface) => self.worker.interface(interface),
            Item::Batch(batch) => self.read(batch),
            Item::Cut(cut) => {
                let now = self.tools.clock.steady();
                self.ring_wait.publish(now);
                self.decode_flow.publish(now);
                self.names.publish(now);
                parts.push(self.worker.cut(cut));
                self.ask();
            }
            // Many are not in each other.
            Item::Many(_) => {}
        }
    }

    fn hear(&mut self, batch: &Batch, begun: Nanos) {
        if self.worker.has_unheard() {
            self.worker.hear(batch);
            let done = self.tools.clock.steady();
            self.names.record(Nanos(done.0 - begun.0));
        }
    }

    /// Asks about the flows that began: while a short one is still there.
    fn ask(&mut self) {
        if let Some(asker) = &self.tools.asker {
            let newcomers = self.worker.newcomers();
            if !newcomers.is_empty() {
                asker.ask(newcomers);
            }
        }
    }

    fn read(&mut self, batch: Batch) {
        let begun = self.tools.clock.steady();
        self.worker.read(&batch);
        let done = self.tools.clock.steady();
        self.ring_wait.record(Nanos(begun.0 - batch.sent.0));
        self.decode_flow.record(Nanos(done.0 - begun.0));
        self.ask();
        self.hear(&batch, done);
        self.tools.home.give(batch);
    }
}
