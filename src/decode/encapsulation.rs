//! What lay around the IP header that a frame counts on: links' tags and tunnels, the outermost
//! first, eight of them in one word. Knows their names, not their headers.

use serde::{Deserialize, Serialize};

/// One header around another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[repr(u8)]
pub enum Encapsulation {
    /// An IEEE 802.1Q or 802.1ad tag.
    Vlan = 1,
    /// An MPLS label stack (RFC 3032).
    Mpls,
    /// A PPPoE session (RFC 2516).
    Pppoe,
    /// PPP (RFC 1661).
    Ppp,
    /// GRE (RFC 2784, 2890, 2637).
    Gre,
    /// ERSPAN types I to III.
    Erspan,
    /// IPv4 in IPv4 (RFC 2003).
    #[serde(rename = "ipip")]
    IpIp,
    /// IPv4 in IPv6 (RFC 2473).
    #[serde(rename = "4in6")]
    FourInSix,
    /// IPv6 in IPv4 (RFC 4213).
    #[serde(rename = "6in4")]
    SixInFour,
    /// IPv6 in IPv6 (RFC 2473).
    #[serde(rename = "6in6")]
    SixInSix,
    /// Teredo (RFC 4380).
    Teredo,
    /// VXLAN (RFC 7348) and its generic extension.
    Vxlan,
    /// Geneve (RFC 8926).
    Geneve,
    /// GTP-U (3GPP TS 29.281).
    Gtp,
    /// L2TP (RFC 2661, 3931).
    L2tp,
    /// EtherIP (RFC 3378), and Ethernet right behind IP (RFC 8986).
    #[serde(rename = "etherip")]
    EtherIp,
    /// An authentication header (RFC 4302).
    Ah,
    /// IEEE 802.11.
    Wifi,
    /// Ethernet in another link's frame: provider backbone bridges, TRILL, FabricPath and such.
    Bridge,
    /// A tag of another kind: VN-Tag, E-Tag, Cisco metadata, HSR.
    Tag,
    /// A network service header (RFC 8300).
    Nsh,
    /// A radio's frames to its controller: CAPWAP (RFC 5415).
    Capwap,
}

impl Encapsulation {
    pub const ALL: [Encapsulation; 22] = [
        Encapsulation::Vlan,
        Encapsulation::Mpls,
        Encapsulation::Pppoe,
        Encapsulation::Ppp,
        Encapsulation::Gre,
        Encapsulation::Erspan,
        Encapsulation::IpIp,
        Encapsulation::FourInSix,
        Encapsulation::SixInFour,
        Encapsulation::SixInSix,
        Encapsulation::Teredo,
        Encapsulation::Vxlan,
        Encapsulation::Geneve,
        Encapsulation::Gtp,
        Encapsulation::L2tp,
        Encapsulation::EtherIp,
        Encapsulation::Ah,
        Encapsulation::Wifi,
        Encapsulation::Bridge,
        Encapsulation::Tag,
        Encapsulation::Nsh,
        Encapsulation::Capwap,
    ];

    /// The word that the API and the page use.
    pub fn word(self) -> &'static str {
        match self {
            Encapsulation::Vlan => "vlan",
            Encapsulation::Mpls => "mpls",
            Encapsulation::Pppoe => "pppoe",
            Encapsulation::Ppp => "ppp",
            Encapsulation::Gre => "gre",
            Encapsulation::Erspan => "erspan",
            Encapsulation::IpIp => "ipip",
            Encapsulation::FourInSix => "4in6",
            Encapsulation::SixInFour => "6in4",
            Encapsulation::SixInSix => "6in6",
            Encapsulation::Teredo => "teredo",
            Encapsulation::Vxlan => "vxlan",
            Encapsulation::Geneve => "geneve",
            Encapsulation::Gtp => "gtp",
            Encapsulation::L2tp => "l2tp",
            Encapsulation::EtherIp => "etherip",
            Encapsulation::Ah => "ah",
            Encapsulation::Wifi => "wifi",
            Encapsulation::Bridge => "bridge",
            Encapsulation::Tag => "tag",
            Encapsulation::Nsh => "nsh",
            Encapsulation::Capwap => "capwap",
        }
    }

    fn of(number: u8) -> Option<Encapsulation> {
        let index = usize::from(number).checked_sub(1)?;
        Encapsulation::ALL.get(index).copied()
    }
}

/// What lay around a packet, the outermost first, a byte each; more than eight are not told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Encapsulations(u64);

impl Encapsulations {
    /// Nothing: the usual frame.
    pub const NONE: Encapsulations = Encapsulations(0);

    pub fn is_empty(self) -> bool {
        self == Encapsulations::NONE
    }

    /// All of them as one number, a byte each, the outermost in the lowest.
    pub fn number(self) -> u64 {
        self.0
    }

    /// What such a number means; bytes that mean nothing end it.
    pub fn of_number(number: u64) -> Encapsulations {
        let mut known = Encapsulations::NONE;
        Encapsulations(number)
            .kinds()
            .for_each(|kind| known.push(kind));
        known
    }

    /// The kinds, the outermost first.
    pub fn kinds(self) -> impl Iterator<Item = Encapsulation> {
        self.0
            .to_le_bytes()
            .into_iter()
            .map_while(Encapsulation::of)
    }

    /// Adds one inside the others.
    pub(super) fn push(&mut self, kind: Encapsulation) {
        let used = (u64::BITS - self.0.leading_zeros()).div_ceil(8);
        if used < 8 {
            self.0 |= u64::from(kind as u8) << (8 * used);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_come_back_in_order_and_the_ninth_is_not_told() {
        let mut chain = Encapsulations::NONE;
        assert_eq!(chain.kinds().count(), 0);
        for kind in Encapsulation::ALL {
            chain.push(kind);
        }
        let kinds: Vec<_> = chain.kinds().collect();
        assert_eq!(kinds, Encapsulation::ALL[..8]);
    }

    #[test]
    fn every_kind_has_its_number_and_its_word() {
        for (index, kind) in Encapsulation::ALL.into_iter().enumerate() {
            assert_eq!(kind as usize, index + 1);
            assert_eq!(serde_json::to_value(kind).unwrap(), kind.word());
        }
    }
}
