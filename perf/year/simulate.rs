//! The year itself.

use crate::mix::{self, Mix, draw, variant};
use netmonitor::capture::InterfaceFacts;
use netmonitor::clock::{Clock, Hands};
use netmonitor::decode::Reason;
use netmonitor::key::InterfaceId;
use netmonitor::label::Label;
use netmonitor::platform::Role;
use netmonitor::store::{self, Config, FILE, Hooks, Reader, Store, Tier, What, Writer};
use netmonitor::tick::{Connection, Cost, Delta, FlowRow, InterfaceSecond};
use netmonitor::units::{Epoch, FrameNumber, Moment, NANOS, Nanos, Second, Tally, Traffic};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

const DAY: i64 = 86_400;
/// 2025-11-30, midnight in UTC.
pub(crate) const START: i64 = 1_764_460_800;
/// Rows a second by day, and by night.
const BUSY: f64 = 40.0;
const QUIET: f64 = 5.0;
/// Days at the end of which every second is written, as many as seconds and minutes are kept and one
/// more; of five minutes before that one second is, and all is rolled up as ever: days keep nearly all of
/// their labels, and lose 299 of 300 bytes. `NETMONITOR_YEAR=whole` writes every second of all of it.
const WHOLE_DAYS: i64 = 39;
const SAMPLED: i64 = 300;
/// Of the older months only one connection in so many is written: they are gone after 7 days.
const SPARSE: u64 = 50;
const CONNECTIONS_DAYS: i64 = 8;
/// Rows after which the writer does what there is to do before it is given more.
const PAUSE: u64 = 24_000;

/// Makes the seconds of a workstation's days.
pub(crate) struct Workstation {
    mix: Mix,
    labels: Vec<Arc<Label>>,
    day: i64,
    flows: u64,
    owed: f64,
    /// Since when every connection is written.
    all_since: i64,
}

impl Workstation {
    pub(crate) fn new(mix: Mix, all_since: i64) -> Workstation {
        Workstation {
            labels: Vec::new(),
            mix,
            day: i64::MIN,
            flows: 0,
            owed: 0.0,
            all_since,
        }
    }

    pub(crate) fn classes(&self) -> Vec<Arc<str>> {
        self.mix.classes.clone()
    }

    /// Numbers of flows go on from here.
    pub(crate) fn numbered_from(mut self, flows: u64) -> Workstation {
        self.flows = flows;
        self
    }

    pub(crate) fn second(&mut self, at: i64, epoch: u32) -> Delta {
        self.begin_day(at.div_euclid(DAY));
        let rows = self.rows(at);
        let opened = rows.iter().map(|row| u64::from(row.opened)).sum();
        Delta {
            ended: self.ended(at, opened),
            ..delta(at, epoch, rows)
        }
    }

    /// Each day some of the sites that are seen once only are others.
    fn begin_day(&mut self, day: i64) {
        if self.day == day {
            return;
        }
        self.day = day;
        let labels = self.mix.streams.iter().enumerate().map(|(number, stream)| {
            if stream.once && draw(&[number as u64, day as u64]).is_multiple_of(20) {
                variant(&stream.label, day as u64)
            } else {
                stream.label.clone()
            }
        });
        self.labels = labels.collect();
    }

    /// The captures are played several times side by side, of each stream as much as makes the rate.
    fn rows(&mut self, at: i64) -> Vec<FlowRow> {
        let rate = if (7..23).contains(&(at.rem_euclid(DAY) / 3_600)) {
            BUSY
        } else {
            QUIET
        };
        let wanted = rate / self.mix.rows_a_second();
        let players = wanted.ceil();
        let share = (wanted / players * 1_000.0) as u64;
        let length = self.mix.seconds.len() as u64;
        let mut rows = Vec::with_capacity(64);
        for player in 0..players as u64 {
            let played = at as u64 + player * 137;
            for row in &self.mix.seconds[(played % length) as usize] {
                if draw(&[row.stream as u64, player, played / length]) % 1_000 >= share {
                    continue;
                }
                let stream = &self.mix.streams[row.stream];
                rows.push(FlowRow {
                    flow: Some(FrameNumber(1 + player * 1_000_000 + row.stream as u64)),
                    interface: InterfaceId(0),
                    protocol: stream.protocol,
                    label: self.labels[row.stream].clone(),
                    classes: stream.classes,
                    traffic: row.traffic,
                    opened: row.opened,
                });
            }
        }
        rows
    }

    /// As many connections end as are opened.
    fn ended(&mut self, at: i64, opened: u64) -> Vec<Connection> {
        let sparse = if at < self.all_since { SPARSE } else { 1 };
        self.owed += opened as f64 / sparse as f64;
        let mut ended = Vec::new();
        while self.owed >= 1.0 {
            self.owed -= 1.0;
            self.flows += 1;
            let all = &self.mix.connections;
            let one = &all[self.flows as usize % all.len()];
            ended.push(mix::ended(one, (1 << 40) + self.flows, at));
        }
        ended
    }
}

