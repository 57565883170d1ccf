//! An interface as a capture describes it: link, role, and how a frame's direction is told.

use super::frame::Link;
use crate::key::InterfaceId;
use crate::platform::Role;
use serde::{Deserialize, Serialize};
use std::net::IpAddr;
use std::sync::Arc;

/// What the rooms downstream need to know of an interface.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Interface {
    pub id: InterfaceId,
    pub name: Arc<str>,
    pub link: Link,
    pub role: Role,
    pub snaplen: u32,
    pub direction: DirectionRule,
}

/// How the direction of a frame is told (the accounting rules, 4).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DirectionRule {
    /// A link with addresses of its own: source address = this one is out.
    Hardware([u8; 6]),
    /// No link address: a frame from one of these addresses is out.
    Addresses(Vec<IpAddr>),
    /// A file with `--local`: a frame from one of these networks is out.
    Networks(Vec<Network>),
    /// Loopback, or a file: client to server is out.
    ClientToServer,
}

/// An address range in CIDR notation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Network {
    address: IpAddr,
    prefix: u8,
}

impl Network {
    pub fn contains(&self, address: IpAddr) -> bool {
        match (self.address, address) {
            (IpAddr::V4(net), IpAddr::V4(ip)) => {
                let shift = 32 - u32::from(self.prefix);
                u64::from(net.to_bits()) >> shift == u64::from(ip.to_bits()) >> shift
            }
            (IpAddr::V6(net), IpAddr::V6(ip)) => {
                let shift = 128 - u32::from(self.prefix);
                shift == 128 || net.to_bits() >> shift == ip.to_bits() >> shift
            }
            _ => false,
        }
    }
}

impl std::str::FromStr for Network {
    type Err = String;

    fn from_str(text: &str) -> Result<Network, String> {
        let (address, prefix) = text.split_once('/').unwrap_or((text, ""));
        let wrong = || format!("`{text}` is not an address range such as 192.168.0.0/16");
        let address: IpAddr = address.parse().map_err(|_| wrong())?;
        let widest = if address.is_ipv4() { 32 } else { 128 };
        let prefix = if prefix.is_empty() {
            widest
        } else {
            prefix.parse().map_err(|_| wrong())?
        };
        if prefix > widest {
            return Err(wrong());
        }
        Ok(Network { address, prefix })
    }
}

impl TryFrom<String> for Network {
    type Error = String;
    fn try_from(text: String) -> Result<Network, String> {
        text.parse()
    }
}

impl From<Network> for String {
    fn from(network: Network) -> String {
        format!("{}/{}", network.address, network.prefix)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn networks_contain_what_they_say() {
        let home: Network = "192.168.0.0/16".parse().unwrap();
        assert!(home.contains("192.168.7.9".parse().unwrap()));
        assert!(!home.contains("192.169.7.9".parse().unwrap()));
        assert!(!home.contains("::1".parse().unwrap()));
        let all: Network = "::/0".parse().unwrap();
        assert!(all.contains("2001:db8::1".parse().unwrap()));
        let one: Network = "10.0.0.1".parse().unwrap();
        assert!(one.contains("10.0.0.1".parse().unwrap()));
        assert!(!one.contains("10.0.0.2".parse().unwrap()));
        assert!("10.0.0.0/33".parse::<Network>().is_err());
    }
}
