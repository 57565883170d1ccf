//! The only room that asks which operating system this is, and the only one where `unsafe` may be.
//! Each function is said here once; `linux/` and `macos/` answer it with the same signature.

mod able;
mod error;
mod nics;
mod others;
mod paths;
mod prefetch;
pub mod private;
mod process;
mod socket;
mod terminal;

#[cfg(target_os = "linux")]
mod linux;
#[cfg(target_os = "linux")]
use linux as os;
#[cfg(any(target_os = "macos", test))]
mod apple;
#[cfg(target_os = "macos")]
mod macos;
#[cfg(target_os = "macos")]
use macos as os;

pub use able::{Means, how_to_see_owners, lacks};
pub use error::Error;
pub use nics::{addresses, nics};
pub use os::{
    Elsewhere, Holders, Kernel, ProcessEvents, Sockets, Translations, Watch, may_capture,
};
pub use others::{Distant, Ends, ProcessEvent, Sight};
pub use paths::{config_file, data_folder};
pub use prefetch::{prefetch, prefetch_line};
pub use process::{Bundle, ProcessFacts, Run};
pub use socket::{FlowSeen, KernelEvent, Lost, PacketSocket, ProgramSeen, Socket};
pub use terminal::{Keys, Typed};

use crate::units::{Nanos, Traffic};
use nix::fcntl::{FcntlArg, FdFlag, fcntl};
use pcap::{Capture, Inactive};
use serde::{Deserialize, Serialize};
use std::net::IpAddr;
use std::os::fd::AsFd;
use std::path::Path;
use std::time::Duration;

/// What an interface is for. Totals count uplinks; the others are recorded and can be looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// Has a default route and is no tunnel; physical ones with a link too.
    Uplink,
    Tunnel,
    Loopback,
    Bridge,
    Virtual,
    /// An interface of a capture file.
    File,
    /// Another interface of this machine shows the same frames: a bridge's port, a part of a bond,
    /// a VLAN, a mirror.
    Member,
}

impl Role {
    /// The word that the API and the command line use.
    pub fn word(self) -> &'static str {
        match self {
            Role::Uplink => "uplink",
            Role::Tunnel => "tunnel",
            Role::Loopback => "loopback",
            Role::Bridge => "bridge",
            Role::Virtual => "virtual",
            Role::File => "file",
            Role::Member => "member",
        }
    }
}

/// A network interface as the system describes it now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Nic {
    pub name: String,
    /// The system's number for it: another one after it was deleted and made again.
    pub index: u32,
    pub up: bool,
    /// It is up and something is at the other end.
    pub link: bool,
    pub loopback: bool,
    pub role: Role,
    /// The link address, where the link has one that is not all zeros.
    pub hardware: Option<[u8; 6]>,
    pub addresses: Vec<IpAddr>,
    /// What the interface's own counters say: bytes and packets since it came to be.
    pub counters: Option<Traffic>,
}

/// What this process has used so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// User and system CPU time.
    pub cpu: Nanos,
    /// Resident memory in bytes, the capture rings not counted.
    pub resident: u64,
    /// Capture rings that the kernel maps into this process, in bytes.
    pub rings: u64,
    /// How often a thread of it went to sleep and was woken.
    pub wakeups: u64,
}

/// Who has a port open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holder {
    pub pid: u32,
    pub name: String,
}

/// What one unit of a live capture's sub-second timestamps is worth, in nanoseconds.
pub const CAPTURE_TICK: i64 = os::CAPTURE_TICK;

/// How long a capture thread may sleep at most: `None` where the kernel always wakes it for frames
/// that wait longer than the block timeout.
pub const CAPTURE_NAP: Option<Duration> = os::CAPTURE_NAP;

/// The device on which each frame of every interface tells its process (`device,all`, or
/// `device,NAME,...`), where the system has one. Only root may open it.
pub const PROCESS_TAP: Option<&str> = os::PROCESS_TAP;

/// A capture that is to be opened on such a device.
pub fn with_processes(capture: Capture<Inactive>) -> Capture<Inactive> {
    os::with_processes(capture)
}

/// Hands the counters of every interface to `each`: one cheap read, good for once a second.
pub fn counters(each: impl FnMut(&str, Traffic)) -> Result<(), Error> {
    os::counters(each)
}

