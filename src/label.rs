//! What a flow is called: the app that owns it and the site it talks to, each with how that is
//! known. Labels are values; numbering them is the store's business, finding them is `names`' and
//! `owners`'. Names that come from the network are made harmless before they become a label.

mod harmless;

pub use harmless::{harmless, is_harmful};

use serde::{Deserialize, Serialize};
use std::net::IpAddr;
use std::sync::{Arc, LazyLock};

/// An executable's identity and the user it ran as.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct App {
    /// What a person calls it.
    pub name: Arc<str>,
    /// Path, bundle, unit or container; `None` for what has no owner.
    pub path: Option<Arc<str>>,
    /// The user it ran as.
    pub user: Option<u32>,
}

impl App {
    /// The application of bytes whose application was forgotten because somebody wished it.
    pub fn forgotten() -> App {
        App {
            name: "forgotten".into(),
            path: None,
            user: None,
        }
    }

    /// The application of bytes whose owner is not known.
    pub fn unknown() -> App {
        static NAME: LazyLock<Arc<str>> = LazyLock::new(|| "unknown".into());
        App {
            name: NAME.clone(),
            path: None,
            user: None,
        }
    }
}

/// A host name or, where there is none, an address.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Site {
    Address(IpAddr),
    Name(Arc<str>),
    /// Rows that were folded together by a cap: exact in sum, nameless.
    Other,
    /// Rows whose site was forgotten because somebody wished it.
    Forgotten,
}

impl std::fmt::Display for Site {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Site::Address(address) => address.fmt(f),
            Site::Name(name) => f.write_str(name),
            Site::Other => f.write_str("other"),
            Site::Forgotten => f.write_str("forgotten"),
        }
    }
}

/// How a site is known, best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SiteSource {
    Extension,
    Sni,
    QuicSni,
    HttpHost,
    H2Authority,
    Connect,
    HttpTarget,
    Dns,
    Nbns,
    DnsAnswer,
    Rdns,
    Address,
}

impl SiteSource {
    pub const ALL: [SiteSource; 12] = [
        SiteSource::Extension,
        SiteSource::Sni,
        SiteSource::QuicSni,
        SiteSource::HttpHost,
        SiteSource::H2Authority,
        SiteSource::Connect,
        SiteSource::HttpTarget,
        SiteSource::Dns,
        SiteSource::Nbns,
        SiteSource::DnsAnswer,
        SiteSource::Rdns,
        SiteSource::Address,
    ];

    /// The word that the API, the store and the page use.
    pub fn word(self) -> &'static str {
        match self {
            SiteSource::Extension => "extension",
            SiteSource::Sni => "sni",
            SiteSource::QuicSni => "quic-sni",
            SiteSource::HttpHost => "http-host",
            SiteSource::H2Authority => "h2-authority",
            SiteSource::Connect => "connect",
            SiteSource::HttpTarget => "http-target",
            SiteSource::Dns => "dns",
            SiteSource::Nbns => "nbns",
            SiteSource::DnsAnswer => "dns-answer",
            SiteSource::Rdns => "rdns",
            SiteSource::Address => "address",
        }
    }
}

/// How an owner is known, best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OwnerSource {
    Kernel,
    Pktap,
    Exact,
    Wildcard,
    Port,
    Late,
    Unknown,
}

impl OwnerSource {
    pub const ALL: [OwnerSource; 7] = [
        OwnerSource::Kernel,
        OwnerSource::Pktap,
        OwnerSource::Exact,
        OwnerSource::Wildcard,
        OwnerSource::Port,
        OwnerSource::Late,
        OwnerSource::Unknown,
    ];

    /// The word that the API, the store and the page use.
    pub fn word(self) -> &'static str {
        match self {
            OwnerSource::Kernel => "kernel",
            OwnerSource::Pktap => "pktap",
            OwnerSource::Exact => "exact",
            OwnerSource::Wildcard => "wildcard",
            OwnerSource::Port => "port",
            OwnerSource::Late => "late",
            OwnerSource::Unknown => "unknown",
        }
    }
}

/// Both labels of a flow.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Label {
    pub app: App,
    pub app_source: OwnerSource,
    pub site: Site,
    pub site_source: SiteSource,
    pub marks: Marks,
}

/// What limits a site's claim.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
pub struct Marks(pub u8);

impl Marks {
    /// The name is what Encrypted Client Hello shows to the outside: it may be the provider's.
    pub const ECH_OUTER: Marks = Marks(1);
    /// Another name holds for the same address at the same time, or the flow has said several.
    pub const AMBIGUOUS: Marks = Marks(2);
    /// It was answered to another client than this flow's.
    pub const OTHER_CLIENT: Marks = Marks(4);

    const ALL: [(Marks, &str); 3] = [
        (Marks::ECH_OUTER, "ech-outer"),
        (Marks::AMBIGUOUS, "ambiguous"),
        (Marks::OTHER_CLIENT, "other-client"),
    ];

    #[must_use]
    pub fn with(self, other: Marks) -> Marks {
        Marks(self.0 | other.0)
    }

    pub fn has(self, mark: Marks) -> bool {
        self.0 & mark.0 != 0
    }

    /// The words that the API, the store and the page use.
    pub fn words(self) -> impl Iterator<Item = &'static str> {
        let set = Marks::ALL
            .into_iter()
            .filter(move |(mark, _)| self.has(*mark));
        set.map(|(_, word)| word)
    }
}

impl Label {
    /// What is known of a flow before anything else is: the remote address.
    pub fn of_address(address: IpAddr) -> Label {
        Label {
            app: App::unknown(),
            app_source: OwnerSource::Unknown,
            site: Site::Address(address),
            site_source: SiteSource::Address,
            marks: Marks::default(),
        }
    }
}

/// The named buckets (classes) that a flow falls in: bit `n` is the `n`th class of the
/// configuration. At most 32 classes.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
pub struct Classes(pub u32);
