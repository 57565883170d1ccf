//! What a second costs to write: 10,000 changed rows beside redb alone with the same bytes, and a usual
//! second with none and with 2,000,000 connections on file. Ways are measured in turn, so that a busy
//! machine is as busy for each; CPU time is the process's, and nothing else runs in it.

use crate::mix::Mix;
use crate::simulate::{START, Workstation, open};
use netmonitor::key::{InterfaceId, Protocol};
use netmonitor::label::{App, Classes, Label, Marks, OwnerSource, Site, SiteSource};
use netmonitor::store::{FILE, Hooks, What, Writer};
use netmonitor::tick::{Delta, FlowRow};
use netmonitor::units::{FrameNumber, NANOS, Nanos, Tally, Traffic};
use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeValLike;
use redb::{Database, ReadableDatabase, TableDefinition, WriteTransaction};
use std::net::Ipv4Addr;
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

const ROWS: u64 = 10_000;
/// Fewer than are sealed meanwhile: what a commit costs is asked, not what comes later.
const ROUNDS: i64 = 120;
const CONNECTIONS: usize = 2_000_000;
const BLOCKS: TableDefinition<&[u8], &[u8]> = TableDefinition::new("hot");

/// A history that is written second by second, each waited for.
struct Way {
    writer: Writer,
    took: Receiver<Nanos>,
    jobs: Receiver<Nanos>,
    hands: Arc<netmonitor::clock::Hands>,
    epoch: u32,
}

impl Way {
    fn open(folder: &Path, classes: Vec<Arc<str>>, at: i64) -> Way {
        let (store, _, hands) = open(folder, classes, at);
        let (tell, took) = channel();
        let (tell_job, jobs) = channel();
        let hooks = Hooks {
            commit: Box::new(move |nanos| {
                let _ = tell.send(nanos);
            }),
            job: Box::new(move |nanos| {
                let _ = tell_job.send(nanos);
            }),
            ..Hooks::default()
        };
        let epoch = store.next_epoch().0;
        let clock = netmonitor::clock::Clock::system();
        let writer = Writer::start(store, clock, hooks).expect("a writer");
        Way {
            writer,
            took,
            jobs,
            hands,
            epoch,
        }
    }

    /// Commits a second: CPU and time of it.
    fn commit(&self, delta: Delta) -> (i64, i64) {
        let before = cpu();
        self.hands.advance(NANOS);
        self.writer.commit(Arc::new(delta), Nanos(0));
        let took = self.took.recv().expect("a commit");
        (cpu() - before, took.0)
    }
}

/// CPU time of this process, in microseconds, once no other thread of it is at work: what the writer does
/// after it told of a commit is part of its cost.
fn cpu() -> i64 {
    std::thread::sleep(Duration::from_millis(2));
    let usage = getrusage(UsageWho::RUSAGE_SELF).expect("usage");
    (usage.user_time() + usage.system_time()).num_microseconds()
}

