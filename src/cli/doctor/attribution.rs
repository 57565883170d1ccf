//! By which means owners of traffic can be found here, and what is lost without each.

use super::check::{Check, State};
use super::probe::Probe;
use crate::platform::Able;

/// A means, in words.
struct Rung {
    name: &'static str,
    works: &'static str,
    fails: &'static str,
    lost: &'static str,
}

const KERNEL: Rung = Rung {
    name: "owners: kernel",
    works: "programs in the kernel may be loaded: they tell who uses each socket",
    fails: "programs in the kernel may not be loaded",
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
    works: "the tables of sockets can be asked",
    fails: "the tables of sockets cannot be asked",
    lost: "connections that are older than netmonitor have no owner; where the kernel does not tell \
           either, all are `unknown`",
};
const OTHERS: Rung = Rung {
    name: "owners: others",
    works: "processes of all users may be looked at",
    fails: "only processes of your own may be looked at",
    lost: "what other users' programs and the system's services send is `unknown`",
};
const EVENTS: Rung = Rung {
    name: "owners: starts",
    works: "the kernel tells of each program that starts or ends",
    fails: "the kernel does not tell of programs that start and end",
    lost: "of a program that ended within moments the path may not be known, only its short name",
};

pub(super) fn checks(probe: &Probe) -> Vec<Check> {
    let rungs = [
        (KERNEL, &probe.kernel_programs),
        (PACKETS, &probe.packet_owners),
        (SOCKETS, &probe.socket_tables),
        (OTHERS, &probe.other_processes),
        (EVENTS, &probe.process_events),
    ];
    let told = rungs.map(|(rung, able)| rung.told(able));
    let mut checks: Vec<Check> = told.into();
    advise(&mut checks, probe.command.as_deref());
    checks
}

impl Rung {
    fn told(&self, able: &Able) -> Check {
        match able {
            Able::Yes => Check::ok(self.name, self.works),
            Able::No(why) => Check::warn(self.name, self.fails)
                .because(why.clone())
                .lost(self.lost),
            Able::NotHere => Check::new(
                self.name,
                State::NotApplicable,
                "this system has no such thing",
            ),
        }
    }
}

/// Once, below the last that fails: one command helps all of them.
fn advise(checks: &mut [Check], command: Option<&str>) {
    let fails = |check: &&mut Check| check.state == State::Warn;
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

    fn probe(able: &Able) -> Probe {
        Probe {
            kernel_programs: able.clone(),
            packet_owners: Able::NotHere,
            socket_tables: Able::Yes,
            other_processes: able.clone(),
            process_events: able.clone(),
            command: Some("sudo setcap x+ep netmonitor".into()),
        }
    }

    #[test]
    fn with_all_rights_nothing_is_left_to_do() {
        let checks = checks(&probe(&Able::Yes));
        let states: Vec<_> = checks.iter().map(|check| check.state).collect();
        let (ok, none) = (State::Ok, State::NotApplicable);
        assert_eq!(states, [ok, none, ok, ok, ok]);
        assert!(checks.iter().all(|check| check.command.is_none()));
    }

    #[test]
    fn what_is_missing_says_why_what_is_lost_and_once_what_to_type() {
        let checks = checks(&probe(&Able::No("missing: CAP_X".into())));
        let warned: Vec<_> = checks
            .iter()
            .filter(|check| check.state == State::Warn)
            .collect();
        assert_eq!(warned.len(), 3);
        for check in &warned {
            assert_eq!(check.why.as_deref(), Some("missing: CAP_X"));
            assert!(check.lost.is_some());
        }
        let typed: Vec<_> = warned
            .iter()
            .filter_map(|check| check.command.as_deref())
            .collect();
        assert_eq!(typed, ["sudo setcap x+ep netmonitor"]);
    }
}
