//! Which process is at the other end of a tun or tap interface: it holds the device file open, and
//! the kernel says of each such file for which interface. It does not say in which network namespace
//! that is: a program's interfaces are taken to be where the program is.

use super::folder::{self, Folder};
use super::process::run_of;
use crate::platform::Run;
use std::path::Path;

/// The network namespace of the thread that asks.
const HOME: &str = "/proc/thread-self/ns/net";
const DEVICE: &str = "/dev/net/tun";
const FACTS_BYTES: usize = 4096;

/// How many tunnels are told.
const AT_MOST: usize = 256;

pub(crate) fn tunnel_holders() -> Vec<(String, Run)> {
    let pids = folder::pids().unwrap_or_default();
    let home = std::fs::read_link(HOME).ok();
    let held = |pid| held_by(pid, home.as_deref());
    let mut found: Vec<(String, Run)> = pids.into_iter().flat_map(held).take(AT_MOST).collect();
    found.sort_unstable();
    found.dedup();
    found
}

pub(crate) fn tunnels_of(run: Run) -> Vec<String> {
    let held = held_by(run.pid, std::fs::read_link(HOME).ok().as_deref());
    let own = held.into_iter().filter(|(_, holder)| *holder == run);
    own.map(|(name, _)| name).collect()
}

/// `home`: the network namespace whose interfaces are meant.
fn held_by(pid: u32, home: Option<&Path>) -> Vec<(String, Run)> {
    let Ok(folder) = Folder::open(pid) else {
        return Vec::new();
    };
    let interfaces = interfaces(&folder);
    let is_here = || folder.link("ns/net").ok().as_deref() == home.map(Path::as_os_str);
    if interfaces.is_empty() || !is_here() {
        return Vec::new();
    }
    let run = run_of(&folder);
    let held = run
        .into_iter()
        .flat_map(|run| interfaces.iter().map(move |name| (name, run)));
    held.map(|(name, run)| (name.clone(), run)).collect()
}

fn interfaces(folder: &Folder) -> Vec<String> {
    let Ok(mut files) = folder.list("fd") else {
        return Vec::new();
    };
    let names = files.iter().flatten().filter_map(|entry| {
        let descriptor = entry.file_name().to_str().ok()?.to_owned();
        let link = folder.link(&format!("fd/{descriptor}")).ok()?;
        (link == DEVICE).then_some(descriptor)
    });
    let facts = names.filter_map(|name| folder.read(&format!("fdinfo/{name}"), FACTS_BYTES).ok());
    facts
        .filter_map(|facts| interface(&String::from_utf8_lossy(&facts)))
        .take(AT_MOST)
        .collect()
}

/// A line `iff: tun0`; a device that has no interface yet has none, or an empty one.
fn interface(facts: &str) -> Option<String> {
    let name = facts
        .lines()
        .find_map(|line| line.strip_prefix("iff:"))?
        .trim();
    (!name.is_empty() && !name.contains('%')).then(|| name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platform::linux::scene::apart;
    use std::fs::OpenOptions;
    use std::process::Command;

    #[test]
    fn whoever_has_a_tunnel_in_this_namespace_is_told() {
        apart(|| {
            let Ok(device) = OpenOptions::new().read(true).write(true).open(DEVICE) else {
                return;
            };
            make_tunnel(&device);
            let held = |pid| {
                let mut all = tunnel_holders();
                all.retain(|(name, run)| name == "nmtest7" && run.pid == pid);
                all
            };
            // We have it, too, but are elsewhere: only this thread is here.
            assert_eq!(held(std::process::id()), []);
            let mut child = Command::new("sleep");
            let mut child = child.arg("1000").stdin(device).spawn().unwrap();
            let run = crate::platform::process(child.id()).unwrap().run;
            assert_eq!(held(child.id()), [("nmtest7".to_owned(), run)]);
            assert_eq!(tunnels_of(run), ["nmtest7"]);
            let other = Run { since: 0, ..run };
            assert_eq!(tunnels_of(other), [""; 0], "another with its number");
            child.kill().unwrap();
            child.wait().unwrap();
            assert_eq!(held(run.pid), []);
        });
    }

    fn make_tunnel(device: &std::fs::File) {
        use std::os::fd::AsRawFd;
        // `struct ifreq`: the name, then IFF_TUN | IFF_NO_PI.
        let mut request = [0u8; 40];
        request[..7].copy_from_slice(b"nmtest7");
        request[16..18].copy_from_slice(&0x1001u16.to_ne_bytes());
        #[expect(unsafe_code, reason = "an ioctl that nix does not have")]
        // SAFETY: the kernel reads and writes the forty bytes of `request`, which outlives the call.
        let made =
            unsafe { nix::libc::ioctl(device.as_raw_fd(), 0x4004_54ca, request.as_mut_ptr()) };
        assert_eq!(made, 0, "{}", std::io::Error::last_os_error());
    }

    #[test]
    fn the_interface_is_one_line_of_what_is_said_of_a_file() {
        assert_eq!(
            interface("pos:\t0\nflags:\t02\niff:\ttun0\n").as_deref(),
            Some("tun0")
        );
        assert_eq!(interface("pos:\t0\niff:\t\n"), None);
        assert_eq!(interface("pos:\t0\n"), None);
    }
}