pub(crate) fn beside_redb() {
    for place in [Some("/dev/shm"), None] {
        let folder = match place {
            Some(place) => tempfile::tempdir_in(place),
            None => tempfile::tempdir_in("target"),
        };
        let folder = folder.expect("a folder");
        let way = Way::open(folder.path(), Vec::new(), START);
        let [whole, each] = ["whole.redb", "each.redb"].map(|name| {
            let cached = 4 << 20;
            let mut builder = Database::builder();
            builder.set_cache_size(cached);
            builder.create(folder.path().join(name)).expect("a file")
        });
        let labels: Vec<_> = (0..ROWS).map(label).collect();
        let mut costs: [Vec<(i64, i64)>; 3] = Default::default();
        let value = hot_value(&labels);
        for round in 0..ROUNDS {
            costs[0].push(way.commit(second(&labels, START + round, way.epoch)));
            costs[1].push(raw(&whole, |transaction| {
                put_whole(transaction, round, &value);
            }));
            costs[2].push(raw(&each, |transaction| {
                put_each(transaction, round, &value);
            }));
        }
        way.writer.stop().expect("closed");
        let [ours, whole, each] = costs.map(medians);
        println!(
            r#"{{"place": "{}", "rows": {ROWS}, "rounds": {ROUNDS}, "bytes": {}, "cpu_us": {}, "wall_us": {}, "redb_one_value": {{"cpu_us": {}, "wall_us": {}, "ratio_cpu": {:.2}, "ratio_wall": {:.2}}}, "redb_a_row_each": {{"cpu_us": {}, "wall_us": {}, "ratio_cpu": {:.2}, "ratio_wall": {:.2}}}}}"#,
            place.unwrap_or("disk"),
            value.len(),
            ours.0,
            ours.1,
            whole.0,
            whole.1,
            ours.0 as f64 / whole.0 as f64,
            ours.1 as f64 / whole.1 as f64,
            each.0,
            each.1,
            ours.0 as f64 / each.0 as f64,
            ours.1 as f64 / each.1 as f64,
        );
    }
}

fn medians(mut costs: Vec<(i64, i64)>) -> (i64, i64) {
    let middle = costs.len() / 2;
    costs.sort_unstable();
    let cpu = costs[middle].0;
    costs.sort_unstable_by_key(|(_, wall)| *wall);
    (cpu, costs[middle].1 / 1_000)
}

fn raw(database: &Database, put: impl FnOnce(&WriteTransaction)) -> (i64, i64) {
    let before = cpu();
    let clock = netmonitor::clock::Clock::system();
    let mut transaction = database.begin_write().expect("a transaction");
    transaction.set_quick_repair(true);
    put(&transaction);
    transaction.commit().expect("a commit");
    let took = clock.steady().0;
    (cpu() - before, took)
}

fn put_whole(transaction: &WriteTransaction, round: i64, value: &[u8]) {
    let mut table = transaction.open_table(BLOCKS).expect("a table");
    table
        .insert(round.to_be_bytes().as_slice(), value)
        .expect("an entry");
}

/// As many entries as rows, with the value's bytes shared out.
fn put_each(transaction: &WriteTransaction, round: i64, value: &[u8]) {
    let mut table = transaction.open_table(BLOCKS).expect("a table");
    let length = value.len() / ROWS as usize;
    for (row, part) in (0..ROWS as u32).zip(value.chunks(length)) {
        let key = [&round.to_be_bytes()[..], &row.to_be_bytes()].concat();
        table.insert(key.as_slice(), part).expect("an entry");
    }
}

fn label(number: u64) -> Arc<Label> {
    let address = Ipv4Addr::from_bits(0x0b00_0000 + (number as u32 % 2_000));
    Arc::new(Label {
        app: App {
            name: format!("app{}", number % 60).as_str().into(),
            path: None,
            user: Some(1000),
        },
        app_source: OwnerSource::Exact,
        site: Site::Address(address.into()),
        site_source: SiteSource::Address,
        marks: Marks::default(),
    })
}

/// A second in which all rows are changed.
fn second(labels: &[Arc<Label>], at: i64, epoch: u32) -> Delta {
    let rows = labels.iter().enumerate().map(|(number, label)| {
        let number = number as u64;
        let tally = |seed: u64| Tally {
            packets: 1 + crate::mix::draw(&[number, seed, at as u64]) % 9,
            bytes: 66 + crate::mix::draw(&[number, seed, at as u64]) % 9_000,
        };
        FlowRow {
            flow: Some(FrameNumber(1 + number * 3)),
            interface: InterfaceId(0),
            protocol: Protocol::TCP,
            label: label.clone(),
            classes: Classes(0),
            traffic: Traffic {
                inbound: tally(1),
                outbound: tally(2),
            },
            opened: 0,
        }
    });
    crate::simulate::delta(at, epoch, rows.collect())
}

