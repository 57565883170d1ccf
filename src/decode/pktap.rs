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

#[cfg(test)]
mod tests {
    use super::*;

    /// Version 1 as `struct pktap_header` lays it out on a 64-bit host.
    fn first(pid: i32, name: &str, effective_pid: i32, effective_name: &str) -> Vec<u8> {
        let mut head = vec![0; 156];
        let mut put = |at: usize, bytes: &[u8]| head[at..at + bytes.len()].copy_from_slice(bytes);
        put(0, &156u32.to_le_bytes());
        put(4, &1u32.to_le_bytes());
        put(8, &1u32.to_le_bytes());
        put(12, b"en0");
        put(36, &0x2_0006u32.to_le_bytes());
        put(40, &2u32.to_le_bytes());
        put(44, &14u32.to_le_bytes());
        put(52, &pid.to_le_bytes());
        put(56, name.as_bytes());
        put(73, &[6]);
        put(80, &[6]);
        put(84, &effective_pid.to_le_bytes());
        put(88, effective_name.as_bytes());
        put(108, &0xdead_beefu32.to_le_bytes());
        head
    }

    /// Version 2: names where the header says.
    fn second(pid: i32, name: &str, effective_pid: i32, effective_name: &str) -> Vec<u8> {
        let mut head = vec![0; 40];
        let mut put = |at: usize, bytes: &[u8]| head[at..at + bytes.len()].copy_from_slice(bytes);
        put(3, &[40, 44, 61]);
        put(6, &12u16.to_le_bytes());
        put(28, &pid.to_le_bytes());
        put(32, &effective_pid.to_le_bytes());
        put(36, &0x8_0002u32.to_le_bytes());
        head.extend(b"lo0\0");
        head.extend(name.bytes().chain([0; 17]).take(17));
        head.extend(effective_name.bytes().chain([0; 17]).take(17));
        head[0] = head.len() as u8;
        head
    }

    #[test]
    fn the_process_and_the_one_that_it_works_for() {
        for head in [
            first(310, "nsurlsessiond", 1207, "Mail"),
            second(310, "nsurlsessiond", 1207, "Mail"),
        ] {
            for link in [Link::Pktap, Link::User2] {
                let process = process(link, &head).unwrap();
                assert_eq!((process.pid, process.name), (310, &b"nsurlsessiond"[..]));
                assert_eq!(process.effective_pid, Some(1207));
                assert_eq!(process.effective_name, b"Mail");
            }
            assert_eq!(process(Link::Ethernet, &head), None);
        }
    }

    #[test]
    fn a_name_may_fill_its_field_and_nobody_may_be_there() {
        let longest = "abcdefghijklmnopq";
        for head in [first(1, longest, -1, ""), second(1, longest, -1, "")] {
            let process = process(Link::Pktap, &head).unwrap();
            assert_eq!(
                (process.name, process.effective_pid),
                (longest.as_bytes(), None)
            );
        }
        for head in [first(-1, "", -1, ""), second(-1, "", -1, "")] {
            assert_eq!(process(Link::Pktap, &head), None);
        }
    }

    #[test]
    fn the_frame_behind_it_is_of_the_link_that_it_tells() {
        let inner = |head: &[u8]| inside(Link::User2, head, 0).map(|next| (next.layer, next.at));
        assert_eq!(
            inner(&first(1, "", 1, "")),
            Ok((Layer::Link(Link::Ethernet), 156))
        );
        assert_eq!(
            inner(&second(1, "", 1, "")),
            Ok((Layer::Link(Link::Raw), 78))
        );
        // Older systems have a shorter header.
        let mut older = first(1, "", 1, "");
        older[0] = 108;
        assert_eq!(inner(&older), Ok((Layer::Link(Link::Ethernet), 108)));
    }

    #[test]
    fn no_prefix_and_no_byte_can_hurt() {
        for whole in [first(1, "a", 2, "b"), second(1, "a", 2, "b")] {
            for length in 0..whole.len() {
                assert_eq!(process(Link::Pktap, &whole[..length]), None);
            }
            for at in 0..64 {
                for value in 0..=u8::MAX {
                    let mut bytes = whole.clone();
                    bytes[at] = value;
                    process(Link::Pktap, &bytes);
                    let _ = inside(Link::Pktap, &bytes, 0);
                }
            }
        }
    }
}
