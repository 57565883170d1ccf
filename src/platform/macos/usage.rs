//! What this process uses. Frames are copied out of BPF devices, so no ring of the kernel's is
//! mapped and the whole of the resident memory is ours.

use crate::platform::{Error, Usage};
use crate::units::Nanos;
use nix::libc;
use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeVal;
use std::io;
use std::mem::MaybeUninit;

pub(crate) fn usage() -> Result<Usage, Error> {
    let used = getrusage(UsageWho::RUSAGE_SELF).map_err(Error::system("ask for the CPU time"))?;
    let resident = resident().map_err(Error::system("ask for the memory"))?;
    Ok(Usage {
        cpu: Nanos(nanos(used.user_time()) + nanos(used.system_time())),
        resident,
        rings: 0,
        wakeups: used.voluntary_context_switches() as u64,
    })
}

fn resident() -> io::Result<u64> {
    let mut facts = MaybeUninit::<libc::proc_taskinfo>::zeroed();
    let size = size_of::<libc::proc_taskinfo>() as libc::c_int;
    let process = std::process::id() as libc::c_int;
    #[expect(unsafe_code, reason = "the resident size has no safe wrapper")]
    // SAFETY: `facts` is `size` writable bytes, and the kernel writes no more than that.
    let written = unsafe {
        libc::proc_pidinfo(
            process,
            libc::PROC_PIDTASKINFO,
            0,
            facts.as_mut_ptr().cast(),
            size,
        )
    };
    if written != size {
        return Err(io::Error::last_os_error());
    }
    #[expect(unsafe_code, reason = "the resident size has no safe wrapper")]
    // SAFETY: the structure is plain integers, and all of it has been zeroed and then written.
    let facts = unsafe { facts.assume_init() };
    Ok(facts.pti_resident_size)
}

fn nanos(time: TimeVal) -> i64 {
    time.tv_sec() * 1_000_000_000 + i64::from(time.tv_usec()) * 1_000
}
