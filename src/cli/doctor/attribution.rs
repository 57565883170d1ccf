//! By which means owners of traffic can be found here, and what is lost without each.

use super::check::{Check, State};
use super::probe::{Probe, Tried};

/// A means, in words.
struct Rung {
    name: &'static str,
    works: &'static str,
    fails: &'static str,
    lost: &'static str,
}

const KERNEL: Rung = Rung {
    name: "owners: kernel",
    works: "programs in the kernel can be loaded: they tell who uses each socket",
    fails: "programs in the kernel cannot be loaded",
    lost: "what programs send that end within moments, or that share sockets with others, may be \
           `unknown`; everything else is found by the tables of sockets",
};
const PACKETS: Rung = Rung {
    name: "owners: pktap",
    works: "the capture tells the process of each packet",
    fails: "the capture does not tell the process of packets",
    lost: "owners are found by looking at processes instead: what is short-lived may be `unknown`",
};
const SOCKETS: Rung = Rung {
    name: "owners: sockets",
    works: "the tables of sockets can be asked, and who has a socket is found",
    fails: "the tables of sockets cannot be asked",
    lost: "connections that are older than netmonitor have no owner; where the kernel does not tell \
           either, all are `unknown`",
};
const OTHERS: Rung = Rung {
    name: "owners: others",
    works: "processes of all users may be looked at",
    fails: "only processes of your own may be looked at",
    lost: "what other users' programs and the system's services send is `unknown`, unless the kernel \
           tells it: then they have their short names and no paths",
};
const EVENTS: Rung = Rung {
    name: "owners: starts",
    works: "the kernel tells of each program that starts or ends",
    fails: "the kernel does not tell of programs that start and end",
    lost: "where programs in the kernel do not tell it either, a program that ended within moments \
           may be `unknown`",
};
const TRANSLATIONS: Rung = Rung {
    name: "owners: translated",
    works: "the table of translated addresses can be asked",
    fails: "the table of translated addresses cannot be asked",
    lost: "what containers and guests send through this machine's address is `unknown` there",
};

pub(super) fn checks(probe: &Probe) -> Vec<Check> {
    let rungs = [
        (KERNEL, &probe.kernel_programs),
        (PACKETS, &probe.packet_owners),
        (SOCKETS, &probe.socket_tables),
        (OTHERS, &probe.other_processes),
        (EVENTS, &probe.process_events),
        (TRANSLATIONS, &probe.translations),
    ];
    let told = rungs.map(|(rung, tried)| rung.told(tried));
    let mut checks: Vec<Check> = told.into();
    advise(&mut checks, probe.command.as_deref());
    checks
}

impl Rung {
    fn told(&self, tried: &Tried) -> Check {
        match tried {
            Tried::Works => Check::ok(self.name, self.works),
            Tried::Partly(what) => Check::warn(self.name, self.works)
                .because("not all of them find their place here")
                .lost(format!("it cannot be told {what}")),
            Tried::Fails(why) => Check::warn(self.name, self.fails)
                .because(why.clone())
                .lost(self.lost),
            Tried::Off(setting) => Check::new(
                self.name,
                State::NotApplicable,
                format!("switched off by {setting}"),
            ),
            Tried::NotHere => Check::new(
                self.name,
                State::NotApplicable,
                "this system has no such thing",
            ),
        }
    }
}

/// Once, below the last that fails for want of a right: one command helps all of them.
fn advise(checks: &mut [Check], command: Option<&str>) {
    let lacks = |why: &str| why.contains("missing: ");
    let fails =
        |check: &&mut Check| check.state == State::Warn && check.why.as_deref().is_some_and(lacks);
    let Some(last) = checks.iter_mut().rev().find(fails) else {
        return;
    };
    last.advice = Some(match command {
        Some(_) => "run it as root, or give this program the rights once".to_owned(),
        None => "run it as root".to_owned(),
    });
    last.command = command.map(str::to_owned);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn probe(tried: &Tried) -> Probe {
        Probe {
            kernel_programs: tried.clone(),
            packet_owners: Tried::NotHere,
            socket_tables: Tried::Works,
            other_processes: tried.clone(),
            process_events: tried.clone(),
            translations: Tried::Off("owners.x"),
            command: Some("sudo setcap x+ep netmonitor".into()),
        }
    }

    fn warned(checks: &[Check]) -> Vec<&Check> {
        let checks = checks.iter();
        checks.filter(|check| check.state == State::Warn).collect()
    }

    #[test]
    fn with_all_rights_nothing_is_left_to_do() {
        let checks = checks(&probe(&Tried::Works));
        let states: Vec<_> = checks.iter().map(|check| check.state).collect();
        let (ok, none) = (State::Ok, State::NotApplicable);
        assert_eq!(states, [ok, none, ok, ok, ok, none]);
        assert!(checks.iter().all(|check| check.command.is_none()));
        assert_eq!(checks[5].what, "switched off by owners.x");
    }

    #[test]
    fn what_is_missing_says_why_what_is_lost_and_once_what_to_type() {
        let checks = checks(&probe(&Tried::Fails("missing: CAP_X".into())));
        let warned = warned(&checks);
        assert_eq!(warned.len(), 3);
        for check in &warned {
            assert_eq!(check.why.as_deref(), Some("missing: CAP_X"));
            assert!(check.lost.is_some());
        }
        let typed = warned.iter().filter_map(|check| check.command.as_deref());
        assert_eq!(typed.collect::<Vec<_>>(), ["sudo setcap x+ep netmonitor"]);
    }

    #[test]
    fn rights_are_not_advised_where_they_would_not_help() {
        for tried in [
            Tried::Fails("no cgroup v2 tree is mounted".into()),
            Tried::Partly("who binds a socket".into()),
        ] {
            let checks = checks(&probe(&tried));
            let warned = warned(&checks);
            assert_eq!(warned.len(), 3, "{tried:?}");
            assert!(warned.iter().all(|check| check.command.is_none()));
        }
    }
}
