//! Apple's PKTAP (`bsd/net/pktap.h` of xnu), versions 1 and 2: what the kernel puts before a frame.
//! It says which interface the frame was on, how it is laid out, and whose it is. Fields are
//! little-endian, as all hosts are that write them. Knows nothing of what is in the frame.

mod processes;

pub use processes::Processes;

use super::frame::Link;
use super::process::{Named, Process};

/// No header is longer: frames of so many bytes more are asked for.
pub const LONGEST: u32 = 256;

/// The flags lie at the same place in both versions; one of them tells which it is.
const FLAGS: usize = 36;
const SENT: u32 = 2;
const VERSION_2: u32 = 0x0008_0000;
/// The least that a header of each version has: up to the processes' names.
const LEAST_1: usize = 105;
const LEAST_2: usize = 40;
/// A process's name is so long with the zero at its end, an interface's so.
const NAME: usize = 17;
const INTERFACE: usize = 24;
/// What version 1 always says of what follows its header.
const PACKET: u32 = 1;

/// A header, whole.
#[derive(Clone, Copy, Debug)]
pub struct Header<'a> {
    bytes: &'a [u8],
    second: bool,
}

/// Whose frame it is, as the kernel says: the process that has the socket, and the one that it
/// works for, if it does so for another. Names are bytes as they came, with zeros behind them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Tag {
    pub pid: Option<i32>,
    pub name: [u8; NAME],
    pub effective_pid: Option<i32>,
    pub effective_name: [u8; NAME],
}

/// Whether frames of this link begin with such a header, or may.
#[inline]
pub fn is_before(link: Link) -> bool {
    matches!(link, Link::Pktap | Link::User2)
}

impl<'a> Header<'a> {
    /// The header at the beginning of `bytes`, if it is one.
    pub fn of(bytes: &'a [u8]) -> Option<Header<'a>> {
        let second = le32(bytes, FLAGS).is_some_and(|flags| flags & VERSION_2 != 0);
        let (length, least) = if second {
            (usize::from(*bytes.first()?), LEAST_2)
        } else if le32(bytes, 4) == Some(PACKET) {
            (le32(bytes, 0)? as usize, LEAST_1)
        } else {
            return None;
        };
        let bytes = bytes.get(..length).filter(|head| head.len() >= least)?;
        Some(Header { bytes, second })
    }

    /// Bytes of it: the frame follows.
    pub fn length(self) -> usize {
        self.bytes.len()
    }

    /// How the frame is laid out.
    pub fn link(self) -> Option<Link> {
        let number = if self.second {
            le32(self.bytes, 6)? & 0xffff
        } else {
            le32(self.bytes, 8)?
        };
        u16::try_from(number).ok().map(Link::of)
    }

    /// The name of the interface that the frame was on.
    pub fn interface(self) -> &'a [u8] {
        let place = if self.second { self.told(3) } else { Some(12) };
        self.text(place, INTERFACE)
    }

    /// This host sent it: its process is the sender. Else it is the one that receives it.
    pub fn is_sent(self) -> bool {
        le32(self.bytes, FLAGS).is_some_and(|flags| flags & SENT != 0)
    }

    /// Whose frame it is, if it says so.
    pub fn tag(self) -> Option<Tag> {
        let (pid, effective, names) = if self.second {
            (28, 32, [self.told(4), self.told(5)])
        } else {
            (52, 84, [Some(56), Some(88)])
        };
        let [name, effective_name] = names.map(|place| self.name(place));
        let number = |at| le32(self.bytes, at).map(u32::cast_signed);
        let tag = Tag {
            // The kernel's number without a name stands where nobody was looked up.
            pid: number(pid).filter(|pid| *pid > 0 || *pid == 0 && name != [0; NAME]),
            name,
            effective_pid: number(effective).filter(|pid| *pid > 0),
            effective_name,
        };
        (tag.pid.is_some() || tag.effective_pid.is_some()).then_some(tag)
    }

    /// The place that version 2 tells in this field: 0 where it has none.
    fn told(self, field: usize) -> Option<usize> {
        let place = self.bytes.get(field).copied().map(usize::from);
        place.filter(|place| *place > 0)
    }

    fn name(self, place: Option<usize>) -> [u8; NAME] {
        let mut name = [0; NAME];
        for (to, from) in name.iter_mut().zip(self.text(place, NAME)) {
            *to = *from;
        }
        name
    }

    /// What stands at a place up to a zero, `longest` bytes at most.
    fn text(self, place: Option<usize>, longest: usize) -> &'a [u8] {
        let rest = place.and_then(|at| self.bytes.get(at..));
        let rest = rest.unwrap_or_default();
        let field = rest.get(..longest).unwrap_or(rest);
        field.split(|byte| *byte == 0).next().unwrap_or_default()
    }
}

impl Tag {
    /// The process as the other rooms know it.
    fn process(&self) -> Option<Process> {
        let named = |pid: Option<i32>, name: &[u8]| -> Option<Named> {
            pid.map(|pid| Process::named(pid, name))
        };
        let effective = named(self.effective_pid, &self.effective_name);
        match (named(self.pid, &self.name), effective) {
            (Some(own), effective) => Some(Process::of(own, effective)),
            (None, Some(effective)) => Some(Process::of(effective, None)),
            (None, None) => None,
        }
    }
}

fn le32(bytes: &[u8], at: usize) -> Option<u32> {
    let field = bytes.get(at..)?.first_chunk()?;
    Some(u32::from_le_bytes(*field))
}

#[cfg(test)]
pub(crate) mod test_headers;
#[cfg(test)]
mod tests;
