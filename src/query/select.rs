//! Which interfaces count, so that no frame counts twice. By name if names were asked for; else a
//! total counts what ranks first among what was watched - decided for each second by itself, so
//! that totals of ranges add up.

use crate::platform::Role;
use crate::store::Nic;

#[derive(Clone, Debug, Default)]
pub(super) struct Selection {
    names: Vec<String>,
}

/// What a total counts if there is nothing before it. A link ranks before the bridges whose traffic
/// is routed to it and before the tunnels on it, a bridge before its ports: they show the same
/// frames, or the same packets again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Rank {
    Uplink,
    Link,
    Bridge,
    Tunnel,
    Member,
    Loopback,
}

impl Rank {
    fn of(role: Role) -> Rank {
        match role {
            Role::Uplink => Rank::Uplink,
            Role::Virtual | Role::File => Rank::Link,
            Role::Bridge => Rank::Bridge,
            Role::Tunnel => Rank::Tunnel,
            Role::Member => Rank::Member,
            Role::Loopback => Rank::Loopback,
        }
    }
}

impl Selection {
    pub(super) fn of(names: &[String]) -> Selection {
        Selection {
            names: names.to_vec(),
        }
    }

    /// The rank that counts where these interfaces are watched. With none: all but loopback.
    pub(super) fn rank<'a>(nics: impl Iterator<Item = &'a Nic>) -> Rank {
        let ranks = nics.map(|nic| Rank::of(nic.role));
        ranks.min().unwrap_or(Rank::Member)
    }

    /// For the interfaces of one second: which of them count.
    pub(super) fn counted<'a>(&self, nics: impl Iterator<Item = &'a Nic> + Clone) -> Vec<bool> {
        let rank = Selection::rank(nics.clone());
        nics.map(|nic| self.counts(nic, rank)).collect()
    }

    /// Whether an interface counts, where this is the rank that does.
    pub(super) fn counts(&self, nic: &Nic, rank: Rank) -> bool {
        if self.names.is_empty() {
            return Rank::of(nic.role) <= rank;
        }
        self.names.iter().any(|name| **name == *nic.name)
    }

    /// Whether a list of connections tells of it: a tunnel's are those of the apps that use it.
    pub(super) fn lists(&self, nic: &Nic, rank: Rank) -> bool {
        self.counts(nic, rank) || self.carries(nic)
    }

    /// Whether what goes through this interface takes the place of what carries it: not if it was
    /// said which interfaces are to be looked at.
    pub(super) fn carries(&self, nic: &Nic) -> bool {
        self.names.is_empty() && nic.role == Role::Tunnel
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counted(selection: &Selection, roles: &[(&str, Role)]) -> Vec<String> {
        let nic = |(name, role): &(&str, Role)| Nic {
            name: (*name).into(),
            role: *role,
        };
        let nics: Vec<Nic> = roles.iter().map(nic).collect();
        let counted = selection.counted(nics.iter());
        let chosen = nics.iter().zip(counted).filter(|(_, counted)| *counted);
        chosen.map(|(nic, _)| nic.name.to_string()).collect()
    }

    #[test]
    fn totals_count_what_ranks_first() {
        let all = [
            ("eth0", Role::Uplink),
            ("veth0", Role::Virtual),
            ("docker0", Role::Bridge),
            ("tun0", Role::Tunnel),
            ("veth1", Role::Member),
            ("lo", Role::Loopback),
        ];
        let total = |from: usize| counted(&Selection::default(), &all[from..]);
        assert_eq!(total(0), ["eth0"]);
        assert_eq!(total(1), ["veth0"]);
        assert_eq!(total(2), ["docker0"]);
        assert_eq!(total(3), ["tun0"]);
        assert_eq!(total(4), ["veth1"]);
        assert_eq!(total(5), ["lo"]);
        let asked = Selection::of(&["lo".into()]);
        assert_eq!(counted(&asked, &all), ["lo"]);
    }

    #[test]
    fn a_tunnel_is_looked_into_unless_interfaces_were_named() {
        let tunnel = Nic {
            name: "tun0".into(),
            role: Role::Tunnel,
        };
        assert!(Selection::default().lists(&tunnel, Rank::Uplink));
        assert!(!Selection::default().counts(&tunnel, Rank::Uplink));
        assert!(!Selection::of(&["eth0".into()]).lists(&tunnel, Rank::Uplink));
    }
}
