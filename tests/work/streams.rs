//! The worst of QUIC, HTTP, dialogues before TLS and SCTP.

use super::KEPT;
use crate::frame::{Ends, ip, stream, udp};
use crate::seal;

/// CRYPTO frames of a byte with gaps between, in every datagram others (RFC 9000, 19.6).
pub fn islands(client: u16) -> Vec<Vec<u8>> {
    let datagram = |number: u16| {
        let frames = (0..220_u16).rev().flat_map(|at| {
            let offset = 0x4000 | (at * 64 + number * 2 + 1);
            [&[6][..], &offset.to_be_bytes(), &[1, 1]].concat()
        });
        let sealed = seal::initial((number as u8) << 4, &frames.collect::<Vec<u8>>());
        udp(Ends(client, 443), &sealed)
    };
    (0..15).map(datagram).collect()
}

/// Eight Initials a datagram, of a version whose salt has to be guessed, sealed by other keys.
pub fn strangers(client: u16) -> Vec<Vec<u8>> {
    let mut sealed = seal::initial(3, &[0; 140]);
    let last = sealed.len() - 1;
    sealed[last] ^= 1;
    vec![udp(Ends(client, 443), &sealed.repeat(8)); 15]
}

/// A head of short lines without its end.
pub fn lines(client: u16) -> Vec<Vec<u8>> {
    let head = [&b"GET / HTTP/1.1\r\n"[..], &b"a:\r\n".repeat(4090)].concat();
    stream(Ends(client, 80), &head, KEPT / 15)
}

/// A header block of Host fields that are put into the table and take each other's place: their
/// values are in Huffman's code, of the shortest letters (RFC 7541, appendix B).
pub fn fields(client: u16) -> Vec<Vec<u8>> {
    let mut bytes = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0".to_vec();
    let field = [&b"\x66\xfd"[..], &[0; 125]].concat();
    let block: Vec<u8> = field.repeat(118);
    let [_, length @ ..] = (block.len() as u32).to_be_bytes();
    bytes.extend(length);
    bytes.extend([1, 4, 0, 0, 0, 1]);
    bytes.extend(block);
    stream(Ends(client, 80), &bytes, KEPT / 15)
}

/// Long commands that lead nowhere, in segments that each make the dialogue be read again.
pub fn dialogue(client: u16) -> Vec<Vec<u8>> {
    let command = [&b"NOOP "[..], &[b'x'; 243], b"\r\n"].concat();
    let lines = [&b"EHLO me\r\n"[..], &command.repeat(60)].concat();
    stream(Ends(client, 25), &lines, KEPT / 30)
}

/// Chunks of user data that each begin as DTLS does (RFC 9260, 3.3.1).
pub fn chunks(client: u16) -> Vec<Vec<u8>> {
    let mut chunk = vec![0, 3, 0, 16 + 26];
    chunk.extend([0; 12]);
    chunk.extend([22, 0xfe, 0xff, 0, 0, 0, 0, 0, 0, 0, 0, 0, 13]);
    chunk.extend([1, 0, 0x3f, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0xfe, 0, 0]);
    let mut packet = [client, 80].map(u16::to_be_bytes).concat();
    packet.extend([0; 8]);
    packet.extend(chunk.repeat(1400));
    vec![ip(132, &packet)]
}
