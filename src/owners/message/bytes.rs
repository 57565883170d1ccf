//! Fields of a record: numbers in little-endian order, texts behind their length. A record is filled
//! up with zeros, and what does not fit is cut, so that its size never depends on what it says.

use super::{Garbled, Number};
use crate::key::Endpoint;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// A record that is being written.
pub(super) struct Out<'a> {
    to: &'a mut Vec<u8>,
    /// Where it ends.
    end: usize,
}

impl<'a> Out<'a> {
    pub(super) fn begin(to: &'a mut Vec<u8>, kind: u8, size: usize) -> Out<'a> {
        let end = to.len() + size;
        to.push(kind);
        Out { to, end }
    }

    pub(super) fn end(self) {
        self.to.resize(self.end, 0);
    }

    pub(super) fn byte(&mut self, byte: u8) {
        self.to.push(byte);
    }

    pub(super) fn long(&mut self, number: u64) {
        self.to.extend(number.to_le_bytes());
    }

    pub(super) fn word(&mut self, number: u32) {
        self.to.extend(number.to_le_bytes());
    }

    /// A number of a process; zero is none.
    pub(super) fn number(&mut self, number: Option<Number>) {
        self.word(number.map_or(0, |number| number.0));
    }

    pub(super) fn address(&mut self, address: IpAddr) {
        match address {
            IpAddr::V4(four) => {
                self.byte(4);
                self.to.extend(four.octets());
                self.to.extend([0; 12]);
            }
            IpAddr::V6(six) => {
                self.byte(6);
                self.to.extend(six.octets());
            }
        }
    }

    pub(super) fn endpoint(&mut self, end: Endpoint) {
        self.address(end.address);
        self.byte(u8::from(end.port.is_some()));
        self.to.extend(end.port.unwrap_or(0).to_le_bytes());
    }

    /// At most `most` bytes of a text, cut between letters.
    pub(super) fn text(&mut self, text: &str, most: usize) {
        let room = most.min(self.end.saturating_sub(self.to.len() + 2));
        let cut = &text[..text.floor_char_boundary(room)];
        self.to.extend((cut.len() as u16).to_le_bytes());
        self.to.extend(cut.as_bytes());
    }

    /// A text that may be missing.
    pub(super) fn perhaps(&mut self, text: Option<&str>, most: usize) {
        self.byte(u8::from(text.is_some()));
        self.text(text.unwrap_or_default(), most);
    }
}

/// A record that is being read.
pub(super) struct In<'a>(&'a [u8]);

impl<'a> In<'a> {
    pub(super) fn of(record: &'a [u8]) -> In<'a> {
        In(record)
    }

    fn take(&mut self, length: usize) -> Result<&'a [u8], Garbled> {
        let (taken, rest) = self
            .0
            .split_at_checked(length)
            .ok_or(Garbled("a record that ends too early"))?;
        self.0 = rest;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], Garbled> {
        let (taken, rest) = self
            .0
            .split_first_chunk()
            .ok_or(Garbled("a record that ends too early"))?;
        self.0 = rest;
        Ok(*taken)
    }

    pub(super) fn byte(&mut self) -> Result<u8, Garbled> {
        Ok(self.array::<1>()?[0])
    }

    pub(super) fn long(&mut self) -> Result<u64, Garbled> {
        Ok(u64::from_le_bytes(self.array()?))
    }

    pub(super) fn word(&mut self) -> Result<u32, Garbled> {
        Ok(u32::from_le_bytes(self.array()?))
    }

    pub(super) fn number(&mut self) -> Result<Option<Number>, Garbled> {
        let number = self.word()?;
        Ok((number != 0).then_some(Number(number)))
    }

    pub(super) fn address(&mut self) -> Result<IpAddr, Garbled> {
        let (kind, octets) = (self.byte()?, self.array::<16>()?);
        match kind {
            4 => {
                let [a, b, c, d, ..] = octets;
                Ok(Ipv4Addr::new(a, b, c, d).into())
            }
            6 => Ok(Ipv6Addr::from(octets).into()),
            _ => Err(Garbled("an address of no known kind")),
        }
    }

    pub(super) fn endpoint(&mut self) -> Result<Endpoint, Garbled> {
        let address = self.address()?;
        let (has_port, port) = (self.byte()?, u16::from_le_bytes(self.array()?));
        Ok(Endpoint {
            address,
            port: (has_port != 0).then_some(port),
        })
    }

    pub(super) fn text(&mut self) -> Result<String, Garbled> {
        let length = u16::from_le_bytes(self.array()?);
        let bytes = self.take(length.into())?;
        let text = std::str::from_utf8(bytes).map_err(|_| Garbled("a text that is none"))?;
        Ok(text.to_owned())
    }

    pub(super) fn perhaps(&mut self) -> Result<Option<String>, Garbled> {
        let is_there = self.byte()?;
        let text = self.text()?;
        Ok((is_there != 0).then_some(text))
    }
}
