//! Apple's PKTAP (`bsd/net/pktap.h` of xnu), versions 1 and 2: the link type of the frame behind it,
//! and the process that the kernel says it belongs to. Fields are little-endian, as all hosts are
//! that write them.

use crate::capture::Link;
use crate::decode::layer::{Layer, Next};
use crate::decode::{Reason, chunk, le16, le32};

/// The flags lie at the same place in both versions; one of them tells which it is.
const FLAGS: usize = 36;
const VERSION_2: u32 = 0x0008_0000;
/// The least that a header of each version has: up to the processes' names.
const LEAST_1: usize = 105;
const LEAST_2: usize = 40;
/// A name is so long with the zero at its end.
const NAME: usize = 17;
/// What version 1 always says of what follows its header.
const PACKET: u32 = 1;
/// "Not known", of a process.
const NOBODY: i32 = -1;

/// Whose frame it is, as the kernel says: the process that has the socket, and the one that it
/// works for, if it does so for another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Process<'a> {
    pub pid: i32,
    /// The command's name: bytes as they came, trust nothing in them.
    pub name: &'a [u8],
    pub effective_pid: Option<i32>,
    pub effective_name: &'a [u8],
}

/// Whose frame this is, if its header says so.
pub fn process(link: Link, bytes: &[u8]) -> Option<Process<'_>> {
    if !matches!(link, Link::Pktap | Link::User2) {
        return None;
    }
    let head = head(bytes, 0)?;
    let (pid, effective) = if is_second(head) { (28, 32) } else { (52, 84) };
    let known = |pid: i32| (pid != NOBODY).then_some(pid);
    let pid = number(head, pid)?;
    let effective_pid = known(number(head, effective)?);
    if known(pid).is_none() && effective_pid.is_none() {
        return None;
    }
    let (name, effective_name) = names(head);
    Some(Process {
        pid,
        name,
        effective_pid,
        effective_name,
    })
}

/// The frame behind the header.
pub(super) fn inside(link: Link, bytes: &[u8], at: usize) -> Result<Next, Reason> {
    let Some(head) = head(bytes, at) else {
        return Err(match link {
            Link::Pktap => Reason::ShortLink,
            _ => Reason::UnknownLink,
        });
    };
    let link = if is_second(head) {
        le16(head, 6)
    } else {
        le32(head, 8).and_then(|link| u16::try_from(link).ok())
    };
    let link = link.map(Link::of).ok_or(Reason::UnknownLink)?;
    Ok(Next::plain(
        Layer::Link(link),
        at.saturating_add(head.len()),
    ))
}

/// The header, whole, if it is one.
fn head(bytes: &[u8], at: usize) -> Option<&[u8]> {
    let (length, least) = if is_second(bytes.get(at..)?) {
        let [length] = *chunk(bytes, at)?;
        (usize::from(length), LEAST_2)
    } else if le32(bytes, at.saturating_add(4)) == Some(PACKET) {
        (le32(bytes, at)? as usize, LEAST_1)
    } else {
        return None;
    };
    let end = at.saturating_add(length);
    bytes.get(at..end).filter(|head| head.len() >= least)
}

fn is_second(head: &[u8]) -> bool {
    le32(head, FLAGS).is_some_and(|flags| flags & VERSION_2 != 0)
}

fn number(head: &[u8], at: usize) -> Option<i32> {
    le32(head, at).map(u32::cast_signed)
}

/// The names of the two processes: at places of their own in version 1, at places that the header
/// tells in version 2 (0 where it has none).
fn names(head: &[u8]) -> (&[u8], &[u8]) {
    if !is_second(head) {
        return (name(head, 56), name(head, 88));
    }
    let told = |field: usize| match head.get(field) {
        None | Some(0) => &[][..],
        Some(at) => name(head, usize::from(*at)),
    };
    (told(4), told(5))
}

/// What stands at `at` up to a zero.
fn name(head: &[u8], at: usize) -> &[u8] {
    let rest = head.get(at..).unwrap_or_default();
    let field = rest.get(..NAME).unwrap_or(rest);
    field.split(|byte| *byte == 0).next().unwrap_or_default()
}
