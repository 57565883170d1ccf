//! Every setting there is, with what it means: the table behind unknown-key errors, environment
//! variables and `config show`. A test holds it against `Config` itself.

/// One setting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Key {
    /// Section and name, as in `flow.max`.
    pub name: &'static str,
    pub about: &'static str,
}

/// What the name of a variable that sets a key begins with.
pub(super) const PREFIX: &str = "NETMONITOR_";

/// The section whose names the user chooses.
pub(super) const OPEN_SECTION: &str = "filters";

/// How alike two names must be for one to be a slip of the other.
const LIKE: f64 = 0.8;

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
    key(
        "decode.tunnels",
        "whose flow a frame in a tunnel counts on: the `inner` one's or the `outer` one's",
    ),
    key(
        "geo.asn",
        "an .mmdb database of networks and whose they are; empty: none",
    ),
    key(
        "geo.city",
        "an .mmdb database of countries and cities; empty: none",
    ),
    key("flow.max", "flows kept at a time"),
    key(
        "flow.ended_max",
        "ended flows kept as connections, a second; more are counted alone",
    ),
    key(
        "flow.idle.tcp",
        "seconds of silence after which a TCP flow ends",
    ),
    key("flow.idle.half_open", "likewise, with frames one way only"),
    key("flow.idle.closed", "likewise, after FIN both ways or RST"),
    key("flow.idle.other", "likewise, for UDP and everything else"),
    key("flow.idle.single", "likewise, for a flow of one frame"),
    key("names.enabled", "look for names in what flows carry"),
    key(
        "names.fingerprints",
        "make a fingerprint (JA4) of each TLS hello",
    ),
    key(
        "names.memory_mib",
        "memory for what is put together from several packets, in MiB",
    ),
    key(
        "names.hellos_per_second",
        "QUIC hellos that are decrypted, and further datagrams of QUIC and DTLS, a second",
    ),
    key(
        "names.answers_max",
        "addresses whose names are remembered from DNS answers",
    ),
    key(
        "owners.enabled",
        "look for the processes that flows belong to",
    ),
    key(
        "owners.kernel",
        "`auto`: have the kernel tell of sockets where it lets us; `off`: look them up alone",
    ),
    key("tick.rows", "rows kept of one second; the rest is folded"),
    key(
        "store.cache_bytes",
        "memory for pages of the history, in bytes",
    ),
    key(
        "store.sync_s",
        "seconds from one durable commit to the next, 1 to 10: fewer writes, and that many lost in a crash",
    ),
    key("store.seconds_days", "days that seconds are kept"),
    key(
        "store.minutes_days",
        "days that sums by the minute are kept",
    ),
    key("store.hours_days", "days that sums by the hour are kept"),
    key(
        "store.days_days",
        "days that sums by the day are kept; 0: for ever",
    ),
    key(
        "store.budget_mib",
        "what all history may take, in MiB; the finest goes first",
    ),
    key(
        "store.zone",
        "time zone in which days begin, as in `Europe/Berlin`; empty: the system's",
    ),
    key(
        "store.connections_days",
        "days that ended connections are kept",
    ),
    key("store.connections_max", "ended connections that are kept"),
    key(
        "serve.port",
        "port of the dashboard and the API on this machine; 0: any free one",
    ),
    key("serve.sse_clients", "clients of the live stream at a time"),
    key("serve.active", "requests answered at a time"),
    key(
        "serve.waiting",
        "connections that have not asked yet, at a time",
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
        format!("{PREFIX}{}", self.name.to_uppercase().replace('.', "_"))
    }
}

/// Whether `name` is a section, such as `flow` or `flow.idle`.
pub(super) fn is_section(name: &str) -> bool {
    sections().any(|section| section == name)
}

fn sections() -> impl Iterator<Item = &'static str> {
    let of = |key: &Key| {
        let name = key.name;
        name.match_indices('.').map(move |(end, _)| &name[..end])
    };
    KEYS.iter().flat_map(of).chain([OPEN_SECTION])
}

/// A key's section and its name there. The names of one's own filters may have dots in them.
pub fn split(key: &str) -> (&str, &str) {
    let parts = match key.split_once('.') {
        Some((OPEN_SECTION, name)) => Some((OPEN_SECTION, name)),
        _ => key.rsplit_once('.'),
    };
    parts.unwrap_or(("", key))
}

/// The known key or section that `name` was most likely meant to be: alike as a whole, or a key
/// of another section that is called alike.
pub(super) fn nearest(name: &str) -> Option<&'static str> {
    let (section, leaf) = split(name);
    let likeness = |known: &str| {
        let (there, known_leaf) = split(known);
        let elsewhere = if there == section { 0.0 } else { 0.05 };
        let leaves = strsim::jaro_winkler(known_leaf, leaf) - elsewhere;
        leaves.max(strsim::jaro_winkler(known, name))
    };
    let names = KEYS.iter().map(|key| key.name).chain(sections());
    likeliest(names.map(|known| (likeness(known), known)))
}

/// The variable that one with this name after [`PREFIX`] was most likely meant to be.
pub(super) fn nearest_variable(name: &str) -> Option<String> {
    let likeness = |known: &str| strsim::jaro_winkler(known.trim_start_matches(PREFIX), name);
    let variables = KEYS.iter().map(Key::variable);
    likeliest(variables.map(|known| (likeness(&known), known)))
}

fn likeliest<T>(known: impl Iterator<Item = (f64, T)>) -> Option<T> {
    known
        .filter(|(likeness, _)| *likeness > LIKE)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, known)| known)
}

fn is_own_filter(name: &str) -> bool {
    name.strip_prefix(OPEN_SECTION)
        .and_then(|rest| rest.strip_prefix('.'))
        .is_some()
}
