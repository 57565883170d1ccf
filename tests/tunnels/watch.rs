//! The rooms from live interfaces to the answers, with owners and carriers said by the test: flows
//! belong to apps by their ports at the other end.

use netmonitor::capture::Message;
use netmonitor::capture::live::{Config, Live};
use netmonitor::clock::Clock;
use netmonitor::decode::Tunnels;
use netmonitor::flow::{self, Row, Tables, Worker};
use netmonitor::label::{App, Classes, OwnerSource};
use netmonitor::names::{self, Listener};
use netmonitor::owners::{Owned, Process};
use netmonitor::platform::Run;
use netmonitor::query::{Ask, Covered, Query, Recent, Stats, Summary};
use netmonitor::store::{self, Committed, Hooks, Store, Writer};
use netmonitor::tick::{self, Cost, Delta, Gather, Labeller, Labels, Merged};
use netmonitor::units::{Epoch, Nanos, Second};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

/// Whose what is.
pub(crate) struct Whose {
    /// Apps, and the ports that only they talk to.
    pub(crate) apps: &'static [(&'static str, u16)],
    /// Tunnels, and the apps that carry them.
    pub(crate) carriers: &'static [(&'static str, &'static str)],
}

/// What was watched, as history that can be asked.
pub(crate) struct Watched {
    query: Query,
    _folder: tempfile::TempDir,
}

/// Watches these interfaces while `act` runs.
pub(crate) fn watch(
    interfaces: &[&str],
    whose: &Whose,
    act: impl FnOnce() + Send + 'static,
) -> Watched {
    let config = Config {
        // Everything that the tests send has room in them, so that no machine is too slow.
        ring_uplink_mib: 30,
        ring_other_mib: 30,
        ring_total_mib: 30 * interfaces.len() as u32,
        interfaces: interfaces.iter().map(|name| (*name).to_owned()).collect(),
        ..Config::default()
    };
    let mut live = Live::open(config, Clock::system(), Epoch(0)).unwrap();
    let stopper = live.stopper();
    let actor = thread::Builder::new().spawn(move || {
        act();
        // Long enough for the kernel to hand over what came last.
        thread::sleep(Duration::from_millis(300));
        stopper.stop();
    });
    let deltas = deltas(&mut live, whose);
    actor.unwrap().join().unwrap();
    Watched::of(&deltas)
}

fn deltas(live: &mut Live, whose: &Whose) -> Vec<Arc<Delta>> {
    let tables = Tables::new(1);
    let listener = Listener::new(&names::Config::default(), 1);
    let classify: flow::Classify = Box::new(|_, _| Classes::default());
    let mut worker = Worker::new(
        &tables,
        0,
        flow::Config::default(),
        Tunnels::Inner,
        listener,
        classify,
    );
    let (mut gather, mut labeller) = (Gather::new(1), Labeller::new(tick::Config::default()));
    let mut labels = Labels::new(&names::Config::default(), 10_000);
    let mut deltas = Vec::new();
    while let Some(message) = live.next() {
        match message.unwrap() {
            Message::Interface(interface) => worker.interface(interface),
            Message::Batch(batch) => {
                worker.read(&batch);
                worker.hear(&batch);
                live.home().give(batch);
            }
            Message::Cut(cut) => {
                let Some(mut merged) = gather.add(worker.cut(Arc::new(cut))) else {
                    continue;
                };
                whose.tell(&mut merged);
                labels.learn(&mut merged);
                let (delta, _) = labeller.label(merged, &mut labels, Cost::default());
                deltas.push(Arc::new(delta));
            }
        }
    }
    deltas
}

impl Whose {
    /// What the owners' helper would say.
    fn tell(&self, merged: &mut Merged) {
        let carriers = self.carriers.iter();
        let carriers = carriers.map(|(name, carrier)| ((*name).to_owned(), app(carrier)));
        merged.carriers = Arc::new(carriers.collect());
        let opened = merged.rows.iter().filter(|row| row.opened);
        merged.owned = opened.filter_map(|row| self.owned(row)).collect();
    }

    fn owned(&self, row: &Row) -> Option<Owned> {
        let remote = row.key.end(row.local.other());
        let (name, port) = self
            .apps
            .iter()
            .find(|(_, port)| remote.port == Some(*port))?;
        let process = Process {
            started: None,
            run: Run {
                pid: u32::from(*port),
                since: 0,
            },
            app: app(name),
            via: None,
            container: None,
            unit: None,
            parents: Vec::new(),
        };
        Some(Owned {
            flow: row.flow,
            at: row.first,
            remote: remote.address,
            source: OwnerSource::Exact,
            process: Some(Arc::new(process)),
            peer: None,
        })
    }
}

fn app(name: &str) -> App {
    App {
        name: name.into(),
        path: Some(format!("/usr/bin/{name}").into()),
        user: Some(0),
    }
}

impl Watched {
    fn of(deltas: &[Arc<Delta>]) -> Watched {
        let folder = tempfile::tempdir().unwrap();
        let open = || Store::open(folder.path(), store::Config::default(), Nanos(0)).unwrap();
        let hooks = Hooks::default();
        let writer = Writer::start(open(), Clock::system(), hooks).unwrap();
        for delta in deltas {
            writer.commit_when_room(delta.clone(), Nanos(0));
        }
        writer.stop().unwrap();
        let recent = Recent::new(Committed::new(None));
        Watched {
            query: Query::new(open().reader(), recent, Vec::new()),
            _folder: folder,
        }
    }

    pub(crate) fn summary(&self, interfaces: &[&str]) -> Summary {
        self.query.summary(&ask(interfaces)).unwrap()
    }

    /// The last minute, beside the interfaces' own counters.
    pub(crate) fn covered(&self) -> Covered {
        let now = Clock::system().now().wall.second();
        self.query.covered_lately(Second(now.0 + 1)).unwrap()
    }

    pub(crate) fn stats(&self, interfaces: &[&str]) -> Stats {
        self.query.stats(&ask(interfaces)).unwrap()
    }
}

/// The last hour and the next minute.
fn ask(interfaces: &[&str]) -> Ask {
    let now = Clock::system().now().wall.second();
    Ask {
        to: Some(Second(now.0 + 60)),
        interfaces: interfaces.iter().map(|name| (*name).to_owned()).collect(),
        limit: Some(100),
        ..Ask::at(now)
    }
}
