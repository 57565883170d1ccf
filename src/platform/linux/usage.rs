//! What this process uses. Pages of a capture ring are the kernel's, but a process that maps them
//! has them in its resident size: all of them from the moment it maps the ring. They are told
//! apart by their mapping, whose name is that of a socket.

use super::read;
use crate::platform::{Error, Usage};
use crate::units::Nanos;
use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeVal;
use nix::unistd::{SysconfVar, sysconf};

pub(crate) fn usage() -> Result<Usage, Error> {
    let used = getrusage(UsageWho::RUSAGE_SELF).map_err(Error::system("ask for the CPU time"))?;
    let rings = rings(&read("/proc/self/maps")?);
    let resident = resident_pages(&read("/proc/self/statm")?) * page_size();
    Ok(Usage {
        cpu: Nanos(nanos(used.user_time()) + nanos(used.system_time())),
        resident: resident.saturating_sub(rings),
        rings,
        wakeups: used.voluntary_context_switches() as u64,
    })
}

/// The bytes of all mappings of sockets in a `/proc/PID/maps`.
pub(super) fn rings(maps: &str) -> u64 {
    maps.lines()
        .filter(|line| line.contains(" socket:["))
        .filter_map(|line| {
            let (from, to) = line.split_ascii_whitespace().next()?.split_once('-')?;
            let address = |text| u64::from_str_radix(text, 16).ok();
            Some(address(to)?.saturating_sub(address(from)?))
        })
        .sum()
}

fn resident_pages(statm: &str) -> u64 {
    let pages = statm.split_ascii_whitespace().nth(1);
    pages.and_then(|pages| pages.parse().ok()).unwrap_or(0)
}

fn page_size() -> u64 {
    sysconf(SysconfVar::PAGE_SIZE)
        .ok()
        .flatten()
        .map_or(4096, |size| size as u64)
}

fn nanos(time: TimeVal) -> i64 {
    time.tv_sec() * 1_000_000_000 + time.tv_usec() * 1_000
}
