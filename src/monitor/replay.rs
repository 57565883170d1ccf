//! A capture file through the same rooms as live traffic.

use super::{Error, workers};
use crate::capture::Network;
use crate::capture::file::{File, Options};
use crate::clock::Clock;
use crate::config::Config;
use crate::flow::{self, Part, Tables, Worker};
use crate::label::Classes;
use crate::measure::Stages;
use crate::ring::{Ring, WhenFull};
use crate::tick::{Gather, Merged, Outcome, Whole};
use crate::units::Nanos;
use crossbeam_channel::{Receiver, bounded};
use std::path::{Path, PathBuf};
use std::thread::Builder;

/// How a capture file is replayed.
#[derive(Clone, Debug)]
pub struct Replay {
    pub config: Config,
    pub local: Vec<Network>,
    /// At the pace of the file's own times.
    pub pace: bool,
    /// A data folder whose history takes the file's seconds in.
    pub into: Option<PathBuf>,
    pub keep_flows: bool,
}

/// Parts that wait for the tick at most.
const PARTS: usize = 64;

/// Reads a capture file to its end, or to where it is damaged.
pub fn replay(path: &Path, replay: Replay) -> Result<Outcome, Error> {
    let clock = Clock::system();
    let mut file = File::open(
        path,
        Options {
            local: replay.local,
            ..Options::default()
        },
    )?;
    let count = super::worker_count(replay.config.workers);
    let (mut ring, rings) = Ring::new(count, WhenFull::Wait, file.home());
    let (parts, merged) = bounded(PARTS);
    let tables = Tables::new(count);
    let share = flow::Config {
        max: replay.config.flow.max.div_ceil(count),
        ..flow::Config::default()
    };
    let worker = |index| {
        Worker::new(
            &tables,
            index,
            share.clone(),
            Box::new(|_, _| Classes::default()),
        )
    };
    let tools = workers::Tools {
        clock: clock.clone(),
        stages: Stages::new(clock.steady()),
        home: file.home(),
        parts,
    };
    let threads = workers::start(rings, worker, &tools)?;
    drop(tools);
    let keep = replay.keep_flows;
    let tick = Builder::new()
        .name("tick".into())
        .spawn(move || sum_up(&merged, count, keep))?;
    for message in file.by_ref() {
        ring.send(message, clock.steady())?;
    }
    drop(ring);
    for thread in threads {
        thread.join().map_err(|_| Error::Died("flow"))?;
    }
    let whole = tick.join().map_err(|_| Error::Died("tick"))?;
    let error = file.damage().map(ToString::to_string);
    Ok(whole.finish(error, Nanos(clock.steady().0)))
}

fn sum_up(parts: &Receiver<Part>, workers: usize, keep_flows: bool) -> Whole {
    let mut gather = Gather::new(workers);
    let mut whole = Whole::new(keep_flows);
    for part in parts {
        if let Some(merged) = gather.add(part) {
            add(&mut whole, &merged);
        }
    }
    whole
}

fn add(whole: &mut Whole, merged: &Merged) {
    merged
        .interfaces
        .iter()
        .for_each(|interface| whole.add_interface(interface));
    merged
        .unflowed
        .iter()
        .for_each(|unflowed| whole.add_unflowed(unflowed));
    merged.ended.iter().for_each(|ended| whole.add(ended));
    whole.add_cut(&merged.cut);
}
