//! The numbers that stored values use for the words of other rooms. A number keeps its meaning for
//! ever: new words go to the end, whatever the order of the enums.

use super::codec::Damaged;
use crate::flow::Ending;
use crate::label::{OwnerSource, SiteSource};
use crate::platform::Role;

pub(super) const OWNERS: [OwnerSource; 7] = [
    OwnerSource::Unknown,
    OwnerSource::Kernel,
    OwnerSource::Pktap,
    OwnerSource::Exact,
    OwnerSource::Wildcard,
    OwnerSource::Port,
    OwnerSource::Late,
];

pub(super) const SITES: [SiteSource; 12] = [
    SiteSource::Address,
    SiteSource::Rdns,
    SiteSource::DnsAnswer,
    SiteSource::Nbns,
    SiteSource::Dns,
    SiteSource::HttpTarget,
    SiteSource::Connect,
    SiteSource::H2Authority,
    SiteSource::HttpHost,
    SiteSource::QuicSni,
    SiteSource::Sni,
    SiteSource::Extension,
];

pub(super) const ENDINGS: [Ending; 5] = [
    Ending::Closed,
    Ending::Reset,
    Ending::Idle,
    Ending::Evicted,
    Ending::Stopped,
];

pub(super) const ROLES: [Role; 7] = [
    Role::Uplink,
    Role::Tunnel,
    Role::Loopback,
    Role::Bridge,
    Role::Virtual,
    Role::File,
    Role::Member,
];

/// The number of a word in its table.
pub(super) fn code<T: PartialEq>(table: &[T], word: &T) -> u8 {
    table.iter().position(|known| known == word).unwrap_or(0) as u8
}

/// The word that a number means.
pub(super) fn word<T: Copy>(table: &[T], code: u8) -> Result<T, Damaged> {
    table
        .get(usize::from(code))
        .copied()
        .ok_or(Damaged("a word that is not known here"))
}

/// Both sources of a label in one byte: the owner's above, the site's below.
pub(super) fn how(owner: OwnerSource, site: SiteSource) -> u8 {
    code(&OWNERS, &owner) << 4 | code(&SITES, &site)
}

/// The sources that such a byte means.
pub(super) fn sources(how: u8) -> Result<(OwnerSource, SiteSource), Damaged> {
    Ok((word(&OWNERS, how >> 4)?, word(&SITES, how & 15)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Exhaustive on purpose: a new variant does not compile until it has a number, and a test.
    fn owner_number(owner: OwnerSource) -> u8 {
        match owner {
            OwnerSource::Unknown => 0,
            OwnerSource::Kernel => 1,
            OwnerSource::Pktap => 2,
            OwnerSource::Exact => 3,
            OwnerSource::Wildcard => 4,
            OwnerSource::Port => 5,
            OwnerSource::Late => 6,
        }
    }

    fn site_number(site: SiteSource) -> u8 {
        match site {
            SiteSource::Address => 0,
            SiteSource::Rdns => 1,
            SiteSource::DnsAnswer => 2,
            SiteSource::Nbns => 3,
            SiteSource::Dns => 4,
            SiteSource::HttpTarget => 5,
            SiteSource::Connect => 6,
            SiteSource::H2Authority => 7,
            SiteSource::HttpHost => 8,
            SiteSource::QuicSni => 9,
            SiteSource::Sni => 10,
            SiteSource::Extension => 11,
        }
    }

    #[test]
    fn numbers_mean_what_they_always_meant() {
        for owner in OWNERS {
            for site in SITES {
                let byte = owner_number(owner) << 4 | site_number(site);
                assert_eq!(how(owner, site), byte);
                assert_eq!(sources(byte), Ok((owner, site)));
            }
        }
        assert!(sources(0xff).is_err());
    }
}
