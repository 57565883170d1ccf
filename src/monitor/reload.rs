//! The configuration, read again while the service runs. It holds as a whole or not at all; what can
//! change at once does, and of everything else it is said that it waits for the next start.

use crate::config::{self, Loaded, Setting, Sources};
use crate::names::places::Places;
use crate::store::Kept;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// What holds as soon as it is read.
const AT_ONCE: [&str; 9] = [
    "geo.asn",
    "geo.city",
    "store.seconds_days",
    "store.minutes_days",
    "store.hours_days",
    "store.days_days",
    "store.budget_mib",
    "store.connections_days",
    "store.connections_max",
];

pub(super) struct Reload {
    sources: Sources,
    /// What the service runs with, by key.
    running: BTreeMap<String, Setting>,
    kept: Kept,
    places: Arc<Places>,
}

/// Keys of the settings that differ from what the service runs with.
#[derive(Debug, Default, PartialEq, Eq)]
struct Changes {
    now: Vec<String>,
    restart: Vec<String>,
}

impl Reload {
    pub(super) fn new(
        loaded: &Loaded,
        sources: Sources,
        kept: Kept,
        places: Arc<Places>,
    ) -> Reload {
        Reload {
            sources,
            running: loaded.settings.clone(),
            kept,
            places,
        }
    }

    /// Reads it again, and says in the log what came of that.
    pub(super) fn again(&mut self) {
        match config::load(&self.sources) {
            Ok(loaded) => self.take(&loaded).tell(),
            Err(error) => tracing::error!(
                "the configuration is wrong, and the one that was read before still holds: {error}"
            ),
        }
    }

    fn take(&mut self, loaded: &Loaded) -> Changes {
        let changes = Changes::between(&self.running, &loaded.settings);
        self.kept.set(&loaded.config.store);
        // It was read a moment ago, when the configuration was checked.
        if let Err(error) = self.places.reopen(&loaded.config.geo) {
            tracing::error!("the databases that were read before still hold: {error}");
        }
        for key in &changes.now {
            let setting = loaded.settings.get(key).cloned();
            self.running.extend(setting.map(|it| (key.clone(), it)));
        }
        changes
    }
}

impl Changes {
    fn between(old: &BTreeMap<String, Setting>, new: &BTreeMap<String, Setting>) -> Changes {
        let value = |settings: &BTreeMap<String, Setting>, key: &str| {
            settings.get(key).map(|setting| setting.value.clone())
        };
        let keys: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
        let changed = keys
            .into_iter()
            .filter(|key| value(old, key) != value(new, key));
        let (now, restart) = changed
            .cloned()
            .partition(|key| AT_ONCE.contains(&key.as_str()));
        Changes { now, restart }
    }

    fn tell(&self) {
        match self.now.as_slice() {
            [] => tracing::info!("the configuration was read again"),
            now => tracing::info!(
                "the configuration was read again; new from now on: {}",
                now.join(", ")
            ),
        }
        if !self.restart.is_empty() {
            let keys = self.restart.join(", ");
            tracing::warn!("changed, but not before netmonitor is started again: {keys}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    /// A service that was started with no file, and has one written since.
    fn reload(folder: &Path, text: &str) -> Reload {
        let sources = Sources {
            usual: folder.join("config.toml"),
            data_dir: folder.into(),
            ..Sources::default()
        };
        let loaded = config::load(&sources).unwrap();
        std::fs::write(&sources.usual, text).unwrap();
        let kept = Kept::new(loaded.config.store.clone());
        Reload::new(&loaded, sources, kept, Arc::default())
    }

    fn taken(reload: &mut Reload) -> Changes {
        let loaded = config::load(&reload.sources).unwrap();
        reload.take(&loaded)
    }

    #[test]
    fn retention_changes_at_once_and_the_rest_waits() {
        let folder = tempfile::tempdir().unwrap();
        let text =
            "[store]\nseconds_days = 3\ncache_bytes = 1000000\n[filters]\nnas = 'host 192.0.2.1'\n";
        let mut reload = reload(folder.path(), text);
        let waits = ["filters.nas", "store.cache_bytes"].map(String::from);
        let expected = Changes {
            now: vec!["store.seconds_days".into()],
            restart: waits.to_vec(),
        };
        assert_eq!(taken(&mut reload), expected);
        assert_eq!(reload.kept.now().seconds_days, 3);
        // The second time there is nothing new, and what waits still does.
        let expected = Changes {
            now: Vec::new(),
            restart: waits.to_vec(),
        };
        assert_eq!(taken(&mut reload), expected);
        // As it was at the start: nothing waits any more.
        std::fs::write(&reload.sources.usual, "").unwrap();
        let expected = Changes {
            now: vec!["store.seconds_days".into()],
            restart: Vec::new(),
        };
        assert_eq!(taken(&mut reload), expected);
        assert_eq!(reload.kept.now().seconds_days, 7);
    }

    #[test]
    fn databases_are_read_again_under_the_same_name() {
        let folder = tempfile::tempdir().unwrap();
        let database = folder.path().join("asn.mmdb");
        let write = |bytes: &[u8]| std::fs::write(&database, bytes).unwrap();
        write(include_bytes!("../../tests/geo/city.mmdb"));
        let mut reload = reload(folder.path(), &format!("[geo]\nasn = {database:?}\n"));
        assert_eq!(taken(&mut reload).now, ["geo.asn"]);
        let network = |reload: &Reload| reload.places.of([192, 0, 2, 1].into()).asn;
        assert_eq!(network(&reload), None);
        write(include_bytes!("../../tests/geo/asn.mmdb"));
        reload.again();
        assert_eq!(network(&reload), Some(64496));
        write(b"damaged");
        reload.again();
        assert_eq!(network(&reload), Some(64496));
    }

    #[test]
    fn a_wrong_file_changes_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let text = "[store]\nseconds_days = 3\n[flow]\nmax = 'many'\n";
        let mut reload = reload(folder.path(), text);
        reload.again();
        assert_eq!(reload.kept.now().seconds_days, 7);
    }

    #[test]
    fn what_changes_at_once_is_a_setting() {
        for key in AT_ONCE {
            assert!(config::Key::find(key).is_some(), "{key}");
        }
    }
}
