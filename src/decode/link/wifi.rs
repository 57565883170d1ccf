//! IEEE 802.11: data frames that carry something lead to LLC, through whatever their header has
//! (fourth address, quality of service, HT control, mesh control) and into the first subframe of an
//! aggregate (A-MSDU). Management and control frames are no IP; what is encrypted stays closed.

use super::llc;
use crate::decode::encapsulation::Encapsulation::Wifi;
use crate::decode::layer::{Layer, Next, Quirk};
use crate::decode::{Reason, chunk};

/// Of the first byte: type and version, "carries nothing", "quality of service".
const KIND: u8 = 0x0f;
const DATA: u8 = 0x08;
const EMPTY: u8 = 0x40;
const QUALITY: u8 = 0x80;
/// Of the second byte: both directions, encrypted, and a further control field.
const FOUR_ADDRESSES: u8 = 0x03;
const PROTECTED: u8 = 0x40;
const ORDER: u8 = 0x80;
/// Of the quality of service field: an aggregate, and a mesh header.
const AGGREGATE: u8 = 0x80;
const MESH: u8 = 0x01;
/// Destination, source and length of a subframe.
const SUBFRAME: usize = 14;

pub(in crate::decode) fn header(bytes: &[u8], at: usize, quirk: Quirk) -> Result<Next, Reason> {
    let [kind, flags] = match *chunk(bytes, at).ok_or(Reason::ShortLink)? {
        [flags, kind] if quirk == Quirk::Swapped && flags & KIND != DATA => [kind, flags],
        in_order => in_order,
    };
    if kind & KIND != DATA || kind & EMPTY != 0 {
        return Err(Reason::NotIp);
    }
    if flags & PROTECTED != 0 {
        return Err(Reason::Protected);
    }
    let (length, quality) = length(bytes, at, kind, flags)?;
    let body = if quirk == Quirk::Padded {
        at + length.next_multiple_of(4)
    } else {
        at + length
    };
    let body = match quality {
        [first, _] if first & AGGREGATE != 0 => body + SUBFRAME,
        _ => body,
    };
    Ok(Next::inside(
        Wifi,
        Layer::Llc,
        behind_mesh(bytes, body, quality),
    ))
}

/// The header's length, and its field for quality of service.
fn length(bytes: &[u8], at: usize, kind: u8, flags: u8) -> Result<(usize, [u8; 2]), Reason> {
    let addresses = if flags & FOUR_ADDRESSES == FOUR_ADDRESSES {
        30
    } else {
        24
    };
    if kind & QUALITY == 0 {
        return Ok((addresses, [0; 2]));
    }
    let quality = *chunk(bytes, at + addresses).ok_or(Reason::ShortLink)?;
    let control = if flags & ORDER == 0 { 0 } else { 4 };
    Ok((addresses + 2 + control, quality))
}

/// Outside of a mesh the bit for a mesh header means something else: there is one only if SNAP
/// follows it.
fn behind_mesh(bytes: &[u8], body: usize, [_, second]: [u8; 2]) -> usize {
    if second & MESH == 0 || llc::is_snap(bytes, body) {
        return body;
    }
    let extra = match chunk(bytes, body) {
        Some([flags]) => usize::from(flags & 0x03) * 6,
        None => 0,
    };
    let behind = body + 6 + extra;
    if llc::is_snap(bytes, behind) {
        behind
    } else {
        body
    }
}
