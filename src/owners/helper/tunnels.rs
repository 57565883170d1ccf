//! Which process carries which tunnel: the one that has the other end of its interface open. To look
//! through all processes is dear, so that it is done when tunnels come, when one gets its other end,
//! when a carrier has let go, and ever more seldom for one that nobody seems to carry; the interfaces
//! are listed when they have changed. Decides nothing else.

use crate::platform::{self, Role, Run, Watch};
use std::collections::BTreeMap;

/// How often a tunnel without a carrier is looked for at every chance: a program may open it a little
/// after it came to be.
const EAGER: u32 = 4;
/// How seldom that becomes: the kernel's own tunnels have no carrier.
const SELDOM: u32 = 64;

#[derive(Debug, Default)]
pub(super) struct Tunnels(BTreeMap<String, Tunnel>);

/// The interfaces of tunnels, as of the last change.
pub(super) struct Interfaces {
    /// Where there is none, they are listed each time.
    watch: Option<Watch>,
    tunnels: Vec<Seen>,
    /// Something has changed since they were listed.
    is_new: bool,
}

impl Default for Interfaces {
    fn default() -> Interfaces {
        Interfaces {
            watch: platform::watch().ok().flatten(),
            tunnels: Vec::new(),
            is_new: true,
        }
    }
}

impl Interfaces {
    /// Those that are there now; where they cannot be told, those that were.
    pub(super) fn tunnels(&mut self) -> &[Seen] {
        self.is_new |= self.watch.as_mut().is_none_or(Watch::changed);
        if self.is_new
            && let Ok(tunnels) = listed()
        {
            (self.tunnels, self.is_new) = (tunnels, false);
        }
        &self.tunnels
    }
}

fn listed() -> Result<Vec<Seen>, platform::Error> {
    let nics = platform::nics()?.into_iter();
    let tunnels = nics.filter(|nic| nic.role == Role::Tunnel);
    let seen = tunnels.map(|nic| Seen {
        name: nic.name,
        index: nic.index,
        link: nic.link,
    });
    Ok(seen.collect())
}

/// An interface of a tunnel as it is now.
#[derive(Debug)]
pub(super) struct Seen {
    name: String,
    index: u32,
    /// Something is at its other end.
    link: bool,
}

#[derive(Debug, Default)]
struct Tunnel {
    index: u32,
    link: bool,
    carrier: Option<Run>,
    /// Chances to look for its carrier that there were since something changed.
    chances: u32,
}

impl Tunnel {
    fn update(&mut self, seen: &Seen) {
        if self.index != seen.index || (seen.link && !self.link) {
            self.chances = 0;
        }
        (self.index, self.link) = (seen.index, seen.link);
    }

    /// Whether its carrier is to be looked for; `holds`: whether a process still has the interface.
    fn wants(&mut self, holds: impl Fn(Run) -> bool) -> bool {
        if let Some(run) = self.carrier {
            return !holds(run);
        }
        let chance = self.chances;
        self.chances = chance.saturating_add(1);
        chance < EAGER || chance.is_power_of_two() || chance.is_multiple_of(SELDOM)
    }
}

impl Tunnels {
    /// What has changed since the last look.
    pub(super) fn look(&mut self, seen: &[Seen]) -> Vec<(String, Option<Run>)> {
        let all = || platform::tunnel_holders();
        self.learn(seen, &platform::tunnels_of, &all)
    }

    /// The same by what is told: which interfaces a process has, and who has any.
    fn learn(
        &mut self,
        seen: &[Seen],
        of: &dyn Fn(Run) -> Vec<String>,
        all: &dyn Fn() -> Vec<(String, Run)>,
    ) -> Vec<(String, Option<Run>)> {
        let is_gone = |name: &String| !seen.iter().any(|one| one.name == *name);
        let gone = self.0.extract_if(.., |name, _| is_gone(name));
        let gone = gone.filter(|(_, tunnel)| tunnel.carrier.is_some());
        let mut changes: Vec<_> = gone.map(|(name, _)| (name, None)).collect();
        let mut wanted = false;
        for one in seen {
            let tunnel = self.0.entry(one.name.clone()).or_default();
            tunnel.update(one);
            wanted |= tunnel.wants(|run| of(run).contains(&one.name));
        }
        if wanted {
            self.search(&all(), &mut changes);
        }
        changes
    }

    /// Its carrier could not be told: it is to be looked for again.
    pub(super) fn forget_carrier(&mut self, name: &str) {
        if let Some(tunnel) = self.0.get_mut(name) {
            tunnel.carrier = None;
        }
    }

