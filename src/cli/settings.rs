//! Options, environment and file as one configuration, for every subcommand alike.

use super::Error;
use super::arguments::Common;
use crate::config::{self, Config, Flag, Loaded, Sources};
use crate::{monitor, platform};
use std::path::{Path, PathBuf};
use toml::Value;

/// The configuration that holds, `flags` above all else.
pub(super) fn load(common: &Common, flags: Vec<Flag>) -> Result<Loaded, Error> {
    load_from(&sources(common, common.config.clone(), flags))
}

/// The same from sources that somebody keeps.
pub(super) fn load_from(sources: &Sources) -> Result<Loaded, Error> {
    let loaded = config::load(sources)?;
    for config::Stranger { variable, meant } in &loaded.strangers {
        tracing::warn!("{variable} sets nothing; did you mean {meant}?");
    }
    Ok(loaded)
}

/// The configuration of a running service, and the port on which it answers: the one that was
/// asked for, or the one that the service of this data folder tells. Never the one that is set:
/// where no service holds it, whoever listens there would be sent the token.
pub(super) fn service(common: &Common, asked: Option<u16>) -> Result<(Config, u16), Error> {
    let config = load(common, port(asked).into_iter().collect())?.config;
    let told = match asked.filter(|port| *port != 0) {
        None => monitor::port(&config.data_dir)?,
        asked => asked,
    };
    match told {
        Some(port) => Ok((config, port)),
        None => Err(Error::NotRunning {
            path: config.data_dir,
        }),
    }
}

/// Where settings come from when `asked` is the file that must be there.
pub(super) fn sources(common: &Common, asked: Option<PathBuf>, mut flags: Vec<Flag>) -> Sources {
    flags.extend(common.data_dir.as_deref().map(data_dir));
    Sources {
        asked,
        usual: platform::config_file(),
        data_dir: platform::data_folder(),
        environment: environment(),
        flags,
    }
}

/// `--port`, where it was given.
pub(super) fn port(port: Option<u16>) -> Option<Flag> {
    port.map(|port| flag("--port", "serve.port", i64::from(port)))
}

/// `--workers`, where it was given.
pub(super) fn workers(workers: Option<u16>) -> Option<Flag> {
    workers.map(|workers| flag("--workers", "workers", i64::from(workers)))
}

pub(super) fn flag(flag: &'static str, key: &'static str, value: impl Into<Value>) -> Flag {
    let value = value.into();
    Flag { flag, key, value }
}

fn data_dir(path: &Path) -> Flag {
    let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    flag(
        "--data-dir",
        "data_dir",
        path.to_string_lossy().into_owned(),
    )
}

/// Every variable that is text; what is not cannot be a setting.
fn environment() -> Vec<(String, String)> {
    std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .collect()
}
