//! Linux's netfilter log (LINKTYPE_NFLOG): attributes, one of which is the packet.

use crate::decode::layer::{Layer, Next};
use crate::decode::{Reason, chunk, le16};

/// The attribute that is the packet, and how many others may come before it.
const PAYLOAD: u16 = 9;
const MOST: usize = 32;

pub(super) fn payload(bytes: &[u8], at: usize) -> Result<Next, Reason> {
    let [_family, version] = *chunk(bytes, at).ok_or(Reason::ShortLink)?;
    if version != 0 {
        return Err(Reason::NotIp);
    }
    let mut at = at + 4;
    for _ in 0..MOST {
        let length = usize::from(le16(bytes, at).ok_or(Reason::ShortLink)?);
        let kind = le16(bytes, at + 2).ok_or(Reason::ShortLink)?;
        if kind == PAYLOAD {
            return Ok(Next::plain(Layer::AnyIp, at + 4));
        }
        if length < 4 {
            return Err(Reason::NotIp);
        }
        at += length.next_multiple_of(4);
    }
    Err(Reason::TooDeep)
}
