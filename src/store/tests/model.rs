//! What must be in a history after any accident: a workload of everything that the writer does, and
//! the comparison of what a disk holds with what was given to it.

use super::super::file::guarded;
use super::super::slot::Trust;
use super::cut::random;
use super::disk::Backend;
use super::*;
use parking_lot::Mutex;
use std::collections::HashMap;

/// Seconds and connections are kept for a day in this workload.
const DAY: i64 = 86_400;

pub(super) fn config_of_workload() -> Config {
    Config {
        seconds_days: 1,
        connections_days: 1,
        ..config()
    }
}

/// The store on this disk, opened as the file is; `check` as that of files that are not too large.
pub(super) fn open_on(backend: &Backend, check: bool) -> Result<Store, Error> {
    let again = backend.clone();
    let opener = move |check| file::open_backend(again.clone(), &config_of_workload(), check);
    guarded(|| {
        let database = opener(check)?;
        let reopen = Box::new(move |trust| {
            let database = guarded(|| opener(trust != Trust::AsItIs))?;
            Ok((database, None))
        });
        Store::new(database, reopen, config_of_workload(), None)
    })
}

/// Seconds of traffic, some heavy, some missing; late labels; connections; a clock that goes back
/// once and later goes more than two days ahead, so that retention has something to remove: in steps
/// that it believes.
pub(super) fn workload(count: usize) -> Vec<Arc<Delta>> {
    let (mut second, mut epoch, mut began) = (START, 0, START);
    let mut random = random(count);
    let one = |place: usize| {
        second += [1, 1, 1, 9][random() % 4];
        if place == count / 4 {
            (second, epoch) = (second - 100, 1);
            began = second;
        }
        if (0..3).contains(&(place as i64 - (count * 3 / 4) as i64)) {
            second += 20 * 3_600;
        }
        let mut one = delta(at(second, epoch), rows(place, &mut random));
        one.amendments = amendments(place, at(began.max(second - 50), epoch), &mut random);
        one.ended = ended(place, one.moment.second);
        Arc::new(one)
    };
    (0..count).map(one).collect()
}

fn rows(place: usize, random: &mut impl FnMut() -> usize) -> Vec<crate::tick::FlowRow> {
    let count = if place % 50 == 49 {
        1_000
    } else {
        1 + random() % 9
    };
    let mut one = |n: usize| {
        let site = Site::Name(format!("site{}.example", random() % (3 + place)).into());
        let app = ["curl", "ssh", "unknown"][random() % 3];
        let bytes = random() as u64 % 100_000;
        row(
            place as u64 % 20 + n as u64 + 1,
            label(app, site),
            0,
            traffic(1, bytes, 2, 7),
        )
    };
    (0..count).map(&mut one).collect()
}

fn amendments(place: usize, since: Moment, random: &mut impl FnMut() -> usize) -> Vec<Amendment> {
    let flows = [(place % 20 + 1) as u64, 9_998 + place as u64];
    let one = |flow| Amendment {
        flow: FrameNumber(flow),
        since,
        label: label(
            "late",
            Site::Name(format!("late{}.example", random() % 9).into()),
        ),
    };
    let count = if place.is_multiple_of(3) { 2 } else { 0 };
    flows.into_iter().take(count).map(one).collect()
}

fn ended(place: usize, second: Time) -> Vec<crate::tick::Connection> {
    let flow = 10_000 + place as u64;
    vec![connection(flow, second.start(), label("curl", Site::Other))]
}

/// What was given, and what a history that reaches so far into it must hold.
pub(super) struct Model {
    given: Vec<Arc<Delta>>,
    sums: Mutex<BTreeMap<usize, Arc<Sums>>>,
}

impl Model {
    pub(super) fn of(given: Vec<Arc<Delta>>) -> Model {
        Model {
            given,
            sums: Mutex::default(),
        }
    }

    /// The same up to here, and another second after it.
    pub(super) fn with(&self, reached: usize, another: Arc<Delta>) -> Model {
        Model::of([&self.given[..reached], &[another]].concat())
    }

    pub(super) fn given(&self) -> &[Arc<Delta>] {
        &self.given
    }

    /// Opens what is on this disk and compares; how many seconds it reaches.
    pub(super) fn check(&self, disk: &Backend, check: bool, told: usize) -> Result<usize, String> {
        let store = open_on(disk, check).map_err(|error| format!("cannot be opened: {error}"))?;
        self.compare(&store, told)
    }

    /// The same with a store that is open.
    pub(super) fn compare(&self, store: &Store, told: usize) -> Result<usize, String> {
        let reached = self.reached(store.through())?;
        if reached < told {
            return Err(format!(
                "{told} seconds were acknowledged, {reached} are there"
            ));
        }
        let held = guarded(|| look(store)).map_err(|error| format!("cannot be read: {error}"))?;
        self.seconds(reached, &held)?;
        self.connections(reached, &held.connections)?;
        Ok(reached)
    }

    fn reached(&self, through: Option<Moment>) -> Result<usize, String> {
        let Some(through) = through else {
            return Ok(0);
        };
        let mut given = self.given.iter();
        let place = given.position(|delta| delta.moment == through);
        place
            .map(|place| place + 1)
            .ok_or(format!("{through:?} was never given"))
    }

