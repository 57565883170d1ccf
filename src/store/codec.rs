//! Numbers and texts as bytes: LEB128 varints, zigzag for what may be negative, and an envelope of
//! format byte and CRC-32 around every stored value. Reading checks everything: a damaged value is
//! an error, never a panic and never an absurd allocation.

use crate::units::{Tally, Traffic};
use flate2::Crc;

/// What is wrong with a value that cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Damaged(pub &'static str);

/// Bytes being written.
#[derive(Debug, Default)]
pub(super) struct Out(pub(super) Vec<u8>);

impl Out {
    /// Begins a value of this format.
    pub(super) fn envelope(format: u8) -> Out {
        Out(vec![format])
    }

    /// Ends a value: the CRC over all that came before.
    pub(super) fn sealed(mut self) -> Vec<u8> {
        let sum = crc(&self.0);
        self.0.extend_from_slice(&sum);
        self.0
    }

    pub(super) fn byte(&mut self, byte: u8) {
        self.0.push(byte);
    }

    pub(super) fn number(&mut self, mut number: u64) {
        while number >= 0x80 {
            self.0.push(number as u8 | 0x80);
            number >>= 7;
        }
        self.0.push(number as u8);
    }

    /// A number of each of these, in their order.
    pub(super) fn numbers<T>(&mut self, of: &[T], number: impl FnMut(&T) -> u64) {
        self.0.reserve(2 * of.len());
        of.iter().map(number).for_each(|number| self.number(number));
    }

    pub(super) fn signed(&mut self, number: i64) {
        self.number(zigzag(number));
    }

    /// A length, then the bytes.
    pub(super) fn bytes(&mut self, bytes: &[u8]) {
        self.number(bytes.len() as u64);
        self.0.extend_from_slice(bytes);
    }

    pub(super) fn tally(&mut self, tally: Tally) {
        self.number(tally.packets);
        self.number(tally.bytes);
    }

    pub(super) fn traffic(&mut self, traffic: Traffic) {
        self.tally(traffic.inbound);
        self.tally(traffic.outbound);
    }
}

/// A number that may be negative as one that is not: small where it is near zero.
pub(super) fn zigzag(number: i64) -> u64 {
    ((number << 1) ^ (number >> 63)) as u64
}

/// Bytes being read.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct In<'a>(pub(super) &'a [u8]);

impl<'a> In<'a> {
    /// Opens a value of this format, its CRC checked.
    pub(super) fn envelope(bytes: &'a [u8], format: u8) -> Result<In<'a>, Damaged> {
        Ok(In::either(bytes, &[format])?.0)
    }

    /// Opens a value of one of these formats, its CRC checked, and tells which.
    pub(super) fn either(bytes: &'a [u8], formats: &[u8]) -> Result<(In<'a>, u8), Damaged> {
        let (body, sum) = bytes
            .split_last_chunk::<4>()
            .ok_or(Damaged("shorter than its checksum"))?;
        if crc(body) != *sum {
            return Err(Damaged("the checksum does not match"));
        }
        let mut input = In(body);
        let format = input.byte()?;
        if !formats.contains(&format) {
            return Err(Damaged("a format that is not known here"));
        }
        Ok((input, format))
    }

    pub(super) fn byte(&mut self) -> Result<u8, Damaged> {
        let (first, rest) = self.0.split_first().ok_or(Damaged("ends too early"))?;
        self.0 = rest;
        Ok(*first)
    }

    pub(super) fn number(&mut self) -> Result<u64, Damaged> {
        match self.0 {
            [one, rest @ ..] if *one < 0x80 => {
                self.0 = rest;
                Ok(u64::from(*one))
            }
            _ => self.long_number(),
        }
    }

    fn long_number(&mut self) -> Result<u64, Damaged> {
        let mut number = 0u64;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            let bits = u64::from(byte & 0x7f);
            if shift == 63 && bits > 1 {
                break;
            }
            number |= bits << shift;
            if byte & 0x80 == 0 {
                return Ok(number);
            }
        }
        Err(Damaged("a number of more than 64 bits"))
    }

    pub(super) fn signed(&mut self) -> Result<i64, Damaged> {
        let number = self.number()?;
        Ok((number >> 1) as i64 ^ -((number & 1) as i64))
    }

    /// A number that must fit a narrower type.
    pub(super) fn small<T: TryFrom<u64>>(&mut self) -> Result<T, Damaged> {
        T::try_from(self.number()?).map_err(|_| Damaged("a number that is out of range"))
    }

    pub(super) fn bytes(&mut self) -> Result<&'a [u8], Damaged> {
        let length: usize = self.small()?;
        let (bytes, rest) = self
            .0
            .split_at_checked(length)
            .ok_or(Damaged("ends too early"))?;
        self.0 = rest;
        Ok(bytes)
    }

    pub(super) fn array<const N: usize>(&mut self) -> Result<[u8; N], Damaged> {
        let (bytes, rest) = self
            .0
            .split_first_chunk::<N>()
            .ok_or(Damaged("ends too early"))?;
        self.0 = rest;
        Ok(*bytes)
    }

    pub(super) fn text(&mut self) -> Result<&'a str, Damaged> {
        std::str::from_utf8(self.bytes()?).map_err(|_| Damaged("a text that is not UTF-8"))
    }

    pub(super) fn tally(&mut self) -> Result<Tally, Damaged> {
        Ok(Tally {
            packets: self.number()?,
            bytes: self.number()?,
        })
    }

    pub(super) fn traffic(&mut self) -> Result<Traffic, Damaged> {
        Ok(Traffic {
            inbound: self.tally()?,
            outbound: self.tally()?,
        })
    }

    /// Nothing may be left.
    pub(super) fn end(&self) -> Result<(), Damaged> {
        match self.0 {
            [] => Ok(()),
            _ => Err(Damaged("bytes after its end")),
        }
    }
}

/// That a value is as it was written, whatever it holds.
pub(super) fn envelope(bytes: &[u8]) -> Result<(), Damaged> {
    let (body, sum) = bytes
        .split_last_chunk::<4>()
        .ok_or(Damaged("shorter than its checksum"))?;
    if crc(body) == *sum {
        Ok(())
    } else {
        Err(Damaged("the checksum does not match"))
    }
}

fn crc(bytes: &[u8]) -> [u8; 4] {
    let mut crc = Crc::new();
    crc.update(bytes);
    crc.sum().to_le_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn numbers_come_back(number: u64, signed: i64, text: String) {
            let mut out = Out::default();
            out.number(number);
            out.signed(signed);
            out.bytes(text.as_bytes());
            let mut input = In(&out.0);
            prop_assert_eq!(input.number(), Ok(number));
            prop_assert_eq!(input.signed(), Ok(signed));
            prop_assert_eq!(input.text(), Ok(text.as_str()));
            prop_assert_eq!(input.end(), Ok(()));
        }

        #[test]
        fn one_flipped_bit_is_noticed(body: Vec<u8>, at: prop::sample::Index, bit in 0..8u32) {
            let mut out = Out::envelope(1);
            out.bytes(&body);
            let mut value = out.sealed();
            prop_assert!(In::envelope(&value, 1).is_ok());
            let at = at.index(value.len());
            value[at] ^= 1 << bit;
            prop_assert!(In::envelope(&value, 1).is_err());
        }

        #[test]
        fn any_bytes_are_read_or_refused(bytes: Vec<u8>) {
            let mut input = In(&bytes);
            while input.number().is_ok() && input.bytes().is_ok() {}
        }
    }
}