/// A source of "interfaces, addresses or routes have changed"; `None` where the system has none,
/// and they must be listed again from time to time.
pub fn watch() -> Result<Option<Watch>, Error> {
    os::watch()
}

/// CPU time, memory and wake-ups of this process.
pub fn usage() -> Result<Usage, Error> {
    os::usage()
}

/// Has all threads take memory from one place, so that what one of them frees serves the others.
/// They may have to wait for each other there: the packet's way asks for memory a few times a
/// second, not for packets. To be called while no other thread takes or frees memory: before a
/// second one is started.
pub fn share_heap() {
    os::share_heap();
}

/// The process that listens on a TCP port of this machine, if it can be told.
pub fn who_holds_port(port: u16) -> Option<Holder> {
    os::who_holds_port(port)
}

/// What the system says of a process now. Fails if there is none (any more); what may not be read of
/// one that is there is `None`.
pub fn process(pid: u32) -> Result<ProcessFacts, Error> {
    os::process(pid)
}

/// When the process with this number began, as in [`Run`]: a cheap way to see whether it is the same.
pub fn started(pid: u32) -> Option<u64> {
    os::started(pid)
}

/// The processes that this one has started and that still run, where the system tells.
pub fn children(pid: u32) -> Vec<u32> {
    os::children(pid)
}

/// The application that a program is part of, where the system has bundles.
pub fn bundle(executable: &Path) -> Option<Bundle> {
    os::bundle(executable)
}

/// Which process is at the other end of each interface that is a program's (tun, tap), as far as we
/// may look, in our network namespace. To be asked seldom: all open files are looked at.
pub fn tunnel_holders() -> Vec<(String, Run)> {
    os::tunnel_holders()
}

/// The interfaces of which this process is at the other end: cheap, where the process is known.
pub fn tunnels_of(run: Run) -> Vec<String> {
    os::tunnels_of(run)
}

/// What we may see of other processes, and which rights are missing.
pub fn may_look_at_others() -> Sight {
    os::may_look_at_others()
}

/// The program that shows a page in the user's browser, where there is a screen to show it on.
pub fn page_opener() -> Option<&'static str> {
    os::page_opener()
}

/// When the system was started, in wall time as it is told now.
pub fn booted(now: Nanos) -> Nanos {
    Nanos(now.0.saturating_sub(since_boot(now).cast_signed()))
}

/// How long the system has been up, what it slept through included, in nanoseconds: the time by
/// which processes begin. `now` is the wall time.
pub fn since_boot(now: Nanos) -> u64 {
    os::since_boot(now)
}

/// The file of this very program, also when another has been put in its place since it was started.
pub fn own_program() -> std::io::Result<std::path::PathBuf> {
    os::own_program()
}

/// Has an open file be closed in programs that this process starts: not everybody who opens one
/// for us asks for that.
pub fn keep_from_children(file: impl AsFd) -> Result<(), Error> {
    let close = FcntlArg::F_SETFD(FdFlag::FD_CLOEXEC);
    let done = fcntl(file, close).map(drop);
    done.map_err(Error::system("keep a file from other programs"))
}

/// Bytes that whoever runs this may still write beside a file.
pub fn room(beside: &Path) -> std::io::Result<u64> {
    let facts = nix::sys::statvfs::statvfs(beside)?;
    // The types differ among systems.
    #[allow(clippy::useless_conversion, reason = "it is one on some systems")]
    let (blocks, each) = (
        u64::from(facts.blocks_available()),
        u64::from(facts.fragment_size()),
    );
    Ok(blocks.saturating_mul(each))
}

pub fn is_root() -> bool {
    nix::unistd::geteuid().is_root()
}

/// The number of the user that this process acts as.
pub fn user() -> u32 {
    nix::unistd::geteuid().as_raw()
}

/// What to type so that this very command may capture.
pub fn how_to_capture() -> String {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    how_to_capture_with(&arguments.join(" "))
}

/// What to type so that this program may capture with these arguments.
pub fn how_to_capture_with(arguments: &str) -> String {
    os::how_to_capture(&program(), arguments)
}

/// Where this program lies.
fn program() -> String {
    std::env::current_exe().map_or_else(
        |_| "netmonitor".into(),
        |path| path.to_string_lossy().into_owned(),
    )
}

#[cfg(test)]
mod tests;
