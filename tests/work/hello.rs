//! The worst of TLS and DTLS.

use super::{KEPT, LARGEST};
use crate::frame::{Ends, stream, udp};

fn hello(ciphers: &[u8], extensions: &[u8]) -> Vec<u8> {
    let mut body = vec![3, 3];
    body.extend([0; 32]);
    body.push(0);
    body.extend((ciphers.len() as u16).to_be_bytes());
    body.extend(ciphers);
    body.extend([1, 0]);
    body.extend((extensions.len() as u16).to_be_bytes());
    body.extend(extensions);
    let mut message = vec![1, 0];
    message.extend((body.len() as u16).to_be_bytes());
    message.extend(body);
    message
}

fn record(content: &[u8]) -> Vec<u8> {
    let mut record = vec![22, 3, 1];
    record.extend((content.len() as u16).to_be_bytes());
    record.extend(content);
    record
}

/// In falling order, so that there is something to sort.
fn many_ciphers() -> Vec<u8> {
    let numbers = (0..8000_u16).rev();
    numbers
        .flat_map(|number| (number * 8 + 1).to_be_bytes())
        .collect()
}

pub fn ciphers(client: u16) -> Vec<Vec<u8>> {
    let hello = record(&hello(&many_ciphers(), &[]));
    stream(Ends(client, 443), &hello, LARGEST - 100)
}

pub fn tls_extensions(client: u16) -> Vec<Vec<u8>> {
    let kinds = (100..4100_u16).rev();
    let extensions: Vec<u8> = kinds
        .flat_map(|kind| [kind.to_be_bytes(), [0, 0]].concat())
        .collect();
    let hello = record(&hello(&[0x13, 1], &extensions));
    stream(Ends(client, 443), &hello, LARGEST - 100)
}

/// Each byte of a hello in a record of its own, as much as is kept, in many segments: every one of
/// them is another beginning to be read.
pub fn records(client: u16) -> Vec<Vec<u8>> {
    let hello = hello(&many_ciphers(), &[]);
    let records: Vec<u8> = hello
        .iter()
        .flat_map(|byte| record(&[*byte]))
        .take(KEPT)
        .collect();
    stream(Ends(client, 443), &records, KEPT / 15)
}

pub fn segments(client: u16) -> Vec<Vec<u8>> {
    let hello = record(&hello(&many_ciphers(), &[]));
    stream(Ends(client, 443), &hello, hello.len() / 15)
}

/// Fragments of a byte that touch no other (RFC 9147, 5.5), as many as a datagram holds.
pub fn fragments(client: u16) -> Vec<Vec<u8>> {
    let mut content = Vec::new();
    for number in 0..1200_u32 {
        let [_, place @ ..] = (number % 8000 * 2 + 1).to_be_bytes();
        content.extend([1, 0, 0x3f, 0, 0, 0]);
        content.extend(place);
        content.extend([0, 0, 1, 0xfe]);
    }
    let mut record = vec![22, 0xfe, 0xff, 0, 0, 0, 0, 0, 0, 0, 0];
    record.extend((content.len() as u16).to_be_bytes());
    record.extend(content);
    vec![udp(Ends(client, 40_000), &record.repeat(4)); 8]
}
