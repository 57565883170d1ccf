//! The worst of the domain name system.

use super::LARGEST;
use crate::frame::{Ends, stream, udp};

fn of_domain(client: u16, message: &[u8]) -> Vec<Vec<u8>> {
    vec![udp(Ends(client, 53), message)]
}

fn header(flags: u16, counts: [u16; 4]) -> Vec<u8> {
    let [questions, answers, authorities, more] = counts;
    let words = [7, flags, questions, answers, authorities, more];
    words.map(u16::to_be_bytes).concat()
}

/// A chain of pointers, each to the one before, and questions that all begin at its end.
pub fn pointers(client: u16) -> Vec<Vec<u8>> {
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
pub fn questions(client: u16) -> Vec<Vec<u8>> {
    let mut message = header(0x0100, [9000, 0, 0, 0]);
    for number in 0..7000_u32 {
        message.push(3);
        message.extend([
            b'a' + (number % 26) as u8,
            b'a' + (number / 26 % 26) as u8,
            b'a' + (number / 676 % 26) as u8,
        ]);
        message.extend(*b"\0\0\x01\0\x01");
    }
    message.truncate(LARGEST);
    of_domain(client, &message)
}

/// Aliases that lead to each other, the last first, and addresses of names that must be compared.
pub fn aliases(client: u16) -> Vec<Vec<u8>> {
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
pub fn answers(client: u16) -> Vec<Vec<u8>> {
    let mut message = header(0x8180, [1, 512, 0, 0]);
    message.extend(*b"\x03www\x07example\x03com\0\0\x01\0\x01");
    for number in 0..512_u16 {
        message.extend(*b"\xc0\x0c\0\x01\0\x01\0\0\x01\0\0\x04\xc6\x33");
        message.extend(number.to_be_bytes());
    }
    of_domain(client, &message)
}

/// Two-byte messages, and then questions, in segments of a kilobyte.
pub fn messages(client: u16) -> Vec<Vec<u8>> {
    let mut bytes = [0, 0].repeat(2000);
    let mut message = header(0x0100, [1, 0, 0, 0]);
    message.extend(*b"\x03www\x07example\x03com\0\0\x01\0\x01");
    for _ in 0..300 {
        bytes.extend((message.len() as u16).to_be_bytes());
        bytes.extend(&message);
    }
    stream(Ends(client, 53), &bytes, 1024)
}
