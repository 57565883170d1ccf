//! Roles by made-up `/sys/class/net` and `/proc/net`: each layout in words, and what comes of it.

use super::roles::assign;
use crate::platform::{Nic, Role};
use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

/// One device: its name, then words. `hw`: hardware; `link`: something is at its other end; `ip`:
/// it has an address; `up:NAME`: it stands on that one; `in:NAME`: it is a port of that one;
/// `type:N`, `dev:TYPE`, `iflink:N`, `tun`, `tap`, `bridge`, `bonding`; `default` and `gateway`:
/// such routes lead through it; `pppoe`: a session runs on it; then `= ROLE`.
const LAYOUTS: [(&str, &str); 25] = [
    (
        "a laptop",
        "eth0 hw link default = uplink; wlan0 hw = virtual; lo = loopback",
    ),
    (
        "two lines",
        "eth0 hw link default = uplink; wlan0 hw link = uplink",
    ),
    (
        "a vpn by tun",
        "eth0 hw link gateway = uplink; tun0 tun type:65534 default = tunnel",
    ),
    (
        "wireguard",
        "eth0 hw link default = uplink; wg0 type:65534 dev:wireguard default = tunnel",
    ),
    (
        "a vpn by tap",
        "eth0 hw link gateway = uplink; tap0 tap ip default = tunnel",
    ),
    (
        "gre with ethernet in it",
        "eth0 hw link default = uplink; gretap1 iflink:0 default = tunnel",
    ),
    (
        "a vxlan on a device",
        "eth0 hw link default = uplink; vx dev:vxlan up:eth0 = tunnel",
    ),
    (
        "docker",
        "eth0 hw link default = uplink; docker0 bridge up:vethA up:vethB = bridge; vethA in:docker0 = member; vethB in:docker0 = member",
    ),
    (
        "virtual machines on the line's bridge",
        "br0 bridge up:eth0 up:vnet0 default = bridge; eth0 hw link in:br0 = uplink; vnet0 tap in:br0 ip = member",
    ),
    (
        "a bridge on a VLAN of a bond",
        "br0 bridge up:bond0.5 up:vnet0 default = bridge; bond0.5 dev:vlan up:bond0 in:br0 = member; bond0 bonding up:eth0 up:eth1 = bridge; eth0 hw link in:bond0 = uplink; eth1 hw link in:bond0 = uplink; vnet0 tap in:br0 = member",
    ),
    (
        "a bridge that containers lead the way out of",
        "br0 bridge up:veth0 up:veth1 default = uplink; veth0 in:br0 = member; veth1 in:br0 = member",
    ),
    (
        "a trunk",
        "eth0 hw link = uplink; eth0.7 dev:vlan up:eth0 default = member",
    ),
    (
        "a bond in a namespace",
        "bond0 bonding up:v0 default = bridge; v0 in:bond0 = uplink",
    ),
    (
        "a bond of two",
        "bond0 bonding up:v0 up:v1 default = bridge; v0 in:bond0 = uplink; v1 in:bond0 = uplink",
    ),
    (
        "a team",
        "team0 dev:team up:v0 up:v1 = bridge; v0 in:team0 = member; v1 in:team0 = member",
    ),
    (
        "macvlan and ipvlan",
        "eth0 hw link default = uplink; mac0 dev:macvlan up:eth0 = member; ipv0 dev:ipvlan up:eth0 = member",
    ),
    (
        "in a container",
        "eth0 iflink:7 default = uplink; lo = loopback",
    ),
    (
        "PPPoE",
        "ppp0 type:512 default = tunnel; eth0 hw link pppoe = uplink",
    ),
    (
        "PPPoE on a VLAN",
        "ppp0 type:512 default = tunnel; v0.7 dev:vlan up:v0 pppoe = member; v0 = uplink",
    ),
    (
        "a modem's PPP",
        "ppp0 type:512 default = uplink; eth0 hw link = uplink",
    ),
    (
        "a vpn by PPP",
        "ppp0 type:512 default = tunnel; eth0 hw link gateway = uplink",
    ),
    (
        "a modem of bare packets",
        "wwan0 hw link type:65534 dev:wwan default = uplink",
    ),
    (
        "a modem's channels",
        "rmnet0 hw link type:519 = uplink; rmdata0 type:519 up:rmnet0 default = member",
    ),
    (
        "what shows others' frames",
        "eth0 hw link default = uplink; ifb0 = member; mon0 hw link type:803 = member; nl0 type:824 = member",
    ),
    (
        "dummies and a VRF",
        "dum0 = virtual; vrf0 up:eth0 = member; eth0 hw link in:vrf0 = uplink; vrf1 = virtual; tap0 tap = virtual",
    ),
];

