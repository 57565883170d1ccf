//! The registrable domain of a host name by the Public Suffix List (publicsuffix.org): what somebody
//! registered, and not the suffix under which anybody can. The list is built in; knows no DNS.

use psl::{Psl, Type};
use std::net::IpAddr;

/// Where the suffix under which a domain is registered comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Suffix {
    /// Delegated by ICANN or a registry beneath it: `com`, `co.uk`.
    Icann,
    /// Let to others by its owner, who asked to be listed: `github.io`.
    Private,
    /// In no list, by which the last label is the suffix: `printer.local`, `db.corp`.
    Unlisted,
}

/// A registrable domain, both ways: under `github.io` everybody has a site of his own, while
/// `github.io` itself is registered by one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Domain<'a> {
    /// By suffixes that registries run: `bbc.co.uk`, and `github.io` for `alice.github.io`.
    pub icann: &'a str,
    /// By suffixes that their owners let to others: `alice.github.io`.
    pub private: Option<&'a str>,
    /// Of the suffix that [`Domain::name`] is beneath.
    pub kind: Suffix,
}

impl<'a> Domain<'a> {
    /// The one that a person means, by which sites are grouped: whose content it is. That is the
    /// private one where there is one, for Alice's pages are no more GitHub's than a shop's are its
    /// registry's.
    pub fn name(&self) -> &'a str {
        self.private.unwrap_or(self.icann)
    }
}

/// The registrable domain of a [`Name`](super::Name); `None` for addresses, single labels, public
/// suffixes themselves, and where the name is damaged in the part that would be the domain.
pub fn domain(name: &str) -> Option<Domain<'_>> {
    let name = name.strip_suffix('.').unwrap_or(name);
    if is_address(name) || name.split('.').any(str::is_empty) {
        return None;
    }
    let (suffix, kind) = suffix(name)?;
    match kind {
        Suffix::Private => under_private(name, suffix),
        Suffix::Icann | Suffix::Unlisted => Some(Domain {
            icann: registrable(name, suffix)?,
            private: None,
            kind,
        }),
    }
}

fn under_private<'a>(name: &'a str, private: &'a str) -> Option<Domain<'a>> {
    let (suffix, kind) = beneath(private)?;
    let private = registrable(name, private);
    Some(Domain {
        icann: registrable(name, suffix)?,
        private,
        kind: private.map_or(kind, |_| Suffix::Private),
    })
}

/// The suffix that a private suffix is itself registered under.
fn beneath(private: &str) -> Option<(&str, Suffix)> {
    let parents = std::iter::successors(parent(private), |name| parent(name));
    parents
        .filter_map(suffix)
        .find(|(_, kind)| *kind != Suffix::Private)
}

fn parent(name: &str) -> Option<&str> {
    name.split_once('.').map(|(_, parent)| parent)
}

fn suffix(name: &str) -> Option<(&str, Suffix)> {
    let found = psl::List.suffix(name.as_bytes())?;
    let start = name.len().checked_sub(found.as_bytes().len())?;
    let kind = match found.typ() {
        Some(Type::Icann) => Suffix::Icann,
        Some(Type::Private) => Suffix::Private,
        None => Suffix::Unlisted,
    };
    Some((name.get(start..)?, kind))
}

/// The suffix with the label before it: none where there is no such label, or it is a service's
/// (RFC 8552: those begin with an underscore), or bytes of it were lost.
fn registrable<'a>(name: &'a str, suffix: &str) -> Option<&'a str> {
    let before = name.strip_suffix(suffix)?.strip_suffix('.')?;
    let start = before.rfind('.').map_or(0, |dot| dot + 1);
    let domain = name.get(start..)?;
    let is_service = domain.starts_with('_');
    let is_damaged = domain.contains(char::REPLACEMENT_CHARACTER);
    (!is_service && !is_damaged).then_some(domain)
}

