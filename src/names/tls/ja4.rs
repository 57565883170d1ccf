//! JA4, the TLS client fingerprint (FoxIO, technical_details/JA4.md): the same program gives the same
//! letters, wherever it goes. GREASE is left out everywhere.

use super::body::Body;
use super::extensions::{ALPN, Each, Extensions, SERVER_NAME};
use super::hello::Transport;
use super::reader::{Reader, is_grease, numbers};
use super::version::Version;
use sha2::{Digest, Sha256};
use std::fmt;

const LENGTH: usize = 36;
const HASH: usize = 12;

/// A fingerprint such as `t13d1516h2_8daaf6152771_e5627efa2ab1`.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Ja4([u8; LENGTH]);

impl Ja4 {
    pub(super) fn of(
        transport: Transport,
        version: Version,
        body: &Body<'_>,
        extensions: &Extensions<'_>,
    ) -> Ja4 {
        let mut ciphers = meaningful(numbers(body.ciphers));
        let mut kinds = meaningful(Each(Reader(body.extensions)).map(|(kind, _)| kind));
        let [cipher_count, kind_count] = [ciphers.len(), kinds.len()].map(count);
        kinds.retain(|kind| *kind != SERVER_NAME && *kind != ALPN);
        ciphers.sort_unstable();
        kinds.sort_unstable();
        let signatures = meaningful(numbers(extensions.signatures));
        joined(&[
            letter(transport),
            &version.letters(),
            if extensions.has_name { b"d" } else { b"i" },
            &cipher_count,
            &kind_count,
            &protocol(extensions.alpn.unwrap_or_default()),
            b"_",
            &hash(&ciphers, &[]),
            b"_",
            &hash(&kinds, &signatures),
        ])
    }

    /// The fingerprint with these letters, if it is one by its length and its letters.
    pub fn of_text(text: &str) -> Option<Ja4> {
        let letters: [u8; LENGTH] = text.as_bytes().try_into().ok()?;
        let is_letter = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';
        letters.iter().all(is_letter).then_some(Ja4(letters))
    }

    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl fmt::Display for Ja4 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Ja4 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Ja4({})", self.as_str())
    }
}

/// The parts one after the other.
fn joined(parts: &[&[u8]]) -> Ja4 {
    let mut letters = [0; LENGTH];
    let mut rest = &mut letters[..];
    for part in parts {
        let (place, after) = rest.split_at_mut(part.len().min(rest.len()));
        place.copy_from_slice(part.get(..place.len()).unwrap_or_default());
        rest = after;
    }
    Ja4(letters)
}

fn letter(transport: Transport) -> &'static [u8] {
    match transport {
        Transport::Tcp => b"t",
        Transport::Quic => b"q",
        Transport::Dtls => b"d",
    }
}

fn meaningful(numbers: impl Iterator<Item = u16>) -> Vec<u16> {
    let mut kept = Vec::with_capacity(64);
    kept.extend(numbers.filter(|number| !is_grease(*number)));
    kept
}

/// Two digits, 99 at most.
fn count(length: usize) -> [u8; 2] {
    let shown = length.min(99) as u8;
    [b'0' + shown / 10, b'0' + shown % 10]
}

/// First and last letter of the first protocol, or of its hexadecimal form where one is neither a
/// letter nor a digit.
fn protocol(alpn: &[u8]) -> [u8; 2] {
    match (alpn.first(), alpn.last()) {
        (Some(first), Some(last))
            if first.is_ascii_alphanumeric() && last.is_ascii_alphanumeric() =>
        {
            [*first, *last]
        }
        (Some(first), Some(last)) => [digit(first >> 4), digit(*last)],
        _ => *b"00",
    }
}

/// The beginning of the SHA-256 of the sorted list and of the signature algorithms in their order.
fn hash(sorted: &[u16], signatures: &[u16]) -> [u8; HASH] {
    if sorted.is_empty() {
        return [b'0'; HASH];
    }
    let mut text = Vec::with_capacity((sorted.len() + signatures.len()) * 5);
    list(sorted, &mut text);
    if !signatures.is_empty() {
        text.push(b'_');
        list(signatures, &mut text);
    }
    let digest: [u8; 32] = Sha256::digest(&text).into();
    let mut letters = [0; HASH];
    for (pair, byte) in letters.as_chunks_mut().0.iter_mut().zip(digest) {
        *pair = [digit(byte >> 4), digit(byte)];
    }
    letters
}

/// Four hexadecimal digits each, with commas between.
fn list(numbers: &[u16], text: &mut Vec<u8>) {
    for number in numbers {
        let [high, low] = number.to_be_bytes();
        text.extend([
            digit(high >> 4),
            digit(high),
            digit(low >> 4),
            digit(low),
            b',',
        ]);
    }
    text.pop();
}

/// The hexadecimal digit of the lower four bits.
fn digit(bits: u8) -> u8 {
    let bits = bits & 0xf;
    bits + if bits < 10 { b'0' } else { b'a' - 10 }
}
