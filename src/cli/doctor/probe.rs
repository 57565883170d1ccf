//! Tries each means of finding owners, as the service's helper would use it. What is opened for that
//! is closed at once; nothing of it stays.

use crate::clock::Clock;
use crate::key::{Endpoint, Protocol};
use crate::owners;
use crate::platform::{
    self, Error, Holders, Kernel, Means, ProcessEvents, Sockets, Translations, lacks,
};
use std::net::{Ipv4Addr, UdpSocket};

/// What came of trying.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Tried {
    Works,
    /// It works, but not in all: what it cannot do.
    Partly(String),
    /// It does not, and why.
    Fails(String),
    /// Nobody asks for it: by which setting.
    Off(&'static str),
    /// This system has no such thing.
    NotHere,
}

/// What this process could do here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Probe {
    pub(super) kernel_programs: Tried,
    pub(super) packet_owners: Tried,
    pub(super) socket_tables: Tried,
    pub(super) other_processes: Tried,
    pub(super) process_events: Tried,
    pub(super) translations: Tried,
    /// What to type so that all of it works without root.
    pub(super) command: Option<String>,
}

pub(super) fn probe(config: &owners::Config) -> Probe {
    if !config.enabled {
        return Probe::off("owners.enabled");
    }
    Probe {
        kernel_programs: match config.kernel {
            owners::Kernel::Auto => kernel_programs(),
            owners::Kernel::Off => Tried::Off("owners.kernel"),
        },
        packet_owners: packet_owners(),
        socket_tables: socket_tables(),
        other_processes: other_processes(),
        process_events: opened(ProcessEvents::open(), Means::ProcessEvents),
        translations: opened(Translations::open(), Means::Translations),
        command: platform::how_to_see_owners(),
    }
}

impl Probe {
    fn off(by: &'static str) -> Probe {
        Probe {
            kernel_programs: Tried::Off(by),
            packet_owners: Tried::Off(by),
            socket_tables: Tried::Off(by),
            other_processes: Tried::Off(by),
            process_events: Tried::Off(by),
            translations: Tried::Off(by),
            command: None,
        }
    }
}

/// As in a container that sees a part of the tree of control groups which it is not in itself.
const OUTSIDE: &str =
    "they were taken, and hear of no socket: the control groups mounted here are not ours";

/// The programs are loaded, asked whether they hear of a socket, and dropped.
fn kernel_programs() -> Tried {
    let mut kernel = match Kernel::load() {
        Ok(kernel) => kernel,
        Err(error) => return refused(&error, Means::KernelPrograms),
    };
    if !kernel.still_attached() {
        return Tried::Fails(OUTSIDE.to_owned());
    }
    let mut missing = kernel.missing().to_vec();
    if kernel.hear_packets().is_err() {
        missing.push("who sends whole frames by a packet socket".to_owned());
    }
    if missing.is_empty() {
        return Tried::Works;
    }
    Tried::Partly(missing.join("; "))
}

fn packet_owners() -> Tried {
    match (platform::PROCESS_TAP, lacks(Means::PacketOwners)) {
        (None, _) => Tried::NotHere,
        (Some(_), missing) if missing.is_empty() => Tried::Works,
        (Some(_), missing) => Tried::Fails(without(&missing)),
    }
}

/// A socket of our own is looked for, and whoever has it: that is us.
fn socket_tables() -> Tried {
    let found = own_socket().map_err(|error| format!("no socket to look for: {error}"));
    match found.and_then(|(socket, ends)| {
        let holder = holder(ends);
        drop(socket);
        holder
    }) {
        Ok(Some(pid)) if pid == std::process::id() => Tried::Works,
        Ok(Some(pid)) => Tried::Fails(format!("a socket of ours was found with process {pid}")),
        Ok(None) => Tried::Fails("a socket of ours was not found".to_owned()),
        Err(why) => Tried::Fails(why),
    }
}

fn own_socket() -> std::io::Result<(UdpSocket, Endpoint)> {
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))?;
    let own = socket.local_addr()?;
    socket.connect(own)?;
    let end = Endpoint {
        address: own.ip(),
        port: Some(own.port()),
    };
    Ok((socket, end))
}

/// The process that has the socket with this address at both ends.
fn holder(end: Endpoint) -> Result<Option<u32>, String> {
    let mut sockets = Sockets::open().map_err(|error| error.to_string())?;
    let socket = sockets.find(Protocol::UDP, end, end, 0);
    let Some(socket) = socket.map_err(|error| error.to_string())? else {
        return Ok(None);
    };
    let mut holders = Holders::new(Clock::system());
    let own = [std::process::id()];
    let run = holders.find(socket.inode, Some(socket.user), &own);
    Ok(run.map(|run| run.pid))
}

fn other_processes() -> Tried {
    let sight = platform::may_look_at_others();
    let missing = lacks(Means::OtherProcesses);
    match (sight.others, sight.hidden) {
        (true, _) => Tried::Works,
        (false, _) if !missing.is_empty() => Tried::Fails(without(&missing)),
        (false, true) => Tried::Fails("/proc is mounted with hidepid".to_owned()),
        (false, false) => Tried::Fails("the system refuses it, whatever the rights".to_owned()),
    }
}

fn opened<T>(opened: Result<T, Error>, means: Means) -> Tried {
    match opened {
        Ok(_) => Tried::Works,
        Err(error) => refused(&error, means),
    }
}

fn refused(error: &Error, means: Means) -> Tried {
    let missing = lacks(means);
    match error {
        Error::NotHere { .. } => Tried::NotHere,
        _ if missing.is_empty() => Tried::Fails(error.to_string()),
        _ => Tried::Fails(format!("{error}; {}", without(&missing))),
    }
}

fn without(missing: &[&str]) -> String {
    format!("missing: {}", missing.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_socket_of_our_own_is_found_with_us() {
        assert_eq!(socket_tables(), Tried::Works);
    }

    #[test]
    fn what_is_switched_off_is_not_tried() {
        let off = owners::Config {
            enabled: false,
            ..owners::Config::default()
        };
        assert_eq!(probe(&off), Probe::off("owners.enabled"));
        let looked_up = owners::Config {
            kernel: owners::Kernel::Off,
            ..owners::Config::default()
        };
        let probe = probe(&looked_up);
        assert_eq!(probe.kernel_programs, Tried::Off("owners.kernel"));
        assert_eq!(probe.socket_tables, Tried::Works);
    }

    #[test]
    fn a_refusal_says_what_was_refused_and_another_system_is_none() {
        let step = Error::Kernel {
            step: "create",
            reason: "Operation not permitted".into(),
        };
        let Tried::Fails(why) = refused(&step, Means::KernelPrograms) else {
            panic!("a refusal is a failure");
        };
        assert!(why.contains("(create): Operation not permitted"), "{why}");
        let absent = Error::NotHere { doing: "fly" };
        assert_eq!(refused(&absent, Means::ProcessEvents), Tried::NotHere);
    }
}
