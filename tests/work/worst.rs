//! The worst that a sender can ask of each parser, as far as its rules let him: one flow's frames.

use super::frame::{Ends, ethernet, ip, packet, part, stream, udp};
use super::seal;

/// The most that an IP packet carries behind a UDP header.
const LARGEST: usize = 65_507;
/// The most of a half of a stream that is kept.
const KEPT: usize = 16 * 1024;

/// A worst case: its name, the frames of one flow of it, and how many instructions one of them may
/// cost on average, all that the program does with it included.
pub struct Case {
    pub name: &'static str,
    pub frames: fn(u16) -> Vec<Vec<u8>>,
    pub most: u64,
}

pub const CASES: &[Case] = &[
    Case { name: "nested tunnels", frames: tunnels, most: 0 },
    Case { name: "labels without end", frames: labels, most: 0 },
    Case { name: "extension headers", frames: extensions, most: 0 },
    Case { name: "DNS pointers", frames: pointers, most: 0 },
    Case { name: "DNS questions", frames: questions, most: 0 },
    Case { name: "DNS aliases", frames: aliases, most: 0 },
    Case { name: "DNS answers", frames: answers, most: 0 },
    Case { name: "DNS over TCP", frames: messages, most: 0 },
    Case { name: "TLS ciphers", frames: ciphers, most: 0 },
    Case { name: "TLS extensions", frames: tls_extensions, most: 0 },
    Case { name: "TLS records of a byte", frames: records, most: 0 },
    Case { name: "TLS segments", frames: segments, most: 0 },
    Case { name: "DTLS fragments", frames: fragments, most: 0 },
    Case { name: "QUIC islands", frames: islands, most: 0 },
    Case { name: "QUIC packets without keys", frames: strangers, most: 0 },
    Case { name: "HTTP lines", frames: lines, most: 0 },
    Case { name: "HTTP/2 fields", frames: fields, most: 0 },
    Case { name: "SMTP lines", frames: dialogue, most: 0 },
    Case { name: "SCTP chunks", frames: chunks, most: 0 },
    Case { name: "IP parts", frames: parts, most: 0 },
];

/// The usual frame: what everything else is compared with.
pub fn usual(client: u16) -> Vec<Vec<u8>> {
    vec![udp(Ends { client, service: 40_000 }, &[0x55; 60])]
}

fn of_domain(client: u16, message: &[u8]) -> Vec<Vec<u8>> {
    vec![udp(Ends { client, service: 53 }, message)]
}

/// IP in IP as often as a packet has room for, around a port of its own.
fn tunnels(client: u16) -> Vec<Vec<u8>> {
    let ports = [client, 9, 8, 0].map(u16::to_be_bytes).concat();
    let innermost = packet(17, 0, &ports);
    let nested = (0..3000).fold(innermost, |inner, _| packet(4, 0, &inner));
    vec![ip(4, &nested)]
}

fn labels(_: u16) -> Vec<Vec<u8>> {
    vec![ethernet(0x8847, &[0, 0, 0x10, 0].repeat(LARGEST / 4))]
}

/// Destination options (RFC 8200, 4.6) one behind the other, then UDP.
fn extensions(client: u16) -> Vec<Vec<u8>> {
    let mut chain = [60, 0, 0, 0, 0, 0, 0, 0].repeat(8100);
    chain.extend([17, 0, 0, 0, 0, 0, 0, 0]);
    chain.extend([client, 9, 8, 0].map(u16::to_be_bytes).concat());
    let mut packet = vec![0x60, 0, 0, 0];
    packet.extend((chain.len() as u16).to_be_bytes());
    packet.extend([60, 64]);
    packet.extend([0x20, 1, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]);
    packet.extend([0x20, 1, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2]);
    packet.extend(chain);
    vec![ethernet(0x86dd, &packet)]
}

fn header(flags: u16, counts: [u16; 4]) -> Vec<u8> {
    let [questions, answers, authorities, more] = counts;
    let words = [7, flags, questions, answers, authorities, more];
    words.map(u16::to_be_bytes).concat()
}