/// What the writer puts into the file for such a second.
fn hot_value(labels: &[Arc<Label>]) -> Vec<u8> {
    let folder = tempfile::tempdir_in("/dev/shm").expect("a folder");
    let way = Way::open(folder.path(), Vec::new(), START);
    way.commit(second(labels, START, way.epoch));
    way.writer.stop().expect("closed");
    let database = Database::open(folder.path().join(FILE)).expect("the file");
    let transaction = database.begin_read().expect("a transaction");
    let table: TableDefinition<&[u8; 12], &[u8]> = TableDefinition::new("hot");
    let table = transaction.open_table(table).expect("the hot seconds");
    let mut values = table.range::<&[u8; 12]>(..).expect("seconds");
    let (_, value) = values.next().expect("a second").expect("a value");
    value.value().to_vec()
}

pub(crate) fn connections() {
    let replayed = tempfile::tempdir().expect("a folder");
    let mix = Mix::of(&crate::capture(), replayed.path());
    let (folder, other) = (shared_memory(), shared_memory());
    let many = fill(folder.path(), &mix);
    let none = Way::open(other.path(), mix.classes.clone(), START);
    println!(
        r#"{{"connections": {CONNECTIONS}, "file": {}}}"#,
        std::fs::metadata(folder.path().join(FILE))
            .expect("the file")
            .len()
    );
    let mut workstation = Workstation::new(mix, 0).numbered_from(1 << 36);
    let mut costs: [Vec<(i64, i64)>; 2] = Default::default();
    for round in 0..1_000 {
        let at = START + 100_000 + 12 * 3_600 + round;
        let delta = workstation.second(at, 0);
        for (way, costs) in [&many, &none].into_iter().zip(&mut costs) {
            let mut delta = delta.clone();
            delta.moment.epoch.0 = way.epoch;
            costs.push(way.commit(delta));
        }
    }
    let ways = [many, none].map(|way| {
        way.writer.stop().expect("closed");
        let mut jobs: Vec<i64> = way.jobs.try_iter().map(|took| took.0 / 1_000).collect();
        jobs.sort_unstable();
        jobs
    });
    let [many, none] = costs.map(medians);
    for (name, (cpu, wall), jobs) in [("2,000,000", many, &ways[0]), ("0", none, &ways[1])] {
        println!(
            r#"{{"connections": "{name}", "commits": 1000, "cpu_us": {cpu}, "wall_us": {wall}, "jobs": {}, "job_p50_us": {}, "job_max_us": {}}}"#,
            jobs.len(),
            jobs.get(jobs.len() / 2).unwrap_or(&0),
            jobs.last().unwrap_or(&0),
        );
    }
    println!(
        r#"{{"ratio_cpu": {:.3}, "ratio_wall": {:.3}}}"#,
        many.0 as f64 / none.0 as f64,
        many.1 as f64 / none.1 as f64
    );
}

/// A history with as many connections as it may have.
fn fill(folder: &Path, mix: &Mix) -> Way {
    let way = Way::open(folder, mix.classes.clone(), START);
    let each = CONNECTIONS / 500;
    for second in 0..500 {
        let at = START + second;
        let mut delta = crate::simulate::delta(at, way.epoch, Vec::new());
        let first = second as usize * each;
        let ended = (first..first + each).map(|number| {
            let one = &mix.connections[number % mix.connections.len()];
            crate::mix::ended(one, 1 + number as u64, at)
        });
        delta.ended = ended.collect();
        way.writer.commit_when_room(Arc::new(delta), Nanos(0));
    }
    let done = way
        .writer
        .upkeep()
        .run(What::Cleanup, Duration::from_mins(10));
    done.expect("all of it is written");
    way.took.try_iter().for_each(drop);
    way.jobs.try_iter().for_each(drop);
    way
}

fn shared_memory() -> tempfile::TempDir {
    tempfile::tempdir_in("/dev/shm").expect("a folder in memory")
}
