//! What the kernel says of a process. Who it is, when it began and what it runs is told of every
//! process; its arguments and its folder only to root, and to the same user.

use super::libproc;
use super::sysctl::{self, field};
use crate::platform::{Error, ProcessFacts, Run, apple};
use crate::units::Nanos;
use nix::libc;
use std::ffi::OsStr;
use std::mem::offset_of;
use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;
use std::sync::LazyLock;

/// How many processes are listed at most, in bytes of their numbers.
const LIST_BYTES: usize = 1 << 20;

/// When the system was started, in nanoseconds since 1970, as it was said first: what is told later
/// moves with the clock, and the start of a process does not.
static BOOTED: LazyLock<u64> = LazyLock::new(|| {
    let told = sysctl::value(&mut [libc::CTL_KERN, libc::KERN_BOOTTIME], usize::MAX);
    told.ok().and_then(|told| nanos(&told)).unwrap_or(0)
});

/// As it was said first: what the clock says now does not move it.
pub(crate) fn booted(_: Nanos) -> Option<Nanos> {
    let booted = i64::try_from(*BOOTED).ok().filter(|booted| *booted > 0)?;
    Some(Nanos(booted))
}

pub(crate) fn process(pid: u32) -> Result<ProcessFacts, Error> {
    facts(pid).ok_or(Error::Gone { pid })
}

/// When the process with this number began. A structure's first field says it (`struct
/// extern_proc` of `bsd/sys/proc.h`).
pub(crate) fn started(pid: u32) -> Option<u64> {
    let number = i32::try_from(pid).ok()?;
    let mut question = [libc::CTL_KERN, libc::KERN_PROC, libc::KERN_PROC_PID, number];
    let told = sysctl::value(&mut question, usize::MAX).ok()?;
    Some(nanos(&told)?.saturating_sub(*BOOTED))
}

pub(crate) fn children(pid: u32) -> Vec<u32> {
    list(libproc::CHILDREN, pid)
}

/// Every process there is.
pub(super) fn all() -> Vec<u32> {
    list(libproc::ALL, 0)
}

/// The user as whom a process acts.
pub(super) fn user(pid: u32) -> Option<u32> {
    let mut place = [0; size_of::<libc::proc_bsdshortinfo>()];
    let told = libproc::process(pid, libc::PROC_PIDT_SHORTBSDINFO, &mut place);
    word(told, offset_of!(libc::proc_bsdshortinfo, pbsi_uid))
}

fn facts(pid: u32) -> Option<ProcessFacts> {
    use libc::proc_bsdshortinfo as Short;
    let since = started(pid)?;
    let mut place = [0; size_of::<Short>()];
    let told = libproc::process(pid, libc::PROC_PIDT_SHORTBSDINFO, &mut place);
    let name: [u8; libc::MAXCOMLEN] = field(told, offset_of!(Short, pbsi_comm))?;
    let executable = executable(pid);
    let facts = ProcessFacts {
        run: Run { pid, since },
        parent: word(told, offset_of!(Short, pbsi_ppid))?,
        user: word(told, offset_of!(Short, pbsi_ruid))?,
        effective_user: word(told, offset_of!(Short, pbsi_uid))?,
        short_name: String::from_utf8_lossy(up_to_zero(&name)).into_owned(),
        replaced: executable.as_ref().is_some_and(|path| !path.exists()),
        executable,
        arguments: arguments(pid),
        folder: folder(pid),
        group: None,
        image: None,
        network: None,
    };
    // The number may have become another's meanwhile.
    (started(pid) == Some(since)).then_some(facts)
}

fn executable(pid: u32) -> Option<PathBuf> {
    let mut place = [0; libc::PROC_PIDPATHINFO_MAXSIZE as usize];
    path(libproc::path(pid, &mut place))
}

fn arguments(pid: u32) -> Vec<String> {
    // More than a process can be called with.
    const MOST_BYTES: usize = 2 << 20;
    let Ok(number) = i32::try_from(pid) else {
        return Vec::new();
    };
    let mut question = [libc::CTL_KERN, libc::KERN_PROCARGS2, number];
    let told = sysctl::value(&mut question, MOST_BYTES).unwrap_or_default();
    apple::arguments(&told)
}

fn folder(pid: u32) -> Option<PathBuf> {
    use libc::proc_vnodepathinfo as Paths;
    let mut place = [0; size_of::<Paths>()];
    let told = libproc::process(pid, libc::PROC_PIDVNODEPATHINFO, &mut place);
    let at = offset_of!(Paths, pvi_cdir) + offset_of!(libc::vnode_info_path, vip_path);
    path(told.get(at..)?)
}

fn list(kind: u32, of: u32) -> Vec<u32> {
    let mut place = vec![0; 16 << 10];
    loop {
        let told = libproc::list(kind, of, &mut place);
        if told.len() < place.len() || place.len() >= LIST_BYTES {
            let numbers = told.chunks_exact(4).filter_map(|number| word(number, 0));
            return numbers.filter(|number| *number > 0).collect();
        }
        let more = place.len() * 2;
        place.resize(more, 0);
    }
}

/// A `timeval` of 64 bits at the beginning, in nanoseconds.
fn nanos(told: &[u8]) -> Option<u64> {
    let seconds = field(told, 0).map(u64::from_ne_bytes)?;
    let micros = word(told, 8)?;
    let whole = seconds.saturating_mul(1_000_000_000);
    (seconds > 0).then(|| whole.saturating_add(u64::from(micros) * 1_000))
}

fn word(told: &[u8], at: usize) -> Option<u32> {
    field(told, at).map(u32::from_ne_bytes)
}

fn path(told: &[u8]) -> Option<PathBuf> {
    let path = up_to_zero(told);
    (!path.is_empty()).then(|| PathBuf::from(OsStr::from_bytes(path)))
}

fn up_to_zero(bytes: &[u8]) -> &[u8] {
    bytes.split(|byte| *byte == 0).next().unwrap_or_default()
}
