//! Questions to the kernel by netlink, and how its answers are cut up. Owns the header that all
//! families share; knows none of them.

use netlink_sys::{Socket, SocketAddr};
use nix::libc;
use nix::sys::socket::{setsockopt, sockopt::ReceiveTimeout};
use nix::sys::time::{TimeVal, TimeValLike};
use std::io::{self, ErrorKind};

/// `struct nlmsghdr`: length, type, flags, sequence, port.
const HEADER: usize = 16;
/// The kernel writes its answers in pieces of at most this.
const PIECE: usize = 32 << 10;
/// The kernel answers at once; if it does not, nobody shall wait for it for ever.
const PATIENCE_SECONDS: i64 = 5;

/// A socket on which one question after the other is asked and answered.
pub(super) struct Netlink {
    socket: Socket,
    buffer: Vec<u8>,
    sequence: u32,
}

impl Netlink {
    pub(super) fn open(protocol: isize) -> io::Result<Netlink> {
        let mut socket = Socket::new(protocol)?;
        socket.bind_auto()?;
        setsockopt(&socket, ReceiveTimeout, &TimeVal::seconds(PATIENCE_SECONDS))?;
        let buffer = Vec::with_capacity(PIECE);
        Ok(Netlink {
            socket,
            buffer,
            sequence: 0,
        })
    }

    /// Asks for one thing: the body of the answer.
    pub(super) fn get(&mut self, kind: u16, request: &[u8]) -> io::Result<&[u8]> {
        self.send(kind, 0, request)?;
        loop {
            self.receive()?;
            let (at, length) = match first(&self.buffer, self.sequence) {
                Some(Ok(place)) => place,
                Some(Err(error)) => return Err(error),
                None => continue,
            };
            return Ok(self.buffer.get(at..at + length).unwrap_or_default());
        }
    }

    /// Asks for a list: `each` gets the body of every entry.
    pub(super) fn list(
        &mut self,
        kind: u16,
        request: &[u8],
        each: &mut dyn FnMut(&[u8]),
    ) -> io::Result<()> {
        self.send(kind, libc::NLM_F_DUMP as u16, request)?;
        loop {
            self.receive()?;
            for message in messages(&self.buffer).filter(|it| it.sequence == self.sequence) {
                match message.said() {
                    Said::Entry(body) => each(body),
                    Said::End => return Ok(()),
                    Said::Failed(error) => return Err(error),
                }
            }
        }
    }

    fn send(&mut self, kind: u16, flags: u16, request: &[u8]) -> io::Result<()> {
        self.sequence = self.sequence.wrapping_add(1);
        let mut message = Vec::with_capacity(HEADER + request.len());
        message.extend(((HEADER + request.len()) as u32).to_ne_bytes());
        message.extend(kind.to_ne_bytes());
        message.extend((flags | libc::NLM_F_REQUEST as u16).to_ne_bytes());
        message.extend(self.sequence.to_ne_bytes());
        message.extend(0u32.to_ne_bytes());
        message.extend(request);
        let kernel = SocketAddr::new(0, 0);
        self.socket.send_to(&message, &kernel, 0).map(|_| ())
    }

    /// The next datagram that the kernel, and nobody else, sent.
    fn receive(&mut self) -> io::Result<()> {
        loop {
            self.buffer.clear();
            match self.socket.recv_from(&mut self.buffer, 0) {
                Ok((_, sender)) if sender.port_number() == 0 => return Ok(()),
                Ok(_) => {}
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }
}

/// Where the body of the first answer with this number lies.
fn first(buffer: &[u8], sequence: u32) -> Option<io::Result<(usize, usize)>> {
    let message = messages(buffer).find(|it| it.sequence == sequence)?;
    Some(match message.said() {
        Said::Entry(body) => Ok((message.at + HEADER, body.len())),
        Said::End => Err(ErrorKind::NotFound.into()),
        Said::Failed(error) => Err(error),
    })
}

/// One message of a datagram.
#[derive(Debug)]
pub(super) struct Message<'a> {
    at: usize,
    kind: u16,
    sequence: u32,
    pub(super) body: &'a [u8],
}

enum Said<'a> {
    Entry(&'a [u8]),
    End,
    Failed(io::Error),
}

impl<'a> Message<'a> {
    fn said(&self) -> Said<'a> {
        match i32::from(self.kind) {
            libc::NLMSG_DONE | libc::NLMSG_ERROR => {
                let code = field(self.body, 0).map_or(0, i32::from_ne_bytes);
                if code < 0 {
                    Said::Failed(io::Error::from_raw_os_error(code.saturating_neg()))
                } else {
                    Said::End
                }
            }
            _ => Said::Entry(self.body),
        }
    }
}

