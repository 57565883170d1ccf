//! HTTP/2 with prior knowledge (RFC 9113, 3.3): the client's preface, and the header block of its
//! first request, for the authority in it. Frames before it are stepped over.

mod frame;
mod hpack;
mod huffman;
mod names;
mod table;

use super::looked_at;
use crate::names::{Name, Parsed};
use frame::Block;

/// What every client sends first (RFC 9113, 3.4).
const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// Whether a stream begins as HTTP/2's client does.
pub fn preface(bytes: &[u8]) -> Parsed<()> {
    if bytes.starts_with(PREFACE) {
        return Parsed::Done(());
    }
    if PREFACE.starts_with(bytes) {
        return Parsed::More;
    }
    Parsed::Not
}

/// The authority of the first request: `:authority` or, where a request lacks that, Host (RFC 9113,
/// 8.3.1). Done with `None` where the request has neither.
pub fn authority(bytes: &[u8]) -> Parsed<Option<Name>> {
    let bytes = looked_at(bytes);
    match preface(bytes) {
        Parsed::Done(()) => {}
        Parsed::More => return Parsed::More,
        Parsed::Not => return Parsed::Not,
    }
    match frame::first_block(bytes.get(PREFACE.len()..).unwrap_or_default()) {
        Block::Whole(block) => hpack::authority(&block),
        Block::Unfinished => super::line::unfinished(bytes),
        Block::Damaged => Parsed::Not,
    }
}

#[cfg(test)]
mod tests;
