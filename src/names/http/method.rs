//! The methods that a request can begin with: IANA's registry of HTTP methods (RFC 9110, 16.1),
//! those of UPnP's discovery and events, and those of Microsoft's WebDAV and RPC over HTTP. Methods
//! are case-sensitive (RFC 9110, 9.1).

use crate::names::Parsed;

static METHODS: [&str; 55] = [
    "GET",
    "POST",
    "HEAD",
    "PUT",
    "DELETE",
    "OPTIONS",
    "CONNECT",
    "PATCH",
    "TRACE",
    "M-SEARCH",
    "NOTIFY",
    "SUBSCRIBE",
    "UNSUBSCRIBE",
    "PROPFIND",
    "PROPPATCH",
    "REPORT",
    "MKCOL",
    "COPY",
    "MOVE",
    "LOCK",
    "UNLOCK",
    "ACL",
    "BASELINE-CONTROL",
    "BIND",
    "CHECKIN",
    "CHECKOUT",
    "LABEL",
    "LINK",
    "MERGE",
    "MKACTIVITY",
    "MKCALENDAR",
    "MKREDIRECTREF",
    "MKWORKSPACE",
    "ORDERPATCH",
    "QUERY",
    "REBIND",
    "SEARCH",
    "UNBIND",
    "UNCHECKOUT",
    "UNLINK",
    "UPDATE",
    "UPDATEREDIRECTREF",
    "VERSION-CONTROL",
    "PURGE",
    "BCOPY",
    "BDELETE",
    "BMOVE",
    "BPROPFIND",
    "BPROPPATCH",
    "POLL",
    "RPC_CONNECT",
    "RPC_IN_DATA",
    "RPC_OUT_DATA",
    "SSTP_DUPLEX_POST",
    "CCM_POST",
];

/// Longer than any of them.
const LONGEST: usize = 20;

/// Whether the first bytes are a known method and a space: worth asking [`super::request`].
pub fn begins(bytes: &[u8]) -> bool {
    matches!(method(blank_skipped(bytes)), Parsed::Done(_))
}

/// Without the empty lines that a server ignores before a request (RFC 9112, 2.2).
pub(super) fn blank_skipped(bytes: &[u8]) -> &[u8] {
    let end = bytes
        .iter()
        .position(|byte| !b"\r\n".contains(byte))
        .unwrap_or(bytes.len());
    bytes.get(end..).unwrap_or_default()
}

/// The method that these bytes begin with, followed by a space.
pub(super) fn method(bytes: &[u8]) -> Parsed<&'static str> {
    let start = bytes.get(..LONGEST).unwrap_or(bytes);
    if let Some(space) = start.iter().position(|byte| *byte == b' ') {
        let word = start.get(..space).unwrap_or_default();
        let known = METHODS.iter().find(|method| method.as_bytes() == word);
        return known.map_or(Parsed::Not, |method| Parsed::Done(*method));
    }
    if METHODS
        .iter()
        .any(|method| method.as_bytes().starts_with(start))
    {
        return Parsed::More;
    }
    Parsed::Not
}
