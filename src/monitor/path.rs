//! The packet's way from a ring to whole seconds: workers and the tick thread, for live traffic and
//! files alike. What becomes of a second is said by whoever starts it.

use super::{Error, workers};
use crate::capture::filter::{self, Filter};
use crate::capture::{Home, Message};
use crate::clock::Clock;
use crate::config::Config;
use crate::flow::{self, Tables, Worker};
use crate::measure::Stages;
use crate::names::Listener;
use crate::owners::Asker;
use crate::ring::{self, Ring, WhenFull};
use crate::tick::{Gather, Merged};
use crossbeam_channel::bounded;
use std::thread::{Builder, JoinHandle};

/// Parts that wait for the tick at most.
const PARTS: usize = 64;

/// Rings, workers and tick, running. `T` is what the tick thread comes to.
pub(super) struct Way<T> {
    ring: Ring,
    workers: Vec<JoinHandle<()>>,
    tick: JoinHandle<T>,
    clock: Clock,
    pub tables: Tables,
}

/// What a way is made of.
pub(super) struct Plan<'a> {
    pub config: &'a Config,
    pub clock: Clock,
    pub stages: Stages,
    pub home: Home,
    pub when_full: WhenFull,
    /// The classes that flows are sorted into.
    pub classes: Vec<Filter>,
    /// Who is asked about flows that begin.
    pub asker: Option<Asker>,
}

impl<T: Send + 'static> Way<T> {
    /// Starts the threads; `each` second is handed to `state` on the tick thread.
    pub(super) fn start(
        plan: Plan,
        mut state: T,
        mut each: impl FnMut(&mut T, Merged) + Send + 'static,
    ) -> Result<Way<T>, Error> {
        let count = worker_count(plan.config.workers);
        let (ring, rings) = Ring::new(count, plan.when_full, plan.home.clone());
        let (parts, answers) = bounded(PARTS);
        let tables = Tables::new(count);
        let max = plan.config.flow.max.div_ceil(count);
        let share = flow::Config {
            max,
            ended_max: plan.config.flow.ended_max.div_ceil(count),
            ..plan.config.flow.clone()
        };
        let (names, tunnels) = (plan.config.names.share(count), plan.config.decode.tunnels);
        let worker = |index| {
            let (listener, classify) = (Listener::new(&names, count), classify(&plan.classes));
            Worker::new(&tables, index, share.clone(), tunnels, listener, classify)
        };
        let tools = workers::Tools {
            clock: plan.clock.clone(),
            stages: plan.stages,
            home: plan.home,
            parts,
            asker: plan.asker,
        };
        let workers = workers::start(rings, worker, &tools)?;
        let tick = Builder::new().name("tick".into()).spawn(move || {
            let mut gather = Gather::new(count);
            for part in answers.into_iter().flatten() {
                if let Some(second) = gather.add(part) {
                    each(&mut state, second);
                }
            }
            state
        })?;
        Ok(Way {
            ring,
            workers,
            tick,
            clock: plan.clock,
            tables,
        })
    }

    /// Hands on what the source gives.
    pub(super) fn send(&mut self, message: Message) -> Result<(), Error> {
        Ok(self.ring.send(message, self.clock.steady())?)
    }

    /// How full the rings are.
    pub(super) fn gauges(&self) -> Vec<ring::Gauge> {
        self.ring.gauges()
    }

    /// The source has ended: waits until everything it gave is counted.
    pub(super) fn finish(self) -> Result<T, Error> {
        drop(self.ring);
        for worker in self.workers {
            worker.join().map_err(|_| Error::Died("flow"))?;
        }
        self.tick.join().map_err(|_| Error::Died("tick"))
    }
}

fn classify(classes: &[Filter]) -> flow::Classify {
    let mut classes = filter::Classes::new(classes.to_vec());
    Box::new(move |link, bytes| classes.classify(link, bytes))
}

/// How many workers there are when the configuration leaves it open: what the capture thread
/// leaves of the processors, but no more than pay.
pub(super) fn worker_count(configured: usize) -> usize {
    let processors = std::thread::available_parallelism().map_or(1, usize::from);
    match configured {
        0 => processors.saturating_sub(1).clamp(1, 4),
        some => some,
    }
}
