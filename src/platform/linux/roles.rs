//! What each interface is for: of all that show one frame, one is to count it. Made of what
//! `/sys/class/net` says of devices and `/proc/net` of routes.

use super::device::{Device, Kind};
use super::routes::Routes;
use crate::platform::{Error, Nic, Role};
use nix::sys::socket::LinkAddr;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

const ETHERNET: u16 = 1;
/// Linux lets so many devices stand on each other.
const DEPTH: u8 = 8;

pub(crate) fn assign_roles(nics: &mut [Nic]) -> Result<(), Error> {
    assign(nics, Path::new("/sys/class/net"), Path::new("/proc/net"))
}

/// The same by other folders.
pub(super) fn assign(nics: &mut [Nic], net: &Path, proc: &Path) -> Result<(), Error> {
    let devices = nics.iter().map(|nic| nic.name.clone());
    let devices = devices.map(|name| {
        let device = Device::of(net, &name);
        (name, device)
    });
    let house = House::of(devices.collect(), &Routes::read(proc)?);
    for nic in nics {
        nic.role = house.role(nic);
    }
    Ok(())
}

/// The address of an Ethernet-like link.
pub(crate) fn hardware(link: &LinkAddr) -> Option<[u8; 6]> {
    let address = link.addr()?;
    (link.hatype() == ETHERNET && address != [0; 6]).then_some(address)
}

/// All devices, and how the world is reached through them.
struct House {
    devices: BTreeMap<String, Device>,
    /// What carries the default routes in the end: below bonds, VLANs and PPPoE.
    ground: BTreeSet<String>,
}

impl House {
    fn of(devices: BTreeMap<String, Device>, routes: &Routes) -> House {
        let mut house = House {
            devices,
            ground: BTreeSet::new(),
        };
        let mut seen = BTreeSet::new();
        let mut left: Vec<String> = routes.default.iter().cloned().collect();
        while let Some(name) = left.pop() {
            if seen.insert(name.clone()) {
                let below = house.below(&name, routes);
                if below.is_empty() && !house.is_session(&name, routes) {
                    house.ground.insert(name);
                }
                left.extend(below);
            }
        }
        house
    }

    /// What a device's frames go out through; nothing where it is the last one. A bridge's ports
    /// are containers and virtual machines, except those with hardware.
    fn below(&self, name: &str, routes: &Routes) -> Vec<String> {
        let Some(device) = self.devices.get(name) else {
            return Vec::new();
        };
        let all = device.below.iter();
        match device.kind {
            Kind::Bridge => all
                .filter(|port| self.has_hardware(port, DEPTH))
                .cloned()
                .collect(),
            Kind::Ppp if self.is_line(routes) => Vec::new(),
            Kind::Ppp => routes.pppoe.iter().cloned().collect(),
            _ => all.cloned().collect(),
        }
    }

    /// A PPP link that runs over another interface, wherever that is.
    fn is_session(&self, name: &str, routes: &Routes) -> bool {
        let device = self.devices.get(name);
        device.is_some_and(|it| it.kind == Kind::Ppp) && !self.is_line(routes)
    }

    /// Whether PPP is a line of its own: there is no session on an Ethernet, and no router that the
    /// packets of a tunnel could go to.
    fn is_line(&self, routes: &Routes) -> bool {
        let is_router = |name: &String| {
            let device = self.devices.get(name);
            device.is_some_and(|it| !matches!(it.kind, Kind::Ppp | Kind::Tunnel))
        };
        routes.pppoe.is_empty() && !routes.gateway.iter().any(is_router)
    }

    /// It has hardware, or stands on something that has, at most `depth` devices down.
    fn has_hardware(&self, name: &str, depth: u8) -> bool {
        let Some(device) = self.devices.get(name).filter(|_| depth > 0) else {
            return false;
        };
        let mut below = device.below.iter();
        device.physical || below.any(|name| self.has_hardware(name, depth - 1))
    }

    /// Who stands on others, or is a part of one, is no uplink: what it carries is counted there.
    fn role(&self, nic: &Nic) -> Role {
        let Some(device) = self.devices.get(&nic.name) else {
            return Role::Virtual;
        };
        let ground = self.ground.contains(&nic.name);
        match device.kind {
            _ if nic.loopback => Role::Loopback,
            Kind::Mirror => Role::Member,
            Kind::Ppp | Kind::Bridge if ground => Role::Uplink,
            Kind::Tunnel | Kind::Ppp => Role::Tunnel,
            Kind::Bridge | Kind::Joined => Role::Bridge,
            _ if !device.below.is_empty() => Role::Member,
            _ if device.physical && nic.link => Role::Uplink,
            Kind::Tap if !device.is_port && !nic.addresses.is_empty() => Role::Tunnel,
            _ if ground => Role::Uplink,
            _ if device.is_port => Role::Member,
            Kind::Tap | Kind::Plain => Role::Virtual,
        }
    }
}
