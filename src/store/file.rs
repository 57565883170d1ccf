//! The file: opened for its owner alone, without following links, its schema checked; locked by
//! another, newer, or corrupt files are told apart. A corrupt one is set aside under the time's name.

use super::age::Age;
use super::calendar::{Calendar, zone_of};
use super::care;
use super::codec::Damaged;
use super::config::Config;
use super::dictionary::create;
use super::error::{Error, in_table};
use super::layout::{
    AMENDMENTS, CONNECTIONS, GAPS, HOT, META, SCHEMA, SEALED, STALE, Tier, moment, read_moment,
};
use super::roll::mark_all;
use super::slot::{Opened, Trust};
use super::word::{ClassSet, Nic};
use crate::label::{App, Site};
use crate::units::{self, Moment, Nanos};
use redb::backends::FileBackend;
use redb::{Database, ReadableDatabase, ReadableTable, StorageBackend, WriteTransaction};
use std::fs::{File, OpenOptions, Permissions};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

/// The file's name in the data folder.
pub const FILE: &str = "history.redb";
/// Files up to this size are checked page by page when they are opened: a second or so.
const CHECKED: u64 = 256 << 20;
pub(super) const SCHEMA_KEY: &str = "schema";
pub(super) const THROUGH_KEY: &str = "through";

/// Opens the history of this folder, or makes one. A corrupt file is moved out of the way, and the
/// new name of it returned.
pub(super) fn open(path: &Path, config: &Config, now: Nanos) -> Opened {
    // To open a file changes it: one that is not ours to read is looked at first. Whatever else is wrong
    // with it is told when it is opened.
    if let Err(newer @ Error::Newer { .. }) = care::look(path) {
        return Err(newer);
    }
    or_a_new_one(path, config, now, CHECKED)
}

/// Opens the file again. While this run goes on, it is checked only if it gave cause.
pub(super) fn open_again(path: &Path, config: &Config, trust: Trust) -> Opened {
    match trust {
        Trust::AsItIs => guarded(|| open_checked(path, config, 0)).map(|database| (database, None)),
        Trust::Doubted(now) => or_a_new_one(path, config, now, u64::MAX),
        Trust::Lost(now) => replaced(path, config, now),
    }
}

fn or_a_new_one(path: &Path, config: &Config, now: Nanos, checked: u64) -> Opened {
    match guarded(|| open_checked(path, config, checked)) {
        Err(error) if error.is_corruption() => {
            tracing::error!(%error, file = %path.display(), "the history is corrupt");
            replaced(path, config, now)
        }
        other => other.map(|database| (database, None)),
    }
}

fn replaced(path: &Path, config: &Config, now: Nanos) -> Opened {
    let aside = set_aside(path, now)?;
    Ok((open_checked(path, config, 0)?, Some(aside)))
}

/// Opens the file. Up to this size every page's checksum is verified, and that each value to start
/// from can be read; a plain open trusts a file that was closed cleanly.
fn open_checked(path: &Path, config: &Config, checked: u64) -> Result<Database, Error> {
    let file = open_private(path).map_err(io_error("open", path))?;
    let length = file.metadata().map_err(io_error("open", path))?.len();
    let database = open_file(path, file, config, length <= checked)?;
    through(&database)?;
    Ok(database)
}

/// Does something with redb, which may panic on pages that were altered outside of it: to us that
/// is an error like others.
pub(super) fn guarded<T>(work: impl FnOnce() -> Result<T, Error>) -> Result<T, Error> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|_| {
        let told = "its pages contradict each other".to_owned();
        Err(redb::Error::Corrupted(told).into())
    })
}

fn open_file(path: &Path, file: File, config: &Config, check: bool) -> Result<Database, Error> {
    let opened = open_backend(FileBackend::new(file)?, config, check);
    opened.map_err(|error| match error {
        Error::Engine(inner) if matches!(*inner, redb::Error::DatabaseAlreadyOpen) => {
            Error::Locked(path.to_owned())
        }
        other => other,
    })
}

/// The same on anything that stores bytes.
pub(super) fn open_backend(
    backend: impl StorageBackend,
    config: &Config,
    check: bool,
) -> Result<Database, Error> {
    let database = Database::builder()
        .set_cache_size(config.cache_bytes)
        .set_check_integrity_on_open(check)
        .create_with_backend(backend)?;
    migrate(&database, config)?;
    Ok(database)
}

/// The last moment that was committed, and that every value to start from can be read.
pub(super) fn through(database: &Database) -> Result<Option<Moment>, Error> {
    let transaction = database.begin_read()?;
    let meta = transaction.open_table(META)?;
    let value = meta.get(THROUGH_KEY)?;
    value
        .map(|value| read_moment(value.value()))
        .transpose()
        .map_err(in_table("meta"))
}

/// How the file's days are cut.
pub(super) fn calendar(database: &Database) -> Result<Calendar, Error> {
    let transaction = database.begin_read()?;
    Calendar::load(&transaction.open_table(META)?)
}

/// From when age is measured.
pub(super) fn age(database: &Database, through: Option<Moment>) -> Result<Age, Error> {
    let transaction = database.begin_read()?;
    let meta = transaction.open_table(META)?;
    Age::load(&meta, through.map(|through| through.second))
}

