//! The interfaces of this machine. What POSIX knows of them is gathered here; their roles and
//! their counters are the operating system's business.

use super::{Error, Nic, Role, os};
use nix::ifaddrs::{InterfaceAddress, getifaddrs};
use nix::net::if_::InterfaceFlags;
use nix::sys::socket::SockaddrStorage;
use std::collections::BTreeMap;
use std::net::IpAddr;

/// Every interface as it is now, by name.
pub fn nics() -> Result<Vec<Nic>, Error> {
    let mut found = BTreeMap::new();
    let entries = getifaddrs().map_err(Error::system("list the interfaces"))?;
    for entry in entries.filter(|entry| !os::is_tap(&entry.interface_name)) {
        let nic = found
            .entry(entry.interface_name.clone())
            .or_insert_with(|| named(&entry));
        add_address(nic, entry.address.as_ref());
    }
    os::counters(|name, traffic| {
        if let Some(nic) = found.get_mut(name) {
            nic.counters = Some(traffic);
        }
    })?;
    let mut nics: Vec<Nic> = found.into_values().collect();
    os::assign_roles(&mut nics)?;
    Ok(nics)
}

fn named(entry: &InterfaceAddress) -> Nic {
    let has = |flag| entry.flags.contains(flag);
    Nic {
        name: entry.interface_name.clone(),
        index: 0,
        up: has(InterfaceFlags::IFF_UP),
        link: has(InterfaceFlags::IFF_UP) && has(InterfaceFlags::IFF_RUNNING),
        loopback: has(InterfaceFlags::IFF_LOOPBACK),
        role: Role::Virtual,
        hardware: None,
        addresses: Vec::new(),
        counters: None,
    }
}

fn add_address(nic: &mut Nic, address: Option<&SockaddrStorage>) {
    let Some(address) = address else { return };
    if let Some(four) = address.as_sockaddr_in() {
        nic.addresses.push(IpAddr::V4(four.ip()));
    } else if let Some(six) = address.as_sockaddr_in6() {
        nic.addresses.push(IpAddr::V6(six.ip()));
    } else if let Some(link) = address.as_link_addr() {
        nic.index = link.ifindex() as u32;
        nic.hardware = os::hardware(link);
    }
}
