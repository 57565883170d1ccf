//! A fixture of tests: a query over a history that was looked after, as it is some time later.

use super::tests::classes;
use super::{Query, Recent};
use crate::clock::Clock;
use crate::store::{Committed, Config, Hooks, Store, What, Writer};
use crate::tick::Delta;
use crate::units::{Nanos, Second};
use std::sync::Arc;
use std::time::Duration;

/// A folder whose disk need not be waited for, where there is one.
pub(super) fn in_memory() -> tempfile::TempDir {
    tempfile::tempdir_in("/dev/shm")
        .or_else(|_| tempfile::tempdir())
        .unwrap()
}

/// A query over these seconds, after these tasks were done at `now`.
pub(super) fn upkept(
    folder: &tempfile::TempDir,
    config: &Config,
    seconds: impl IntoIterator<Item = Arc<Delta>>,
    now: i64,
    tasks: &[What],
) -> Query {
    let open = || Store::open(folder.path(), config.clone(), Nanos(0)).unwrap();
    let (clock, _) = Clock::manual(Second(now).start());
    let writer = Writer::start(open(), clock, Hooks::default()).unwrap();
    for delta in seconds {
        writer.commit_when_room(delta, Nanos(0));
    }
    for what in tasks {
        writer.upkeep().run(*what, Duration::from_mins(1)).unwrap();
    }
    writer.stop().unwrap();
    let recent = Recent::new(Committed::new(None));
    Query::new(open().reader(), recent, classes())
}
