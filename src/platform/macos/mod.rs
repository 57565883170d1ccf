//! macOS's answers to the questions of `platform`: from sysctl, libproc and the routing socket.

mod able;
mod absent;
mod kernel;
mod libproc;
mod ports;
mod process;
mod roles;
mod sockets;
mod sysctl;
mod usage;
mod watch;

pub(super) use super::apple::bundle;
pub(super) use able::{how_to_see_owners, lacks};
pub use absent::{Elsewhere, ProcessEvents, Translations};
pub(super) use absent::{may_look_at_others, tunnel_holders, tunnels_of};
pub use kernel::Kernel;
pub(super) use ports::who_holds_port;
pub(super) use process::{children, process, since_boot, started};
pub(super) use roles::{assign_roles, hardware};
pub use sockets::{Holders, Sockets};
pub(super) use usage::usage;
pub use watch::Watch;
pub(super) use watch::watch;

use super::Error;
use super::paths::Environment;
use crate::units::{Tally, Traffic};
use nix::libc;
use nix::net::if_::if_indextoname;
use nix::unistd::{AccessFlags, access};
use pcap::{Capture, Inactive};
use std::mem::offset_of;
use std::path::{Path, PathBuf};
use std::time::Duration;
use sysctl::field;

/// BPF stamps frames in microseconds.
pub(super) const CAPTURE_TICK: i64 = 1_000;

/// A BPF device tells kqueue of frames only when its buffer is full or somebody reads.
pub(super) const CAPTURE_NAP: Option<Duration> = Some(Duration::from_millis(100));

/// PKTAP, an interface that is made for whoever opens it.
pub(super) const PROCESS_TAP: Option<&str> = Some("pktap");

pub(super) fn with_processes(capture: Capture<Inactive>) -> Capture<Inactive> {
    capture.want_pktap(true)
}

/// What is made for captures shows the frames of the other interfaces once more.
pub(super) fn is_tap(name: &str) -> bool {
    ["pktap", "iptap"].iter().any(|kind| name.starts_with(kind))
}

/// Capturing takes a BPF device that may be opened: root's, or the group's that owns them.
pub fn may_capture() -> bool {
    super::is_root() || access("/dev/bpf0", AccessFlags::R_OK | AccessFlags::W_OK).is_ok()
}

/// This system's allocator has no such setting.
pub(super) fn share_heap() {}

pub(super) fn how_to_capture(program: &str, arguments: &str) -> String {
    format!("`sudo {program} {arguments}`")
}

pub(super) fn own_program() -> std::io::Result<PathBuf> {
    std::env::current_exe()
}

#[expect(clippy::unnecessary_wraps, reason = "other systems may have none")]
pub(super) fn page_opener() -> Option<&'static str> {
    Some("open")
}

/// Counters of 64 bits, from the list of interfaces (getifaddrs has only the 32-bit ones).
pub(super) fn counters(mut each: impl FnMut(&str, Traffic)) -> Result<(), Error> {
    let list = sysctl::route_table(libc::NET_RT_IFLIST2, "read the interfaces' counters")?;
    for message in sysctl::messages(&list) {
        if let Some((index, traffic)) = counted(message)
            && let Ok(name) = if_indextoname(index)
            && let Ok(name) = name.to_str()
        {
            each(name, traffic);
        }
    }
    Ok(())
}

pub(super) fn data_folder(root: bool, home: &Path, _: Environment) -> PathBuf {
    let library = if root { Path::new("/") } else { home };
    library.join("Library/Application Support/netmonitor")
}

pub(super) fn config_file(root: bool, home: &Path, _: Environment) -> PathBuf {
    if root {
        "/usr/local/etc/netmonitor/config.toml".into()
    } else {
        home.join(".config/netmonitor/config.toml")
    }
}

fn counted(message: &[u8]) -> Option<(u32, Traffic)> {
    use libc::{if_data64, if_msghdr2};
    let kind: u8 = field(message, offset_of!(if_msghdr2, ifm_type)).map(u8::from_ne_bytes)?;
    if i32::from(kind) != libc::RTM_IFINFO2 {
        return None;
    }
    let index = field(message, offset_of!(if_msghdr2, ifm_index)).map(u16::from_ne_bytes)?;
    let figure = |at: usize| {
        let at = offset_of!(if_msghdr2, ifm_data) + at;
        field(message, at).map(u64::from_ne_bytes)
    };
    let traffic = Traffic {
        inbound: Tally {
            packets: figure(offset_of!(if_data64, ifi_ipackets))?,
            bytes: figure(offset_of!(if_data64, ifi_ibytes))?,
        },
        outbound: Tally {
            packets: figure(offset_of!(if_data64, ifi_opackets))?,
            bytes: figure(offset_of!(if_data64, ifi_obytes))?,
        },
    };
    Some((u32::from(index), traffic))
}