#[test]
fn of_all_that_show_a_frame_one_is_the_uplink() {
    for (name, layout) in LAYOUTS {
        let folder = tempfile::tempdir().unwrap();
        let (net, proc) = (folder.path().join("net"), folder.path().join("proc"));
        fs::create_dir_all(&proc).unwrap();
        fs::write(proc.join("route"), "Iface Destination Gateway Flags\n").unwrap();
        let (mut nics, roles): (Vec<Nic>, Vec<&str>) = layout
            .split(';')
            .map(|device| make(device, &net, &proc))
            .unzip();
        assign(&mut nics, &net, &proc).unwrap();
        for (nic, role) in nics.iter().zip(roles) {
            let found = serde_json::to_value(nic.role).unwrap();
            assert_eq!(found, role, "{name}: {}", nic.name);
        }
    }
}

/// Writes a device's files; gives the device and the role that it shall have.
fn make<'a>(device: &'a str, net: &Path, proc: &Path) -> (Nic, &'a str) {
    let (device, role) = device.split_once(" = ").unwrap();
    let mut words = device.split_whitespace();
    let name = words.next().unwrap();
    let folder = net.join(name);
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("type"), "1\n").unwrap();
    let mut nic = nic(name);
    for word in words {
        match word {
            "link" => nic.link = true,
            "ip" => nic.addresses.push([192, 0, 2, 1].into()),
            "default" => route(proc, name, "0003"),
            "gateway" => route(proc, name, "0007"),
            "pppoe" => append(
                &proc.join("pppoe"),
                &format!("00000001 02:00:00:00:00:01 {name}\n"),
            ),
            _ => describe(&folder, word),
        }
    }
    (nic, role)
}

fn describe(folder: &Path, word: &str) {
    let (key, value) = word.split_once(':').unwrap_or((word, ""));
    match key {
        "hw" => fs::create_dir(folder.join("device")).unwrap(),
        "bridge" | "bonding" => fs::create_dir(folder.join(key)).unwrap(),
        "tun" => fs::write(folder.join("tun_flags"), "0x1001\n").unwrap(),
        "tap" => fs::write(folder.join("tun_flags"), "0x1002\n").unwrap(),
        "type" | "iflink" => fs::write(folder.join(key), format!("{value}\n")).unwrap(),
        "dev" => fs::write(folder.join("uevent"), format!("DEVTYPE={value}\n")).unwrap(),
        "up" => symlink(".", folder.join(format!("lower_{value}"))).unwrap(),
        "in" => symlink(".", folder.join("master")).unwrap(),
        _ => panic!("`{word}` means nothing"),
    }
}

/// A default route, or one to a network behind a router.
fn route(proc: &Path, name: &str, flags: &str) {
    let to = if flags == "0003" {
        "00000000"
    } else {
        "0000000A"
    };
    append(
        &proc.join("route"),
        &format!("{name} {to} 0100000A {flags} 0 0 0 {to} 0 0 0\n"),
    );
}

fn append(path: &Path, line: &str) {
    let before = fs::read_to_string(path).unwrap_or_default();
    fs::write(path, before + line).unwrap();
}

fn nic(name: &str) -> Nic {
    Nic {
        name: name.into(),
        index: 0,
        up: true,
        link: false,
        loopback: name == "lo",
        role: Role::Virtual,
        hardware: None,
        addresses: Vec::new(),
        counters: None,
    }
}