    /// Every second once, with the totals of its rows; what is too old may be gone.
    fn seconds(&self, reached: usize, held: &Held) -> Result<(), String> {
        let moments: Vec<_> = held.totals.iter().map(|(moment, _)| *moment).collect();
        let limit = self.limit(reached);
        let given = self.given[..reached].iter().map(|delta| delta.moment);
        let there: Vec<_> = {
            let mut there: Vec<_> = given
                .filter(|moment| moment.second.0 >= limit || moments.binary_search(moment).is_ok())
                .collect();
            there.sort();
            there
        };
        if moments != there {
            return Err(format!(
                "seconds {moments:?} are there instead of {there:?}"
            ));
        }
        for (moment, total) in &held.totals {
            let delta = self.given.iter().find(|delta| delta.moment == *moment);
            let flowed = delta.map(|delta| delta.interfaces[0].flowed.total().bytes);
            if flowed != Some(*total) {
                return Err(format!(
                    "{moment:?} has {total} bytes, {flowed:?} were given"
                ));
            }
        }
        self.labels(reached, held, &moments)
    }

    fn labels(&self, reached: usize, held: &Held, moments: &[Moment]) -> Result<(), String> {
        let expected = self.sums(reached);
        let mine = expected
            .iter()
            .filter(|(key, _)| moments.binary_search(&key.0).is_ok());
        let differs = |((key, sum), (held, its))| key != held || sum != its;
        if mine.clone().count() != held.sums.len() {
            return Err("rows are missing or too many".into());
        }
        match mine.zip(&held.sums).find(|pair| differs(*pair)) {
            Some((given, held)) => Err(format!("{held:?} instead of {given:?}")),
            None => Ok(()),
        }
    }

    fn sums(&self, reached: usize) -> Arc<Sums> {
        let mut all = self.sums.lock();
        let make = || Arc::new(expected(&self.given[..reached]));
        all.entry(reached).or_insert_with(make).clone()
    }

    /// Whatever is younger than this must be there: blocks go whole, by their first second.
    fn limit(&self, reached: usize) -> i64 {
        let last = reached
            .checked_sub(1)
            .map(|last| self.given[last].moment.second.0);
        last.map_or(i64::MIN, |last| last - DAY + 60)
    }

    fn connections(&self, reached: usize, held: &BTreeMap<u64, String>) -> Result<(), String> {
        let mut expected = BTreeMap::new();
        for delta in &self.given[..reached] {
            let young = delta.moment.second.0 >= self.limit(reached);
            for one in &delta.ended {
                if young || held.contains_key(&one.flow.0) {
                    expected.insert(one.flow.0, one.label.app.name.to_string());
                }
            }
            for one in &delta.amendments {
                if let Some(app) = expected.get_mut(&one.flow.0) {
                    *app = one.label.app.name.to_string();
                }
            }
        }
        if expected == *held {
            return Ok(());
        }
        Err(format!("connections {held:?} instead of {expected:?}"))
    }
}

/// What a history holds.
#[derive(Default)]
struct Held {
    totals: Vec<(Moment, u64)>,
    sums: Sums,
    connections: BTreeMap<u64, String>,
}

fn look(store: &Store) -> Result<Held, Error> {
    let snapshot = store.reader().snapshot()?;
    let amendments = snapshot.amendments(&ALWAYS)?;
    let mut held = Held::default();
    let mut names = Names::default();
    let visit = &mut |second: &Second, rows: &mut dyn Iterator<Item = Row>| {
        let mut total = 0;
        for row in rows {
            total += row.traffic.total().bytes;
            let key = names.key(&snapshot, second.moment, &row);
            *held.sums.entry(key).or_default() += row.traffic;
        }
        held.totals.push((second.moment, total));
        ControlFlow::Continue(())
    };
    snapshot.seconds(&ALWAYS, &amendments, visit)?;
    held.totals.sort();
    let take = &mut |ended: Ended, _| {
        let app = snapshot.word::<App>(ended.label.app).unwrap().unwrap().0;
        held.connections.insert(ended.flow.0, app.name.to_string());
        ControlFlow::Continue(())
    };
    snapshot.connections(&ALWAYS, None, take)?;
    Ok(held)
}

/// What the numbers in rows mean, each looked up once: an image has thousands of rows of few words.
#[derive(Default)]
struct Names {
    apps: HashMap<AppId, String>,
    sites: HashMap<SiteId, String>,
    nics: HashMap<NicId, String>,
}

impl Names {
    fn key(
        &mut self,
        snapshot: &Snapshot,
        moment: Moment,
        row: &Row,
    ) -> (Moment, String, String, String) {
        let app = || snapshot.word::<App>(row.label.app).unwrap().unwrap().0;
        let site = || snapshot.word::<Site>(row.label.site).unwrap().unwrap().0;
        let nic = || snapshot.word::<Nic>(row.nic).unwrap().unwrap().0;
        let (apps, sites) = (&mut self.apps, &mut self.sites);
        let app = apps
            .entry(row.label.app)
            .or_insert_with(|| app().name.to_string());
        let site = sites
            .entry(row.label.site)
            .or_insert_with(|| site().to_string());
        let nics = self.nics.entry(row.nic);
        let nic = nics.or_insert_with(|| nic().name.to_string());
        (moment, nic.clone(), app.clone(), site.clone())
    }
}

/// Waits for something that another thread brings about; only a hang can fail it.
pub(super) fn until(mut done: impl FnMut() -> bool) {
    for _ in 0..300_000 {
        if done() {
            return;
        }
        std::thread::sleep(std::time::Duration::from_micros(100));
    }
    panic!("it did not happen within 30 s");
}

/// How often something is done: a sample, or what `make soak` says.
pub(super) fn times(variable: &str, sample: usize) -> usize {
    std::env::var(variable).map_or(sample, |text| text.parse().unwrap())
}
