//! Power cuts: a backend that loses, keeps or tears any of the writes that were not synced yet.
//! Whatever was reported as committed before the cut is there afterwards.

use super::super::commit::{self, RecentlyEnded};
use super::super::dictionary::Lexicon;
use super::super::layout::order;
use super::super::{file, seal};
use super::disk::Backend;
use super::*;
use parking_lot::Mutex;
use redb::StorageBackend;
use std::io;

fn open_on(backend: &Backend) -> Store {
    let again = backend.clone();
    let opener = move || file::open_backend(again.clone(), &config(), false);
    Store::new(opener().unwrap(), Box::new(opener), config(), None).unwrap()
}

fn seconds(count: i64) -> Vec<Arc<Delta>> {
    let second = |second: i64| {
        let site = Site::Name(format!("site{}.example", second % 7).into());
        let rows = vec![row(
            second as u64 + 1,
            label("curl", site),
            0,
            traffic(1, 9, 1, 7),
        )];
        let mut one = delta(at(START + second, 0), rows);
        one.ended = vec![connection(
            second as u64 + 1,
            one.moment.second.start(),
            label("curl", Site::Other),
        )];
        Arc::new(one)
    };
    (0..count).map(second).collect()
}

/// Every second up to `through` is there once, and counts what it should.
fn check(backend: &Backend, through: Option<Moment>, given: &[Arc<Delta>]) {
    let store = open_on(backend);
    assert!(
        store.through().map(order) >= through.map(order),
        "a committed second is lost"
    );
    let snapshot = store.reader().snapshot().unwrap();
    let mut found = Vec::new();
    let visit = &mut |second: &Second, rows: &mut dyn Iterator<Item = Row>| {
        assert_eq!(rows.map(|row| row.traffic.total().bytes).sum::<u64>(), 16);
        found.push(second.moment);
        ControlFlow::Continue(())
    };
    snapshot
        .seconds(&ALWAYS, &Amendments::default(), visit)
        .unwrap();
    found.sort();
    let expected: Vec<_> = given.iter().map(|delta| delta.moment).collect();
    let reached = store.through().map_or(0, |last| {
        expected
            .iter()
            .filter(|moment| order(**moment) <= order(last))
            .count()
    });
    assert_eq!(found, expected[..reached]);
}

/// A generator that needs no crate: xorshift.
fn random(seed: usize) -> impl FnMut() -> usize {
    let mut state = (seed as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 11) as usize
    }
}

/// Commits and seals; after each transaction, and in the middle of the next, the power goes.
#[test]
fn what_was_committed_survives_any_power_cut() {
    let backend = Backend::default();
    let given = seconds(40);
    let database = file::open_backend(backend.clone(), &config(), false).unwrap();
    let (mut lexicon, mut recent) = (Lexicon::new(Vec::new()), RecentlyEnded::default());
    let mut random = random(7);
    let (mut through, mut images) = (None, 0);
    for (place, delta) in given.iter().enumerate() {
        let transaction = file::begin(&database).unwrap();
        commit::write(
            &transaction,
            &mut lexicon,
            &mut recent,
            std::iter::once(&**delta),
            Some(delta.moment),
        )
        .unwrap();
        if place % 9 == 8 {
            seal::seal_block(&transaction, at(START, 0)).unwrap();
        }
        transaction.commit().unwrap();
        through = Some(delta.moment);
        for _ in 0..5 {
            check(&backend.after_a_cut(&mut random), through, &given);
            images += 1;
        }
    }
    assert_eq!((images, through), (200, Some(given[39].moment)));
}

/// The same with the power going at every sync, half of a transaction being on its way.
#[test]
fn a_power_cut_between_two_syncs_loses_nothing_committed() {
    let given = seconds(12);
    let cuts = Arc::new(Mutex::new(Vec::new()));
    let disk = Recording {
        inner: Backend::default(),
        cuts: cuts.clone(),
        through: Arc::default(),
    };
    let database = file::open_backend(disk.clone(), &config(), false).unwrap();
    let (mut lexicon, mut recent) = (Lexicon::new(Vec::new()), RecentlyEnded::default());
    for delta in &given {
        let transaction = file::begin(&database).unwrap();
        commit::write(
            &transaction,
            &mut lexicon,
            &mut recent,
            std::iter::once(&**delta),
            Some(delta.moment),
        )
        .unwrap();
        transaction.commit().unwrap();
        *disk.through.lock() = Some(delta.moment);
    }
    let images = std::mem::take(&mut *cuts.lock());
    assert!(
        images.len() >= 2 * given.len(),
        "two syncs a commit: {}",
        images.len()
    );
    let made = images.iter().filter(|(_, through)| through.is_some());
    made.for_each(|(image, through)| check(image, *through, &given));
}