/// A chain of pointers, each to the one before, and questions that all begin at its end.
fn pointers(client: u16) -> Vec<Vec<u8>> {
    let mut message = header(0x0100, [512, 0, 0, 0]);
    message.extend(*b"\x01a\0\0\x01\0\x01");
    let mut last = 12_u16;
    for _ in 0..511 {
        let here = message.len() as u16;
        message.extend(b"\x01b");
        message.extend((0xc000 | last).to_be_bytes());
        message.extend(*b"\0\x01\0\x01");
        last = here;
    }
    message.resize(LARGEST, 0);
    of_domain(client, &message)
}

/// All of them different.
fn questions(client: u16) -> Vec<Vec<u8>> {
    let mut message = header(0x0100, [9000, 0, 0, 0]);
    for number in 0..7000_u32 {
        message.push(3);
        message.extend([b'a' + (number % 26) as u8, b'a' + (number / 26 % 26) as u8, b'a' + (number / 676 % 26) as u8]);
        message.extend(*b"\0\0\x01\0\x01");
    }
    message.truncate(LARGEST);
    of_domain(client, &message)
}

/// Aliases that lead to each other, the last first, and addresses of names that must be compared.
fn aliases(client: u16) -> Vec<Vec<u8>> {
    let name = |number: u16| format!("{}{number:03}", "x".repeat(57));
    let spelt = |number: u16| [&[60][..], name(number).as_bytes(), &[0]].concat();
    let mut message = header(0x8180, [1, 512, 0, 0]);
    message.extend(spelt(0));
    message.extend(*b"\0\x01\0\x01");
    for number in (0..32).rev() {
        let target = spelt(number + 1);
        message.extend(spelt(number));
        message.extend(*b"\0\x05\0\x01\0\0\x01\0");
        message.extend((target.len() as u16).to_be_bytes());
        message.extend(target);
    }
    for number in 0..480 {
        message.extend(spelt(100 + number));
        message.extend(*b"\0\x01\0\x01\0\0\x01\0\0\x04\xc6\x33\x64\x07");
    }
    of_domain(client, &message)
}

/// As many addresses as are taken in, each of its own.
fn answers(client: u16) -> Vec<Vec<u8>> {
    let mut message = header(0x8180, [1, 512, 0, 0]);
    message.extend(*b"\x03www\x07example\x03com\0\0\x01\0\x01");
    for number in 0..512_u16 {
        message.extend(*b"\xc0\x0c\0\x01\0\x01\0\0\x01\0\0\x04\xc6\x33");
        message.extend(number.to_be_bytes());
    }
    of_domain(client, &message)
}

/// Two-byte messages, and then questions, in segments of a kilobyte.
fn messages(client: u16) -> Vec<Vec<u8>> {
    let mut bytes = [0, 0].repeat(2000);
    let mut message = header(0x0100, [1, 0, 0, 0]);
    message.extend(*b"\x03www\x07example\x03com\0\0\x01\0\x01");
    for _ in 0..300 {
        bytes.extend((message.len() as u16).to_be_bytes());
        bytes.extend(&message);
    }
    stream(Ends { client, service: 53 }, &bytes, 1024)
}

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
    numbers.flat_map(|number| (number * 8 + 1).to_be_bytes()).collect()
}

fn ciphers(client: u16) -> Vec<Vec<u8>> {
    let hello = record(&hello(&many_ciphers(), &[]));
    stream(Ends { client, service: 443 }, &hello, LARGEST - 100)
}

fn tls_extensions(client: u16) -> Vec<Vec<u8>> {
    let kinds = (100..4100_u16).rev();
    let extensions: Vec<u8> = kinds.flat_map(|kind| [kind.to_be_bytes(), [0, 0]].concat()).collect();
    let hello = record(&hello(&[0x13, 1], &extensions));
    stream(Ends { client, service: 443 }, &hello, LARGEST - 100)
}

/// Each byte of a hello in a record of its own, as much as is kept, in many segments: every one of
/// them is another beginning to be read.
fn records(client: u16) -> Vec<Vec<u8>> {
    let hello = hello(&many_ciphers(), &[]);
    let records: Vec<u8> = hello.iter().flat_map(|byte| record(&[*byte])).take(KEPT).collect();
    stream(Ends { client, service: 443 }, &records, KEPT / 15)
}

