//! IEEE 802.3 and what an ethertype leads to: IP, tags in any number and order (802.1Q, 802.1ad,
//! VN-Tag, E-Tag, Cisco metadata, HSR), and frames within frames (802.1ah, TRILL, FabricPath). What
//! is encrypted (802.1AE) or is no IP stays what it is.

use crate::decode::encapsulation::Encapsulation::{Bridge, Tag, Vlan};
use crate::decode::layer::{Layer, Network, Next};
use crate::decode::{Reason, be16, chunk};

/// Two addresses and an ethertype.
pub(in crate::decode) fn header(bytes: &[u8], at: usize) -> Result<Next, Reason> {
    let kind = be16(bytes, at + 12).ok_or(Reason::ShortLink)?;
    Ok(Next::plain(Layer::Ethertype(kind), at + 14))
}

/// What an ethertype says of the bytes behind it; a number that is a length says 802.2.
pub(in crate::decode) fn ethertype(kind: u16, bytes: &[u8], at: usize) -> Result<Next, Reason> {
    Ok(match kind {
        0x0800 => Next::plain(Layer::Ip(Network::V4), at),
        0x86dd => Next::plain(Layer::Ip(Network::V6), at),
        0x0806 | 0x8035 => return Err(Reason::Arp),
        // 802.1Q, 802.1ad and what came before it: two bytes of tag, then an ethertype.
        0x8100 | 0x88a8 | 0x9100 | 0x9200 | 0x9300 => tagged(Vlan, bytes, at, 2)?,
        0x8864 => Next::plain(Layer::Pppoe, at),
        0x8847 | 0x8848 => Next::plain(Layer::Mpls, at),
        0x880b => Next::plain(Layer::Ppp, at),
        0x894f => Next::plain(Layer::Nsh, at),
        0x6558 => Next::plain(Layer::Ethernet, at),
        // VN-Tag and HSR (IEC 62439-3), E-Tag (802.1BR), Cisco metadata of one option.
        0x8926 | 0x892f => tagged(Tag, bytes, at, 4)?,
        0x893f => tagged(Tag, bytes, at, 6)?,
        0x8909 if chunk(bytes, at) == Some(&[1, 1]) => tagged(Tag, bytes, at, 6)?,
        // Provider backbone bridges (802.1ah), FabricPath, TRILL (RFC 6325).
        0x88e7 => Next::inside(Bridge, Layer::Ethernet, at + 4),
        0x8903 => Next::inside(Bridge, Layer::Ethernet, at + 2),
        0x22f3 => Next::inside(Bridge, Layer::Ethernet, at + trill(bytes, at)?),
        0..0x0600 => Next::plain(Layer::Llc, at),
        _ => return Err(Reason::NotIp),
    })
}

/// An ethertype behind a tag of so many bytes.
fn tagged(
    kind: crate::decode::Encapsulation,
    bytes: &[u8],
    at: usize,
    length: usize,
) -> Result<Next, Reason> {
    let behind = be16(bytes, at + length).ok_or(Reason::ShortLink)?;
    Ok(Next::inside(
        kind,
        Layer::Ethertype(behind),
        at + length + 2,
    ))
}

/// The length of a TRILL header: six bytes, and options in words of four.
fn trill(bytes: &[u8], at: usize) -> Result<usize, Reason> {
    let word = be16(bytes, at).ok_or(Reason::ShortLink)?;
    Ok(6 + usize::from(word >> 6 & 0x1f) * 4)
}

/// An mPacket (IEEE 802.3br): preamble, and a delimiter that says whether a frame begins.
pub(in crate::decode) fn mpacket(bytes: &[u8], at: usize) -> Result<Next, Reason> {
    let [.., delimiter] = *chunk::<8>(bytes, at).ok_or(Reason::ShortLink)?;
    match delimiter {
        // An express frame, or the first part of a preemptable one.
        0xd5 | 0xe6 | 0x4c | 0x7f | 0xb3 => Ok(Next::plain(Layer::Ethernet, at + 8)),
        _ => Err(Reason::NotIp),
    }
}
