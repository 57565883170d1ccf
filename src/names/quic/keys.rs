//! The keys of a client's Initial packets and how they open one (RFC 9001, 5; RFC 9369, 3.3).
//! They protect nobody: whoever sees the first packet can derive them. What does not bear the
//! right tag gives nothing.

use super::header::Packet;
use super::version::Protection;
use aes_gcm::aead::AeadInOut;
use aes_gcm::aead::consts::U12;
use aes_gcm::aes::Aes128Enc;
use aes_gcm::aes::cipher::BlockCipherEncrypt;
use aes_gcm::{AesGcm, KeyInit};
use hkdf::Hkdf;
use sha2::Sha256;

/// What AES-128-GCM adds behind the payload.
const TAG: usize = 16;

/// Bytes of ciphertext that make the mask (RFC 9001, 5.4.2).
const SAMPLE: usize = 16;

pub(super) struct Keys {
    packet: AesGcm<Aes128Enc, U12>,
    nonce: [u8; 12],
    header: Aes128Enc,
}

/// A packet without its protection.
pub(super) struct Opened {
    /// The whole packet number.
    pub(super) number: u64,
    buffer: Vec<u8>,
    payload: std::ops::Range<usize>,
}

impl Opened {
    /// The frames.
    pub(super) fn payload(&self) -> &[u8] {
        self.buffer.get(self.payload.clone()).unwrap_or_default()
    }
}

impl Keys {
    /// The client's keys by the destination connection ID of its first Initial (RFC 9001, 5.2).
    pub(super) fn client(protection: &Protection, destination: &[u8]) -> Option<Keys> {
        Keys::of(protection, destination, b"client in")
    }

    pub(super) fn of(protection: &Protection, destination: &[u8], side: &[u8]) -> Option<Keys> {
        let initial = Hkdf::<Sha256>::new(Some(&protection.salt), destination);
        let secret: [u8; 32] = expand(&initial, side)?;
        let secret = Hkdf::<Sha256>::from_prk(&secret).ok()?;
        let labels = protection.labels;
        let key: [u8; 16] = expand(&secret, labels.key)?;
        let header: [u8; 16] = expand(&secret, labels.header)?;
        Some(Keys {
            packet: AesGcm::new(&key.into()),
            nonce: expand(&secret, labels.nonce)?,
            header: Aes128Enc::new(&header.into()),
        })
    }

    /// The packet's payload, if these are its keys and nobody changed it. `largest` is the largest
    /// packet number so far.
    pub(super) fn open(&self, packet: &Packet<'_>, largest: Option<u64>) -> Option<Opened> {
        let mask = self.mask(packet)?;
        let mut buffer = packet.bytes.to_vec();
        let number = unmask(&mut buffer, packet.protected, mask)?;
        let number_of = number.whole(largest);
        let start = packet.protected.checked_add(number.bytes)?;
        let (header, body) = buffer.split_at_mut_checked(start)?;
        let (payload, tag) = body.split_last_chunk_mut::<TAG>()?;
        let end = start.checked_add(payload.len())?;
        let (nonce, tag) = (self.nonce(number_of).into(), (*tag).into());
        self.packet
            .decrypt_inout_detached(&nonce, header, payload.into(), &tag)
            .ok()?;
        Some(Opened {
            number: number_of,
            buffer,
            payload: start..end,
        })
    }

    /// RFC 9001, 5.4.3.
    fn mask(&self, packet: &Packet<'_>) -> Option<[u8; 5]> {
        let sample = packet.protected.checked_add(4)?;
        let sample: [u8; SAMPLE] = *packet.bytes.get(sample..)?.first_chunk()?;
        let mut block = sample.into();
        self.header.encrypt_block(&mut block);
        block.first_chunk().copied()
    }

    /// RFC 9001, 5.3.
    fn nonce(&self, number: u64) -> [u8; 12] {
        let mut nonce = self.nonce;
        let last = nonce.iter_mut().skip(4);
        for (byte, other) in last.zip(number.to_be_bytes()) {
            *byte ^= other;
        }
        nonce
    }
}

/// A packet number as it is sent: its last bytes only.
struct Truncated {
    value: u64,
    bytes: usize,
}

impl Truncated {
    /// The number that ends so and is closest to the one that is expected (RFC 9000, A.3).
    fn whole(&self, largest: Option<u64>) -> u64 {
        let expected = largest.map_or(0, |largest| largest.saturating_add(1));
        let window = 1_u64 << (8 * self.bytes);
        let candidate = expected & !(window - 1) | self.value;
        if candidate.saturating_add(window / 2) <= expected && candidate < (1 << 62) - window {
            candidate + window
        } else if candidate > expected.saturating_add(window / 2) && candidate >= window {
            candidate - window
        } else {
            candidate
        }
    }
}

/// Takes the header protection off (RFC 9001, 5.4.1). `None` where the reserved bits that come out
/// are not zero: no sender's are (RFC 9000, 17.2), wrong keys' are as often as not.
fn unmask(packet: &mut [u8], protected: usize, mask: [u8; 5]) -> Option<Truncated> {
    let [first_mask, number_mask @ ..] = mask;
    let first = packet.first_mut()?;
    *first ^= first_mask & 0x0f;
    if *first & 0x0c != 0 {
        return None;
    }
    let bytes = usize::from(*first & 3) + 1;
    let number = packet.get_mut(protected..)?.get_mut(..bytes)?;
    let mut value = 0;
    for (byte, mask) in number.iter_mut().zip(number_mask) {
        *byte ^= mask;
        value = value << 8 | u64::from(*byte);
    }
    Some(Truncated { value, bytes })
}

/// HKDF-Expand-Label without a context (RFC 8446, 7.1).
fn expand<const N: usize>(secret: &Hkdf<Sha256>, label: &[u8]) -> Option<[u8; N]> {
    let mut out = [0; N];
    let [_, _, high, low] = u32::try_from(N).ok()?.to_be_bytes();
    let length = u8::try_from(label.len() + 6).ok()?;
    let info: [&[u8]; 4] = [&[high, low, length], b"tls13 ", label, &[0]];
    secret.expand_multi_info(&info, &mut out).ok()?;
    Some(out)
}

#[cfg(test)]
mod tests;
