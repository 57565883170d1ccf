//! Seals what a client says in QUIC Initial packets (RFC 9001, 5), so that a fuzzer's bytes are
//! reached behind the encryption. Keys and layout are written anew from the RFC: they check those
//! that open.

use aes_gcm::aead::AeadInOut;
use aes_gcm::aead::consts::U12;
use aes_gcm::aes::Aes128Enc;
use aes_gcm::aes::cipher::BlockCipherEncrypt;
use aes_gcm::{AesGcm, KeyInit};
use hkdf::Hkdf;
use sha2::Sha256;

/// A version, its salt and the start of its labels, the type bits of an Initial.
struct Way(u32, [u8; 20], &'static str, u8);

const SALT_1: [u8; 20] =
    *b"\x38\x76\x2c\xf7\xf5\x59\x34\xb3\x4d\x17\x9a\xe6\xa4\xc8\x0c\xad\xcc\xbb\x7f\x0a";
const SALT_29: [u8; 20] =
    *b"\xaf\xbf\xec\x28\x99\x93\xd2\x4c\x9e\x97\x86\xf1\x9c\x61\x11\xe0\x43\x90\xa8\x99";
const SALT_2: [u8; 20] =
    *b"\x0d\xed\xe3\xde\xf7\x00\xa6\xdb\x81\x93\x81\xbe\x6e\x26\x9d\xcb\xf9\xbd\x2e\xd9";
const SALT_Q050: [u8; 20] =
    *b"\x50\x45\x74\xef\xd0\x66\xfe\x2f\x9d\x94\x5c\xfc\xdb\xd3\xa7\xf0\xd3\xb5\x6b\x45";
const SALT_T051: [u8; 20] =
    *b"\x7a\x4e\xde\xf4\xe7\xcc\xee\x5f\xa4\x50\x6c\x19\x12\x4f\xc8\xcc\xda\x6e\x03\x3d";

const WAYS: [Way; 6] = [
    Way(1, SALT_1, "quic", 0),
    Way(0x6b33_43cf, SALT_2, "quicv2", 0x10),
    Way(0xff00_001d, SALT_29, "quic", 0),
    Way(0x1a2a_3a4a, SALT_1, "quic", 0),
    Way(u32::from_be_bytes(*b"Q050"), SALT_Q050, "quic", 0),
    Way(u32::from_be_bytes(*b"T051"), SALT_T051, "quic", 0),
];

/// The destination connection IDs that connections have here.
const DESTINATIONS: [&[u8]; 2] = [b"\x83\x94\xc8\xf0\x3e\x51\x57\x08", b"another connection"];

/// An Initial of the way, the connection and the packet number that `choice` says, around these
/// frames; no packet is too short to be opened.
pub fn initial(choice: u8, frames: &[u8]) -> Vec<u8> {
    let way = &WAYS[usize::from(choice & 7) % WAYS.len()];
    let destination = DESTINATIONS[usize::from(choice >> 3 & 1)];
    let number = u64::from(choice >> 4);
    let mut packet = header(way, destination, frames.len().max(4));
    let protected = packet.len() - 4;
    packet[protected..].copy_from_slice(&(number as u32).to_be_bytes());
    seal(
        packet,
        protected,
        number,
        frames,
        &Keys::of(way, destination),
    )
}

fn header(way: &Way, destination: &[u8], payload: usize) -> Vec<u8> {
    // The packet number is written in four bytes.
    let mut header = vec![0xc3 | way.3];
    header.extend(way.0.to_be_bytes());
    header.push(destination.len() as u8);
    header.extend(destination);
    header.extend([0, 0]);
    let length = (4 + payload + 16) as u32;
    header.extend((length | 0x8000_0000).to_be_bytes());
    header.extend([0; 4]);
    header
}

fn seal(mut packet: Vec<u8>, protected: usize, number: u64, frames: &[u8], keys: &Keys) -> Vec<u8> {
    let mut body = frames.to_vec();
    body.resize(frames.len().max(4), 0);
    let mut nonce = keys.nonce;
    for (byte, other) in nonce[4..].iter_mut().zip(number.to_be_bytes()) {
        *byte ^= other;
    }
    let cipher = AesGcm::<Aes128Enc, U12>::new(&keys.packet.into());
    let tag = cipher.encrypt_inout_detached(&nonce.into(), &packet, body.as_mut_slice().into());
    packet.extend(body);
    packet.extend(tag.expect("a short packet"));
    let sample: [u8; 16] = packet[protected + 4..][..16].try_into().expect("a sample");
    let mut mask = sample.into();
    Aes128Enc::new(&keys.header.into()).encrypt_block(&mut mask);
    packet[0] ^= mask[0] & 0x0f;
    for (byte, mask) in packet[protected..][..4].iter_mut().zip(&mask[1..]) {
        *byte ^= mask;
    }
    packet
}

struct Keys {
    packet: [u8; 16],
    nonce: [u8; 12],
    header: [u8; 16],
}

impl Keys {
    fn of(way: &Way, destination: &[u8]) -> Keys {
        let initial = Hkdf::<Sha256>::new(Some(&way.1), destination);
        let secret: [u8; 32] = expand(&initial, "client in");
        let secret = Hkdf::<Sha256>::from_prk(&secret).expect("a long secret");
        let label = |name: &str| format!("{} {name}", way.2);
        Keys {
            packet: expand(&secret, &label("key")),
            nonce: expand(&secret, &label("iv")),
            header: expand(&secret, &label("hp")),
        }
    }
}

/// HKDF-Expand-Label (RFC 8446, 7.1).
fn expand<const N: usize>(secret: &Hkdf<Sha256>, label: &str) -> [u8; N] {
    let label = format!("tls13 {label}");
    let mut info = vec![0, N as u8, label.len() as u8];
    info.extend(label.bytes());
    info.push(0);
    let mut out = [0; N];
    secret.expand(&info, &mut out).expect("a short output");
    out
}