/// A transaction that is durable when it is committed, and quick to recover from.
pub(super) fn begin(database: &Database) -> Result<WriteTransaction, Error> {
    let mut transaction = database.begin_write()?;
    transaction.set_quick_repair(true);
    Ok(transaction)
}

/// Brings a file to this program's schema: a new one gets its tables, an older one what it lacks, a
/// newer one is refused. The zone of days to come is set.
fn migrate(database: &Database, config: &Config) -> Result<(), Error> {
    let transaction = begin(database)?;
    let zone = zone_of(&config.zone);
    let changed = match schema(&transaction)? {
        Some(SCHEMA) => Calendar::set(&transaction, &zone, newest(&transaction)?)?,
        Some(file) if file > SCHEMA => return Err(Error::Newer { file, ours: SCHEMA }),
        Some(1) => {
            add_tiers(&transaction, &zone)?;
            true
        }
        Some(_) => return Err(in_table("meta")(Damaged("a schema that never was"))),
        None => {
            create_tables(&transaction)?;
            Calendar::set(&transaction, &zone, units::Second(0))?
        }
    };
    if changed {
        transaction.commit()?;
    } else {
        transaction.abort()?;
    }
    Ok(())
}

/// Schema 1 had seconds alone: every sealed minute is to be rolled up.
fn add_tiers(transaction: &WriteTransaction, zone: &str) -> Result<(), Error> {
    Calendar::set(transaction, zone, units::Second(0))?;
    mark_all(transaction, &Calendar::new(zone))?;
    set_schema(transaction)
}

fn set_schema(transaction: &WriteTransaction) -> Result<(), Error> {
    let mut meta = transaction.open_table(META)?;
    meta.insert(SCHEMA_KEY, SCHEMA.to_le_bytes().as_slice())?;
    Ok(())
}

/// The last second that days may have been cut for.
fn newest(transaction: &WriteTransaction) -> Result<units::Second, Error> {
    let meta = transaction.open_table(META)?;
    let through = meta.get(THROUGH_KEY)?;
    let through = through.map(|value| read_moment(value.value()));
    let through = through.transpose().map_err(in_table("meta"))?;
    let mut newest = through.map(|through| through.second);
    for table in [
        HOT,
        SEALED,
        Tier::Minute.table(),
        Tier::Hour.table(),
        Tier::Day.table(),
    ] {
        let table = transaction.open_table(table)?;
        let last = table.last()?.map(|(at, _)| moment(at.value()).second);
        newest = newest.max(last);
    }
    Ok(newest.unwrap_or_default())
}

fn schema(transaction: &WriteTransaction) -> Result<Option<u32>, Error> {
    let meta = transaction.open_table(META)?;
    let Some(value) = meta.get(SCHEMA_KEY)? else {
        return Ok(None);
    };
    let bytes = value.value().try_into();
    let bytes = bytes.map_err(|_| in_table("meta")(Damaged("a schema is 4 bytes")))?;
    Ok(Some(u32::from_le_bytes(bytes)))
}

fn create_tables(transaction: &WriteTransaction) -> Result<(), Error> {
    for table in [HOT, AMENDMENTS, SEALED, GAPS] {
        transaction.open_table(table)?;
    }
    for tier in [Tier::Minute, Tier::Hour, Tier::Day] {
        transaction.open_table(tier.table())?;
    }
    transaction.open_table(STALE)?;
    transaction.open_table(CONNECTIONS)?;
    create::<App>(transaction)?;
    create::<Site>(transaction)?;
    create::<Nic>(transaction)?;
    create::<ClassSet>(transaction)?;
    set_schema(transaction)
}

fn open_private(path: &Path) -> std::io::Result<File> {
    let file = OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .custom_flags(nix::fcntl::OFlag::O_NOFOLLOW.bits())
        .open(path)?;
    file.set_permissions(Permissions::from_mode(0o600))?;
    Ok(file)
}

fn set_aside(path: &Path, now: Nanos) -> Result<PathBuf, Error> {
    let aside = named(path, "corrupt", now);
    std::fs::rename(path, &aside).map_err(io_error("set aside", path))?;
    Ok(aside)
}

/// A file's name with a word and the time behind it; one that is free: a second history of the same
/// second takes no earlier one's place.
pub(super) fn named(path: &Path, word: &str, now: Nanos) -> PathBuf {
    let time = jiff::Timestamp::from_nanosecond(now.0.into())
        .map(|time| time.strftime("%Y%m%dT%H%M%SZ").to_string())
        .unwrap_or_default();
    let numbered = |number: String| {
        let mut name = path.as_os_str().to_owned();
        name.push(format!(".{word}-{time}{number}"));
        PathBuf::from(name)
    };
    let numbers = (2..=u32::MAX).map(|number| format!("-{number}"));
    let mut names = std::iter::once(String::new()).chain(numbers).map(numbered);
    let is_free = |name: &PathBuf| name.symlink_metadata().is_err();
    names
        .find(is_free)
        .unwrap_or_else(|| numbered(String::new()))
}

pub(super) fn io_error(doing: &'static str, path: &Path) -> impl Fn(std::io::Error) -> Error {
    move |source| Error::Io {
        doing,
        path: path.to_owned(),
        source,
    }
}
