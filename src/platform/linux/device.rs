//! What `/sys/class/net` says of one device: what it is, and which devices it stands on. Knows no
//! routes and no roles.

use std::fs;
use std::path::Path;

/// Link types (ARPHRD_...) of devices that carry bare packets in others': tun, wireguard and xfrm,
/// and the kernel's own IP-in-IP, SIT and GRE. A modem's are like tun's, but it has hardware.
const TUNNELS: [u16; 6] = [65534, 768, 769, 776, 778, 823];
const PPP: u16 = 512;
/// What drivers of tunnels that look like Ethernet call themselves.
const ETHERNET_TUNNELS: [&str; 5] = ["wireguard", "vxlan", "geneve", "gtp", "bareudp"];
/// Wi-Fi in monitor mode, and the taps of netlink and of virtual sockets: nothing goes through
/// them.
const MIRRORS: [u16; 5] = [801, 802, 803, 824, 826];
/// `IFF_TAP` in `tun_flags`: a virtual Ethernet.
const TAP: u32 = 2;

/// What kind of device it is, as far as its role depends on it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Kind {
    /// Its packets travel in packets of another interface.
    Tunnel,
    /// A line of its own, or a session over Ethernet: routes tell.
    Ppp,
    /// A virtual Ethernet whose other end is a program.
    Tap,
    Bridge,
    /// Several devices as one: bonds, teams, a VRF.
    Joined,
    /// It shows what others carry.
    Mirror,
    #[default]
    Plain,
}

#[derive(Clone, Debug, Default)]
pub(super) struct Device {
    pub kind: Kind,
    /// There is hardware behind it.
    pub physical: bool,
    /// The devices whose frames it joins or splits: a bond's slaves, a VLAN's trunk.
    pub below: Vec<String>,
    /// It is a port of a bridge, or a part of a bond.
    pub is_port: bool,
}

impl Device {
    /// The device with this name in `net`, the system's folder of them.
    pub(super) fn of(net: &Path, name: &str) -> Device {
        let folder = net.join(name);
        let below = below(&folder);
        let physical = folder.join("device").exists();
        Device {
            kind: kind(&folder, name, physical, &below),
            physical,
            below,
            is_port: folder.join("master").exists(),
        }
    }
}

fn kind(folder: &Path, name: &str, physical: bool, below: &[String]) -> Kind {
    let link_type = number(&folder.join("type"), 10).map(|it| it as u16);
    let is = |types: &[u16]| link_type.is_some_and(|it| types.contains(&it));
    let flags = number(&folder.join("tun_flags"), 16);
    // What intermediate functional blocks show is on its way from or to another interface.
    if is(&MIRRORS) || name.starts_with("ifb") {
        Kind::Mirror
    } else if flags.is_some_and(|flags| flags & TAP != 0) {
        Kind::Tap
    } else if is(&[PPP]) {
        Kind::Ppp
    } else if !physical && (is(&TUNNELS) || is_ethernet_tunnel(folder)) {
        Kind::Tunnel
    } else if folder.join("bridge").exists() {
        Kind::Bridge
    } else if folder.join("bonding").exists() || below.len() > 1 {
        Kind::Joined
    } else {
        Kind::Plain
    }
}

/// One that says so, or that has no interface at its other end: `iflink` is 0 for GRE with
/// Ethernet in it and its like, and a device's own or another's index for everything else.
fn is_ethernet_tunnel(folder: &Path) -> bool {
    let event = fs::read_to_string(folder.join("uevent")).unwrap_or_default();
    let driver = event.lines().find_map(|line| line.strip_prefix("DEVTYPE="));
    driver.is_some_and(|driver| ETHERNET_TUNNELS.contains(&driver))
        || number(&folder.join("iflink"), 10) == Some(0)
}

fn below(folder: &Path) -> Vec<String> {
    let Ok(entries) = fs::read_dir(folder) else {
        return Vec::new();
    };
    let names = entries.flatten().map(|entry| entry.file_name());
    let mut below: Vec<String> = names
        .filter_map(|name| Some(name.to_str()?.strip_prefix("lower_")?.to_owned()))
        .collect();
    below.sort();
    below
}

fn number(path: &Path, radix: u32) -> Option<u32> {
    let text = fs::read_to_string(path).ok()?;
    u32::from_str_radix(text.trim().trim_start_matches("0x"), radix).ok()
}
