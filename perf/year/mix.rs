//! What a workstation's network does, taken from real captures through our own replay: which rows
//! follow each other, with which sites, protocols, packets and bytes. Captures name no programs; these
//! are given to sites, always the same, in shares as a desktop has them.

use netmonitor::config::Config;
use netmonitor::key::{InterfaceId, Protocol};
use netmonitor::label::{App, Classes, Label, Marks, OwnerSource, Site};
use netmonitor::monitor::{self, Replay};
use netmonitor::store::{self, ClassSet, Ended, LabelId, Snapshot, Store};
use netmonitor::tick::Connection;
use netmonitor::units::{FrameNumber, NANOS, Nanos, Second, Traffic};
use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr};
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;

const ALWAYS: std::ops::Range<Second> = Second(0)..Second(1 << 40);

/// Programs and their shares of sites, of 100.
const APPS: [(&str, u64); 24] = [
    ("firefox", 30),
    ("chromium", 14),
    ("thunderbird", 6),
    ("slack", 5),
    ("spotify", 5),
    ("zoom", 4),
    ("code", 4),
    ("steam", 4),
    ("dropbox", 3),
    ("signal-desktop", 3),
    ("telegram", 3),
    ("systemd-resolved", 3),
    ("git", 2),
    ("ssh", 2),
    ("python3", 2),
    ("node", 1),
    ("cargo", 1),
    ("apt", 1),
    ("snapd", 1),
    ("chronyd", 1),
    ("avahi-daemon", 1),
    ("cups-browsed", 1),
    ("NetworkManager", 1),
    ("unknown", 2),
];

/// Rows of one label, and whether it was seen in one second alone: then it is another site now and then.
#[derive(Debug)]
pub(crate) struct Stream {
    pub(crate) label: Arc<Label>,
    pub(crate) protocol: Protocol,
    pub(crate) classes: Classes,
    pub(crate) once: bool,
}

/// A row of a second: the stream's number.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Row {
    pub(crate) stream: usize,
    pub(crate) opened: u32,
    pub(crate) traffic: Traffic,
}

#[derive(Debug)]
pub(crate) struct Mix {
    pub(crate) streams: Vec<Stream>,
    /// The seconds of the captures that had rows, one after the other.
    pub(crate) seconds: Vec<Vec<Row>>,
    pub(crate) connections: Vec<Connection>,
    pub(crate) classes: Vec<Arc<str>>,
}

impl Mix {
    /// Replays a capture into a history and reads that.
    pub(crate) fn of(capture: &Path, folder: &Path) -> Mix {
        let replay = Replay {
            config: Config::default(),
            local: Vec::new(),
            pace: false,
            into: Some(folder.to_owned()),
            keep_flows: false,
        };
        monitor::replay(capture, &replay).expect("the capture is replayed");
        let classes: Vec<Arc<str>> = replay
            .config
            .classes
            .iter()
            .map(|one| (**one).into())
            .collect();
        let config = store::Config {
            classes: classes.clone(),
            ..store::Config::default()
        };
        let store = Store::open(folder, config, Nanos(0)).expect("its history");
        let snapshot = store.reader().snapshot().expect("a look at it");
        let mut mix = Mix {
            streams: Vec::new(),
            seconds: Vec::new(),
            connections: Vec::new(),
            classes,
        };
        mix.rows(&snapshot);
        mix.connections(&snapshot);
        mix
    }

    pub(crate) fn rows_a_second(&self) -> f64 {
        let rows: usize = self.seconds.iter().map(Vec::len).sum();
        rows as f64 / self.seconds.len() as f64
    }

    fn rows(&mut self, snapshot: &Snapshot) {
        let mut streams = BTreeMap::new();
        let mut seconds: BTreeMap<Second, BTreeMap<usize, Row>> = BTreeMap::new();
        let amendments = snapshot.amendments(&ALWAYS).expect("late labels");
        let mut visit = |second: &store::Second, rows: &mut dyn Iterator<Item = store::Row>| {
            for row in rows {
                let next = streams.len();
                let key = (row.label, row.protocol, row.classes);
                let stream = *streams.entry(key).or_insert(next);
                let sums = seconds.entry(second.moment.second).or_default();
                let sum = sums.entry(stream).or_insert(Row {
                    stream,
                    opened: 0,
                    traffic: Traffic::default(),
                });
                sum.opened += row.opened;
                sum.traffic += row.traffic;
            }
            ControlFlow::Continue(())
        };
        snapshot
            .seconds(&ALWAYS, &amendments, &mut visit)
            .expect("its seconds");
        self.seconds = seconds
            .into_values()
            .map(|rows| rows.into_values().collect())
            .collect();
        let mut seen = vec![0; streams.len()];
        self.seconds
            .iter()
            .flatten()
            .for_each(|row| seen[row.stream] += 1);
        let mut in_order: Vec<_> = streams.into_iter().collect();
        in_order.sort_by_key(|(_, number)| *number);
        for ((id, protocol, classes), number) in in_order {
            self.streams.push(Stream {
                label: label(snapshot, id),
                protocol,
                classes: self.bits(snapshot, classes),
                once: seen[number] == 1,
            });
        }
    }

