//! Where a process is in the system's tree of groups, read: the container, the systemd unit, and the
//! Flatpak or Snap that a unit was made for.

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Place {
    /// The first twelve digits of a container's number, or its name.
    pub container: Option<String>,
    pub unit: Option<String>,
    /// The Flatpak's id.
    pub flatpak: Option<String>,
    /// The Snap's name.
    pub snap: Option<String>,
}

impl Place {
    /// Paths there may lead to other files than outside.
    pub(super) fn is_apart(&self) -> bool {
        self.container.is_some() || self.flatpak.is_some() || self.snap.is_some()
    }
}

/// How many digits of a container's number its runtime shows.
const SHOWN: usize = 12;
const NUMBER: usize = 64;

/// The innermost container counts, and the innermost unit within it.
pub(super) fn place(group: &str) -> Place {
    let parts: Vec<&str> = group.split('/').filter(|part| !part.is_empty()).collect();
    let mut place = Place::default();
    for (at, part) in parts.iter().enumerate() {
        let before = at.checked_sub(1).and_then(|at| parts.get(at)).copied();
        let after = parts.get(at + 1).copied();
        let container = container(before, part, after).filter(|name| !name.is_empty());
        if let Some(container) = container {
            // A payload within a service is of that service; what is outside a container is not.
            let unit = place.unit.take().filter(|_| part.starts_with("libpod"));
            place = Place {
                container: Some(container),
                unit,
                ..Place::default()
            };
        } else if is_unit(part) && !(*part == "init.scope" && place.unit.is_some()) {
            place.unit = Some((*part).to_owned());
            place.flatpak = flatpak(part).or(place.flatpak);
            place.snap = snap(part).or(place.snap);
        }
    }
    place
}

fn container(before: Option<&str>, part: &str, after: Option<&str>) -> Option<String> {
    let bare = part.strip_suffix(".scope").unwrap_or(part);
    let helper = bare.contains("conmon") || after == Some("supervisor");
    if helper || bare.starts_with("lxc.monitor") {
        return None;
    }
    let last = bare.rsplit('-').next().unwrap_or(bare);
    if is_number(last) {
        return last.get(..SHOWN).map(str::to_owned);
    }
    machine(part, bare, after).or_else(|| named(before?, bare))
}

fn is_number(text: &str) -> bool {
    let digit = |letter: u8| letter.is_ascii_digit() || (b'a'..=b'f').contains(&letter);
    text.len() == NUMBER && text.bytes().all(digit)
}

/// Containers of systemd-nspawn, libvirt and LXC bear names. A virtual machine is no container:
/// what is in its group is the program that is the machine.
fn machine(part: &str, bare: &str, after: Option<&str>) -> Option<String> {
    if let Some(name) = bare.strip_prefix("lxc.payload.") {
        return Some(name.to_owned());
    }
    if let Some(name) = bare.strip_prefix("machine-").filter(|_| is_scope(part)) {
        let name = unescaped(name);
        return (!name.starts_with("qemu-")).then_some(name);
    }
    let service = bare.strip_prefix("systemd-nspawn@")?;
    let name = service
        .strip_suffix(".service")
        .filter(|_| after == Some("payload"))?;
    Some(unescaped(name))
}

fn named(before: &str, name: &str) -> Option<String> {
    match before {
        "lxc" | "lxc.payload" if !name.contains('.') => Some(name.to_owned()),
        "buildkit" => Some(name.chars().take(SHOWN).collect()),
        _ => None,
    }
}

fn is_unit(part: &str) -> bool {
    part.strip_suffix(".service").is_some() || is_scope(part)
}

fn is_scope(part: &str) -> bool {
    part.strip_suffix(".scope").is_some()
}

/// `app-flatpak-org.mozilla.firefox-1234.scope`
fn flatpak(unit: &str) -> Option<String> {
    let (id, _) = unit.strip_prefix("app-flatpak-")?.rsplit_once('-')?;
    (id.split('.').count() > 2).then(|| unescaped(id))
}

