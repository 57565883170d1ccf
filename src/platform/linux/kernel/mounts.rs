//! Where the kernel's file systems are mounted.

use super::tracing::unmounted;
use crate::platform::Error;
use std::fs::{self, File};
use std::os::unix::ffi::OsStringExt;
use std::path::{Path, PathBuf};

const MOUNTS: &str = "/proc/mounts";

/// The root of the tree of control groups (cgroup v2), wherever it is. The kernel has it also where
/// it is mounted nowhere that can be seen from here.
pub(super) fn control_groups() -> Result<File, Error> {
    match mounted("cgroup2")? {
        Some(path) => File::open(&path).map_err(Error::file("open", &path)),
        None => unmounted(c"cgroup2").map_err(|error| Error::Kernel {
            step: "control groups",
            reason: format!(
                "no cgroup v2 tree is mounted (mount -t cgroup2 none /sys/fs/cgroup), and it cannot \
                 be opened without: {error}"
            ),
        }),
    }
}

/// The first place where a file system of that type is.
pub(super) fn mounted(kind: &str) -> Result<Option<PathBuf>, Error> {
    let table = fs::read(MOUNTS).map_err(Error::file("read", Path::new(MOUNTS)))?;
    Ok(place_of(&table, kind))
}

fn place_of(table: &[u8], kind: &str) -> Option<PathBuf> {
    table.split(|byte| *byte == b'\n').find_map(|line| {
        let mut fields = line.split(|byte| *byte == b' ').skip(1);
        let place = fields.next()?;
        (fields.next()? == kind.as_bytes()).then(|| unescaped(place))
    })
}

/// Spaces, tabs, newlines and backslashes are written as three octal digits.
fn unescaped(mut place: &[u8]) -> PathBuf {
    let mut path = Vec::with_capacity(place.len());
    while let Some((&first, rest)) = place.split_first() {
        place = rest;
        match rest {
            [a @ b'0'..=b'3', b @ b'0'..=b'7', c @ b'0'..=b'7', rest @ ..] if first == b'\\' => {
                path.push((a - b'0') << 6 | (b - b'0') << 3 | (c - b'0'));
                place = rest;
            }
            _ => path.push(first),
        }
    }
    std::ffi::OsString::from_vec(path).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_of_its_type_is_found_and_its_name_is_read() {
        let table = b"tmpfs /sys/fs/cgroup tmpfs rw 0 0\n\
            cgroup /sys/fs/cgroup/cpu cgroup rw,cpu 0 0\n\
            none /odd\\040place\\134x cgroup2 rw 0 0\n\
            none /second cgroup2 rw 0 0\n";
        assert_eq!(place_of(table, "cgroup2"), Some("/odd place\\x".into()));
        assert_eq!(place_of(table, "cgroup"), Some("/sys/fs/cgroup/cpu".into()));
        assert_eq!(place_of(table, "tracefs"), None);
    }
}
