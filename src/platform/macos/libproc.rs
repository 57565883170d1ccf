//! libproc's four questions, each answered as bytes. What may not be told, or is not there any more,
//! is an empty answer.

use nix::libc::{self, c_int, c_void};

/// Which processes are to be listed (`bsd/sys/proc_info.h`): all, or those that one has started.
pub(super) const ALL: u32 = 1;
pub(super) const CHILDREN: u32 = 6;
/// What to tell of a file that is a socket.
const SOCKET: c_int = 3;

/// Facts of a process, of the kind `flavor`.
pub(super) fn process(pid: u32, flavor: c_int, place: &mut [u8]) -> &[u8] {
    let (at, length) = parts(place);
    #[expect(unsafe_code, reason = "libproc has no safe wrapper")]
    // SAFETY: `at` points to `length` writable bytes, and the kernel writes at most so many.
    let written = unsafe { libc::proc_pidinfo(pid as c_int, flavor, 0, at, length) };
    written_part(place, written)
}

/// Facts of a process's socket, by the number of its file.
pub(super) fn socket(pid: u32, file: i32, place: &mut [u8]) -> &[u8] {
    let (at, length) = parts(place);
    #[expect(unsafe_code, reason = "libproc has no safe wrapper")]
    // SAFETY: `at` points to `length` writable bytes, and the kernel writes at most so many.
    let written = unsafe { libc::proc_pidfdinfo(pid as c_int, file, SOCKET, at, length) };
    written_part(place, written)
}

/// Numbers of processes: of which, and of whom, `kind` says.
pub(super) fn list(kind: u32, of: u32, place: &mut [u8]) -> &[u8] {
    let (at, length) = parts(place);
    #[expect(unsafe_code, reason = "libproc has no safe wrapper")]
    // SAFETY: `at` points to `length` writable bytes, and the kernel writes at most so many.
    let written = unsafe { libc::proc_listpids(kind, of, at, length) };
    written_part(place, written)
}

/// The path of the program that a process runs.
pub(super) fn path(pid: u32, place: &mut [u8]) -> &[u8] {
    let (at, length) = parts(place);
    #[expect(unsafe_code, reason = "libproc has no safe wrapper")]
    // SAFETY: `at` points to `length` writable bytes, and the kernel writes at most so many.
    let written = unsafe { libc::proc_pidpath(pid as c_int, at, length as u32) };
    written_part(place, written)
}

/// A place as libproc takes it: it counts in an int.
fn parts(place: &mut [u8]) -> (*mut c_void, c_int) {
    let length = c_int::try_from(place.len()).unwrap_or(c_int::MAX);
    (place.as_mut_ptr().cast(), length)
}

fn written_part(place: &[u8], written: c_int) -> &[u8] {
    let written = usize::try_from(written).unwrap_or(0);
    place.get(..written).unwrap_or_default()
}
