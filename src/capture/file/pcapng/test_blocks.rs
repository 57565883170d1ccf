//! Blocks of this format, made byte by byte in either order, and what files of them give.

use crate::capture::file::tests::{Got, read};
use crate::capture::file::{Damage, Place};

pub(super) const FRAME: &[u8] = b"abcde";

/// A writer of blocks in one byte order.
#[derive(Clone, Copy)]
pub(super) struct Order {
    pub big: bool,
}

pub(super) const LITTLE: Order = Order { big: false };
pub(super) const BIG: Order = Order { big: true };

pub(super) type Setting = (u16, Vec<u8>);

impl Order {
    pub(super) fn bytes<const N: usize>(self, mut little: [u8; N]) -> Vec<u8> {
        if self.big {
            little.reverse();
        }
        little.to_vec()
    }

    pub(super) fn half(self, value: u16) -> Vec<u8> {
        self.bytes(value.to_le_bytes())
    }

    pub(super) fn word(self, value: u32) -> Vec<u8> {
        self.bytes(value.to_le_bytes())
    }

    pub(super) fn words(self, values: &[u32]) -> Vec<u8> {
        values.iter().flat_map(|value| self.word(*value)).collect()
    }

    pub(super) fn options(self, options: &[Setting]) -> Vec<u8> {
        let mut out = Vec::new();
        for (code, value) in options {
            out.extend(self.half(*code));
            out.extend(self.half(value.len() as u16));
            out.extend(padded(value));
        }
        if !options.is_empty() {
            out.extend([0; 4]);
        }
        out
    }

    pub(super) fn block(self, kind: u32, body: &[u8]) -> Vec<u8> {
        let body = padded(body);
        let length = body.len() as u32 + 12;
        let (head, tail) = (self.words(&[kind, length]), self.word(length));
        [head, body, tail].concat()
    }

    /// A section header that says how long its section is.
    pub(super) fn section_of(self, length: u64) -> Vec<u8> {
        let mut body = self.word(0x1a2b_3c4d);
        body.extend([self.half(1), self.half(0)].concat());
        body.extend(self.bytes(length.to_le_bytes()));
        self.block(0x0a0d_0d0a, &body)
    }

    pub(super) fn section(self) -> Vec<u8> {
        self.section_of(u64::MAX)
    }

    pub(super) fn described(self, link: u16, snaplen: u32, options: &[Setting]) -> Vec<u8> {
        let body = [
            self.half(link),
            vec![0; 2],
            self.word(snaplen),
            self.options(options),
        ];
        self.block(1, &body.concat())
    }

    pub(super) fn interface(self, link: u16, resolution: u8) -> Vec<u8> {
        self.described(link, 262_144, &[(9, vec![resolution])])
    }

    pub(super) fn packet(
        self,
        interface: u32,
        ticks: u64,
        frame: &[u8],
        options: &[Setting],
    ) -> Vec<u8> {
        let (high, low) = ((ticks >> 32) as u32, ticks as u32);
        let length = frame.len() as u32;
        let head = self.words(&[interface, high, low, length, length + 50]);
        self.block(6, &[head, padded(frame), self.options(options)].concat())
    }

    pub(super) fn process(self, pid: u32, options: &[Setting]) -> Vec<u8> {
        self.block(
            0x8000_0001,
            &[self.word(pid), self.options(options)].concat(),
        )
    }

    /// A packet with its process and its effective process.
    pub(super) fn owned(self, own: Option<u32>, effective: Option<u32>) -> Vec<u8> {
        let flags = (2, self.word(2));
        let own = own.map(|place| (0x8001, self.word(place)));
        let effective = effective.map(|place| (0x8003, self.word(place)));
        let options: Vec<_> = [Some(flags), own, effective]
            .into_iter()
            .flatten()
            .collect();
        self.packet(0, 7_000_000, FRAME, &options)
    }

    /// A section with one Ethernet interface that counts microseconds.
    pub(super) fn begun(self) -> Vec<u8> {
        [self.section(), self.interface(1, 6)].concat()
    }
}

pub(super) fn padded(bytes: &[u8]) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    bytes.resize(bytes.len().next_multiple_of(4), 0);
    bytes
}

pub(super) fn whole(blocks: &[Vec<u8>]) -> Got {
    let (got, damage) = read(&blocks.concat());
    assert_eq!(damage, None);
    got
}

/// What was read before the damage, where that is, and what it is.
pub(super) fn damaged(blocks: &[Vec<u8>]) -> (usize, u64, String) {
    let (got, damage) = read(&blocks.concat());
    match damage {
        Some(Damage {
            place: Place::Byte(at),
            why,
        }) => (got.frames.len(), at, why),
        other => panic!("{other:?}"),
    }
}
