//! Linux's answers to the questions of `platform`: from `/proc`, `/sys` and route netlink.

mod able;
mod conntrack;
mod device;
mod elsewhere;
mod folder;
mod holders;
mod kernel;
mod memory;
mod netlink;
mod ports;
mod proc_events;
mod process;
mod rights;
mod roles;
#[cfg(test)]
mod roles_tests;
mod routes;
mod sockets;
mod tunnels;
mod usage;
mod watch;

pub(super) use able::{how_to_see_owners, lacks};
pub use conntrack::Translations;
pub use elsewhere::Elsewhere;
pub use holders::Holders;
pub use kernel::Kernel;
pub(super) use memory::share_heap;
pub(super) use ports::who_holds_port;
pub use proc_events::ProcessEvents;
pub(super) use process::{children, process, started};
pub use rights::may_capture;
pub(super) use rights::may_look_at_others;
pub(super) use roles::{assign_roles, hardware};
pub use sockets::Sockets;
pub(super) use tunnels::{tunnel_holders, tunnels_of};
pub(super) use usage::usage;
pub use watch::Watch;
pub(super) use watch::watch;

use super::paths::Environment;
use super::{Bundle, Error};
use crate::units::{Nanos, Tally, Traffic};
use nix::sys::time::TimeValLike as _;
use nix::time::{ClockId, clock_gettime};
use pcap::{Capture, Inactive};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// TPACKET stamps frames in nanoseconds.
pub(super) const CAPTURE_TICK: i64 = 1;

/// The ring's block timer wakes whoever polls it.
pub(super) const CAPTURE_NAP: Option<Duration> = None;

/// Frames do not tell their processes.
pub(super) const PROCESS_TAP: Option<&str> = None;

pub(super) fn with_processes(capture: Capture<Inactive>) -> Capture<Inactive> {
    capture
}

/// Programs are not in bundles.
pub(super) fn bundle(_: &Path) -> Option<Bundle> {
    None
}

/// No interface is only a view of others.
pub(super) fn is_tap(_: &str) -> bool {
    false
}

pub(super) fn how_to_capture(program: &str, arguments: &str) -> String {
    format!(
        "`sudo {program} {arguments}`, or once `sudo setcap cap_net_raw+ep {program}` and then \
         `{program} {arguments}`"
    )
}

/// The kernel has a clock for it.
pub(super) fn since_boot(_: Nanos) -> u64 {
    let up = clock_gettime(ClockId::CLOCK_BOOTTIME).map_or(0, |up| up.num_nanoseconds());
    u64::try_from(up).unwrap_or(0)
}

/// By its name, for whoever lists processes; where another file has that by now, by the link that
/// still leads to the one that runs.
pub(super) fn own_program() -> std::io::Result<PathBuf> {
    let path = std::env::current_exe()?;
    Ok(if path.exists() {
        path
    } else {
        "/proc/self/exe".into()
    })
}

pub(super) fn page_opener() -> Option<&'static str> {
    let screen = ["WAYLAND_DISPLAY", "DISPLAY"]
        .iter()
        .any(|name| std::env::var_os(name).is_some_and(|value| !value.is_empty()));
    screen.then_some("xdg-open")
}

pub(super) fn counters(mut each: impl FnMut(&str, Traffic)) -> Result<(), Error> {
    let table = read("/proc/net/dev")?;
    for line in table.lines() {
        if let Some((name, traffic)) = counted(line) {
            each(name, traffic);
        }
    }
    Ok(())
}

pub(super) fn data_folder(root: bool, home: &Path, environment: Environment) -> PathBuf {
    if let Some(folder) = absolute(environment, "STATE_DIRECTORY") {
        return folder;
    }
    if root {
        return "/var/lib/netmonitor".into();
    }
    absolute(environment, "XDG_DATA_HOME")
        .unwrap_or_else(|| home.join(".local/share"))
        .join("netmonitor")
}

pub(super) fn config_file(root: bool, home: &Path, environment: Environment) -> PathBuf {
    if let Some(folder) = absolute(environment, "CONFIGURATION_DIRECTORY") {
        return folder.join("config.toml");
    }
    if root {
        return "/etc/netmonitor/config.toml".into();
    }
    absolute(environment, "XDG_CONFIG_HOME")
        .unwrap_or_else(|| home.join(".config"))
        .join("netmonitor/config.toml")
}

/// An absolute path from the environment; a relative one is ignored, as XDG demands.
fn absolute(environment: Environment, name: &str) -> Option<PathBuf> {
    let path = PathBuf::from(environment(name)?);
    path.is_absolute().then_some(path)
}

/// The whole of a small file that the kernel makes up.
fn read(path: &'static str) -> Result<String, Error> {
    fs::read_to_string(path).map_err(Error::file("read", Path::new(path)))
}

/// One row of `/proc/net/dev`: received and sent bytes are its first and ninth figure, packets
/// come after each. The two lines of headings have no figures.
fn counted(line: &str) -> Option<(&str, Traffic)> {
    let (name, figures) = line.split_once(':')?;
    let mut figures = figures.split_ascii_whitespace().map(str::parse::<u64>);
    let mut tally = |skip: usize| {
        let bytes = figures.nth(skip)?.ok()?;
        let packets = figures.next()?.ok()?;
        Some(Tally { packets, bytes })
    };
    let traffic = Traffic {
        inbound: tally(0)?,
        outbound: tally(6)?,
    };
    Some((name.trim(), traffic))
}

#[cfg(test)]
mod scene;
#[cfg(test)]
mod tests;
