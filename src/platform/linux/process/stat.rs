//! `/proc/PID/stat`: who started the process, and when.

use crate::platform::linux::folder::Folder;
use nix::unistd::{SysconfVar, sysconf};
use std::sync::LazyLock;

#[derive(Debug, PartialEq, Eq)]
pub(super) struct Stat {
    pub(super) pid: u32,
    pub(super) parent: u32,
    pub(super) name: String,
    /// Nanoseconds since the system was started.
    pub(super) since: u64,
    /// It is of a thread that is not its process's first: its end is told to nobody by a signal.
    pub(super) thread: bool,
}

const STAT_BYTES: usize = 2048;

/// Nanoseconds of one tick of the kernel's figures for users.
static TICK: LazyLock<u64> = LazyLock::new(|| {
    let hertz = sysconf(SysconfVar::CLK_TCK).ok().flatten().unwrap_or(100);
    1_000_000_000 / u64::try_from(hertz).unwrap_or(100).max(1)
});

impl Stat {
    pub(super) fn of(folder: &Folder) -> Option<Stat> {
        let content = folder.read("stat", STAT_BYTES).ok()?;
        Stat::read(&String::from_utf8_lossy(&content))
    }

    /// `PID (NAME) STATE PARENT ...`, the start as the 22nd, the
    /// signal at its end as the 38th. The name may have brackets in it, what
    /// follows has none.
    pub(super) fn read(line: &str) -> Option<Stat> {
        let (pid, rest) = line.split_once(" (")?;
        let (name, rest) = rest.rsplit_once(") ")?;
        let mut columns = rest.split_ascii_whitespace();
        let parent = columns.nth(1)?.parse().ok()?;
        let ticks: u64 = columns.nth(17)?.parse().ok()?;
        let thread = columns.nth(15) == Some("-1");
        Some(Stat {
            pid: pid.parse().ok()?,
            parent,
            name: name.to_owned(),
            since: ticks.saturating_mul(*TICK),
            thread,
        })
    }
}
