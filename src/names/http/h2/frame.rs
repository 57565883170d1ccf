//! HTTP/2's frames (RFC 9113, 4 and 6), as far as they lead to the first header block.

use std::borrow::Cow;

/// No client sends longer ones before its server allowed it (SETTINGS_MAX_FRAME_SIZE, 6.5.2).
const LONGEST: usize = 16_384;

const HEADERS: u8 = 1;
const SETTINGS: u8 = 4;
const CONTINUATION: u8 = 9;

const END_HEADERS: u8 = 0x04;
const PADDED: u8 = 0x08;
const PRIORITY: u8 = 0x20;

/// The first header block of a stream of frames.
pub(super) enum Block<'a> {
    Whole(Cow<'a, [u8]>),
    Unfinished,
    Damaged,
}

struct Frame<'a> {
    kind: u8,
    flags: u8,
    stream: u32,
    length: usize,
    /// With what follows it; `None` while it is not whole.
    payload: Option<(&'a [u8], &'a [u8])>,
}

/// The first header block. The first frame is SETTINGS (3.4).
pub(super) fn first_block(mut bytes: &[u8]) -> Block<'_> {
    let mut wanted = Some(SETTINGS);
    while let Some(frame) = Frame::of(bytes) {
        if wanted.take().is_some_and(|kind| kind != frame.kind) || frame.is_alien() {
            return Block::Damaged;
        }
        let Some((payload, rest)) = frame.payload else {
            return Block::Unfinished;
        };
        if frame.kind == HEADERS {
            return frame
                .fragment(payload)
                .map_or(Block::Damaged, |start| joined(start, rest, &frame));
        }
        bytes = rest;
    }
    Block::Unfinished
}

/// A block and its CONTINUATION frames, which nothing may come between (6.10).
fn joined<'a>(start: &'a [u8], mut bytes: &'a [u8], headers: &Frame<'_>) -> Block<'a> {
    let mut block = Cow::Borrowed(start);
    let mut flags = headers.flags;
    while flags & END_HEADERS == 0 {
        let Some(frame) = Frame::of(bytes) else {
            return Block::Unfinished;
        };
        if frame.kind != CONTINUATION || frame.stream != headers.stream || frame.is_alien() {
            return Block::Damaged;
        }
        let Some((payload, rest)) = frame.payload else {
            return Block::Unfinished;
        };
        block.to_mut().extend_from_slice(payload);
        (flags, bytes) = (frame.flags, rest);
    }
    Block::Whole(block)
}

impl<'a> Frame<'a> {
    fn of(bytes: &'a [u8]) -> Option<Frame<'a>> {
        let (&[high, middle, low, kind, flags, ref stream @ ..], rest) =
            bytes.split_first_chunk::<9>()?;
        let length = u32::from_be_bytes([0, high, middle, low]) as usize;
        Some(Frame {
            kind,
            flags,
            stream: u32::from_be_bytes(*stream) & 0x7fff_ffff,
            length,
            payload: rest.split_at_checked(length),
        })
    }

    /// What no client may send before the server's settings are known.
    fn is_alien(&self) -> bool {
        let of_connection = self.stream == 0;
        if self.length > LONGEST {
            return true;
        }
        match self.kind {
            SETTINGS | 6 | 7 => !of_connection,
            0 | HEADERS | 2 | 3 | CONTINUATION => of_connection,
            _ => false,
        }
    }

    /// The part of the header block that a HEADERS frame holds (6.2).
    fn fragment(&self, payload: &'a [u8]) -> Option<&'a [u8]> {
        let mut payload = payload;
        if self.flags & PADDED != 0 {
            let (padding, rest) = payload.split_first()?;
            payload = rest.get(..rest.len().checked_sub(usize::from(*padding))?)?;
        }
        if self.flags & PRIORITY != 0 {
            payload = payload.get(5..)?;
        }
        Some(payload)
    }
}
