//! Bit rot: a byte that turned, a file that was cut or grew, at every page. The history is right, or
//! it is set aside and a new one begun; nothing wrong is told, nothing stands still.

use super::model::{Held, Model, config_of_workload, read_all, times, workload};
use super::*;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

const PAGE: usize = 4_096;
/// The header of the file, and of its two slots.
const HEADER: usize = 320;
const WORKERS: usize = 2;

#[derive(Default)]
struct Figures {
    right: AtomicUsize,
    /// Right, of a commit or more before the last.
    earlier: AtomicUsize,
    aside: AtomicUsize,
    /// The longest that opening and reading everything took, and of which.
    slowest: Mutex<(i64, String)>,
}

impl Figures {
    /// Told, not judged: the machine may be busy. That it ends at all is what matters here.
    fn took(&self, nanos: i64, named: &str) {
        let mut slowest = self.slowest.lock().unwrap();
        if nanos > slowest.0 {
            *slowest = (nanos, named.to_owned());
        }
    }
}

struct History {
    bytes: Vec<u8>,
    model: Model,
    figures: Figures,
}

impl History {
    /// A history whose file has at least so many pages.
    fn of_pages(pages: usize) -> History {
        let folder = in_memory();
        let path = folder.path().join(FILE);
        let mut count = 100;
        loop {
            let model = Model::of(workload(count));
            write(folder.path(), model.given());
            let bytes = std::fs::read(&path).unwrap();
            if bytes.len() >= pages * PAGE {
                let figures = Figures::default();
                return History {
                    bytes,
                    model,
                    figures,
                };
            }
            std::fs::remove_file(&path).unwrap();
            count *= 2;
        }
    }

    /// Opens these bytes as a history: it is right, or aside and a new one works.
    fn judge(&self, bytes: &[u8], named: &str) {
        let folder = in_memory();
        std::fs::write(folder.path().join(FILE), bytes).unwrap();
        let clock = Clock::system();
        let begun = clock.steady();
        let store = Store::open(folder.path(), config_of_workload(), Nanos(0));
        let store = store.unwrap_or_else(|error| panic!("{named}: it does not start: {error}"));
        let aside = store.set_aside().map(Path::to_owned);
        let held = aside.is_none().then(|| read_all(&store));
        self.figures.took(clock.steady().0 - begun.0, named);
        match (aside, held) {
            (None, Some(held)) => self.is_right(&store, held, named),
            (aside, _) => self.was_set_aside(store, folder.path(), &aside.unwrap(), named),
        }
    }

    fn is_right(&self, store: &Store, held: Result<Held, String>, named: &str) {
        let all = self.model.given().len();
        let reached = held.and_then(|held| self.model.judge(store.through(), 0, &held));
        let reached = reached.unwrap_or_else(|why| panic!("{named}: {why}"));
        let count = if reached == all {
            &self.figures.right
        } else {
            &self.figures.earlier
        };
        count.fetch_add(1, Ordering::Relaxed);
        // One of the two slots of the header is of the commit before: no more than that is lost.
        assert!(
            reached + 60 >= all,
            "{named}: only {reached} of {all} seconds are there"
        );
    }

    fn was_set_aside(&self, store: Store, folder: &Path, aside: &Path, named: &str) {
        assert!(aside.exists(), "{named}: what was damaged is gone");
        assert_eq!(store.through(), None);
        let another = workload(1);
        let (clock, _) = Clock::manual(Time(START).start());
        let writer = Writer::start(store, clock, Hooks::default()).unwrap();
        writer.commit(another[0].clone(), Nanos(0));
        writer.stop().unwrap();
        assert_eq!(
            read(folder).0.len(),
            1,
            "{named}: the new one does not work"
        );
        self.figures.aside.fetch_add(1, Ordering::Relaxed);
    }

    fn judge_all(&self, cases: usize, case: impl Fn(usize) -> (Vec<u8>, String) + Sync) {
        std::thread::scope(|scope| {
            for worker in 0..WORKERS {
                let case = &case;
                scope.spawn(move || {
                    for number in (worker..cases).step_by(WORKERS) {
                        let (bytes, named) = case(number);
                        self.judge(&bytes, &named);
                    }
                });
            }
        });
    }

    fn tell(&self, cases: usize, what: &str) {
        let Figures {
            right,
            earlier,
            aside,
            slowest,
        } = &self.figures;
        let (nanos, which) = &*slowest.lock().unwrap();
        let took = nanos / 1_000_000;
        let pages = self.bytes.len() / PAGE;
        eprintln!(
            "{pages} pages, {cases} {what}: {right:?} right, {earlier:?} right but of an earlier commit, \
             {aside:?} set aside; the slowest took {took} ms to open and read ({which})"
        );
        assert!(aside.load(Ordering::Relaxed) > 0, "nothing was found");
    }
}

#[test]
fn a_byte_that_turned_is_found_or_does_not_matter() {
    let flips = times("NETMONITOR_FLIPS", 100);
    let history = History::of_pages(flips.max(256));
    let pages = history.bytes.len() / PAGE;
    history.judge_all(flips, |case| {
        let mut random = super::cut::random(case);
        let page = case * pages / flips;
        let place = page * PAGE + random() % PAGE;
        let mut bytes = history.bytes.clone();
        bytes[place] ^= 1 << (random() % 8);
        (bytes, format!("a bit at {place}"))
    });
    history.tell(flips, "flips");
}

#[test]
fn a_header_that_turned_is_found_or_does_not_matter() {
    let history = History::of_pages(256);
    let step = HEADER.div_ceil(times("NETMONITOR_FLIPS", 64)).max(1);
    let cases = HEADER / step;
    history.judge_all(cases, |case| {
        let mut bytes = history.bytes.clone();
        bytes[case * step] ^= 1 << (case % 8);
        (bytes, format!("a bit of the header at {}", case * step))
    });
    history.tell(cases, "flips in the header");
}

#[test]
fn a_file_that_was_cut_or_grew_is_found_or_does_not_matter() {
    let lengths = times("NETMONITOR_LENGTHS", 20);
    let history = History::of_pages(256);
    let whole = history.bytes.len();
    history.judge_all(lengths, |case| {
        let mut random = super::cut::random(case);
        let length = match case % 4 {
            0 => whole + 1 + random() % (1 << 20),
            1 => random() % whole / PAGE * PAGE,
            2 => whole - 1 - random() % PAGE,
            _ => random() % whole,
        };
        let mut bytes = history.bytes.clone();
        bytes.resize(length, if case % 8 == 0 { 0 } else { 0xa5 });
        (bytes, format!("{length} of {whole} bytes"))
    });
    history.tell(lengths, "lengths");
}
