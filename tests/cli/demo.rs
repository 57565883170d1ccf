//! `demo` as an ordinary user's command: it needs no root and shares the machine.

use super::Place;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use std::io::{BufRead, BufReader};
use std::net::{Ipv4Addr, TcpListener};
use std::process::Stdio;

#[test]
fn a_demo_takes_any_free_port_where_its_own_is_taken() {
    let place = Place::new();
    let holder = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
    let taken = holder.local_addr().expect("its number").port();
    let mut command = place.command();
    command.args(["demo", "--port", &taken.to_string()]);
    let mut child = command.stdout(Stdio::piped()).spawn().expect("netmonitor");
    let mut address = String::new();
    let said = child.stdout.take().expect("its output");
    let read = BufReader::new(said).read_line(&mut address);
    read.expect("an address");
    let process = Pid::from_raw(child.id().try_into().expect("an id"));
    let stopped = kill(process, Signal::SIGTERM);
    let ended = child.wait().expect("an end");
    assert!(address.contains("/dashboard/#token="), "{address:?}");
    assert!(!address.contains(&format!(":{taken}/")), "{address:?}");
    assert!(stopped.is_ok() && ended.success(), "{ended}");
}
