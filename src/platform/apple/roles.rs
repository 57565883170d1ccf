//! What each interface is for: its name says what it is, as the driver chooses it on Apple's systems,
//! and the routes which of the others matters.

use crate::platform::{Nic, Role};
use std::collections::BTreeSet;

/// Inside others: `utun` is VPNs', `ppp` PPPoE's too.
const TUNNELS: [&str; 5] = ["utun", "ipsec", "ppp", "gif", "stf"];
/// Over others, which see the same frames.
const BRIDGES: [&str; 2] = ["bridge", "bond"];
/// Never an uplink, whatever the routes say: what virtual machines, programs and this host's own
/// access point send comes by the uplink, too, as VLANs' frames do; `awdl` and `llw` go from device
/// to device, `anpi` to a chip of this one.
const VIRTUAL: [&str; 7] = ["vmenet", "feth", "vlan", "ap", "awdl", "llw", "anpi"];
/// Ethernet and Wi-Fi.
const PHYSICAL: &str = "en";

/// Gives every interface its role; `routed` are those of default routes.
pub(crate) fn assign(nics: &mut [Nic], routed: &BTreeSet<u32>) {
    for nic in nics.iter_mut() {
        nic.role = role(nic, routed.contains(&nic.index));
    }
    if nics.iter().all(|nic| nic.role != Role::Uplink) {
        // The address is on a bridge, a bond or a VLAN: these are below it.
        let below = |nic: &&mut Nic| nic.name.starts_with(PHYSICAL) && nic.link;
        for nic in nics.iter_mut().filter(below) {
            nic.role = Role::Uplink;
        }
    }
}

/// A physical one with an address has a link, as the system takes addresses away from one that has
/// none. That it is running says little: those without a cable are, too.
fn role(nic: &Nic, routed: bool) -> Role {
    let is = |kinds: &[&str]| kinds.iter().any(|kind| nic.name.starts_with(kind));
    if nic.loopback {
        Role::Loopback
    } else if is(&TUNNELS) {
        Role::Tunnel
    } else if is(&BRIDGES) {
        Role::Bridge
    } else if is(&VIRTUAL) {
        Role::Virtual
    } else if routed || is(&[PHYSICAL]) && nic.link && !nic.addresses.is_empty() {
        Role::Uplink
    } else {
        Role::Virtual
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Role::{Bridge, Loopback, Tunnel, Uplink, Virtual};

    /// An interface by its name: with `=` it has an address, with `!` no link; the number is its
    /// index.
    fn nic(text: &str, index: u32) -> Nic {
        let name = text.trim_end_matches(['=', '!']);
        let address = text.contains('=').then(|| [10, 0, 0, 1].into());
        Nic {
            name: name.into(),
            index,
            up: true,
            link: !text.contains('!'),
            loopback: name.starts_with("lo"),
            role: Virtual,
            hardware: None,
            addresses: address.into_iter().collect(),
            counters: None,
        }
    }

    #[test]
    fn totals_count_what_leaves_the_host_and_that_once() {
        type Case = (&'static [(&'static str, Role)], &'static [u32]);
        let cases: [Case; 6] = [
            // A laptop: Wi-Fi, a VPN with the default route, what Apple's services make.
            (
                &[
                    ("lo0=", Loopback),
                    ("gif0!", Tunnel),
                    ("stf0!", Tunnel),
                    ("anpi0", Virtual),
                    ("en0=", Uplink),
                    ("en1", Virtual),
                    ("ap1", Virtual),
                    ("awdl0=", Virtual),
                    ("llw0=", Virtual),
                    ("bridge0", Bridge),
                    ("utun0=", Tunnel),
                    ("utun4=", Tunnel),
                    ("ipsec0=", Tunnel),
                ],
                &[4, 11],
            ),
            // Two physical ones of which one is routed, and virtual machines.
            (
                &[
                    ("en0=", Uplink),
                    ("en7=", Uplink),
                    ("bridge100=", Bridge),
                    ("vmenet0", Virtual),
                ],
                &[0],
            ),
            // A phone's network has another name; a VPN of two halves that pretend to be Ethernet.
            (
                &[
                    ("pdp_ip0=", Uplink),
                    ("feth12=", Virtual),
                    ("feth5012", Virtual),
                ],
                &[0, 1],
            ),
            // The address is on what lies over them: the physical ones count.
            (
                &[("bond0=", Bridge), ("en0", Uplink), ("en1", Uplink)],
                &[0],
            ),
            (
                &[("vlan0=", Virtual), ("en0", Uplink), ("en1!", Virtual)],
                &[0],
            ),
            // PPPoE.
            (
                &[("ppp0=", Tunnel), ("en0", Uplink), ("lo0=", Loopback)],
                &[0],
            ),
        ];
        for (expected, routed) in cases {
            let names = expected.iter().zip(0..);
            let mut nics: Vec<_> = names.map(|((text, _), index)| nic(text, index)).collect();
            assign(&mut nics, &routed.iter().copied().collect());
            for (nic, (_, role)) in nics.iter().zip(expected) {
                assert_eq!(nic.role, *role, "{} of {expected:?}", nic.name);
            }
        }
    }
}
