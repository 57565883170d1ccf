//! Files that only their owner may read: history and token tell where somebody has been. Folders
//! are 0700, files 0600, links are never followed, and what belongs to somebody else is refused.

use super::Error;
use nix::fcntl::OFlag;
use nix::sys::stat::{Mode, fchmod};
use nix::unistd::geteuid;
use std::fs::{self, DirBuilder, File, Metadata, OpenOptions, TryLockError};
use std::io::{self, ErrorKind, Read, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

const FOLDER: u32 = 0o700;
const FILE: u32 = 0o600;

/// Makes sure that `path` is a folder of ours that nobody else can look into; folders above it are
/// made with the usual permissions where they are missing.
pub fn folder(path: &Path) -> Result<(), Error> {
    if let Some(above) = path.parent() {
        fs::create_dir_all(above).map_err(Error::file("create", above))?;
    }
    match DirBuilder::new().mode(FOLDER).create(path) {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => {
            return Err(Error::file("create", path)(error));
        }
        _ => {}
    }
    let folder = open_with(path, OpenOptions::new().read(true), OFlag::O_DIRECTORY)?;
    let facts = facts(&folder, path)?;
    if !facts.is_dir() {
        return Err(kind(path, "folder"));
    }
    own(&folder, &facts, path, FOLDER)
}

/// Opens a file of ours for reading and writing; it is made if there is none.
pub fn open(path: &Path) -> Result<File, Error> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    checked(path, &options)
}

/// The content of a file of ours, or `None` if there is none.
pub fn read(path: &Path) -> Result<Option<Vec<u8>>, Error> {
    existing(path)?.map(|file| content(file, path)).transpose()
}

/// The content of a file that a process holds now ([`Held`]), or `None` if there is none.
pub fn read_held(path: &Path) -> Result<Option<Vec<u8>>, Error> {
    let Some(file) = existing(path)? else {
        return Ok(None);
    };
    match file.try_lock_shared() {
        Err(TryLockError::WouldBlock) => content(file, path).map(Some),
        Ok(()) => Ok(None),
        Err(TryLockError::Error(error)) => Err(Error::file("lock", path)(error)),
    }
}

/// A file of ours that says something as long as this value lives. It is locked, so that a reader
/// can tell it from what a crash left behind, and removed in the end.
#[derive(Debug)]
pub struct Held {
    path: PathBuf,
    #[expect(dead_code, reason = "its lock is what holds the file")]
    file: File,
}

impl Held {
    pub fn new(path: &Path, content: &[u8]) -> Result<Held, Error> {
        let mut file = open(path)?;
        file.lock().map_err(Error::file("lock", path))?;
        file.set_len(0)
            .and_then(|()| file.write_all(content))
            .map_err(Error::file("write", path))?;
        Ok(Held {
            path: path.into(),
            file,
        })
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        // Left behind without its lock, it says nothing any more.
        let _ = fs::remove_file(&self.path);
    }
}

/// Puts `content` in the place of a file of ours, all or nothing: also when the machine stops now.
pub fn write(path: &Path, content: &[u8]) -> Result<(), Error> {
    let beside = beside(path)?;
    let written = replace(path, &beside, content);
    if written.is_err() {
        // Nothing was put in place: what is left over is only litter.
        let _ = fs::remove_file(&beside);
    }
    written
}

/// A folder of ours that is gone when this value is.
#[derive(Debug)]
pub struct Ephemeral {
    path: PathBuf,
}

impl Ephemeral {
    /// A new folder in the system's place for such.
    pub fn new() -> Result<Ephemeral, Error> {
        let template = std::env::temp_dir().join("netmonitor-XXXXXX");
        let path = nix::unistd::mkdtemp(&template)
            .map_err(io::Error::from)
            .map_err(Error::file("create", &template))?;
        Ok(Ephemeral { path })
    }

    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for Ephemeral {
    fn drop(&mut self) {
        // A folder that cannot be removed is litter in a place that the system empties.
        let _ = fs::remove_dir_all(&self.path);
    }
}

fn replace(path: &Path, beside: &Path, content: &[u8]) -> Result<(), Error> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    let mut file = open_with(beside, &mut options, OFlag::empty())?;
    file.write_all(content)
        .and_then(|()| file.sync_all())
        .map_err(Error::file("write", beside))?;
    fs::rename(beside, path).map_err(Error::file("replace", path))?;
    let folder = path.parent().unwrap_or(Path::new("/"));
    File::open(folder)
        .and_then(|folder| folder.sync_all())
        .map_err(Error::file("sync", folder))
}

/// The name under which new content is written before it takes its place.
fn beside(path: &Path) -> Result<PathBuf, Error> {
    let name = path.file_name().ok_or_else(|| kind(path, "file"))?;
    let name = format!(".{}.{}.new", name.to_string_lossy(), std::process::id());
    let beside = path.with_file_name(name);
    match fs::remove_file(&beside) {
        Err(error) if error.kind() != ErrorKind::NotFound => {
            Err(Error::file("remove", &beside)(error))
        }
        _ => Ok(beside),
    }
}

/// A file of ours to read, if there is one.
fn existing(path: &Path) -> Result<Option<File>, Error> {
    match checked(path, OpenOptions::new().read(true)) {
        Err(Error::File { source, .. }) if source.kind() == ErrorKind::NotFound => Ok(None),
        other => other.map(Some),
    }
}

fn content(mut file: File, path: &Path) -> Result<Vec<u8>, Error> {
    let mut content = Vec::new();
    file.read_to_end(&mut content)
        .map_err(Error::file("read", path))?;
    Ok(content)
}

fn checked(path: &Path, options: &OpenOptions) -> Result<File, Error> {
    let file = open_with(path, &mut options.clone(), OFlag::O_NONBLOCK)?;
    let facts = facts(&file, path)?;
    if !facts.is_file() {
        return Err(kind(path, "file"));
    }
    own(&file, &facts, path, FILE)?;
    Ok(file)
}

fn open_with(path: &Path, options: &mut OpenOptions, more: OFlag) -> Result<File, Error> {
    let flags = OFlag::O_NOFOLLOW | more;
    match options.mode(FILE).custom_flags(flags.bits()).open(path) {
        Ok(file) => Ok(file),
        Err(_) if is_link(path) => Err(Error::Link { path: path.into() }),
        Err(error) if error.raw_os_error() == Some(nix::libc::ENOTDIR) => Err(kind(path, "folder")),
        Err(error) => Err(Error::file("open", path)(error)),
    }
}

fn is_link(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok_and(|facts| facts.is_symlink())
}

fn facts(file: &File, path: &Path) -> Result<Metadata, Error> {
    file.metadata().map_err(Error::file("look at", path))
}

fn kind(path: &Path, expected: &'static str) -> Error {
    Error::Kind {
        path: path.into(),
        expected,
    }
}

/// Refuses what is not ours; takes away from others what they were allowed.
fn own(file: &File, facts: &Metadata, path: &Path, mode: u32) -> Result<(), Error> {
    let us = geteuid().as_raw();
    if facts.uid() != us {
        return Err(Error::Owner {
            path: path.into(),
            owner: facts.uid(),
            us,
        });
    }
    if facts.permissions().mode() & 0o077 != 0 {
        fchmod(file, Mode::from_bits_truncate(mode as nix::libc::mode_t))
            .map_err(io::Error::from)
            .map_err(Error::file("protect", path))?;
    }
    Ok(())
}
