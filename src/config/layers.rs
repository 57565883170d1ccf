//! Flags over environment over file over defaults, key by key, remembering which layer won. Each
//! value is tried on its own, so that an error names the very place that said it.

use super::error::Error;
use super::file::{self, Place};
use super::keys::{self, KEYS, Key};
use super::{Config, check};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use toml::{Table, Value};

/// Where a configuration may come from.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    /// A file that was asked for by name and must be there.
    pub asked: Option<PathBuf>,
    /// The file that is read where none was asked for, if it is there.
    pub usual: PathBuf,
    /// The data folder where none is set.
    pub data_dir: PathBuf,
    /// The environment, `NETMONITOR_*` and whatever else.
    pub environment: Vec<(String, String)>,
    pub flags: Vec<Flag>,
}

/// A setting given on the command line.
#[derive(Clone, Debug)]
pub struct Flag {
    /// As it is typed, such as `--port`.
    pub flag: &'static str,
    pub key: &'static str,
    pub value: Value,
}

/// Who set a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    Default,
    File(Place),
    Environment(String),
    Flag(&'static str),
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Origin::Default => f.write_str("default"),
            Origin::File(place) => place.fmt(f),
            Origin::Environment(variable) => write!(f, "environment variable {variable}"),
            Origin::Flag(flag) => f.write_str(flag),
        }
    }
}

/// A value and who set it.
#[derive(Clone, Debug, PartialEq)]
pub struct Setting {
    pub value: Value,
    pub origin: Origin,
}

/// The configuration that holds, and how it came about.
#[derive(Clone, Debug)]
pub struct Loaded {
    pub config: Config,
    /// The file that was read, if one was.
    pub file: Option<PathBuf>,
    /// By key, as in `flow.max`.
    pub settings: BTreeMap<String, Setting>,
    /// Variables that look like settings and are none.
    pub strangers: Vec<String>,
}

/// Variables that are no settings, and known all the same.
const OTHER_VARIABLES: [&str; 3] = ["NETMONITOR_CONFIG", "NETMONITOR_LOG", "NETMONITOR_CORPUS"];

pub fn load(sources: &Sources) -> Result<Loaded, Error> {
    let mut settings = defaults(&sources.data_dir);
    let file = read(sources)?;
    if let Some((path, text)) = &file {
        for (key, value, place) in file::parse(path, text)? {
            set(&mut settings, key, value, Origin::File(place))?;
        }
    }
    for (variable, text) in &sources.environment {
        if let Some(key) = KEYS.iter().find(|key| key.variable() == *variable) {
            let value = from_text(settings.get(key.name), text);
            let origin = Origin::Environment(variable.clone());
            set(&mut settings, key.name.to_owned(), value, origin)?;
        }
    }
    for flag in &sources.flags {
        let origin = Origin::Flag(flag.flag);
        set(
            &mut settings,
            flag.key.to_owned(),
            flag.value.clone(),
            origin,
        )?;
    }
    let config = whole(&settings)?;
    check::check(&config, &settings)?;
    Ok(Loaded {
        config,
        file: file.map(|(path, _)| path),
        settings,
        strangers: strangers(&sources.environment),
    })
}

fn read(sources: &Sources) -> Result<Option<(PathBuf, String)>, Error> {
    let path = sources.asked.as_ref().unwrap_or(&sources.usual);
    match std::fs::read_to_string(path) {
        Ok(text) => Ok(Some((path.clone(), text))),
        Err(error) if sources.asked.is_none() && error.kind() == io::ErrorKind::NotFound => {
            Ok(None)
        }
        Err(source) => Err(Error::Read {
            path: path.clone(),
            source,
        }),
    }
}

fn defaults(data_dir: &Path) -> BTreeMap<String, Setting> {
    let config = Config {
        data_dir: data_dir.to_owned(),
        ..Config::default()
    };
    let mut settings = BTreeMap::new();
    flatten(
        "",
        &Table::try_from(config).unwrap_or_default(),
        &mut settings,
    );
    settings
}

fn flatten(prefix: &str, table: &Table, settings: &mut BTreeMap<String, Setting>) {
    for (name, value) in table {
        match value {
            Value::Table(inner) => flatten(&format!("{prefix}{name}."), inner, settings),
            value => {
                let origin = Origin::Default;
                let value = value.clone();
                settings.insert(format!("{prefix}{name}"), Setting { value, origin });
            }
        }
    }
}

/// Lets a layer set a key, if the key can have that value.
fn set(
    settings: &mut BTreeMap<String, Setting>,
    key: String,
    value: Value,
    origin: Origin,
) -> Result<(), Error> {
    if let Err(error) = Config::deserialize(nested([(key.as_str(), &value)])) {
        return Err(Error::Value {
            message: explained(&key, error.message()),
            value: value.to_string(),
            key,
            origin,
        });
    }
    settings.insert(key, Setting { value, origin });
    Ok(())
}

fn explained(key: &str, message: &str) -> String {
    match Key::find(key) {
        Some(known) => format!("{message} ({})", known.about),
        None => message.to_owned(),
    }
}

fn whole(settings: &BTreeMap<String, Setting>) -> Result<Config, Error> {
    let pairs = settings.iter().map(|(key, set)| (key.as_str(), &set.value));
    Config::deserialize(nested(pairs)).map_err(|error| Error::Value {
        origin: Origin::Default,
        key: "configuration".to_owned(),
        value: "put together".to_owned(),
        message: error.message().to_owned(),
    })
}

/// Flat keys as the sections that serde reads.
fn nested<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a Value)>) -> Table {
    let mut table = Table::new();
    for (key, value) in pairs {
        let (section, name) = keys::split(key);
        put(&mut table, section, name, value);
    }
    table
}

fn put(table: &mut Table, section: &str, name: &str, value: &Value) {
    if section.is_empty() {
        table.insert(name.to_owned(), value.clone());
        return;
    }
    let (outer, inner) = section.split_once('.').unwrap_or((section, ""));
    let place = table
        .entry(outer)
        .or_insert_with(|| Value::Table(Table::new()));
    // No key is a section and a value at once, so that there is always a table.
    if let Value::Table(table) = place {
        put(table, inner, name, value);
    }
}

/// A variable's text as a value of the kind that the key has now.
fn from_text(now: Option<&Setting>, text: &str) -> Value {
    let list = || {
        text.split(',')
            .map(str::trim)
            .filter(|item| !item.is_empty())
    };
    match now.map(|setting| &setting.value) {
        None | Some(Value::String(_)) => Value::String(text.to_owned()),
        Some(Value::Array(_)) => list().map(Value::from).collect::<Vec<_>>().into(),
        Some(_) => text
            .parse::<Value>()
            .unwrap_or_else(|_| Value::String(text.to_owned())),
    }
}

fn strangers(environment: &[(String, String)]) -> Vec<String> {
    environment
        .iter()
        .map(|(variable, _)| variable)
        .filter(|variable| variable.starts_with("NETMONITOR_"))
        .filter(|variable| !OTHER_VARIABLES.contains(&variable.as_str()))
        .filter(|variable| KEYS.iter().all(|key| key.variable() != **variable))
        .cloned()
        .collect()
}
