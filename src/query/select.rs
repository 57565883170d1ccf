//! Which interfaces count. By name if names were asked for; else a total counts uplinks, and with
//! none, all but loopback - decided for each second by itself, so that totals of ranges add up.

use crate::platform::Role;
use crate::store::Nic;

#[derive(Clone, Debug, Default)]
pub(super) struct Selection {
    names: Vec<String>,
}

impl Selection {
    pub(super) fn of(names: &[String]) -> Selection {
        Selection {
            names: names.to_vec(),
        }
    }

    /// For the interfaces of one second: which of them count.
    pub(super) fn counted<'a>(&self, nics: impl Iterator<Item = &'a Nic> + Clone) -> Vec<bool> {
        let uplink = nics.clone().any(|nic| nic.role == Role::Uplink);
        nics.map(|nic| self.counts(nic, uplink)).collect()
    }

    /// Whether an interface counts, where there is an uplink or is none.
    pub(super) fn counts(&self, nic: &Nic, uplink: bool) -> bool {
        if self.names.is_empty() {
            return if uplink {
                nic.role == Role::Uplink
            } else {
                nic.role != Role::Loopback
            };
        }
        self.names.iter().any(|name| **name == *nic.name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nics(roles: &[(&str, Role)]) -> Vec<Nic> {
        let nic = |(name, role): &(&str, Role)| Nic {
            name: (*name).into(),
            role: *role,
        };
        roles.iter().map(nic).collect()
    }

    #[test]
    fn totals_count_uplinks_or_all_but_loopback() {
        let all = Selection::default();
        let with = nics(&[
            ("eth0", Role::Uplink),
            ("tun0", Role::Tunnel),
            ("lo", Role::Loopback),
        ]);
        assert_eq!(all.counted(with.iter()), [true, false, false]);
        let without = nics(&[("veth0", Role::Virtual), ("lo", Role::Loopback)]);
        assert_eq!(all.counted(without.iter()), [true, false]);
        let asked = Selection::of(&["lo".into()]);
        assert_eq!(asked.counted(with.iter()), [false, false, true]);
    }
}
