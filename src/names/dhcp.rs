//! DHCP (RFC 2131) by its content, and the name that a host gives itself there. It says what the
//! sender is called, not whom it talks to: no claim of a flow's site.

use super::Name;
use super::dns;

/// Where the options begin, after the magic cookie.
const OPTIONS: usize = 240;
/// RFC 2132, 2.
const COOKIE: [u8; 4] = [0x63, 0x82, 0x53, 0x63];
const HOST_NAME: u8 = 12;
/// RFC 4702.
const CLIENT_FQDN: u8 = 81;
/// The name is encoded as DNS does (RFC 4702, 2.1).
const ENCODED: u8 = 0x04;

/// Whether this is a DHCP message for certain.
pub fn is_dhcp(bytes: &[u8]) -> bool {
    options(bytes).is_some()
}

/// The name that the client gives itself: fully qualified if it says so, else as it is.
pub fn host_name(bytes: &[u8]) -> Option<Name> {
    let (mut plain, mut full) = (None, None);
    for (code, value) in options(bytes)? {
        match code {
            HOST_NAME => plain = Name::of(before_zero(value)),
            CLIENT_FQDN => full = qualified(value),
            _ => {}
        }
    }
    full.or(plain)
}

fn options(bytes: &[u8]) -> Option<Options<'_>> {
    let &[operation, _, hardware_length, _] = bytes.first_chunk()?;
    let (_, cookie) = bytes.get(..OPTIONS)?.split_last_chunk::<4>()?;
    let certain = matches!(operation, 1 | 2) && hardware_length <= 16 && *cookie == COOKIE;
    certain.then_some(Options(bytes.get(OPTIONS..)?))
}

/// Flags and two codes of no use any more, then the name (RFC 4702, 2).
fn qualified(value: &[u8]) -> Option<Name> {
    let (&[flags, _, _], name) = value.split_first_chunk::<3>()?;
    if flags & ENCODED == 0 {
        return Name::of(before_zero(name));
    }
    // Without the root where it is only a part of a name.
    let rooted = [name, &[0]].concat();
    dns::expand(&rooted, 0, &mut dns::Budget::new())?.name()
}

/// Some clients count the zero that ends a string in C (RFC 2132, 2).
fn before_zero(text: &[u8]) -> &[u8] {
    text.split(|byte| *byte == 0).next().unwrap_or_default()
}

struct Options<'b>(&'b [u8]);

impl<'b> Iterator for Options<'b> {
    type Item = (u8, &'b [u8]);

    fn next(&mut self) -> Option<(u8, &'b [u8])> {
        loop {
            let (&code, rest) = self.0.split_first()?;
            self.0 = rest;
            match code {
                0 => {}
                255 => return None,
                _ => {
                    let (&length, rest) = rest.split_first()?;
                    let (value, rest) = rest.split_at_checked(usize::from(length))?;
                    self.0 = rest;
                    return Some((code, value));
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// A request with these options.
    fn request(options: &[&[u8]]) -> Vec<u8> {
        let mut bytes = vec![0; OPTIONS - 4];
        bytes[..3].copy_from_slice(&[1, 1, 6]);
        [&bytes, &COOKIE[..], &[53, 1, 3], &options.concat(), &[255]].concat()
    }

    fn said(options: &[&[u8]]) -> Option<String> {
        host_name(&request(options)).map(|name| name.to_string())
    }

    #[test]
    fn a_host_says_its_name() {
        for (options, name) in [
            (&[&b"\x0c\x06Laptop"[..]][..], Some("laptop")),
            (&[b"\0\0\x0c\x07Laptop\0"], Some("laptop")),
            (&[b"\x51\x0b\x00\x00\x00Host.lan"], Some("host.lan")),
            (
                &[b"\x51\x0d\x04\x00\x00\x04host\x03lan\x00"],
                Some("host.lan"),
            ),
            (&[b"\x51\x08\x04\x00\x00\x04host"], Some("host")),
            (
                &[b"\x51\x0b\x00\x00\x00host.lan", b"\x0c\x01x"],
                Some("host.lan"),
            ),
            (&[b"\x51\x05\x04\x00\x00\xc0\x00", b"\x0c\x01x"], Some("x")),
            (&[b"\x0c\x40short"], None),
            (&[], None),
        ] {
            assert_eq!(said(options).as_deref(), name, "{options:?}");
        }
    }

    #[test]
    fn only_the_cookie_makes_it_certain() {
        let mut bytes = request(&[]);
        assert!(is_dhcp(&bytes));
        bytes[239] ^= 1;
        assert!(!is_dhcp(&bytes) && host_name(&bytes).is_none());
        assert!(!is_dhcp(&request(&[])[..239]));
    }

    proptest! {
        #[test]
        fn no_bytes_can_hurt(options in proptest::collection::vec(any::<u8>(), 0..400)) {
            let _ = host_name(&request(&[&options]));
        }
    }
}
