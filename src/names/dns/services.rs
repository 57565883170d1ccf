//! What a record says of where a service is: the name it points to (SRV, RFC 2782; SVCB and HTTPS,
//! RFC 9460) and the addresses that it hints at.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

const IPV4_HINT: u16 = 4;
const IPV6_HINT: u16 = 6;

/// The fields of a service record (RFC 9460, 2.2).
#[derive(Clone, Copy, Debug)]
pub(super) struct Service<'m> {
    /// AliasMode: nothing but another name for the owner.
    pub is_alias: bool,
    /// The parameters, by key: none in AliasMode.
    parameters: &'m [u8],
}

/// Bytes before the target's name.
pub(super) const TARGET: usize = 2;
/// Bytes before an SRV record's target: priority, weight and port.
pub(super) const SRV_TARGET: usize = 6;

impl<'m> Service<'m> {
    /// `named` is how many bytes of the data the target's name takes.
    pub(super) fn of(data: &'m [u8], named: usize) -> Option<Service<'m>> {
        let (priority, rest) = data.split_first_chunk::<TARGET>()?;
        Some(Service {
            is_alias: *priority == [0; 2],
            parameters: rest.get(named..)?,
        })
    }

    /// The addresses that the service may be at (RFC 9460, 7.3).
    pub(super) fn hints(self, mut each: impl FnMut(IpAddr)) {
        if self.is_alias {
            return;
        }
        for (key, value) in Parameters(self.parameters) {
            match key {
                IPV4_HINT => value
                    .as_chunks()
                    .0
                    .iter()
                    .for_each(|four: &[u8; 4]| each(Ipv4Addr::from(*four).into())),
                IPV6_HINT => value
                    .as_chunks()
                    .0
                    .iter()
                    .for_each(|six: &[u8; 16]| each(Ipv6Addr::from(*six).into())),
                _ => {}
            }
        }
    }
}

struct Parameters<'m>(&'m [u8]);

impl<'m> Iterator for Parameters<'m> {
    type Item = (u16, &'m [u8]);

    fn next(&mut self) -> Option<(u16, &'m [u8])> {
        let (&[k, l, m, n], rest) = self.0.split_first_chunk::<4>()?;
        let (value, rest) = rest.split_at_checked(usize::from(u16::from_be_bytes([m, n])))?;
        self.0 = rest;
        Some((u16::from_be_bytes([k, l]), value))
    }
}
