//! What must be in a history after any accident: a workload of everything that the writer does, and
//! the comparison of what a disk holds with what was given to it.

mod compare;
mod held;
mod workload;

pub(super) use compare::{Model, read_all};
pub(super) use held::Held;
pub(super) use workload::workload;

use super::super::file::guarded;
use super::super::slot::Trust;
use super::disk::Backend;
use super::*;

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