/// Whether this is an address, or ends in a number as no host name does (RFC 3696, 2).
fn is_address(name: &str) -> bool {
    let bare = name.strip_prefix('[').and_then(|it| it.strip_suffix(']'));
    let last = name.rsplit('.').next().unwrap_or(name);
    bare.unwrap_or(name).parse::<IpAddr>().is_ok() || last.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::names::Name;
    use Suffix::{Icann, Private, Unlisted};
    use proptest::prelude::*;

    fn told(name: &str) -> Option<(&str, &str, Suffix)> {
        domain(name).map(|it| (it.name(), it.icann, it.kind))
    }

    #[test]
    fn names_have_the_domain_that_somebody_registered() {
        for (name, wanted) in [
            ("example.com", ("example.com", "example.com", Icann)),
            ("a.b.example.com.", ("example.com", "example.com", Icann)),
            ("www.bbc.co.uk", ("bbc.co.uk", "bbc.co.uk", Icann)),
            ("alice.github.io", ("alice.github.io", "github.io", Private)),
            (
                "a.alice.github.io",
                ("alice.github.io", "github.io", Private),
            ),
            ("github.io", ("github.io", "github.io", Icann)),
            (
                "s3.amazonaws.com",
                ("amazonaws.com", "amazonaws.com", Icann),
            ),
            (
                "x.us-east-1.compute.amazonaws.com",
                (
                    "x.us-east-1.compute.amazonaws.com",
                    "amazonaws.com",
                    Private,
                ),
            ),
            // Wildcard and exception rules.
            (
                "shop.anything.ck",
                ("shop.anything.ck", "shop.anything.ck", Icann),
            ),
            ("a.www.ck", ("www.ck", "www.ck", Icann)),
            (
                "a.city.kawasaki.jp",
                ("city.kawasaki.jp", "city.kawasaki.jp", Icann),
            ),
            ("a.b.kobe.jp", ("a.b.kobe.jp", "a.b.kobe.jp", Icann)),
            // Internationalised, both forms.
            ("www.食狮.公司.cn", ("食狮.公司.cn", "食狮.公司.cn", Icann)),
            (
                "www.xn--85x722f.xn--55qx5d.cn",
                (
                    "xn--85x722f.xn--55qx5d.cn",
                    "xn--85x722f.xn--55qx5d.cn",
                    Icann,
                ),
            ),
            ("президент.рф", ("президент.рф", "президент.рф", Icann)),
            (
                "a.xn--d1abbgf6aiiy.xn--p1ai",
                (
                    "xn--d1abbgf6aiiy.xn--p1ai",
                    "xn--d1abbgf6aiiy.xn--p1ai",
                    Icann,
                ),
            ),
            ("www.bücher.de", ("bücher.de", "bücher.de", Icann)),
            // Names of a network of one's own.
            (
                "printer.local",
                ("printer.local", "printer.local", Unlisted),
            ),
            ("db.eu.corp", ("eu.corp", "eu.corp", Unlisted)),
            // Services are beneath a domain (RFC 8552), and are none.
            (
                "_sip._tcp.example.com",
                ("example.com", "example.com", Icann),
            ),
            (
                "a\u{fffd}.example.com",
                ("example.com", "example.com", Icann),
            ),
        ] {
            assert_eq!(told(name), Some(wanted), "{name}");
        }
    }

    #[test]
    fn a_suffix_is_no_domain() {
        for name in [
            "co.uk",
            "com",
            "公司.cn",
            "xn--55qx5d.cn",
            "anything.ck",
            "co.uk.",
        ] {
            assert_eq!(told(name), None, "{name}");
        }
    }

    #[test]
    fn what_is_registered_by_nobody_has_no_domain() {
        for name in [
            "",
            ".",
            "..",
            "localhost",
            "printer",
            "_tcp",
            "_ipp._tcp.local",
            "Office._ipp._tcp.local",
            "192.0.2.7",
            "2001:db8::1",
            "[2001:db8::1]",
            "::ffff:192.0.2.7",
            "1.2.3.4.5",
            "a.123",
            "a..com",
            ".com",
            ".example.com",
            "a\u{fffd}b.com",
            "example.c\u{fffd}",
        ] {
            assert_eq!(told(name), None, "{name:?}");
        }
    }

    proptest! {
        #[test]
        fn a_domain_is_the_end_of_its_name_and_its_own_domain(
            bytes in prop::collection::vec(prop_oneof![Just(b'.'), Just(b'_'), b'a'..=b'z', any::<u8>()], 0..64),
            tail in prop::sample::select(vec!["", ".com", ".co.uk", ".github.io", ".ck", ".cn"]),
        ) {
            let bytes = [bytes.as_slice(), tail.as_bytes()].concat();
            let Some(name) = Name::of(&bytes) else { return Ok(()) };
            let Some(found) = domain(name.as_str()) else { return Ok(()) };
            prop_assert!(name.as_str().strip_suffix('.').unwrap_or(name.as_str()).ends_with(found.name()));
            prop_assert!(found.name().ends_with(found.icann));
            let damaged = found.name().contains(char::REPLACEMENT_CHARACTER);
            prop_assert!(found.name().contains('.') && !damaged);
            prop_assert_eq!(domain(found.name()).map(|it| it.name()), Some(found.name()));
        }
    }
}
