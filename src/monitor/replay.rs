//! A capture file through the same rooms as live traffic.

use super::path::{Plan, Way};
use super::{Error, capture_filter, classes_of};
use crate::capture::file::{File, Options};
use crate::capture::{Message, Network};
use crate::clock::Clock;
use crate::config::Config;
use crate::measure::Stages;
use crate::platform::private;
use crate::ring::WhenFull;
use crate::store::{Committed, Hooks, Store, Writer};
use crate::tick::{Cost, Labeller, Labels, Merged, Outcome, Whole};
use crate::units::Nanos;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

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

/// With `--pace`, a batch spans at most this much time.
const STEP: Nanos = Nanos(20_000_000);

/// Reads a capture file to its end, or to where it is damaged.
pub fn replay(path: &Path, replay: &Replay) -> Result<Outcome, Error> {
    play(path, replay, Hooks::default())
}

fn play(path: &Path, replay: &Replay, hooks: Hooks) -> Result<Outcome, Error> {
    let clock = Clock::system();
    let mut file = File::open(path, options(replay))?;
    let history = match &replay.into {
        Some(folder) => Some(open_history(folder, &mut file, replay, &clock, hooks)?),
        None => None,
    };
    let committed = history.as_ref().map(|history| history.writer.committed());
    let mut way = start(&file, replay, history, &clock)?;
    let mut pace = replay.pace.then(|| Pace::new(clock.clone()));
    for message in file.by_ref() {
        if let Some(pace) = &mut pace {
            pace.wait_for(&message);
        }
        way.send(message)?;
        if committed.as_ref().is_some_and(Committed::has_died) {
            break;
        }
    }
    let sums = way.finish()?;
    if let Some(history) = sums.history {
        history.writer.stop()?;
    }
    let error = file.damage().map(ToString::to_string);
    Ok(sums.whole.finish(error, clock.steady()))
}

/// What the tick thread adds up.
struct Sums {
    whole: Whole,
    /// What flows are called, where anybody asks.
    labels: Option<Labels>,
    history: Option<History>,
}

/// Where the seconds go when the file is put into a history.
struct History {
    labeller: Labeller,
    writer: Writer,
}

fn options(replay: &Replay) -> Options {
    Options {
        local: replay.local.clone(),
        filter: capture_filter(&replay.config),
        span: if replay.pace { STEP } else { Nanos(0) },
    }
}

/// Opens the history that takes the file's seconds in, behind all that it holds.
fn open_history(
    folder: &Path,
    file: &mut File,
    replay: &Replay,
    clock: &Clock,
    hooks: Hooks,
) -> Result<History, Error> {
    let store = open_store(folder, replay, clock)?.importing();
    file.begin_in(store.next_epoch());
    Ok(History {
        labeller: Labeller::new(replay.config.tick.clone()),
        writer: Writer::start(store, clock.clone(), hooks)?,
    })
}

fn open_store(folder: &Path, replay: &Replay, clock: &Clock) -> Result<Store, Error> {
    private::folder(folder)?;
    let classes = classes_of(&replay.config)?
        .iter()
        .map(|class| class.name.clone())
        .collect();
    let config = crate::store::Config {
        classes,
        ..replay.config.store.clone()
    };
    Ok(Store::open(folder, config, clock.now().wall)?)
}

fn start(
    file: &File,
    replay: &Replay,
    history: Option<History>,
    clock: &Clock,
) -> Result<Way<Sums>, Error> {
    let mut config = replay.config.clone();
    if replay.keep_flows {
        // Every flow of the file is wanted, however many end in a second.
        config.flow.ended_max = usize::MAX;
    }
    // Of a summary nobody reads them.
    config.names.fingerprints &= replay.keep_flows || history.is_some();
    let plan = Plan {
        config: &config,
        asker: None,
        clock: clock.clone(),
        stages: Stages::new(clock.steady()),
        home: file.home(),
        when_full: if replay.pace {
            WhenFull::Wait
        } else {
            WhenFull::Gather
        },
        classes: if history.is_some() {
            classes_of(&replay.config)?
        } else {
            Vec::new()
        },
    };
    let names = &replay.config.names;
    let labels = match (replay.keep_flows, &history) {
        (true, _) => Some(Labels::unbounded(names)),
        (false, Some(_)) => Some(Labels::new(names, config.flow.max)),
        (false, None) => None,
    };
    let sums = Sums {
        whole: Whole::new(replay.keep_flows),
        labels,
        history,
    };
    Way::start(plan, sums, Sums::add)
}

impl Sums {
    fn add(&mut self, mut second: Merged) {
        let whole = &mut self.whole;
        whole.add_heard(&second.heard);
        // In their order, whatever the order in which the workers gave them up.
        second
            .ended
            .sort_unstable_by_key(|flow| (flow.flow, flow.key));
        if let Some(labels) = &mut self.labels {
            labels.learn(&mut second);
        }
        second
            .interfaces
            .iter()
            .for_each(|interface| whole.add_interface(interface));
        second
            .unflowed
            .iter()
            .for_each(|unflowed| whole.add_unflowed(unflowed));
        for ended in &second.ended {
            whole.add(ended, self.labels.as_mut().map(|labels| labels.of(ended)));
        }
        whole.add_unrecorded(second.unrecorded);
        whole.add_cut(&second.cut);
        if let (Some(History { labeller, writer }), Some(labels)) =
            (&mut self.history, &mut self.labels)
        {
            let sent = second.cut.sent;
            let (delta, _) = labeller.label(second, labels, Cost::default());
            writer.commit_when_room(Arc::new(delta), sent);
        }
    }
}

/// Holds batches back until their time has come.
struct Pace {
    clock: Clock,
    /// Steady time less the file's.
    offset: Option<i64>,
}

impl Pace {
    fn new(clock: Clock) -> Pace {
        Pace {
            clock,
            offset: None,
        }
    }

    fn wait_for(&mut self, message: &Message) {
        let Message::Batch(batch) = message else {
            return;
        };
        let Some(last) = batch.frames.last() else {
            return;
        };
        let now = self.clock.steady().0;
        let offset = *self.offset.get_or_insert(now.saturating_sub(last.at.0));
        let wait = last.at.0.saturating_add(offset).saturating_sub(now);
        if wait > 0 {
            std::thread::sleep(Duration::from_nanos(wait as u64));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store;

    /// A frame a second, for longer than a backlog is.
    fn capture() -> Vec<u8> {
        let words = |words: &[u32]| words.iter().flat_map(|word| word.to_le_bytes()).collect();
        let mut bytes: Vec<u8> = words(&[0xa1b2_c3d4, 2 | 4 << 16, 0, 0, 65_535, 1]);
        for second in 0..3 * store::BACKLOG_SECONDS as u32 {
            bytes.extend::<Vec<u8>>(words(&[second, 0, 14, 60]));
            bytes.extend([0; 14]);
        }
        bytes
    }

    #[test]
    fn a_history_that_dies_ends_the_replay() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("capture.pcap");
        std::fs::write(&path, capture()).unwrap();
        let replay = Replay {
            config: Config::default(),
            local: Vec::new(),
            pace: false,
            into: Some(folder.path().join("data")),
            keep_flows: false,
        };
        let hooks = Hooks {
            job: Box::new(|_| panic!("as a test wants it")),
            ..Hooks::default()
        };
        let ended = play(&path, &replay, hooks);
        assert!(
            matches!(ended, Err(Error::Store(store::Error::Died))),
            "{ended:?}"
        );
    }
}