/// `snap.firefox.firefox-UUID.scope`, `snap.lxd.daemon.service`
fn snap(unit: &str) -> Option<String> {
    let (name, _) = unit.strip_prefix("snap.")?.split_once('.')?;
    (!name.is_empty()).then(|| unescaped(name))
}

/// systemd writes a dash within a name as `\x2d`.
fn unescaped(name: &str) -> String {
    name.replace("\\x2d", "-")
        .replace("\\x40", "@")
        .replace("\\x20", " ")
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "3f4e5d6c7b8a3f4e5d6c7b8a3f4e5d6c7b8a3f4e5d6c7b8a3f4e5d6c7b8a0123";

    #[test]
    fn groups_say_container_and_unit() {
        let cases: &[(&str, &str, &str)] = &[
            ("/", "", ""),
            ("/system.slice/ssh.service", "", "ssh.service"),
            ("/system.slice/docker-ID.scope", "3f4e5d6c7b8a", ""),
            ("/docker/ID", "3f4e5d6c7b8a", ""),
            (
                "/docker/ID/system.slice/nginx.service",
                "3f4e5d6c7b8a",
                "nginx.service",
            ),
            (
                "/machine.slice/libpod-ID.scope/container",
                "3f4e5d6c7b8a",
                "",
            ),
            (
                "/machine.slice/libpod-conmon-ID.scope",
                "",
                "libpod-conmon-ID.scope",
            ),
            (
                "/system.slice/web.service/libpod-payload-ID",
                "3f4e5d6c7b8a",
                "web.service",
            ),
            (
                "/kubepods.slice/kubepods-pod1.slice/cri-containerd-ID.scope",
                "3f4e5d6c7b8a",
                "",
            ),
            ("/kubepods/burstable/pod0f-1/ID", "3f4e5d6c7b8a", ""),
            ("/ecs/0a1b2c/ID", "3f4e5d6c7b8a", ""),
            (
                "/lxc.payload.web-1/system.slice/nginx.service",
                "web-1",
                "nginx.service",
            ),
            ("/lxc.payload.web/init.scope", "web", "init.scope"),
            ("/lxc.monitor.web", "", ""),
            ("/lxc/web/init.scope", "web", "init.scope"),
            (
                "/machine.slice/machine-build\\x2d1.scope/payload/x.service",
                "build-1",
                "x.service",
            ),
            (
                "/machine.slice/systemd-nspawn@web.service/payload",
                "web",
                "",
            ),
            (
                "/machine.slice/systemd-nspawn@web.service/supervisor",
                "",
                "systemd-nspawn@web.service",
            ),
            (
                "/machine.slice/machine-qemu\\x2d1\\x2dwin.scope/libvirt/emulator",
                "",
                "machine-qemu\\x2d1\\x2dwin.scope",
            ),
            (
                "/user.slice/user-1000.slice/user@1000.service/app.slice/a@b.service",
                "",
                "a@b.service",
            ),
            (
                "/user.slice/user-1000.slice/user@1000.service/init.scope",
                "",
                "user@1000.service",
            ),
            (
                "/user.slice/user-1000.slice/session-3.scope",
                "",
                "session-3.scope",
            ),
            ("/process_api/619587caf358c221d20eb7f988c119ae", "", ""),
        ];
        for (group, container, unit) in cases {
            let found = place(&group.replace("ID", ID));
            assert_eq!(
                found.container.as_deref().unwrap_or(""),
                *container,
                "{group}"
            );
            assert_eq!(
                found.unit.unwrap_or_default(),
                unit.replace("ID", ID),
                "{group}"
            );
        }
    }

    #[test]
    fn units_say_flatpak_and_snap() {
        let of = |group: &str| place(group);
        let flatpak = of("/app.slice/app-flatpak-org.gnome.My\\x2dApp-77.scope").flatpak;
        assert_eq!(flatpak.as_deref(), Some("org.gnome.My-App"));
        assert_eq!(of("/app.slice/app-flatpak-broken.scope").flatpak, None);
        assert_eq!(
            of("/x/snap.lxd.daemon.service").snap.as_deref(),
            Some("lxd")
        );
        assert_eq!(of("/x/snapd.service").snap, None);
    }
}
