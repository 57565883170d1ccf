//! What the kernel gives out by sysctl: values, and the routing tables and interface lists, which are
//! one buffer of messages, each of which begins with its length. Read by offset, never by cast.

use crate::platform::Error;
use nix::libc;
use std::io;
use std::ptr;

/// A list of kind `what` for all address families.
pub(super) fn route_table(what: libc::c_int, doing: &'static str) -> Result<Vec<u8>, Error> {
    let mut name = [libc::CTL_NET, libc::PF_ROUTE, 0, 0, what, 0];
    // The list may grow between the question for its size and the one for it.
    for _ in 0..3 {
        let mut buffer = vec![0; query(&mut name, None).map_err(Error::system(doing))? * 5 / 4];
        match query(&mut name, Some(&mut buffer)) {
            Ok(length) => {
                buffer.truncate(length);
                return Ok(buffer);
            }
            Err(error) if error.raw_os_error() == Some(libc::ENOMEM) => {}
            Err(error) => return Err(Error::system(doing)(error)),
        }
    }
    Err(Error::system(doing)(io::Error::from_raw_os_error(
        libc::ENOMEM,
    )))
}

/// A value of at most `most` bytes: one that is longer is refused.
pub(super) fn value(name: &mut [libc::c_int], most: usize) -> io::Result<Vec<u8>> {
    let length = query(name, None)?;
    if length > most {
        return Err(io::ErrorKind::FileTooLarge.into());
    }
    let mut buffer = vec![0; length];
    let length = query(name, Some(&mut buffer))?;
    buffer.truncate(length);
    Ok(buffer)
}

/// The messages of such a list; what does not fit its own length ends it.
pub(super) fn messages(list: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = list;
    std::iter::from_fn(move || {
        let length = usize::from(field(rest, 0).map(u16::from_ne_bytes)?);
        if length < 4 {
            return None;
        }
        let (message, after) = rest.split_at_checked(length)?;
        rest = after;
        Some(message)
    })
}

/// The bytes of a field at `offset`.
pub(super) fn field<const N: usize>(message: &[u8], offset: usize) -> Option<[u8; N]> {
    message.get(offset..)?.first_chunk().copied()
}

/// Fills `buffer`, or asks how long it must be; gives the length.
fn query(name: &mut [libc::c_int], buffer: Option<&mut Vec<u8>>) -> io::Result<usize> {
    let mut length = buffer.as_ref().map_or(0, |buffer| buffer.len());
    let place = buffer.map_or(ptr::null_mut(), |buffer| buffer.as_mut_ptr().cast());
    #[expect(unsafe_code, reason = "nix has no sysctl")]
    // SAFETY: `name` is as many valid integers as is said; `place` is null or points to `length` writable bytes,
    // and the kernel writes at most `length` of them and the length itself.
    let answer = unsafe {
        libc::sysctl(
            name.as_mut_ptr(),
            name.len() as libc::c_uint,
            place,
            &raw mut length,
            ptr::null_mut(),
            0,
        )
    };
    if answer == 0 {
        Ok(length)
    } else {
        Err(io::Error::last_os_error())
    }
}
