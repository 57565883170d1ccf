//! Where netmonitor keeps its data and finds its configuration when nobody says otherwise.

use super::os;
use std::ffi::OsString;
use std::path::PathBuf;

/// The environment as far as paths are concerned; handed in, so that tests need not change it.
pub(super) type Environment<'a> = &'a dyn Fn(&str) -> Option<OsString>;

/// The folder for history, token and socket of whoever runs this.
pub fn data_folder() -> PathBuf {
    os::data_folder(super::is_root(), &home(), &|name| std::env::var_os(name))
}

/// The configuration file that is read unless another one is named.
pub fn config_file() -> PathBuf {
    os::config_file(super::is_root(), &home(), &|name| std::env::var_os(name))
}

fn home() -> PathBuf {
    std::env::home_dir().unwrap_or_else(|| PathBuf::from("/"))
}
