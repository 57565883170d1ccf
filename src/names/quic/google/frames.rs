//! Google's frames: which one bears the handshake, and how long those are that stand before it.

use super::super::bytes::Bytes;
use super::super::frames::{Frame, crypto_frame, skip_padding};
use super::clear::Digits;

/// The stream of the handshake up to Q046.
const HANDSHAKE: u8 = 1;

/// From this version on integers are big-endian.
const BIG_ENDIAN: Digits = 39;

/// The next frame of Q050, T050 and T051, whose handshake is in CRYPTO frames.
pub(in super::super) fn next<'a>(rest: &mut Bytes<'a>) -> Option<Frame<'a>> {
    match rest.byte()? {
        CRYPTO => return crypto_frame(rest).map(Frame::Crypto),
        other => skip(other, rest)?,
    }
    Some(Frame::Other)
}

/// The first piece of the handshake's stream in these frames.
pub(in super::super) fn stream(payload: &[u8], digits: Digits) -> Option<&[u8]> {
    let mut rest = Bytes(payload);
    loop {
        match rest.byte()? {
            first if first & STREAM != 0 => {
                let (id, bytes) = stream_frame(first, &mut rest, digits)?;
                if id == [HANDSHAKE] {
                    return Some(bytes);
                }
            }
            other => skip(other, &mut rest)?,
        }
    }
}

/// `1fdooossB`: with a length or up to the end, so many bytes of offset and of the stream's ID.
fn stream_frame<'a>(
    first: u8,
    rest: &mut Bytes<'a>,
    digits: Digits,
) -> Option<(&'a [u8], &'a [u8])> {
    let id = rest.take(usize::from(first & 3) + 1)?;
    rest.take(match first >> 2 & 7 {
        0 => 0,
        more => usize::from(more) + 1,
    })?;
    if first & HAS_LENGTH == 0 {
        return rest.take(rest.0.len()).map(|bytes| (id, bytes));
    }
    let length = rest.array()?;
    let length = if digits < BIG_ENDIAN {
        u16::from_le_bytes(length)
    } else {
        u16::from_be_bytes(length)
    };
    rest.take(usize::from(length)).map(|bytes| (id, bytes))
}

/// `None` for what cannot stand before a client's first message.
fn skip(first: u8, rest: &mut Bytes<'_>) -> Option<()> {
    match first {
        PADDING => {
            skip_padding(rest);
            Some(())
        }
        PING => Some(()),
        0x40..=0x7f => acknowledgement(first, rest),
        _ => None,
    }
}

/// `01ntllmmB`: more blocks or not, and the bytes of the largest number and of a block's length.
fn acknowledgement(first: u8, rest: &mut Bytes<'_>) -> Option<()> {
    let block = number_length(first);
    rest.take(number_length(first >> 2) + 2)?;
    let blocks = match first & HAS_BLOCKS {
        0 => 0,
        _ => usize::from(rest.byte()?),
    };
    rest.take(block + blocks * (1 + block))?;
    match usize::from(rest.byte()?) {
        0 => Some(()),
        times => rest.take(5 + (times - 1) * 3).map(drop),
    }
}

fn number_length(bits: u8) -> usize {
    match bits & 3 {
        0 => 1,
        1 => 2,
        2 => 4,
        _ => 6,
    }
}

const PADDING: u8 = 0x00;
const PING: u8 = 0x07;
const CRYPTO: u8 = 0x08;
const STREAM: u8 = 0x80;
const HAS_LENGTH: u8 = 0x20;
const HAS_BLOCKS: u8 = 0x20;
