//! What a connection speaks, by its content or else by the port of its server.

use crate::key::{Endpoint, Protocol};
use crate::names;
use crate::tick::Facts;

/// What a connection speaks, and how that is known.
pub(super) struct Spoken {
    pub(super) name: Option<&'static str>,
    pub(super) source: Option<&'static str>,
}

impl Spoken {
    pub(super) fn of(facts: Option<&Facts>, protocol: Protocol, server: Endpoint) -> Spoken {
        let by_content = facts.and_then(|facts| facts.spoke);
        let by_port = || names::protocol::by_port(protocol.0, server.port?);
        let (spoken, source) = match by_content {
            Some(spoken) => (Some(spoken), "content"),
            None => (by_port(), "by-port"),
        };
        Spoken {
            name: spoken.map(names::Protocol::word),
            source: spoken.map(|_| source),
        }
    }
}

/// The end that did not send the first frame.
pub(super) fn server(local_is_client: bool, local: Endpoint, remote: Endpoint) -> Endpoint {
    if local_is_client { remote } else { local }
}
