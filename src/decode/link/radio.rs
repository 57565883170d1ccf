//! What capturing radios put before a frame: radiotap (<https://www.radiotap.org>), the Prism and
//! AVS headers, and CACE's per-packet information. What they say of the radio is passed over.

use crate::capture::Link;
use crate::decode::layer::{Layer, Next, Quirk};
use crate::decode::{Reason, be32, chunk, le16, le32};

/// Words that say what is in a radiotap header: more are not followed.
const MOST_WORDS: usize = 32;
/// Of such a word: time, flags, and that another follows.
const TIME: u32 = 1;
const FLAGS: u32 = 1 << 1;
const MORE: u32 = 1 << 31;
/// Of the flags: the frame's body begins at a multiple of four bytes.
const PADDED: u8 = 0x20;

const AVS_MAGIC: u32 = 0x8021_1000;
const PRISM: usize = 144;

pub(super) fn radiotap(bytes: &[u8], at: usize) -> Result<Next, Reason> {
    let [version, _] = *chunk(bytes, at).ok_or(Reason::ShortLink)?;
    let length = usize::from(le16(bytes, at + 2).ok_or(Reason::ShortLink)?);
    if version != 0 || length < 8 {
        return Err(Reason::NotIp);
    }
    let head = bytes.get(at..at + length).ok_or(Reason::ShortLink)?;
    let quirk = match flags(head) {
        Some(flags) if flags & PADDED != 0 => Quirk::Padded,
        _ => Quirk::None,
    };
    Ok(Next::plain(Layer::Wifi(quirk), at + length))
}

/// The flags of a radiotap header, if it has any.
fn flags(head: &[u8]) -> Option<u8> {
    let present = le32(head, 4)?;
    let further = |word: &usize| le32(head, 4 * word).is_some_and(|word| word & MORE == 0);
    let last = (1..=MOST_WORDS).find(further)?;
    let fields = 4 * (last + 1);
    let at = if present & TIME == 0 {
        fields
    } else {
        fields.next_multiple_of(8) + 8
    };
    (present & FLAGS != 0).then(|| head.get(at).copied())?
}

/// A Prism header has one length; where it is AVS's it says so.
pub(super) fn prism(bytes: &[u8], at: usize) -> Result<Next, Reason> {
    let magic = be32(bytes, at).ok_or(Reason::ShortLink)?;
    if magic & 0xffff_f000 == AVS_MAGIC {
        return avs(bytes, at);
    }
    Ok(Next::plain(Layer::Wifi(Quirk::None), at + PRISM))
}

pub(super) fn avs(bytes: &[u8], at: usize) -> Result<Next, Reason> {
    let length = be32(bytes, at + 4).ok_or(Reason::ShortLink)? as usize;
    if length < 8 {
        return Err(Reason::NotIp);
    }
    let body = at.saturating_add(length);
    Ok(Next::plain(Layer::Wifi(Quirk::None), body))
}

/// Per-packet information: the frame behind it is of the link type that it tells.
pub(super) fn ppi(bytes: &[u8], at: usize) -> Result<Next, Reason> {
    let length = usize::from(le16(bytes, at + 2).ok_or(Reason::ShortLink)?);
    let link = le32(bytes, at + 4).ok_or(Reason::ShortLink)?;
    let link = u16::try_from(link).map_err(|_| Reason::UnknownLink)?;
    if length < 8 {
        return Err(Reason::NotIp);
    }
    Ok(Next::plain(Layer::Link(Link::of(link)), at + length))
}
