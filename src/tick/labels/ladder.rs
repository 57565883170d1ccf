//! The rules by which one claim wins over another (the accounting rules, 10). A claim of the flow
//! itself comes before what was answered for its address; the better source before the other; the
//! first of one source before later ones.

use crate::label::{Marks, SiteSource};
use crate::names::{Claim, Ledger, Protocol};
use crate::units::Nanos;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

/// In whose name answers are kept that were given to a group (mDNS): everybody on the link.
pub(super) const EVERYONE: IpAddr = IpAddr::V4(Ipv4Addr::new(224, 0, 0, 251));

/// A name that was asked for an address.
#[derive(Clone, Debug)]
pub(super) struct Answered {
    pub name: Arc<str>,
    pub marks: Marks,
    /// Since it was answered.
    pub age: Nanos,
}

/// What `client` asked when it was told this address, or what everybody on the link was told.
pub(super) fn asked(
    ledger: &Ledger,
    client: IpAddr,
    address: IpAddr,
    at: Nanos,
) -> Option<Answered> {
    let told = ledger.name(client, address, at);
    let told = told.or_else(|| ledger.name(EVERYONE, address, at))?;
    let set = |is, mark| if is { mark } else { Marks::default() };
    Some(Answered {
        name: told.name.text(),
        marks: set(told.ambiguous, Marks::AMBIGUOUS)
            .with(set(told.other_client, Marks::OTHER_CLIENT)),
        age: told.age,
    })
}

/// Encrypted Client Hello shows a name that may be the provider's: what this client asked for this
/// very address is the better one then, if it asked for one name only.
pub(super) fn prefers_answer(claim: &Claim, answer: &Answered) -> bool {
    claim.marks.has(Marks::ECH_OUTER)
        && answer.marks == Marks::default()
        && *answer.name != *claim.name.as_str()
}

/// A flow of questions may ask for many names: which of them it is about is not certain.
pub(super) fn says_several(known: &Claim, other: &Claim) -> bool {
    let is_question = matches!(known.source, SiteSource::Dns | SiteSource::Nbns);
    is_question && known.source == other.source && known.name != other.name
}

/// A dialogue that turns into TLS, or HTTP that becomes a tunnel, speaks what it spoke first.
pub(super) fn speech(known: Option<Protocol>, heard: Protocol) -> Protocol {
    match known {
        None | Some(Protocol::Stun) => heard,
        Some(first) => first,
    }
}