    fn search(&mut self, holders: &[(String, Run)], changes: &mut Vec<(String, Option<Run>)>) {
        for (name, tunnel) in &mut self.0 {
            let carrier = carrier(name, tunnel.carrier, holders);
            if carrier != tunnel.carrier {
                changes.push((name.clone(), carrier));
                tunnel.carrier = carrier;
                if carrier.is_none() {
                    tunnel.chances = 0;
                }
            }
        }
    }
}

/// Whoever had it before and still has it; else the eldest of those that have it: the others are its
/// children, which have what it had open.
fn carrier(name: &str, before: Option<Run>, holders: &[(String, Run)]) -> Option<Run> {
    let runs = holders.iter().filter(|(held, _)| held == name);
    let runs = runs.map(|(_, run)| *run);
    before
        .filter(|before| runs.clone().any(|run| run == *before))
        .or_else(|| runs.min_by_key(|run| (run.since, run.pid)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::Cell;

    const ELDER: Run = Run { pid: 70, since: 1 };
    const YOUNGER: Run = Run { pid: 7, since: 2 };

    fn tun(index: u32, link: bool) -> Seen {
        Seen {
            name: "tun0".into(),
            index,
            link,
        }
    }

    /// Looks once, with these holders; what changed, and whether all processes were looked through.
    fn look(
        tunnels: &mut Tunnels,
        seen: &[Seen],
        holders: &[Run],
    ) -> (Vec<(String, Option<Run>)>, bool) {
        let searched = Cell::new(false);
        let held = || holders.iter().map(|run| ("tun0".to_owned(), *run));
        let of = |asked: Run| {
            let of = held().filter(|(_, run)| *run == asked);
            of.map(|(name, _)| name).collect()
        };
        let all = || {
            searched.set(true);
            held().collect()
        };
        let changes = tunnels.learn(seen, &of, &all);
        (changes, searched.get())
    }

    fn told(run: Option<Run>) -> Vec<(String, Option<Run>)> {
        vec![("tun0".into(), run)]
    }

    #[test]
    fn the_eldest_that_has_it_carries_it_as_long_as_it_has_it() {
        let mut tunnels = Tunnels::default();
        let here = [tun(3, true)];
        let first = look(&mut tunnels, &here, &[YOUNGER, ELDER]);
        assert_eq!(first, (told(Some(ELDER)), true));
        // Held, and nobody else is looked at.
        let still = look(&mut tunnels, &here, &[ELDER, YOUNGER]);
        assert_eq!(still, (vec![], false));
        // It lives, but has let go of it.
        let passed = look(&mut tunnels, &here, &[YOUNGER]);
        assert_eq!(passed, (told(Some(YOUNGER)), true));
        // An elder one that gets it later does not take it over.
        let both = look(&mut tunnels, &here, &[ELDER, YOUNGER]);
        assert_eq!(both, (vec![], false));
        assert_eq!(look(&mut tunnels, &[], &[YOUNGER]), (told(None), false));
    }

    #[test]
    fn one_that_comes_back_is_found() {
        let mut tunnels = Tunnels::default();
        let (up, down) = ([tun(3, true)], [tun(3, false)]);
        look(&mut tunnels, &up, &[ELDER]);
        assert_eq!(look(&mut tunnels, &down, &[]), (told(None), true));
        for _ in 0..100 {
            look(&mut tunnels, &down, &[]);
        }
        let back = look(&mut tunnels, &up, &[YOUNGER]);
        assert_eq!(back, (told(Some(YOUNGER)), true));
    }

    #[test]
    fn where_nobody_is_found_it_is_looked_for_ever_more_seldom_until_something_changes() {
        let mut tunnels = Tunnels::default();
        let mut times = |seen: &[Seen], looks: usize| {
            let searched = (0..looks).map(|_| look(&mut tunnels, seen, &[]).1);
            searched.filter(|searched| *searched).count()
        };
        assert_eq!(times(&[tun(3, false)], 4), 4);
        // At 4, 8, 16, 32, 64 and 128.
        assert_eq!(times(&[tun(3, false)], 129 - 4), 6);
        assert_eq!(times(&[tun(3, true)], 4), 4, "its other end was opened");
        assert_eq!(times(&[tun(3, true)], 4), 1);
        assert_eq!(times(&[tun(4, true)], 4), 4, "it was made again");
    }
}
