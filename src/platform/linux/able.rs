//! What Linux lets this process do: by its capabilities, and by trying what costs nothing to try.

use crate::platform::{Able, Means};
use netlink_sys::{Socket, SocketAddr, protocols};
use std::fs;

const CAP_DAC_READ_SEARCH: u32 = 2;
const CAP_NET_ADMIN: u32 = 12;
pub(super) const CAP_NET_RAW: u32 = 13;
const CAP_SYS_PTRACE: u32 = 19;
const CAP_PERFMON: u32 = 38;
const CAP_BPF: u32 = 39;

const NAMES: [(u32, &str); 6] = [
    (CAP_DAC_READ_SEARCH, "CAP_DAC_READ_SEARCH"),
    (CAP_NET_ADMIN, "CAP_NET_ADMIN"),
    (CAP_NET_RAW, "CAP_NET_RAW"),
    (CAP_SYS_PTRACE, "CAP_SYS_PTRACE"),
    (CAP_PERFMON, "CAP_PERFMON"),
    (CAP_BPF, "CAP_BPF"),
];

pub(crate) fn able(means: Means) -> Able {
    match means {
        Means::KernelPrograms => needs(&[CAP_BPF, CAP_NET_ADMIN, CAP_PERFMON], kernel_programs),
        Means::PacketOwners => Able::NotHere,
        Means::SocketTables => netlink(protocols::NETLINK_SOCK_DIAG, 0),
        Means::OtherProcesses => needs(&[CAP_SYS_PTRACE, CAP_DAC_READ_SEARCH], || Able::Yes),
        Means::ProcessEvents => needs(&[CAP_NET_ADMIN], || {
            netlink(protocols::NETLINK_CONNECTOR, 1)
        }),
    }
}

pub(crate) fn how_to_see_owners(program: &str) -> Option<String> {
    let capabilities = NAMES.map(|(_, name)| name.to_lowercase()).join(",");
    Some(format!("sudo setcap {capabilities}+ep {program}"))
}

/// The capabilities that this process has now, a bit each; `None` where they cannot be read.
pub(super) fn capabilities() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("CapEff:"))?;
    u64::from_str_radix(line.trim(), 16).ok()
}

fn needs(wanted: &[u32], then: impl FnOnce() -> Able) -> Able {
    let had = capabilities().unwrap_or(0);
    match missing(had, wanted) {
        Some(missing) => Able::No(missing),
        None => then(),
    }
}

fn missing(had: u64, wanted: &[u32]) -> Option<String> {
    let names = NAMES.iter().filter(|(number, _)| wanted.contains(number));
    let names = names.filter(|(number, _)| had & 1 << number == 0);
    let names: Vec<&str> = names.map(|(_, name)| *name).collect();
    (!names.is_empty()).then(|| format!("missing: {}", names.join(", ")))
}

/// Programs are attached to the root of the second version's tree of groups.
fn kernel_programs() -> Able {
    let mounts = fs::read_to_string("/proc/mounts").unwrap_or_default();
    let kind = |line: &str| line.split(' ').nth(2).map(str::to_owned);
    if mounts
        .lines()
        .filter_map(kind)
        .any(|kind| kind == "cgroup2")
    {
        return Able::Yes;
    }
    Able::No("no cgroup v2 tree is mounted".to_owned())
}

fn netlink(protocol: isize, groups: u32) -> Able {
    let opened =
        Socket::new(protocol).and_then(|mut socket| socket.bind(&SocketAddr::new(0, groups)));
    match opened {
        Ok(()) => Able::Yes,
        Err(error) => Able::No(format!("the kernel refuses it: {error}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_is_named() {
        let had = 1 << CAP_BPF | 1 << CAP_NET_RAW;
        let wanted = [CAP_NET_ADMIN, CAP_BPF, CAP_PERFMON];
        let said = missing(had, &wanted).unwrap();
        assert_eq!(said, "missing: CAP_NET_ADMIN, CAP_PERFMON");
        assert_eq!(missing(u64::MAX, &wanted), None);
    }

    #[test]
    fn anybody_may_ask_for_the_tables_of_sockets() {
        assert_eq!(able(Means::SocketTables), Able::Yes);
        assert_eq!(able(Means::PacketOwners), Able::NotHere);
    }

    #[test]
    fn the_way_to_see_owners_is_one_line() {
        let said = how_to_see_owners("/bin/netmonitor").unwrap();
        assert!(said.starts_with("sudo setcap cap_dac_read_search,cap_net_admin,cap_net_raw"));
        assert!(said.ends_with("cap_bpf+ep /bin/netmonitor"));
    }
}
