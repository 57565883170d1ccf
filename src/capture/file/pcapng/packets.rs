//! Packet blocks: enhanced (pcapng, 4.3), simple (4.4) and obsolete ones (appendix A). Says where
//! in a block's body the frame lies, and when and how long it was.

use super::Result;
use super::fields::Fields;
use super::interfaces::Described;
use crate::capture::file::intake::Record;

/// Enhanced and obsolete blocks have this much before the frame.
const HEADER: usize = 20;

/// An enhanced packet block, and where its options begin.
pub(super) fn enhanced(body: Fields, interfaces: &[Described]) -> Result<(Record, usize)> {
    let index = body.u32(0).ok_or_else(too_short)?;
    let record = timed(body, index, interfaces)?;
    Ok((
        record,
        HEADER + (record.captured as usize).next_multiple_of(4),
    ))
}

/// An obsolete packet block: its interface has half the bits, a count of drops the others.
pub(super) fn obsolete(body: Fields, interfaces: &[Described]) -> Result<Record> {
    let index = body.u16(0).ok_or_else(too_short)?;
    timed(body, u32::from(index), interfaces)
}

/// A simple packet block has no time, and no captured length but what there is room for.
pub(super) fn simple(body: Fields, interfaces: &[Described]) -> Result<Record> {
    let length = body.u32(0).ok_or_else(too_short)?;
    let interface = described(interfaces, 0)?;
    let room = body.bytes.len().saturating_sub(4) as u32;
    Ok(Record {
        at: None,
        offset: 4,
        captured: length.min(interface.limit()).min(room),
        length,
        interface: interface.id,
    })
}

#[inline]
fn timed(body: Fields, index: u32, interfaces: &[Described]) -> Result<Record> {
    let (Some(high), Some(low), Some(captured), Some(length)) =
        (body.u32(4), body.u32(8), body.u32(12), body.u32(16))
    else {
        return Err(too_short());
    };
    if body.bytes.len() - HEADER < captured as usize {
        return Err(format!(
            "a packet block claims {captured} captured bytes and has fewer"
        ));
    }
    let interface = described(interfaces, index)?;
    Ok(Record {
        at: interface.time(u64::from(high) << 32 | u64::from(low)),
        offset: HEADER,
        captured,
        length,
        interface: interface.id,
    })
}

fn described(interfaces: &[Described], index: u32) -> Result<&Described> {
    let missing = || format!("a packet of interface {index}, which was not described");
    interfaces.get(index as usize).ok_or_else(missing)
}

fn too_short() -> String {
    "a packet block is too short".into()
}