/// The messages of a datagram, as far as they are whole.
pub(super) fn messages(datagram: &[u8]) -> impl Iterator<Item = Message<'_>> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let rest = datagram.get(at..)?;
        let length = u32::from_ne_bytes(field(rest, 0)?) as usize;
        let message = Message {
            at,
            kind: u16::from_ne_bytes(field(rest, 4)?),
            sequence: u32::from_ne_bytes(field(rest, 8)?),
            body: rest.get(HEADER..length)?,
        };
        at += length.next_multiple_of(4);
        Some(message)
    })
}

/// The attributes (kind, content) in a row of them, without the marks for nesting and byte order.
pub(super) fn attributes(row: &[u8]) -> impl Iterator<Item = (u16, &[u8])> {
    const HEADER: usize = 4;
    const KIND: u16 = 0x3fff;
    let mut rest = row;
    std::iter::from_fn(move || {
        let length = usize::from(u16::from_ne_bytes(field(rest, 0)?));
        let kind = u16::from_ne_bytes(field(rest, 2)?) & KIND;
        let content = rest.get(HEADER..length)?;
        rest = rest.get(length.next_multiple_of(4)..).unwrap_or_default();
        Some((kind, content))
    })
}

/// The content of the first attribute of this kind.
pub(super) fn attribute(row: &[u8], wanted: u16) -> Option<&[u8]> {
    attributes(row).find_map(|(kind, content)| (kind == wanted).then_some(content))
}

/// Some bytes of a message, if it has that many.
pub(super) fn field<const N: usize>(message: &[u8], at: usize) -> Option<[u8; N]> {
    message.get(at..)?.first_chunk().copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(kind: u16, sequence: u32, body: &[u8]) -> Vec<u8> {
        let mut bytes = ((HEADER + body.len()) as u32).to_ne_bytes().to_vec();
        bytes.extend(kind.to_ne_bytes());
        bytes.extend([0; 2]);
        bytes.extend(sequence.to_ne_bytes());
        bytes.extend([0; 4]);
        bytes.extend(body);
        bytes.resize(bytes.len().next_multiple_of(4), 0);
        bytes
    }

    #[test]
    fn messages_and_attributes_are_cut_where_they_end() {
        let mut datagram = message(20, 7, &[1, 2, 3]);
        datagram.extend(message(3, 7, &[]));
        let bodies: Vec<&[u8]> = messages(&datagram).map(|it| it.body).collect();
        assert_eq!(bodies, [&[1u8, 2, 3][..], &[]]);
        let row = [6, 0, 1, 0x80, 9, 8, 0, 0, 5, 0, 2, 0, 7];
        let found: Vec<_> = attributes(&row).collect();
        assert_eq!(found, [(1, &[9u8, 8][..]), (2, &[7][..])]);
        assert_eq!(attribute(&row, 2), Some(&[7u8][..]));
    }

    #[test]
    fn what_is_cut_off_or_says_a_wrong_length_is_no_message() {
        let whole = message(20, 7, &[1; 8]);
        for length in 0..whole.len() {
            assert_eq!(messages(&whole[..length]).count(), 0, "{length} bytes");
        }
        for length in [0u32, 3, 15, 4096] {
            let mut wrong = whole.clone();
            wrong[..4].copy_from_slice(&length.to_ne_bytes());
            assert_eq!(messages(&wrong).count(), 0, "length {length}");
        }
        assert_eq!(attributes(&[0, 0, 1, 0, 9, 9, 9, 9]).count(), 0);
        assert_eq!(attributes(&[9, 0, 1, 0, 9, 9, 9, 9]).count(), 0);
    }
}