type Cut = (Backend, Option<Moment>);

/// Keeps what a power cut just before each sync would leave.
#[derive(Clone, Debug)]
struct Recording {
    inner: Backend,
    cuts: Arc<Mutex<Vec<Cut>>>,
    through: Arc<Mutex<Option<Moment>>>,
}

impl StorageBackend for Recording {
    fn len(&self) -> io::Result<u64> {
        self.inner.len()
    }
    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        self.inner.read(offset, out)
    }
    fn set_len(&self, length: u64) -> io::Result<()> {
        self.inner.set_len(length)
    }
    fn sync_data(&self) -> io::Result<()> {
        let through = *self.through.lock();
        let mut cuts = self.cuts.lock();
        for image in 0..2 {
            let seed = cuts.len() * 2 + image;
            cuts.push((self.inner.after_a_cut(&mut random(seed)), through));
        }
        self.inner.sync_data()
    }
    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        self.inner.write(offset, data)
    }
}

/// Waits for something that another thread brings about; only a hang can fail it.
fn until(mut done: impl FnMut() -> bool) {
    for _ in 0..3_000 {
        if done() {
            return;
        }
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    panic!("it did not happen within 30 s");
}

#[test]
fn a_disk_that_refuses_is_tried_again_and_nothing_is_lost() {
    let backend = Backend::default();
    let (clock, _) = Clock::manual(Time(START).start());
    let writer = Writer::start(open_on(&backend), clock, Hooks::default()).unwrap();
    let committed = writer.committed();
    let given = seconds(20);
    let give = |range: std::ops::Range<usize>| {
        given[range]
            .iter()
            .for_each(|delta| writer.commit(delta.clone(), Nanos(0)));
    };
    give(0..5);
    until(|| committed.through() == Some(given[4].moment));
    backend.0.lock().broken = true;
    give(5..10);
    until(|| committed.now().degraded.is_some());
    assert_eq!(committed.through(), Some(given[4].moment));
    backend.0.lock().broken = false;
    give(10..20);
    until(|| committed.through() == Some(given[19].moment));
    assert_eq!(committed.now().degraded, None);
    writer.stop().unwrap();
    check(&backend, Some(given[19].moment), &given);
}

#[test]
fn a_disk_that_refuses_for_long_leaves_a_named_gap() {
    let backend = Backend::default();
    let (clock, _) = Clock::manual(Time(START).start());
    let store = open_on(&backend);
    let reader = store.reader();
    let writer = Writer::start(store, clock, Hooks::default()).unwrap();
    let committed = writer.committed();
    let given = seconds(700);
    backend.0.lock().broken = true;
    writer.commit(given[0].clone(), Nanos(0));
    until(|| committed.now().degraded.is_some());
    given[1..]
        .iter()
        .for_each(|delta| writer.commit(delta.clone(), Nanos(0)));
    backend.0.lock().broken = false;
    until(|| committed.through() == Some(given[699].moment));
    let gaps = reader.snapshot().unwrap().gaps(&ALWAYS).unwrap();
    assert_eq!(gaps.iter().map(|gap| gap.seconds).sum::<u32>(), 100);
    assert_eq!(
        gaps.iter()
            .map(|gap| gap.traffic.total().bytes)
            .sum::<u64>(),
        1_600
    );
    assert_eq!(gaps[0].first, given[0].moment);
    writer.stop().unwrap();
    let found = open_on(&backend).reader().snapshot().unwrap();
    let mut count = 0;
    let visit = &mut |_: &Second, _: &mut dyn Iterator<Item = Row>| {
        count += 1;
        ControlFlow::Continue(())
    };
    found
        .seconds(&ALWAYS, &Amendments::default(), visit)
        .unwrap();
    assert_eq!(count, 600);
}