/// A second with these rows, its sums and facts as a live one has them.
pub(crate) fn delta(at: i64, epoch: u32, rows: Vec<FlowRow>) -> Delta {
    let mut flowed = Traffic::default();
    for row in &rows {
        flowed += row.traffic;
    }
    let chance = draw(&[at as u64]);
    Delta {
        moment: Moment {
            second: Second(at),
            epoch: Epoch(epoch),
        },
        width: Nanos(NANOS + (chance % 200_000) as i64 - 100_000),
        interfaces: vec![interface(flowed, chance)],
        rows,
        ended: Vec::new(),
        amendments: Vec::new(),
        cost: Cost {
            cpu: Nanos(1_500_000 + (chance >> 20 & 0xf_ffff) as i64),
            resident: (30 << 20) + ((at as u64 / 97 % 64) << 14),
        },
    }
}

fn interface(flowed: Traffic, chance: u64) -> InterfaceSecond {
    let mut unflowed = Vec::new();
    let mut counted = flowed;
    if chance.is_multiple_of(3) {
        let arp = Traffic {
            inbound: Tally {
                packets: 1,
                bytes: 60,
            },
            outbound: Tally {
                packets: 1,
                bytes: 42,
            },
        };
        counted += arp;
        unflowed.push((Reason::Arp, arp));
    }
    InterfaceSecond {
        name: "eth0".into(),
        role: Role::Uplink,
        carrier: None,
        facts: InterfaceFacts {
            interface: InterfaceId(0),
            delivered: counted.total(),
            counters: Some(counted),
            ..InterfaceFacts::default()
        },
        flowed,
        unflowed,
    }
}

/// Opens a year's history, with a clock that stands at `now`.
pub(crate) fn open(folder: &Path, classes: Vec<Arc<str>>, now: i64) -> (Store, Clock, Arc<Hands>) {
    let (clock, hands) = Clock::manual(Nanos(now * NANOS));
    let usual = Config::default();
    let config = Config {
        classes,
        zone: "Europe/Berlin".into(),
        budget_mib: budget().unwrap_or(usual.budget_mib),
        ..usual
    };
    let store = Store::open(folder, config, clock.now().wall).expect("the history");
    (store, clock, hands)
}

/// `NETMONITOR_YEAR_BUDGET`: what the file may hold, in MiB, where it is not the usual.
fn budget() -> Option<u64> {
    let said = std::env::var("NETMONITOR_YEAR_BUDGET").ok()?;
    Some(said.parse().expect("a budget in MiB"))
}

pub(crate) fn year(folder: &Path, days: i64) {
    let replayed = tempfile::tempdir().expect("a folder");
    let mix = Mix::of(&crate::capture(), replayed.path());
    println!(
        r#"{{"mix": "{}", "rows_a_second": {:.2}, "seconds": {}, "labels": {}, "connections": {}}}"#,
        crate::capture().display(),
        mix.rows_a_second(),
        mix.seconds.len(),
        mix.streams.len(),
        mix.connections.len(),
    );
    let end = START + days * DAY;
    let mut workstation = Workstation::new(mix, end - CONNECTIONS_DAYS * DAY);
    std::fs::create_dir_all(folder).expect("a folder");
    let (store, clock, hands) = open(folder, workstation.classes(), START);
    let (reader, epoch) = (store.reader(), store.next_epoch().0);
    let writer = Writer::start(store, clock, Hooks::default()).expect("a writer");
    let started = Clock::system();
    let (mut rows, mut settled) = (0, 0);
    let whole = std::env::var("NETMONITOR_YEAR").is_ok_and(|said| said == "whole");
    let whole_since = if whole { START } else { end - WHOLE_DAYS * DAY };
    for at in START..end {
        hands.advance(NANOS);
        if at >= whole_since || is_sampled(at) {
            let delta = workstation.second(at, epoch);
            rows += delta.rows.len() as u64;
            writer.commit_when_room(Arc::new(delta), Nanos(0));
        }
        if rows >= settled + PAUSE {
            settle(&writer);
            settled = rows;
        }
        let done = at + 1 - START;
        if done % (7 * DAY) == 0 || at + 1 == end {
            settle(&writer);
            tell(&reader, folder, done / DAY, rows, started.steady());
        }
    }
    settle(&writer);
    writer.stop().expect("the history is closed");
}

/// One second of five minutes.
fn is_sampled(at: i64) -> bool {
    let place = at.div_euclid(SAMPLED);
    at == place * SAMPLED + (draw(&[place as u64]) % SAMPLED as u64) as i64
}

/// Waits until everything that can be done is done.
fn settle(writer: &Writer) {
    let upkeep = writer.upkeep();
    let did = upkeep.run(What::Aggregate, Duration::from_mins(10));
    did.expect("roll-up and retention");
}

fn tell(reader: &Reader, folder: &Path, day: i64, rows: u64, took: Nanos) {
    let snapshot = reader.snapshot().expect("a look");
    let held = snapshot.held().expect("sizes");
    let file = std::fs::metadata(folder.join(FILE))
        .expect("the file")
        .len();
    let [seconds, minutes, hours, days] = held.map(|tier: store::Held| tier.bytes);
    let tables = store::care::stats(reader).expect("statistics").tables;
    let used: u64 = tables.iter().map(|table| table.file_bytes).sum();
    let words = Tier::ALL.map(Tier::word).join(", ");
    println!(
        r#"{{"day": {day}, "rows": {rows}, "file": {file}, "tiers": "{words}", "bytes": [{seconds}, {minutes}, {hours}, {days}], "used": {used}, "took_s": {:.1}}}"#,
        took.0 as f64 / 1e9,
    );
}
