//! Every setting there is, with what it means: the table behind unknown-key errors, environment
//! variables and `config show`. A test holds it against `Config` itself.

/// One setting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Key {
    /// Section and name, as in `flow.max`.
    pub name: &'static str,
    pub about: &'static str,
}

/// The section whose names the user chooses.
pub(super) const OPEN_SECTION: &str = "filters";

pub const KEYS: &[Key] = &[
    key("data_dir", "folder of the history and the access token"),
    key(
        "workers",
        "threads that decode and count; 0: by the number of processors",
    ),
    key(
        "classes",
        "filters that sort flows into named classes, at most 32",
    ),
    key(
        "capture.interfaces",
        "interfaces to watch; none named: all that are up",
    ),
    key(
        "capture.filter",
        "watch only what this filter (a name or an expression) lets through",
    ),
    key("capture.snaplen", "bytes of each frame that are looked at"),
    key(
        "capture.promiscuous",
        "also watch frames addressed to other hosts",
    ),
    key(
        "capture.block_timeout_ms",
        "longest time the kernel holds frames back",
    ),
    key(
        "capture.ring_uplink_mib",
        "kernel ring of an uplink, in MiB",
    ),
    key(
        "capture.ring_other_mib",
        "kernel ring of any other interface, in MiB",
    ),
    key("capture.ring_total_mib", "all kernel rings, in MiB"),
    key("flow.max", "flows kept at a time"),
    key(
        "flow.idle_tcp_s",
        "seconds after which a silent TCP flow ends",
    ),
    key(
        "flow.idle_s",
        "seconds after which any other silent flow ends",
    ),
    key("tick.rows", "rows kept of one second; the rest is folded"),
    key("store.cache_mib", "memory for pages of the history, in MiB"),
    key(
        "serve.port",
        "port of the dashboard and the API on this machine; 0: any free one",
    ),
];

const fn key(name: &'static str, about: &'static str) -> Key {
    Key { name, about }
}

impl Key {
    /// The key of this name, the names of one's own filters included.
    pub fn find(name: &str) -> Option<Key> {
        if is_own_filter(name) {
            return Some(key(OPEN_SECTION, "a filter of one's own"));
        }
        KEYS.iter().find(|key| key.name == name).copied()
    }

    /// The environment variable that sets this key.
    pub fn variable(&self) -> String {
        format!("NETMONITOR_{}", self.name.to_uppercase().replace('.', "_"))
    }
}

/// Whether `name` is a section, such as `capture`.
pub(super) fn is_section(name: &str) -> bool {
    name == OPEN_SECTION
        || KEYS
            .iter()
            .any(|key| key.name.split_once('.').is_some_and(|(s, _)| s == name))
}

/// The known key or section that `name` was most likely meant to be.
pub(super) fn nearest(name: &str) -> Option<String> {
    let (section, last) = name.rsplit_once('.').unwrap_or(("", name));
    let sections = KEYS.iter().filter_map(|key| key.name.split_once('.'));
    let likeness = |known: &str| {
        let (there, leaf) = known.rsplit_once('.').unwrap_or(("", known));
        let whole = strsim::jaro_winkler(known, name);
        let same_name = strsim::jaro_winkler(leaf, last) - 0.05;
        if there == section {
            whole.max(same_name + 0.05)
        } else {
            whole.max(same_name)
        }
    };
    KEYS.iter()
        .map(|key| key.name)
        .chain(sections.map(|(section, _)| section))
        .chain([OPEN_SECTION])
        .map(|known| (likeness(known), known))
        .filter(|(likeness, _)| *likeness > 0.8)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, known)| known.to_owned())
}

fn is_own_filter(name: &str) -> bool {
    name.strip_prefix(OPEN_SECTION)
        .and_then(|rest| rest.strip_prefix('.'))
        .is_some()
}
