//! Tracepoints: where the kernel tells that a process was forked off or executes a program.

use super::attach::program;
use super::mounts::mounted;
use super::object::refused;
use crate::platform::Error;
use aya::Ebpf;
use aya::programs::Program;
use nix::libc;
use std::ffi::CStr;
use std::fs::{self, File};
use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, FromRawFd, OwnedFd};
use std::path::PathBuf;

struct Point {
    program: &'static str,
    event: &'static str,
    /// Lines of its description that the program relies on.
    fields: &'static [&'static str],
}

const POINTS: [Point; 2] = [
    Point {
        program: "forked",
        event: "task/task_newtask",
        fields: &[
            "pid_t pid;\toffset:8;\tsize:4;",
            "clone_flags;\toffset:32;\tsize:8;",
        ],
    },
    Point {
        program: "executed",
        event: "sched/sched_process_exec",
        fields: &["__data_loc char[] filename;\toffset:8;\tsize:4;"],
    },
];

/// Attaches the programs that were loaded; they stay as long as what is returned is open.
pub(super) fn attach(programs: &mut Ebpf) -> Result<Vec<OwnedFd>, Error> {
    let root = tracing_files()?;
    POINTS
        .iter()
        .map(|point| attach_one(programs, point, &root))
        .collect()
}

fn attach_one(programs: &mut Ebpf, point: &Point, root: &File) -> Result<OwnedFd, Error> {
    // Through the open folder: it may be mounted nowhere.
    let folder: PathBuf =
        format!("/proc/self/fd/{}/events/{}", root.as_raw_fd(), point.event).into();
    let read = |name: &str| {
        let path = folder.join(name);
        fs::read_to_string(&path).map_err(Error::file("read", &path))
    };
    let format = read("format")?;
    if let Some(field) = point.fields.iter().find(|field| !format.contains(**field)) {
        return Err(Error::Kernel {
            step: point.event,
            reason: format!("its record has no field `{field}`"),
        });
    }
    let number = read("id")?.trim().parse().unwrap_or(u64::MAX);
    let Program::TracePoint(program) = program(programs, point.program)? else {
        return Err(Error::Kernel {
            step: point.program,
            reason: "it is for something else".into(),
        });
    };
    let program = program
        .fd()
        .map_err(|error| refused(point.program, &error))?;
    on_event(number, program.as_fd()).map_err(Error::system("attach to a tracepoint"))
}

/// The folder that describes the tracepoints. Where it is not mounted it is opened without being
/// put anywhere: nobody else sees it, and it goes away with the file.
fn tracing_files() -> Result<File, Error> {
    let below_debug = || Ok(mounted("debugfs")?.map(|path| path.join("tracing")));
    let place = match mounted("tracefs")? {
        Some(place) => Some(place),
        None => below_debug()?.filter(|path| path.is_dir()),
    };
    match place {
        Some(place) => File::open(&place).map_err(Error::file("open", &place)),
        None => unmounted(c"tracefs").map_err(Error::system("open tracefs")),
    }
}

/// The root of a file system of that type, put nowhere.
#[expect(unsafe_code, reason = "libc has no function for these system calls")]
pub(super) fn unmounted(kind: &CStr) -> io::Result<File> {
    const FSCONFIG_CMD_CREATE: libc::c_uint = 6;
    const CLOSE_ON_EXEC: libc::c_uint = 1;
    let none: *const libc::c_char = std::ptr::null();
    // SAFETY: `kind` is a text that ends with zero and outlives the call.
    let context = unsafe { libc::syscall(libc::SYS_fsopen, kind.as_ptr(), CLOSE_ON_EXEC) };
    let context = owned(context)?;
    let fd = context.as_raw_fd();
    // SAFETY: this command takes neither a key nor a value; no memory is handed over.
    let made = unsafe { libc::syscall(libc::SYS_fsconfig, fd, FSCONFIG_CMD_CREATE, none, none, 0) };
    if made < 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: numbers only.
    let mount = unsafe { libc::syscall(libc::SYS_fsmount, fd, CLOSE_ON_EXEC, 0) };
    owned(mount).map(File::from)
}

/// The file that a system call has made, or why it has not.
#[expect(unsafe_code, reason = "the kernel's new file gets its owner here")]
fn owned(result: libc::c_long) -> io::Result<OwnedFd> {
    if result < 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: the system call has just made this file, and nobody else has its number.
    Ok(unsafe { OwnedFd::from_raw_fd(result as i32) })
}

/// `struct perf_event_attr` as of its first version: enough to name a tracepoint.
#[repr(C)]
#[derive(Default)]
struct EventAttributes {
    kind: u32,
    size: u32,
    config: u64,
    unused: [u64; 6],
}

/// Runs the program whenever the tracepoint of that number is passed, on whatever processor.
#[expect(unsafe_code, reason = "libc has no function for this system call")]
fn on_event(number: u64, program: BorrowedFd<'_>) -> io::Result<OwnedFd> {
    const PERF_TYPE_TRACEPOINT: u32 = 2;
    const PERF_FLAG_FD_CLOEXEC: libc::c_ulong = 8;
    const SET_BPF: libc::c_ulong = 0x4004_2408;
    let attributes = EventAttributes {
        kind: PERF_TYPE_TRACEPOINT,
        size: size_of::<EventAttributes>() as u32,
        config: number,
        ..EventAttributes::default()
    };
    let (every_process, one_processor, no_group) = (-1, 0, -1);
    // SAFETY: the attributes are as large as they say, and outlive the call.
    let event = unsafe {
        libc::syscall(
            libc::SYS_perf_event_open,
            &raw const attributes,
            every_process,
            one_processor,
            no_group,
            PERF_FLAG_FD_CLOEXEC,
        )
    };
    let event = owned(event)?;
    // SAFETY: both are open files; the request takes a file's number and no memory.
    match unsafe { libc::ioctl(event.as_raw_fd(), SET_BPF, program.as_raw_fd()) } {
        0 => Ok(event),
        _ => Err(io::Error::last_os_error()),
    }
}
