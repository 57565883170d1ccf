//! Which capabilities finding owners takes on Linux.

use super::rights::{WANTED, may_look_at_others};
use crate::platform::Means;

pub(crate) fn lacks(means: Means) -> Vec<&'static str> {
    let missing = may_look_at_others().missing.into_iter();
    missing.filter(|name| takes(means).contains(name)).collect()
}

fn takes(means: Means) -> &'static [&'static str] {
    match means {
        Means::KernelPrograms => &["CAP_BPF", "CAP_NET_ADMIN", "CAP_PERFMON"],
        Means::PacketOwners => &[],
        Means::OtherProcesses => &["CAP_SYS_PTRACE", "CAP_DAC_READ_SEARCH"],
        Means::ProcessEvents | Means::Translations => &["CAP_NET_ADMIN"],
    }
}

#[expect(clippy::unnecessary_wraps, reason = "macOS has no such command")]
pub(crate) fn how_to_see_owners(program: &str) -> Option<String> {
    let capabilities = WANTED.map(|(_, name)| name.to_lowercase()).join(",");
    Some(format!("sudo setcap {capabilities}+ep {program}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_way_to_see_owners_is_one_line_and_names_all_that_anything_takes() {
        let said = how_to_see_owners("/bin/netmonitor").unwrap();
        assert!(said.starts_with("sudo setcap cap_dac_read_search,cap_net_admin,cap_net_raw"));
        assert!(said.ends_with("cap_bpf+ep /bin/netmonitor"));
        for means in [
            Means::KernelPrograms,
            Means::OtherProcesses,
            Means::ProcessEvents,
            Means::Translations,
        ] {
            let named = |name: &&str| said.contains(&name.to_lowercase());
            assert!(takes(means).iter().all(named), "{means:?}");
        }
    }

    #[test]
    fn whoever_is_root_lacks_nothing() {
        if crate::platform::is_root() {
            assert_eq!(lacks(Means::KernelPrograms), [] as [&str; 0]);
        }
    }
}
