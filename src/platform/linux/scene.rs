//! What tests of this folder share: a network namespace of one's own, and the numbers of sockets.

use super::folder::numbered;
use crate::key::Endpoint;
use nix::sched::{CloneFlags, unshare};
use std::net::SocketAddr;
use std::os::fd::AsRawFd;
use std::process::Command;

/// Runs a test in a network namespace that has a loopback interface alone, if we may make one.
pub(super) fn apart(test: impl FnOnce() + Send) {
    if !crate::platform::is_root() {
        return;
    }
    std::thread::scope(|scope| {
        scope.spawn(|| {
            unshare(CloneFlags::CLONE_NEWNET).unwrap();
            run("ip link set lo up");
            test();
        });
    });
}

/// Runs a command line in this thread's namespace; it has to succeed.
pub(super) fn run(line: &str) {
    let mut words = line.split(' ');
    let status = Command::new(words.next().unwrap()).args(words).status();
    assert!(status.unwrap().success(), "{line}");
}

pub(super) fn inode(file: &impl AsRawFd) -> u64 {
    let link = std::fs::read_link(format!("/proc/self/fd/{}", file.as_raw_fd())).unwrap();
    numbered(link.as_os_str(), "socket").unwrap()
}

pub(super) fn end(address: SocketAddr) -> Endpoint {
    Endpoint {
        address: address.ip().to_canonical(),
        port: Some(address.port()),
    }
}

pub(super) fn at(address: &str) -> Endpoint {
    end(address.parse().unwrap())
}

pub(super) fn without_port(address: &str) -> Endpoint {
    Endpoint {
        address: address.parse().unwrap(),
        port: None,
    }
}
