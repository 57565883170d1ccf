//! How looking for owners goes, as the API tells it.

use crate::api::{HelperStatus, OwnersState, OwnersStatus, Rung, RungState, RungStatus};
use crate::owners::{self, Owners, PROCESSES_MAX, QUESTIONS_MAX};
use crate::platform;
use crate::query::time_of;

/// What is told where nobody looks for owners.
const OFF: &str = "switched off by owners.enabled, or no interface of this machine is watched";

/// How it is now.
pub(super) fn status(owners: Option<&Owners>) -> OwnersStatus {
    match owners {
        Some(owners) => of(&owners.state()),
        None => OwnersStatus::without_helper(OwnersState::Off, OFF),
    }
}

fn of(state: &owners::State) -> OwnersStatus {
    let Some(status) = &state.status else {
        let (word, why) = match (&state.trouble, state.pid) {
            (Some(trouble), None) => (OwnersState::Stopped, trouble.as_str()),
            _ => (OwnersState::Starting, "the helper is being started"),
        };
        return OwnersStatus {
            helper: helper(state),
            ..OwnersStatus::without_helper(word, why)
        };
    };
    let rungs = rungs(status);
    let works = |rung: &&RungStatus| matches!(rung.state, RungState::Works | RungState::Partly);
    OwnersStatus {
        state: OwnersState::Running,
        reason: None,
        rung: rungs.iter().find(works).map(|rung| rung.rung),
        since: Some(time_of(state.since)),
        rungs,
        helper: helper(state),
        events_lost: status.lost + status.refused + state.unasked,
        asks_pending: status.pending.into(),
        asks_max: QUESTIONS_MAX,
        processes: status.processes.into(),
        processes_max: PROCESSES_MAX,
    }
}

fn rungs(status: &owners::Status) -> Vec<RungStatus> {
    let kernel = match (status.kernel.works, platform::PROCESS_TAP) {
        (true, _) => RungState::Works,
        (false, None) => RungState::Fails,
        // Who is told with each frame needs no programs in the kernel.
        (false, Some(_)) => RungState::NotHere,
    };
    let sockets = match (status.sockets.works, status.others.works) {
        (true, true) => RungState::Works,
        (true, false) => RungState::Partly,
        (false, _) => RungState::Fails,
    };
    let why = status
        .sockets
        .why
        .clone()
        .or_else(|| status.others.why.clone());
    vec![
        RungStatus::new(Rung::Kernel, kernel, status.kernel.why.clone()),
        pktap(),
        RungStatus::new(Rung::Sockets, sockets, why),
    ]
}

/// The capture's own word: root's, where the system has it.
fn pktap() -> RungStatus {
    const WHY: &str = "only root is told the process of a packet";
    match platform::PROCESS_TAP {
        None => RungStatus::new(Rung::Pktap, RungState::NotHere, None),
        Some(_) if platform::is_root() => RungStatus::new(Rung::Pktap, RungState::Works, None),
        Some(_) => RungStatus::new(Rung::Pktap, RungState::Fails, Some(WHY.to_owned())),
    }
}

fn helper(state: &owners::State) -> HelperStatus {
    HelperStatus {
        pid: state.pid,
        started: state.started.map(time_of),
        restarts: state.restarts,
    }
}
