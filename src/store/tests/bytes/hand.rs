//! A reader that knows the page, not the code.

use std::io::Read as _;

pub(in crate::store::tests) struct Hand<'a>(pub(in crate::store::tests) &'a [u8]);

impl<'a> Hand<'a> {
    /// Checks the CRC-32 at the end and the format byte at the start.
    pub(in crate::store::tests) fn open(value: &'a [u8], format: u8) -> Hand<'a> {
        let (body, sum) = value.split_at(value.len() - 4);
        let mut crc = flate2::Crc::new();
        crc.update(body);
        assert_eq!(sum, crc.sum().to_le_bytes());
        assert_eq!(body[0], format);
        Hand(&body[1..])
    }

    pub(in crate::store::tests) fn take(&mut self, count: usize) -> &'a [u8] {
        let (taken, rest) = self.0.split_at(count);
        self.0 = rest;
        taken
    }

    pub(in crate::store::tests) fn n(&mut self) -> u64 {
        let length = self.0.iter().position(|byte| byte & 0x80 == 0).unwrap() + 1;
        let bytes = self.take(length).iter().rev();
        bytes.fold(0, |number, byte| number << 7 | u64::from(byte & 0x7f))
    }

    pub(in crate::store::tests) fn ns<const N: usize>(&mut self) -> [u64; N] {
        std::array::from_fn(|_| self.n())
    }

    pub(in crate::store::tests) fn z(&mut self) -> i64 {
        let number = self.n();
        if number.is_multiple_of(2) {
            (number / 2) as i64
        } else {
            -(number.div_ceil(2) as i64)
        }
    }
}

pub(in crate::store::tests) fn columns<'a, const N: usize>(hand: &mut Hand<'a>) -> [&'a [u8]; N] {
    std::array::from_fn(|_| {
        let length = hand.n() as usize;
        hand.take(length)
    })
}

/// A length, and as much of raw deflate.
pub(super) fn unpacked(hand: &mut Hand) -> Vec<u8> {
    let (length, mut body) = (hand.n(), Vec::new());
    let mut inflate = flate2::read::DeflateDecoder::new(hand.0);
    inflate.read_to_end(&mut body).unwrap();
    assert_eq!(body.len() as u64, length);
    body
}
