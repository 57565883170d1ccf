//! What netmonitor stands on: the right to capture, interfaces, a folder, a port.

use super::check::Check;
use super::service::Found;
use crate::platform::{self, Nic, Role};
use std::fs;
use std::io::ErrorKind;
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::fs::MetadataExt;
use std::path::Path;

pub(super) fn capture() -> Check {
    if platform::may_capture() {
        return Check::ok("capture", "frames may be captured");
    }
    Check::bad("capture", "frames may not be captured")
        .because("this process has not the right")
        .lost(
            "everything: nothing can be counted by what you start; a service that runs as root can",
        )
        .advised(format!("type {}", platform::how_to_capture_with("run")))
}

pub(super) fn interfaces() -> Check {
    match platform::nics() {
        Ok(nics) => found(&nics),
        Err(error) => {
            Check::bad("interfaces", "the interfaces cannot be listed").because(error.to_string())
        }
    }
}

fn found(nics: &[Nic]) -> Check {
    let names = |wanted: fn(&Nic) -> bool| {
        let names = nics.iter().filter(|nic| wanted(nic));
        names.map(|nic| nic.name.as_str()).collect::<Vec<_>>()
    };
    let up = names(|nic| nic.up);
    let uplinks = names(|nic| nic.up && nic.role == Role::Uplink);
    if up.is_empty() {
        return Check::bad("interfaces", "no interface is up");
    }
    if uplinks.is_empty() {
        return Check::warn(
            "interfaces",
            format!("none of {} is an uplink", up.join(", ")),
        )
        .because("no interface that is up has a default route")
        .lost("totals count every interface but loopback instead");
    }
    let said = format!(
        "{} up, of which {} in the total",
        up.len(),
        uplinks.join(", ")
    );
    Check::ok("interfaces", said)
}

pub(super) fn data_folder(folder: &Path) -> Check {
    let shown = folder.display();
    match fs::metadata(folder) {
        Ok(facts) if !facts.is_dir() => Check::bad("data folder", format!("{shown} is no folder"))
            .advised("move it away, or name another one with --data-dir"),
        Ok(facts) => owned(folder, facts.uid()),
        Err(error) if error.kind() == ErrorKind::NotFound => Check::ok(
            "data folder",
            format!("{shown} is not there yet: the first run makes it"),
        ),
        Err(error) => Check::bad("data folder", format!("{shown} cannot be looked at"))
            .because(error.to_string())
            .advised("run it as the user whose it is, or name another one with --data-dir"),
    }
}

fn owned(folder: &Path, owner: u32) -> Check {
    let (shown, us) = (folder.display(), platform::user());
    if owner == us {
        return Check::ok("data folder", format!("{shown} is ours"));
    }
    Check::bad(
        "data folder",
        format!("{shown} belongs to user {owner}, this is user {us}"),
    )
    .lost("the history can be neither read nor written by what you start")
    .advised(format!(
        "run it as user {owner}, or name another one with --data-dir"
    ))
}

pub(super) fn port(port: u16, service: &Found) -> Check {
    if let Some(at) = service.port() {
        return Check::ok("port", format!("{at} is this data folder's service"));
    }
    match TcpListener::bind((Ipv4Addr::LOCALHOST, port)) {
        Ok(_) if port == 0 => Check::ok("port", "any that is free"),
        Ok(_) => Check::ok("port", format!("{port} is free")),
        Err(error) => taken(port, &error),
    }
}

fn taken(port: u16, error: &std::io::Error) -> Check {
    let holder = platform::who_holds_port(port);
    let who = holder.map(|holder| format!("{} (process {}) has it", holder.name, holder.pid));
    Check::bad("port", format!("{port} cannot be taken"))
        .because(who.unwrap_or_else(|| error.to_string()))
        .advised("stop what has it, or set serve.port to another one")
}

#[cfg(test)]
mod tests {
    use super::super::check::State;
    use super::*;

    #[test]
    fn a_folder_that_is_not_there_yet_is_no_harm() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(data_folder(folder.path()).state, State::Ok);
        assert_eq!(data_folder(&folder.path().join("none")).state, State::Ok);
        let file = folder.path().join("file");
        fs::write(&file, "").unwrap();
        assert_eq!(data_folder(&file).state, State::Bad);
    }

    #[test]
    fn a_folder_of_somebody_else_is_bad() {
        let other = platform::user() + 1;
        let check = owned(Path::new("/d"), other);
        assert_eq!(check.state, State::Bad);
        assert!(check.what.contains(&format!("user {other}")));
    }

    #[test]
    fn a_taken_port_is_bad_and_a_free_one_is_not() {
        let held = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let number = held.local_addr().unwrap().port();
        assert_eq!(port(number, &Found::None).state, State::Bad);
        assert_eq!(port(0, &Found::None).state, State::Ok);
        let service = Found::Silent {
            port: number,
            why: String::new(),
        };
        assert_eq!(port(number, &service).state, State::Ok);
    }

    #[test]
    fn without_an_uplink_totals_count_other_things() {
        let nic = |role, up| Nic {
            name: "eth0".into(),
            index: 1,
            up,
            link: up,
            loopback: false,
            role,
            hardware: None,
            addresses: Vec::new(),
            counters: None,
        };
        assert_eq!(found(&[nic(Role::Uplink, true)]).state, State::Ok);
        assert_eq!(found(&[nic(Role::Virtual, true)]).state, State::Warn);
        assert_eq!(found(&[nic(Role::Uplink, false)]).state, State::Bad);
    }
}
