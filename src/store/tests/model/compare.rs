//! What was given, and what a history that reaches so far into it must hold.

use super::held::{Held, look};
use super::*;
use parking_lot::Mutex;

/// Everything that is in a history.
pub(in crate::store::tests) fn read_all(store: &Store) -> Result<Held, String> {
    guarded(|| look(store)).map_err(|error| format!("cannot be read: {error}"))
}

pub(in crate::store::tests) struct Model {
    given: Vec<Arc<Delta>>,
    /// The bytes of each second that was given.
    totals: BTreeMap<Moment, u64>,
    sums: Mutex<BTreeMap<usize, Arc<Sums>>>,
}

impl Model {
    pub(in crate::store::tests) fn of(given: Vec<Arc<Delta>>) -> Model {
        let total = |delta: &Arc<Delta>| delta.interfaces[0].flowed.total().bytes;
        Model {
            totals: given
                .iter()
                .map(|delta| (delta.moment, total(delta)))
                .collect(),
            given,
            sums: Mutex::default(),
        }
    }

    /// The same up to here, and another second after it.
    pub(in crate::store::tests) fn with(&self, reached: usize, another: Arc<Delta>) -> Model {
        Model::of([&self.given[..reached], &[another]].concat())
    }

    pub(in crate::store::tests) fn given(&self) -> &[Arc<Delta>] {
        &self.given
    }

    /// Opens what is on this disk and compares; how many seconds it reaches.
    pub(in crate::store::tests) fn check(
        &self,
        disk: &Backend,
        check: bool,
        told: usize,
    ) -> Result<usize, String> {
        let store = open_on(disk, check).map_err(|error| format!("cannot be opened: {error}"))?;
        self.compare(&store, told)
    }

    fn compare(&self, store: &Store, told: usize) -> Result<usize, String> {
        self.judge(store.through(), told, &read_all(store)?)
    }

    /// Compares what is in a history that reaches so far.
    pub(in crate::store::tests) fn judge(
        &self,
        through: Option<Moment>,
        told: usize,
        held: &Held,
    ) -> Result<usize, String> {
        let reached = self.reached(through)?;
        if reached < told {
            return Err(format!(
                "{told} seconds were acknowledged, {reached} are there"
            ));
        }
        self.seconds(reached, held)?;
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
            let flowed = self.totals.get(moment);
            if flowed != Some(total) {
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
