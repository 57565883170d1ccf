//! The frames that Initial packets may bear, as far as the CRYPTO frames among them (RFC 9000, 12.4
//! and 19; Google's numbers for Q050, T050 and T051).

use super::bytes::Bytes;
use super::google;
use super::version::Inside;

/// A piece of the handshake and where it belongs.
pub(super) struct Crypto<'a> {
    pub(super) offset: u64,
    pub(super) bytes: &'a [u8],
}

/// The CRYPTO frames of a payload in their order, up to whatever does not belong there.
pub(super) fn crypto(payload: &[u8], inside: Inside) -> impl Iterator<Item = Crypto<'_>> {
    let mut rest = Bytes(payload);
    let next = match inside {
        Inside::Tls => next,
        Inside::GoogleTls | Inside::GoogleChlo => google::next,
    };
    std::iter::from_fn(move || {
        while !rest.0.is_empty() {
            if let Frame::Crypto(crypto) = next(&mut rest)? {
                return Some(crypto);
            }
        }
        None
    })
}

/// What a frame is to us.
pub(super) enum Frame<'a> {
    Crypto(Crypto<'a>),
    Other,
}

fn next<'a>(rest: &mut Bytes<'a>) -> Option<Frame<'a>> {
    match rest.byte()? {
        PADDING => skip_padding(rest),
        PING => {}
        ACK => acknowledgement(rest)?,
        ACK_ECN => {
            acknowledgement(rest)?;
            skip(rest, 3)?;
        }
        CRYPTO => return crypto_frame(rest).map(Frame::Crypto),
        CONNECTION_CLOSE => {
            skip(rest, 2)?;
            rest.counted()?;
        }
        _ => return None,
    }
    Some(Frame::Other)
}

/// Padding is most of many a packet: it is passed over in strides.
pub(super) fn skip_padding(rest: &mut Bytes<'_>) {
    while let Some((&[0, ..], behind)) = rest.0.split_first_chunk::<1>() {
        let stride = rest
            .0
            .split_first_chunk()
            .filter(|(start, _)| **start == [0; 32]);
        rest.0 = stride.map_or(behind, |(_, behind)| behind);
    }
}

/// RFC 9000, 19.6; Google's is the same behind its number.
pub(super) fn crypto_frame<'a>(rest: &mut Bytes<'a>) -> Option<Crypto<'a>> {
    let offset = rest.variable()?;
    let bytes = rest.counted()?;
    Some(Crypto { offset, bytes })
}

/// RFC 9000, 19.3: the largest number, the delay, then the ranges.
fn acknowledgement(rest: &mut Bytes<'_>) -> Option<()> {
    skip(rest, 2)?;
    let ranges = rest.variable()?;
    skip(rest, 1)?;
    for _ in 0..ranges {
        skip(rest, 2)?;
    }
    Some(())
}

fn skip(rest: &mut Bytes<'_>, integers: usize) -> Option<()> {
    for _ in 0..integers {
        rest.variable()?;
    }
    Some(())
}

const PADDING: u8 = 0x00;
const PING: u8 = 0x01;
const ACK: u8 = 0x02;
const ACK_ECN: u8 = 0x03;
const CRYPTO: u8 = 0x06;
const CONNECTION_CLOSE: u8 = 0x1c;
