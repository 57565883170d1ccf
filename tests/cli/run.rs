//! `run` where it cannot: each refusal has its exit code and says what to do, and nothing is left
//! half-started.

use super::{Place, Said, harness};
use std::fs::Permissions;
use std::io::{BufRead, BufReader};
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::fs::{PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Command, Stdio};

/// A user who may do nothing in particular.
pub(super) const NOBODY: u32 = 65_534;

/// Gives the place to nobody, with a copy of the binary: nobody may not look into the folders above
/// the real one.
pub(super) fn for_nobody(place: &Place) -> PathBuf {
    let folder = place.folder.path();
    let binary = folder.join("netmonitor");
    // By another process: a file that this one has open for writing cannot be run.
    let mut copy = Command::new("cp");
    harness::succeed(copy.arg(env!("CARGO_BIN_EXE_netmonitor")).arg(&binary));
    let entries = std::fs::read_dir(folder).expect("its files");
    for path in entries.map(|entry| entry.expect("a file").path()) {
        chown(&path, Some(NOBODY), Some(NOBODY)).expect("another owner");
        let mode = if path.ends_with("token") {
            0o600
        } else {
            0o755
        };
        std::fs::set_permissions(&path, Permissions::from_mode(mode)).expect("permissions");
    }
    chown(folder, Some(NOBODY), Some(NOBODY)).expect("another owner");
    binary
}

#[test]
fn no_permission_is_77_with_what_to_type() {
    if !harness::root("no permission") {
        return;
    }
    let place = Place::new();
    let mut command = Command::new(for_nobody(&place));
    command
        .env_clear()
        .env("HOME", place.folder.path())
        .uid(NOBODY)
        .gid(NOBODY);
    let output = command.args(["run", "--port", "0"]).output();
    let said = Said::of(&output.expect("netmonitor"));
    said.fails(77, &["sudo ", "netmonitor run --port 0"]);
}

#[test]
fn a_taken_port_is_74_and_names_who_has_it() {
    if !harness::root("a taken port") {
        return;
    }
    let place = Place::new();
    let holder = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
    let port = holder.local_addr().expect("its number").port().to_string();
    let said = place.run(&["run", "--interface", "lo", "--port", &port]);
    let process = format!("(process {})", std::process::id());
    said.fails(74, &[&port, "taken", &process, "--port"]);
}

#[test]
fn a_demo_takes_any_port_where_the_usual_one_is_taken() {
    let place = Place::new();
    let holder = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
    let port = holder.local_addr().expect("its number").port().to_string();
    let mut command = place.command();
    command
        .args(["demo", "--port", &port])
        .stdout(Stdio::piped());
    let mut demo = command.spawn().expect("netmonitor");
    let mut address = String::new();
    let read = BufReader::new(demo.stdout.take().expect("its output")).read_line(&mut address);
    demo.kill().expect("a running demo");
    demo.wait().expect("its end");
    read.expect("an address");
    assert!(address.starts_with("http://127.0.0.1:"), "{address}");
    assert!(!address.contains(&format!(":{port}/")), "{address}");
}

#[test]
fn an_interface_that_is_not_there_is_named_with_those_that_are() {
    if !harness::root("no such interface") {
        return;
    }
    let place = Place::new();
    let said = place.run(&["run", "--interface", "nosuch0", "--port", "0"]);
    said.fails(1, &["there is no interface nosuch0", "lo"]);
}
