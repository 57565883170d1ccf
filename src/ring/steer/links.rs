//! Where the outermost IP header begins, by the link and what usually lies before it: tags, PPPoE,
//! MPLS, radio headers. Does not know what nobody has fragments behind.

use crate::capture::Link;

/// Headers that are passed over at most.
const MOST: usize = 8;

/// Where IP begins, if that can be seen.
pub(super) fn network(link: Link, bytes: &[u8]) -> Option<usize> {
    within(link, bytes, 0, 2)
}

/// The same for a link whose header begins at `at`; `depth` links may be in one another.
fn within(link: Link, bytes: &[u8], at: usize, depth: u8) -> Option<usize> {
    match link {
        Link::Ethernet => ethertype(bytes, at + 12),
        Link::LinuxSll => ethertype(bytes, at + 14),
        Link::LinuxSll2 => Some(at + 20),
        Link::Null | Link::Loop => Some(at + 4),
        Link::Raw => Some(at),
        Link::Ppp => ppp(bytes, at),
        Link::PppDirected => ppp(bytes, at + 1),
        Link::PppEthernet => ppp(bytes, at + 6),
        Link::CiscoHdlc => ethertype(bytes, at + 2),
        Link::Wifi => wifi(bytes, at),
        Link::Radiotap => wifi(bytes, at + word(bytes, at + 2)?),
        Link::Prism => wifi(bytes, at + 144),
        Link::Avs => wifi(bytes, at + word_of_network(bytes, at + 6)?),
        Link::Ppi | Link::Pktap | Link::User2 => {
            let (link, length) = told(link, bytes, at)?;
            within(link, bytes, at + length, depth.checked_sub(1)?)
        }
        Link::Mpls => labels(bytes, at),
        Link::Llc => ethertype(bytes, at + 6),
        Link::Mpacket => ethertype(bytes, at + 20),
        Link::Nflog | Link::Other(_) => None,
    }
}

/// What the ethertype at `at` leads to, behind up to so many tags.
fn ethertype(bytes: &[u8], mut at: usize) -> Option<usize> {
    for _ in 0..MOST {
        match bytes.get(at..at + 2)? {
            [0x88, 0xa8] | [0x81 | 0x91 | 0x92, 0x00] => at += 4,
            [0x88, 0x47 | 0x48] => return labels(bytes, at + 2),
            [0x88, 0x64] => return ppp(bytes, at + 8),
            // A length, and SNAP behind it.
            [0x00..0x06, _] => at += 8,
            _ => return Some(at + 2),
        }
    }
    None
}

/// Behind a PPP header, whichever of its fields are left out.
fn ppp(bytes: &[u8], at: usize) -> Option<usize> {
    let at = match bytes.get(at..at + 2)? {
        [0xff, 0x03] => at + 2,
        [0x0f | 0x8f, 0x00] => return ethertype(bytes, at + 2),
        _ => at,
    };
    match bytes.get(at..at + 2)? {
        [0x02, 0x81 | 0x83] => labels(bytes, at + 2),
        [first, _] if first & 1 == 1 => Some(at + 1),
        _ => Some(at + 2),
    }
}

/// Behind an MPLS label stack, and an Ethernet header with its control word where there is one.
fn labels(bytes: &[u8], at: usize) -> Option<usize> {
    let end = |at: &usize| bytes.get(at + 2).is_none_or(|last| last & 1 == 1);
    let last = (0..MOST).map(|label| at + 4 * label).find(end)?;
    match bytes.get(last + 4)? >> 4 {
        0 => ethertype(bytes, last + 20),
        _ => Some(last + 4),
    }
}

/// Behind a data frame's header and SNAP.
fn wifi(bytes: &[u8], at: usize) -> Option<usize> {
    let &[kind, flags] = bytes.get(at..at + 2)? else {
        return None;
    };
    let addresses = if flags & 0x03 == 0x03 { 30 } else { 24 };
    let quality = match (kind & 0x80 != 0, flags & 0x80 != 0) {
        (false, _) => 0,
        (true, false) => 2,
        (true, true) => 6,
    };
    let aggregate = quality > 0 && bytes.get(at + addresses)? & 0x80 != 0;
    let body = at + addresses + quality + if aggregate { 14 } else { 0 };
    ethertype(bytes, body + 6)
}

