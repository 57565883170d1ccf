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

/// This host's addresses, and those that are everybody's on a link of its.
pub fn addresses() -> Result<(Vec<IpAddr>, Vec<IpAddr>), Error> {
    let (mut own, mut broadcasts) = (Vec::new(), Vec::new());
    for entry in getifaddrs().map_err(Error::system("list the addresses"))? {
        own.extend(entry.address.as_ref().and_then(ip));
        let is_ours = entry.flags.contains(InterfaceFlags::IFF_BROADCAST);
        let broadcast = entry.broadcast.as_ref().filter(|_| is_ours);
        broadcasts.extend(broadcast.and_then(ip));
    }
    Ok((own, broadcasts))
}

fn ip(address: &SockaddrStorage) -> Option<IpAddr> {
    let four = || Some(IpAddr::V4(address.as_sockaddr_in()?.ip()));
    four().or_else(|| Some(IpAddr::V6(address.as_sockaddr_in6()?.ip())))
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
    nic.addresses.extend(ip(address));
    if let Some(link) = address.as_link_addr() {
        nic.index = link.ifindex() as u32;
        nic.hardware = os::hardware(link);
    }
}