    fn connections(&mut self, snapshot: &Snapshot) {
        let mut all: Vec<Ended> = Vec::new();
        let mut take = |ended, _| {
            all.push(ended);
            ControlFlow::Continue(())
        };
        snapshot
            .connections(&ALWAYS, None, &mut take)
            .expect("its connections");
        for ended in all {
            let one = Connection {
                flow: FrameNumber(0),
                interface: InterfaceId(0),
                protocol: ended.protocol,
                local: ended.local,
                remote: ended.remote,
                local_is_client: ended.local_is_client,
                label: label(snapshot, ended.label),
                facts: ended.facts,
                encapsulations: ended.encapsulations,
                classes: self.bits(snapshot, ended.classes),
                first: ended.first,
                last: ended.last,
                traffic: ended.traffic,
                ending: ended.ending,
            };
            self.connections.push(one);
        }
    }

    fn bits(&self, snapshot: &Snapshot, id: store::ClassesId) -> Classes {
        let set = snapshot.word::<ClassSet>(id).expect("classes");
        let set = set.map_or_else(ClassSet::default, |(set, _)| set);
        let has = |name: &Arc<str>| set.0.iter().any(|one| one == name);
        let bits = self
            .classes
            .iter()
            .enumerate()
            .filter(|(_, name)| has(name));
        Classes(bits.map(|(bit, _)| 1 << bit).sum())
    }
}

fn label(snapshot: &Snapshot, id: LabelId) -> Arc<Label> {
    let site = snapshot.word::<Site>(id.site).expect("a site");
    let site = site.map_or(Site::Other, |(site, _)| site);
    Arc::new(Label {
        app: app(&site),
        app_source: OwnerSource::Exact,
        site,
        site_source: id.site_source,
        marks: Marks::default(),
    })
}

/// The program that talks to a site.
fn app(site: &Site) -> App {
    let mut at = draw(&[text(site)]) % 100;
    for (name, share) in APPS {
        if at < share {
            return App {
                name: name.into(),
                path: Some(format!("/usr/bin/{name}").into()),
                user: Some(1000),
            };
        }
        at -= share;
    }
    App::unknown()
}

/// The same label with another site of its kind.
pub(crate) fn variant(label: &Label, number: u64) -> Arc<Label> {
    let site = match &label.site {
        Site::Address(IpAddr::V4(address)) => {
            let moved = u64::from(address.to_bits()) + number.wrapping_mul(7_919);
            Site::Address(IpAddr::V4(Ipv4Addr::from_bits(moved as u32)))
        }
        Site::Name(name) => Site::Name(format!("e{number}.{name}").as_str().into()),
        other => other.clone(),
    };
    Arc::new(Label {
        site,
        app: label.app.clone(),
        ..label.clone()
    })
}

fn text(site: &Site) -> u64 {
    site.to_string()
        .bytes()
        .fold(7, |hash, byte| draw(&[hash, byte.into()]))
}

/// A number that follows from others and looks like chance.
pub(crate) fn draw(from: &[u64]) -> u64 {
    from.iter().fold(0x9e37_79b9_7f4a_7c15, |hash, one| {
        let mut mixed = (hash ^ one).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed ^= mixed >> 29;
        mixed = mixed.wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ mixed >> 32
    })
}

/// A connection of the mix as it ends in this second.
pub(crate) fn ended(one: &Connection, flow: u64, second: i64) -> Connection {
    let lasted = one.last.0 - one.first.0;
    let last = second * NANOS + (draw(&[flow]) % NANOS as u64) as i64;
    Connection {
        flow: FrameNumber(flow),
        first: Nanos(last - lasted),
        last: Nanos(last),
        ..one.clone()
    }
}