/// The link type and the header's length that a header tells which has another link's frame
/// behind it.
fn told(link: Link, bytes: &[u8], at: usize) -> Option<(Link, usize)> {
    let second = bytes.get(at + 38)? & 0x08 != 0;
    let (number, length) = match link {
        Link::Ppi => (word(bytes, at + 4)?, word(bytes, at + 2)?),
        _ if second => (word(bytes, at + 6)?, usize::from(*bytes.get(at)?)),
        _ => (word(bytes, at + 8)?, word(bytes, at)?),
    };
    Some((Link::of(u16::try_from(number).ok()?), length))
}

/// A 16-bit field, the lower byte first.
fn word(bytes: &[u8], at: usize) -> Option<usize> {
    let field = bytes.get(at..)?.first_chunk()?;
    Some(usize::from(u16::from_le_bytes(*field)))
}

/// The same in network byte order.
fn word_of_network(bytes: &[u8], at: usize) -> Option<usize> {
    let field = bytes.get(at..)?.first_chunk()?;
    Some(usize::from(u16::from_be_bytes(*field)))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Bytes before an IP header, from hexadecimal with spaces.
    fn found(link: u16, before: &str) -> bool {
        let digits: Vec<u8> = before
            .chars()
            .filter_map(|letter| letter.to_digit(16))
            .map(|digit| digit as u8)
            .collect();
        let mut bytes: Vec<u8> = digits
            .chunks(2)
            .map(|pair| pair[0] << 4 | pair[1])
            .collect();
        let at = bytes.len();
        bytes.extend([0x45; 20]);
        for length in 0..bytes.len() {
            network(Link::of(link), &bytes[..length]);
        }
        network(Link::of(link), &bytes) == Some(at)
    }

    #[test]
    fn the_outermost_header_is_found_behind_every_link() {
        const MACS: &str = "020000000001 020000000002";
        let wifi = format!("0801 0000 {MACS} 020000000003 0000");
        let snap = "aaaa03 000000 0800";
        let cases = [
            (1, format!("{MACS} 0800")),
            (1, format!("{MACS} 86dd")),
            (1, format!("{MACS} 88a8 0001 8100 0002 0800")),
            (1, format!("{MACS} 8100 0001 8864 1100 0007 0022 0021")),
            (1, format!("{MACS} 8847 00001040 00002140")),
            (1, format!("{MACS} 8847 00002140 00000000 {MACS} 0800")),
            (1, format!("{MACS} 0028 {snap}")),
            (9, "ff03 0021".into()),
            (9, "21".into()),
            (9, "0f00 0800".into()),
            (204, "01 ff03 0021".into()),
            (51, "1100 0007 0022 0021".into()),
            (104, "0f00 0800".into()),
            (105, format!("{wifi} {snap}")),
            (
                105,
                format!("8803 0000 {MACS} 020000000003 0000 020000000004 0000 {snap}"),
            ),
            (
                105,
                format!("8801 0000 {MACS} 020000000003 0000 8000 {MACS} 0028 {snap}"),
            ),
            (127, format!("0000 0900 02000000 10 {wifi} {snap}")),
            (119, format!("{} {wifi} {snap}", "00".repeat(144))),
            (
                163,
                format!("80211001 00000010 0000000000000000 {wifi} {snap}"),
            ),
            (192, format!("0000 0800 69000000 {wifi} {snap}")),
            (
                258,
                format!("6c000000 01000000 01000000 {} {MACS} 0800", "00".repeat(96)),
            ),
            (219, "00002140".into()),
            (100, snap.into()),
            (274, format!("55555555555555d5 {MACS} 0800")),
            (0, "02000000".into()),
            (113, "0000 0001 0006 0200000000010000 0800".into()),
            (276, format!("0800 {}", "00".repeat(18))),
            (101, String::new()),
        ];
        for (link, before) in cases {
            assert!(found(link, &before), "{link} {before}");
        }
    }
}
