//! The routes, which say what interfaces are for.

use super::sysctl::{self, field};
use crate::platform::{Error, Nic, apple};
use nix::libc;
use nix::sys::socket::LinkAddr;
use std::collections::BTreeSet;
use std::mem::offset_of;

pub(crate) fn assign_roles(nics: &mut [Nic]) -> Result<(), Error> {
    let table = sysctl::route_table(libc::NET_RT_DUMP, "read the routes")?;
    let routed: BTreeSet<u32> = sysctl::messages(&table).filter_map(default_route).collect();
    apple::assign(nics, &routed);
    Ok(())
}

pub(crate) fn hardware(link: &LinkAddr) -> Option<[u8; 6]> {
    link.addr().filter(|address| *address != [0; 6])
}

/// The interface of a message that is a default route: one whose destination, the first address
/// after the header, is `0.0.0.0` or `::` with a mask of length 0.
fn default_route(message: &[u8]) -> Option<u32> {
    let flags = field(message, offset_of!(libc::rt_msghdr, rtm_flags)).map(i32::from_ne_bytes)?;
    let given = field(message, offset_of!(libc::rt_msghdr, rtm_addrs)).map(i32::from_ne_bytes)?;
    let index = field(message, offset_of!(libc::rt_msghdr, rtm_index)).map(u16::from_ne_bytes)?;
    let usable = flags & libc::RTF_UP != 0 && flags & (libc::RTF_REJECT | libc::RTF_HOST) == 0;
    let mut addresses = message.get(size_of::<libc::rt_msghdr>()..)?;
    let destination = take_address(&mut addresses)?;
    if given & libc::RTA_GATEWAY != 0 {
        take_address(&mut addresses)?;
    }
    let mask = if given & libc::RTA_NETMASK != 0 {
        take_address(&mut addresses)?
    } else {
        &[]
    };
    let everywhere = nothing_but_zeros(destination) && nothing_but_zeros(mask);
    (usable && given & libc::RTA_DST != 0 && everywhere).then_some(u32::from(index))
}

/// The next address: its length is its first byte, and 4 bytes are the least it takes.
fn take_address<'a>(rest: &mut &'a [u8]) -> Option<&'a [u8]> {
    let length = usize::from(*rest.first()?);
    let address = rest.get(..length)?;
    *rest = rest
        .get(length.max(1).next_multiple_of(4)..)
        .unwrap_or_default();
    Some(address)
}

/// Length and family (the first two bytes) say nothing of where it leads.
fn nothing_but_zeros(address: &[u8]) -> bool {
    address.iter().skip(2).all(|byte| *byte == 0)
}
