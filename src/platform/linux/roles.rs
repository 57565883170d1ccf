//! What each interface is for, from what `/sys/class/net` and the routing tables say.

use super::read;
use crate::platform::{Error, Nic, Role};
use nix::sys::socket::LinkAddr;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Link types (ARPHRD_...) without a link address: tun and wireguard, PPP, and the kernel's own
/// IP-in-IP, SIT and GRE tunnels.
const TUNNELS: [u16; 7] = [65534, 512, 768, 769, 776, 778, 823];
const ETHERNET: u16 = 1;
/// `IFF_TAP` in `tun_flags`: a virtual Ethernet, as virtual machines use it.
const TAP: u32 = 2;

pub(crate) fn assign_roles(nics: &mut [Nic]) -> Result<(), Error> {
    let routed = routed()?;
    for nic in nics {
        nic.role = role(nic, &Device::of(&nic.name), &routed);
    }
    Ok(())
}

/// The address of an Ethernet-like link.
pub(crate) fn hardware(link: &LinkAddr) -> Option<[u8; 6]> {
    let address = link.addr()?;
    (link.hatype() == ETHERNET && address != [0; 6]).then_some(address)
}

/// What `/sys/class/net` says of a device.
#[derive(Debug, Default)]
struct Device {
    tunnel: bool,
    bridge: bool,
    physical: bool,
    /// The devices whose frames it joins or splits: a bond's slaves, a VLAN's trunk.
    below: Vec<String>,
}

impl Device {
    fn of(name: &str) -> Device {
        let folder = folder(name);
        let below = below(&folder);
        let link_type: Option<u16> = number(&folder.join("type"), 10).map(|it| it as u16);
        let tun_flags = number(&folder.join("tun_flags"), 16);
        let joins = folder.join("bridge").exists() || folder.join("bonding").exists();
        Device {
            tunnel: link_type.is_some_and(|it| TUNNELS.contains(&it))
                || tun_flags.is_some_and(|flags| flags & TAP == 0),
            bridge: joins || below.len() > 1,
            physical: folder.join("device").exists(),
            below,
        }
    }
}

/// An interface that stands on others is no uplink: what it carries is counted below.
fn role(nic: &Nic, device: &Device, routed: &BTreeSet<String>) -> Role {
    if nic.loopback {
        Role::Loopback
    } else if device.tunnel {
        Role::Tunnel
    } else if device.bridge {
        Role::Bridge
    } else if !device.below.is_empty() {
        Role::Virtual
    } else if routed.contains(&nic.name) || device.physical && nic.link {
        Role::Uplink
    } else {
        Role::Virtual
    }
}

/// The interfaces that a default route leads through, those below them included.
fn routed() -> Result<BTreeSet<String>, Error> {
    let four = read("/proc/net/route")?;
    // A kernel without IPv6 has no such table.
    let six = fs::read_to_string("/proc/net/ipv6_route").unwrap_or_default();
    let mut found = BTreeSet::new();
    let mut left: Vec<String> = four.lines().filter_map(default_route).collect();
    left.extend(six.lines().filter_map(default_route6));
    while let Some(name) = left.pop() {
        if found.insert(name.clone()) {
            left.extend(below(&folder(&name)));
        }
    }
    Ok(found)
}

/// The interface of a row of `/proc/net/route` (interface, destination, gateway, flags, ..., mask)
/// that is a default route and not a refusal.
pub(super) fn default_route(row: &str) -> Option<String> {
    let columns: Vec<&str> = row.split_ascii_whitespace().collect();
    let is = |column: usize, value| columns.get(column) == Some(&value);
    (is(1, "00000000") && is(7, "00000000") && usable(columns.get(3)?))
        .then(|| columns.first().map(|name| (*name).to_owned()))?
}

/// The same for `/proc/net/ipv6_route` (destination, its length, ..., flags, interface).
pub(super) fn default_route6(row: &str) -> Option<String> {
    let columns: Vec<&str> = row.split_ascii_whitespace().collect();
    let everywhere = columns.first()?.bytes().all(|digit| digit == b'0');
    let name = columns.get(9)?;
    (everywhere && columns.get(1) == Some(&"00") && usable(columns.get(8)?) && *name != "lo")
        .then(|| (*name).to_owned())
}

/// RTF_UP is set and RTF_REJECT is not.
fn usable(flags: &str) -> bool {
    u32::from_str_radix(flags, 16).is_ok_and(|flags| flags & 1 != 0 && flags & 0x200 == 0)
}

fn folder(name: &str) -> PathBuf {
    Path::new("/sys/class/net").join(name)
}

fn below(folder: &Path) -> Vec<String> {
    let Ok(entries) = fs::read_dir(folder) else {
        return Vec::new();
    };
    let names = entries.flatten().map(|entry| entry.file_name());
    names
        .filter_map(|name| Some(name.to_str()?.strip_prefix("lower_")?.to_owned()))
        .collect()
}

fn number(path: &Path, radix: u32) -> Option<u32> {
    let text = fs::read_to_string(path).ok()?;
    u32::from_str_radix(text.trim().trim_start_matches("0x"), radix).ok()
}
