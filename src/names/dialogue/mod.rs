//! Protocols that speak in the clear until client and server agree on TLS: where in the client's
//! stream its records begin. Only the client is heard, so an agreement is known by the first bytes
//! of a record where they have to be; a client that goes on in the clear was refused.

mod binary;
mod lines;
mod tunnel;
mod xml;

use crate::names::Parsed::{self, Done, More, Not};
use crate::names::protocol::Protocol;

/// What a client speaks before TLS.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// RFC 3207, and LMTP.
    Smtp,
    /// RFC 9051, 6.2.1.
    Imap,
    /// RFC 2595, 4.
    Pop3,
    /// RFC 4217.
    Ftp,
    /// RFC 4642.
    Nntp,
    /// RFC 5804, 2.2.
    Sieve,
    /// RFC 6120, 5.
    Xmpp,
    /// PostgreSQL's frontend/backend protocol, 55.2.10.
    Postgres,
    /// MySQL's client/server protocol, Protocol::SSLRequest.
    Mysql,
    /// RFC 4511, 4.14.
    Ldap,
    /// MS-RDPBCGR, 2.2.1.1.
    Rdp,
    /// A tunnel through a proxy (RFC 9110, 9.3.6).
    Connect,
}

impl Kind {
    /// The protocol that is spoken before TLS.
    pub fn protocol(self) -> Protocol {
        match self {
            Kind::Smtp => Protocol::Smtp,
            Kind::Imap => Protocol::Imap,
            Kind::Pop3 => Protocol::Pop3,
            Kind::Ftp => Protocol::Ftp,
            Kind::Nntp => Protocol::Nntp,
            Kind::Sieve => Protocol::Sieve,
            Kind::Xmpp => Protocol::Xmpp,
            Kind::Postgres => Protocol::Postgres,
            Kind::Mysql => Protocol::Mysql,
            Kind::Ldap => Protocol::Ldap,
            Kind::Rdp => Protocol::Rdp,
            Kind::Connect => Protocol::Http,
        }
    }
}

type Test = fn(&[u8]) -> Parsed<Kind>;

/// A test that waits for more holds back those after it, so that what is said is not taken back.
static TESTS: [Test; 4] = [binary::begins, tunnel::begins, xml::begins, lines::begins];

/// What the first bytes of a client are.
pub fn begins(bytes: &[u8]) -> Parsed<Kind> {
    let tests = TESTS.iter().map(|test| test(bytes));
    tests
        .into_iter()
        .find(|parsed| *parsed != Not)
        .unwrap_or(Not)
}

/// Where in the client's stream TLS begins, once its first record is in sight. `Not` once the
/// client goes on in the clear.
pub fn upgrade(kind: Kind, bytes: &[u8]) -> Parsed<usize> {
    match kind {
        Kind::Xmpp => xml::upgrade(bytes),
        Kind::Connect => tunnel::upgrade(bytes),
        Kind::Postgres | Kind::Mysql | Kind::Ldap | Kind::Rdp => binary::upgrade(kind, bytes),
        Kind::Smtp | Kind::Imap | Kind::Pop3 | Kind::Ftp | Kind::Nntp | Kind::Sieve => {
            lines::upgrade(kind, bytes)
        }
    }
}

/// Whether a handshake's first record (RFC 8446, 5.1) begins here.
fn records(bytes: &[u8], at: usize) -> Parsed<usize> {
    match bytes.get(at..).unwrap_or_default() {
        [] | [0x16] => More,
        [0x16, 3, ..] => Done(at),
        _ => Not,
    }
}

#[cfg(test)]
mod tests;
