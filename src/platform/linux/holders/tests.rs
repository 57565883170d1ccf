//! Who has a socket: held by a child, by two, handed over, closed, by another user; and what looking
//! costs when nobody has it.

use super::*;
use crate::platform::linux::scene::inode;
use crate::platform::process;
use std::net::UdpSocket;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};

fn holders() -> Holders {
    Holders::new(Clock::system())
}

fn ours() -> Run {
    process(std::process::id()).unwrap().run
}

fn udp() -> UdpSocket {
    UdpSocket::bind("127.0.0.1:0").unwrap()
}

/// A process with a socket as its standard input.
struct Running(Child);

impl Running {
    fn with(socket: &UdpSocket, command: &mut Command) -> Running {
        let file = std::os::fd::OwnedFd::from(socket.try_clone().unwrap());
        Running(command.stdin(file).stdout(Stdio::null()).spawn().unwrap())
    }

    fn run(&self) -> Run {
        process(self.0.id()).unwrap().run
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn sleeper() -> Command {
    let mut command = Command::new("sleep");
    command.arg("600");
    command
}

#[test]
fn a_socket_of_ours_is_found_and_then_known() {
    let (socket, mut holders) = (udp(), holders());
    assert_eq!(holders.find(inode(&socket), None, &[]), Some(ours()));
    holders.budget.spend(1 << 40);
    assert_eq!(
        holders.find(inode(&socket), None, &[]),
        Some(ours()),
        "at no cost"
    );
    // The next one lies next to it, or was seen when all of ours were looked at.
    let next = socket.try_clone().unwrap();
    assert_eq!(holders.find(inode(&next), None, &[]), Some(ours()));
    let number = inode(&socket);
    drop((socket, next));
    assert_eq!(holders.find(number, None, &[]), None, "closed");
}

#[test]
fn who_was_handed_a_socket_has_it_when_the_first_holder_closed_it() {
    let (socket, mut holders) = (udp(), holders());
    let number = inode(&socket);
    assert_eq!(
        holders.find(number, None, &[std::process::id()]),
        Some(ours())
    );
    let child = Running::with(&socket, &mut sleeper());
    assert_eq!(
        holders.find(number, None, &[]),
        Some(ours()),
        "both have it"
    );
    drop(socket);
    assert_eq!(holders.find(number, None, &[]), Some(child.run()));
}

#[test]
fn a_process_that_began_just_now_is_found_without_looking_at_all() {
    let mut holders = holders();
    let socket = udp();
    let children: Vec<Running> = (0..5)
        .map(|_| Running::with(&socket, &mut sleeper()))
        .collect();
    let number = inode(&socket);
    drop(socket);
    // Everything but the newest is out of bounds.
    holders.missed.insert(number, (1, Nanos(i64::MAX)));
    let found = holders.find(number, None, &[]).unwrap();
    assert!(children.iter().any(|child| child.run() == found));
}

#[test]
fn hints_are_looked_at_first() {
    let mut holders = holders();
    let socket = udp();
    let child = Running::with(&socket, &mut sleeper());
    holders.missed.insert(inode(&socket), (1, Nanos(i64::MAX)));
    holders.newcomers.forget(child.0.id());
    let found = holders.find(inode(&socket), None, &[child.0.id()]);
    assert_eq!(found, Some(child.run()));
}

#[test]
fn another_users_socket_is_found_under_either_user() {
    if !crate::platform::is_root() {
        return;
    }
    // Nobody else has processes as this user.
    let user = 100_000 + std::process::id();
    let socket = udp();
    let child = Running::with(&socket, sleeper().uid(user).gid(user));
    let number = inode(&socket);
    drop(socket);
    for told in [None, Some(0), Some(user), Some(4343)] {
        assert_eq!(
            holders().find(number, told, &[]),
            Some(child.run()),
            "{told:?}"
        );
    }
    assert_eq!(holders().everybody(Some(user)).first(), Some(&child.0.id()));
}

#[test]
fn what_nobody_has_is_looked_for_less_and_less() {
    let (clock, hands) = Clock::manual(Nanos(0));
    let mut holders = Holders::new(clock);
    let nobody = u64::from(u32::MAX);
    let mut looked = 0;
    for step in 0..1000 {
        // As if looking cost nothing.
        holders.budget = Budget::new(Nanos(step * 10_000_000));
        let before = holders.missed.get(&nobody).copied();
        assert_eq!(holders.find(nobody, None, &[]), None);
        looked += usize::from(holders.missed.get(&nobody).copied() != before);
        hands.advance(10_000_000);
    }
    // After 0, 40, 120, 280, 600, 1240, 2520 and 5080 ms.
    assert_eq!(looked, 8);
    assert_eq!(holders.find(0, None, &[]), None);
}

#[test]
fn many_sockets_that_nobody_has_cost_no_more_than_is_allowed() {
    let (clock, _hands) = Clock::manual(Nanos(0));
    let mut holders = Holders::new(clock);
    for nobody in 0..100_000u64 {
        assert_eq!(holders.find(u64::from(u32::MAX) + nobody, None, &[]), None);
    }
    assert!(holders.missed.len() < 1000, "as many as could be paid for");
}

#[test]
fn a_process_with_very_many_files_is_looked_through_in_pieces() {
    let socket = udp();
    let limit = nix::sys::resource::getrlimit(nix::sys::resource::Resource::RLIMIT_NOFILE);
    if limit.unwrap().1 < 20_000 {
        return;
    }
    let script = "ulimit -n 20000; exec python3 -c 'import os,time\n\
                  for n in range(19000): os.dup2(2, n+10)\n\
                  os.dup2(0, 19500); os.close(0); print(flush=True); time.sleep(600)'";
    let file = std::os::fd::OwnedFd::from(socket.try_clone().unwrap());
    let mut child = Command::new("sh")
        .args(["-c", script])
        .stdin(file)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut ready = [0; 1];
    std::io::Read::read_exact(child.stdout.as_mut().unwrap(), &mut ready).unwrap();
    let child = Running(child);
    let number = inode(&socket);
    drop(socket);
    let (clock, _hands) = Clock::manual(Nanos(0));
    let mut holders = Holders::new(clock);
    let pid = child.0.id();
    let tries = (1..10).find(|_| holders.visit(pid, number).is_some());
    assert_eq!(tries, Some(3));
    assert_eq!(holders.remembered(number), Some(child.run()));
}
