//! What is told of a connection, live or ended.

use crate::flow::Ending;
use crate::query::place::PlaceItem;
use crate::query::process::ProcessItem;
use crate::query::shape::Counts;
use serde::Serialize;
use utoipa::ToSchema;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ConnectionItem {
    pub id: u64,
    pub protocol: String,
    pub interface: String,
    pub local: EndpointItem,
    pub remote: EndpointItem,
    /// `local` or `remote`: who sent the first frame.
    pub initiator: &'static str,
    pub application: String,
    /// The run of the application that has the local end; `null` where only the application is
    /// known, or not even that.
    pub process: Option<ProcessItem>,
    /// The application at the other end, where that is on this machine, too.
    pub peer_application: Option<String>,
    pub site: String,
    /// The site as a person may read it: internationalised letters, unless they could mislead.
    pub site_shown: String,
    /// The registrable domain of the site, by the Public Suffix List, private suffixes included;
    /// null where it has none.
    pub domain: Option<String>,
    pub owner_source: &'static str,
    pub site_source: &'static str,
    /// What limits the site's name: `ech-outer`, `ambiguous`, `other-client`.
    pub site_marks: Vec<&'static str>,
    /// How old the name was when the connection began, where it was answered for the address; how
    /// long after the first frame the connection itself told it, else. `null`: it has none.
    pub site_age_ms: Option<u32>,
    /// Every name that the connection's payload told, as far as they are kept.
    pub claims: Vec<ClaimItem>,
    /// What it speaks; `null` where neither content nor port tells.
    pub speaks: Option<&'static str>,
    /// `content`: certain; `by-port`: that is what the port is for.
    pub speaks_source: Option<&'static str>,
    /// What lay around its packets, the outermost first: `vlan`, `vxlan`, `gre` and so on.
    pub encapsulations: Vec<&'static str>,
    /// The client's TLS fingerprint (JA4).
    pub ja4: Option<String>,
    pub classes: Vec<String>,
    pub first_seen: String,
    pub last_seen: String,
    /// `live` or `ended`.
    pub state: &'static str,
    #[schema(value_type = Option<String>)]
    pub ending: Option<Ending>,
    #[serde(flatten)]
    pub place: PlaceItem,
    #[serde(flatten)]
    pub counts: Counts,
}

/// A name that was told inside a connection.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ClaimItem {
    pub source: &'static str,
    pub name: String,
    pub marks: Vec<&'static str>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct EndpointItem {
    pub address: String,
    pub port: Option<u16>,
}
