//! What this process may see of others, and what it lacks: told once, instead of an error for each
//! process that cannot be looked into.

use super::read;
use crate::platform::Sight;
use std::fs;

/// The capabilities that help, by their number, and what each is for.
const WANTED: [(u32, &str); 6] = [
    (2, "CAP_DAC_READ_SEARCH"),
    (12, "CAP_NET_ADMIN"),
    (13, "CAP_NET_RAW"),
    (19, "CAP_SYS_PTRACE"),
    (38, "CAP_PERFMON"),
    (39, "CAP_BPF"),
];
/// What has the rights of one of these too.
const SYS_ADMIN: u32 = 21;

pub(crate) fn may_look_at_others() -> Sight {
    let status = read("/proc/self/status").unwrap_or_default();
    let mounts = read("/proc/self/mountinfo").unwrap_or_default();
    Sight {
        others: sees_files_of(1) || super::super::is_root() && sees_files_of(parent()),
        missing: missing(effective(&status)),
        hidden: hides_processes(&mounts),
    }
}

/// The proof: rights may be there and not help, as under Landlock.
fn sees_files_of(pid: u32) -> bool {
    let Ok(mut files) = fs::read_dir(format!("/proc/{pid}/fd")) else {
        return false;
    };
    files.next().is_none_or(|file| {
        let path = file.map(|file| file.path());
        path.is_ok_and(|path| fs::read_link(path).is_ok())
    })
}

fn parent() -> u32 {
    nix::unistd::getppid().as_raw().unsigned_abs()
}

fn effective(status: &str) -> u64 {
    let line = status.lines().find_map(|line| line.strip_prefix("CapEff:"));
    line.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok())
        .unwrap_or(0)
}

fn missing(effective: u64) -> Vec<&'static str> {
    let has = |number: u32| effective & 1 << number != 0;
    let by_all = |number: u32| number >= 38 && has(SYS_ADMIN);
    let lacks = |(number, _): &&(u32, &str)| !has(*number) && !by_all(*number);
    WANTED.iter().filter(lacks).map(|(_, name)| *name).collect()
}

/// `/proc` is mounted so that others' processes are not shown.
fn hides_processes(mounts: &str) -> bool {
    mounts.lines().any(|line| {
        let at_proc = line.split(' ').nth(4) == Some("/proc");
        let option = line
            .split([' ', ','])
            .find_map(|it| it.strip_prefix("hidepid="));
        at_proc && option.is_some_and(|value| value != "0" && value != "off")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_is_named() {
        assert_eq!(missing(u64::MAX), [] as [&str; 0]);
        assert_eq!(missing(0).len(), WANTED.len());
        assert_eq!(effective("Name:\tx\nCapEff:\t0000000000002000\n"), 1 << 13);
        assert!(!missing(1 << 13).contains(&"CAP_NET_RAW"));
        assert_eq!(missing(1 << SYS_ADMIN).len(), WANTED.len() - 2);
        assert_eq!(effective("nothing"), 0);
    }

    #[test]
    fn hidden_processes_are_noticed() {
        let mount = |options| format!("24 29 0:22 / /proc rw,nosuid - proc proc {options}\n");
        for (options, hidden) in [
            ("rw", false),
            ("rw,hidepid=0", false),
            ("rw,hidepid=invisible", true),
            ("rw,gid=4,hidepid=2", true),
        ] {
            assert_eq!(hides_processes(&mount(options)), hidden, "{options}");
        }
    }

    #[test]
    fn root_sees_others() {
        if super::super::super::is_root() {
            let sight = may_look_at_others();
            assert!(sight.others && !sight.hidden, "{sight:?}");
        }
    }
}
