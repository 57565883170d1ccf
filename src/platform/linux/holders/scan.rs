//! The sockets among the open files of one process. A process may have millions of files: so many
//! are looked at in one visit, and the next visit goes on where it ended.

use crate::platform::linux::folder::numbered;
use nix::dir::Dir;
use nix::fcntl::readlinkat;
use nix::unistd::{Whence, lseek};
use std::io;
use std::os::fd::{AsFd, OwnedFd};

/// How many files are looked at in one visit.
const A_VISIT: usize = 8_192;
/// In a folder of open files, that with number N comes at place N + 2.
const FIRST: i64 = 2;

/// Hands (inode, descriptor) of each socket to `each`, from this descriptor on; the descriptor to go
/// on with, if there are more.
pub(super) fn sockets(
    handle: &OwnedFd,
    from: u32,
    each: &mut dyn FnMut(u64, u32),
) -> io::Result<Option<u32>> {
    if from > 0 {
        lseek(handle, FIRST + i64::from(from), Whence::SeekSet)?;
    }
    let mut files = Dir::from_fd(handle.try_clone()?)?;
    let mut looks = 0;
    for entry in files.iter() {
        let Some(descriptor) = number(entry?.file_name()) else {
            continue;
        };
        if looks >= A_VISIT {
            return Ok(Some(descriptor));
        }
        looks += 1;
        if let Some(inode) = socket_at(handle, descriptor) {
            each(inode, descriptor);
        }
    }
    Ok(None)
}

/// The inode of the socket that a process has open as this descriptor.
pub(super) fn socket_at(files: impl AsFd, descriptor: u32) -> Option<u64> {
    let name = descriptor.to_string();
    let link = readlinkat(files, name.as_str()).ok()?;
    numbered(&link, "socket")
}

fn number(name: &std::ffi::CStr) -> Option<u32> {
    name.to_str().ok()?.parse().ok()
}