fn segments(client: u16) -> Vec<Vec<u8>> {
    let hello = record(&hello(&many_ciphers(), &[]));
    stream(Ends { client, service: 443 }, &hello, hello.len() / 15)
}

/// Fragments of a byte that touch no other (RFC 9147, 5.5), as many as a datagram holds.
fn fragments(client: u16) -> Vec<Vec<u8>> {
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
    vec![udp(Ends { client, service: 40_000 }, &record.repeat(4)); 8]
}

/// CRYPTO frames of a byte with gaps between, in every datagram others (RFC 9000, 19.6).
fn islands(client: u16) -> Vec<Vec<u8>> {
    let datagram = |number: u16| {
        let frames = (0..220_u16).rev().flat_map(|at| {
            let offset = 0x4000 | (at * 64 + number * 2 + 1);
            [&[6][..], &offset.to_be_bytes(), &[1, 1]].concat()
        });
        let sealed = seal::initial((number as u8) << 4, &frames.collect::<Vec<u8>>());
        udp(Ends { client, service: 443 }, &sealed)
    };
    (0..15).map(datagram).collect()
}

/// Eight Initials a datagram, of a version whose salt has to be guessed, sealed by other keys.
fn strangers(client: u16) -> Vec<Vec<u8>> {
    let mut sealed = seal::initial(3, &[0; 140]);
    let last = sealed.len() - 1;
    sealed[last] ^= 1;
    vec![udp(Ends { client, service: 443 }, &sealed.repeat(8)); 15]
}

/// A head of short lines without its end.
fn lines(client: u16) -> Vec<Vec<u8>> {
    let head = [&b"GET / HTTP/1.1\r\n"[..], &b"a:\r\n".repeat(4090)].concat();
    stream(Ends { client, service: 80 }, &head, KEPT / 15)
}

/// A header block of fields that are put into the table and take each other's place.
fn fields(client: u16) -> Vec<Vec<u8>> {
    let mut bytes = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec();
    let field = [&b"\x40\x02ab\x7f\x01"[..], &[b'x'; 128]].concat();
    let block: Vec<u8> = field.repeat(200).into_iter().take(15_000).collect();
    let [_, length @ ..] = (block.len() as u32).to_be_bytes();
    bytes.extend(length);
    bytes.extend([1, 0, 0, 0, 0, 1]);
    bytes.extend(block);
    stream(Ends { client, service: 80 }, &bytes, KEPT / 15)
}

/// Commands that lead nowhere, in segments that each make the dialogue be read again.
fn dialogue(client: u16) -> Vec<Vec<u8>> {
    let lines = [&b"EHLO me\r\n"[..], &b"NOOP\r\n".repeat(2700)].concat();
    stream(Ends { client, service: 25 }, &lines, KEPT / 30)
}

/// Chunks of user data that each begin as DTLS does (RFC 9260, 3.3.1).
fn chunks(client: u16) -> Vec<Vec<u8>> {
    let mut chunk = vec![0, 3, 0, 16 + 26];
    chunk.extend([0; 12]);
    chunk.extend([22, 0xfe, 0xff, 0, 0, 0, 0, 0, 0, 0, 0, 0, 13]);
    chunk.extend([1, 0, 0x3f, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0xfe, 0, 0]);
    let mut packet = [client, 80].map(u16::to_be_bytes).concat();
    packet.extend([0; 8]);
    packet.extend(chunk.repeat(1400));
    vec![ip(132, &packet)]
}

/// A packet's parts of eight bytes, the last first.
fn parts(client: u16) -> Vec<Vec<u8>> {
    let parts = (1..120_u16).rev();
    let mut frames: Vec<_> = parts.map(|at| part(client, at, at != 119, &[0x55; 8])).collect();
    frames.push(part(client, 0, true, &[client, 53, 960, 0].map(u16::to_be_bytes).concat()));
    frames
}
