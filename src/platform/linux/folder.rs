//! The folder of one process in `/proc`, held open: whatever is read through it is of this very
//! process, and nothing can be read once it has ended, whoever has its number by then.

use nix::dir::Dir;
use nix::fcntl::{AtFlags, OFlag, openat, readlinkat};
use nix::sys::stat::{FileStat, Mode, fstatat};
use std::ffi::OsString;
use std::fs::File;
use std::io::{self, Read};
use std::os::fd::OwnedFd;
use std::path::Path;

pub(super) struct Folder {
    handle: OwnedFd,
}

impl Folder {
    /// The folder of a process, or of one thread's process.
    pub(super) fn open(pid: u32) -> io::Result<Folder> {
        Folder::at(Path::new("/proc"), &pid.to_string())
    }

    fn at(proc: &Path, name: &str) -> io::Result<Folder> {
        let flags = OFlag::O_PATH | OFlag::O_DIRECTORY | OFlag::O_CLOEXEC;
        let path = proc.join(name);
        let handle = nix::fcntl::open(&path, flags, Mode::empty())?;
        Ok(Folder { handle })
    }

    /// The start of a file: at most so many bytes.
    pub(super) fn read(&self, name: &str, most: usize) -> io::Result<Vec<u8>> {
        let flags = OFlag::O_RDONLY | OFlag::O_CLOEXEC;
        let file = File::from(openat(&self.handle, name, flags, Mode::empty())?);
        let mut content = Vec::with_capacity(most.min(1024));
        file.take(most as u64).read_to_end(&mut content)?;
        Ok(content)
    }

    /// Where a link of it leads.
    pub(super) fn link(&self, name: &str) -> io::Result<OsString> {
        Ok(readlinkat(&self.handle, name)?)
    }

    /// What is said of the file that a link of it leads to.
    pub(super) fn behind(&self, name: &str) -> io::Result<FileStat> {
        Ok(fstatat(&self.handle, name, AtFlags::empty())?)
    }

    /// What is in a folder of it.
    pub(super) fn list(&self, name: &str) -> io::Result<Dir> {
        let flags = OFlag::O_RDONLY | OFlag::O_DIRECTORY | OFlag::O_CLOEXEC;
        Ok(Dir::openat(&self.handle, name, flags, Mode::empty())?)
    }

    /// A handle on a folder of it.
    pub(super) fn below(&self, name: &str) -> io::Result<OwnedFd> {
        let flags = OFlag::O_RDONLY | OFlag::O_DIRECTORY | OFlag::O_CLOEXEC;
        Ok(openat(&self.handle, name, flags, Mode::empty())?)
    }
}

/// The numbers of all processes that are shown to us, oldest number first.
pub(super) fn pids() -> io::Result<Vec<u32>> {
    let entries = std::fs::read_dir("/proc")?;
    let number =
        |entry: io::Result<std::fs::DirEntry>| entry.ok()?.file_name().to_str()?.parse().ok();
    Ok(entries.filter_map(number).collect())
}

/// The number in a link such as `socket:[4711]`.
pub(super) fn numbered(link: &std::ffi::OsStr, kind: &str) -> Option<u64> {
    let rest = link.to_str()?.strip_prefix(kind)?;
    rest.strip_prefix(":[")?.strip_suffix(']')?.parse().ok()
}
