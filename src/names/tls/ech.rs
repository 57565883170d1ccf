//! Whether a client offers to encrypt its hello, so that the name in the clear may be another's.

use super::reader::Reader;

/// Encrypted Client Hello, as far as somebody who looks on can tell.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Ech {
    /// Not offered: the name in the hello is the name asked for.
    #[default]
    None,
    /// The extension of RFC 9849 in its outer form. Real and GREASE ECH cannot be told apart from
    /// outside, by design (RFC 9849, 6.2): the name may be the front's or the true one.
    Offered,
    /// The encrypted server name of the drafts before it (0xffce).
    Esni,
}

impl Ech {
    /// What an `encrypted_client_hello` extension means. The inner form is no encryption: a front
    /// passes it on to the server behind it, with the true name.
    pub(super) fn of(extension: &[u8]) -> Ech {
        match Reader(extension).u8() {
            Some(1) => Ech::None,
            _ => Ech::Offered,
        }
    }

    /// Of two marks in one hello, the one that says more.
    pub(super) fn or(self, other: Ech) -> Ech {
        match (self, other) {
            (Ech::Offered, _) | (_, Ech::Offered) => Ech::Offered,
            (Ech::Esni, _) | (_, Ech::Esni) => Ech::Esni,
            (Ech::None, Ech::None) => Ech::None,
        }
    }
}
