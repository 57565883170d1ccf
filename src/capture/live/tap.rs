//! All interfaces by one handle, where the system says with each frame where it was and whose it is:
//! what is before the frame is read and taken off, and the frame counts as if its interface had a
//! handle of its own. Called a frame at a time from libpcap's callback.

use super::intake::{Intake, Seen};
use crate::capture::filter::Classes;
use crate::capture::frame::Link;
use crate::capture::interface::Interface;
use crate::capture::pktap::{Header, Processes};
use crate::key::InterfaceId;
use crate::label;
use crate::platform::Role;
use crate::units::Nanos;
use std::sync::Arc;

pub(super) struct Tap {
    /// The interfaces that are watched, as the rooms downstream know them.
    interfaces: Vec<Arc<Interface>>,
    /// Where the interface of the last frame is.
    last: usize,
    /// The kernel's filter sees only what is before the frame: it is tried here.
    filter: Option<Classes>,
    processes: Processes,
    snaplen: usize,
    /// Frames since the last count that do not begin as they should.
    unread: u64,
}

impl Tap {
    /// Keeps `snaplen` bytes of the frames that match the expression.
    pub(super) fn new(snaplen: u32, filter: Option<&str>) -> Tap {
        Tap {
            interfaces: Vec::new(),
            last: 0,
            filter: filter.map(Classes::of_expression),
            processes: Processes::default(),
            snaplen: snaplen as usize,
            unread: 0,
        }
    }

    /// Learns of an interface, or what changed about it.
    pub(super) fn describe(&mut self, interface: &Arc<Interface>) {
        let known = self.interfaces.iter_mut();
        match known.into_iter().find(|known| known.id == interface.id) {
            Some(known) => *known = interface.clone(),
            None => self.interfaces.push(interface.clone()),
        }
    }

    pub(super) fn forget(&mut self, interface: InterfaceId) {
        self.interfaces.retain(|known| known.id != interface);
    }

    /// How the frames of an interface are laid out, as they said last.
    pub(super) fn link(&self, interface: InterfaceId) -> Option<Link> {
        let mut known = self.interfaces.iter();
        Some(known.find(|known| known.id == interface)?.link)
    }

    /// The interface that is said to have lost what the handle lost: which it was is not told.
    pub(super) fn loser(&self) -> Option<InterfaceId> {
        let first = self.interfaces.iter().min_by_key(|known| known.role);
        first.map(|known| known.id)
    }

    /// How many frames could not be read since this was asked last.
    pub(super) fn take_unread(&mut self) -> u64 {
        std::mem::take(&mut self.unread)
    }

    /// Takes one frame in, `length` being its whole length with what is before it. One of an
    /// interface that is not watched is none of ours.
    pub(super) fn take(&mut self, intake: &mut Intake, at: Nanos, length: u32, bytes: &[u8]) {
        let Some(header) = Header::of(bytes) else {
            self.unread += 1;
            return;
        };
        let Some(last) = self.find(header.interface()) else {
            return;
        };
        let (id, role, known) = (last.id, last.role, last.link);
        // Within the host a frame is seen as it is sent and as it is received.
        if role == Role::Loopback && !header.is_sent() {
            return;
        }
        let link = header.link().unwrap_or(known);
        let frame = bytes.get(header.length()..).unwrap_or_default();
        let frame = frame.get(..self.snaplen).unwrap_or(frame);
        if !matches(&mut self.filter, link, frame) {
            return;
        }
        if link != known {
            self.relink(link, intake);
        }
        intake.take(Seen {
            interface: id,
            at,
            length: length.saturating_sub(header.length() as u32),
            bytes: frame,
        });
        let process = header.tag().and_then(|tag| self.processes.of(&tag));
        if let Some(process) = process {
            intake.own(process);
        }
    }

    /// The interface of that name: most likely the last frame's.
    #[inline]
    fn find(&mut self, name: &[u8]) -> Option<&Arc<Interface>> {
        let is = |known: &Arc<Interface>| known.name.as_bytes() == name;
        if !self.interfaces.get(self.last).is_some_and(is) {
            self.last = self.interfaces.iter().position(is)?;
        }
        self.interfaces.get(self.last)
    }

    /// The last interface's frames say how they are laid out: it was only guessed.
    #[cold]
    fn relink(&mut self, link: Link, intake: &mut Intake) {
        if let Some(interface) = self.interfaces.get_mut(self.last) {
            *interface = Arc::new(Interface {
                link,
                ..(**interface).clone()
            });
            intake.describe(interface.clone());
        }
    }
}

#[inline]
fn matches(filter: &mut Option<Classes>, link: Link, frame: &[u8]) -> bool {
    filter
        .as_mut()
        .is_none_or(|filter| filter.classify(link, frame) != label::Classes::default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::capture::frame::{Batch, Message};
    use crate::capture::interface::DirectionRule;
    use crate::capture::pktap::test_headers::{NOBODY, Said, first, second};
    use crate::clock::Now;
    use crate::units::{Epoch, NANOS};

    const NOW: Nanos = Nanos(7 * NANOS);

    fn interface(id: u16, name: &str, role: Role, link: Link) -> Arc<Interface> {
        Arc::new(Interface {
            id: InterfaceId(id),
            name: name.into(),
            link,
            role,
            snaplen: 64,
            direction: DirectionRule::ClientToServer,
        })
    }

    /// A tap on three interfaces, of which the tunnel's link is guessed wrong.
    fn tap(filter: Option<&str>) -> Tap {
        let mut tap = Tap::new(64, filter);
        tap.describe(&interface(0, "lo0", Role::Loopback, Link::Null));
        tap.describe(&interface(1, "utun4", Role::Tunnel, Link::Raw));
        tap.describe(&interface(2, "en0", Role::Uplink, Link::Ethernet));
        tap
    }

    /// Ethernet with UDP from this port.
    fn udp(port: u8) -> Vec<u8> {
        let mut frame = vec![2; 12];
        frame.extend([8, 0, 0x45, 0, 0, 28, 0, 0, 0, 0, 64, 17, 0, 0]);
        frame.extend([10, 0, 0, 1, 10, 0, 0, 2, 0, port, 0, 53, 0, 8, 0, 0]);
        frame
    }

    /// What a tap makes of these frames, each with a hundred bytes that were not captured.
    fn taken(tap: &mut Tap, frames: &[(Vec<u8>, Vec<u8>)]) -> Vec<Message> {
        let now = Now {
            wall: NOW,
            steady: Nanos(0),
        };
        let mut intake = Intake::new(Epoch(0), now);
        for (head, frame) in frames {
            let bytes = [&head[..], frame].concat();
            tap.take(&mut intake, NOW, bytes.len() as u32 + 100, &bytes);
        }
        intake.flush();
        intake.out.into()
    }

    /// Interface, length and process of each frame, and how often a link was told.
    fn told(messages: &[Message]) -> (Vec<(u16, u32, Option<i32>)>, usize) {
        let of = |batch: &Batch| -> Vec<_> {
            let frames = batch.frames.iter().enumerate();
            frames
                .map(|(index, frame)| {
                    let process = batch.owner(index as u32).map(|process| process.pid);
                    (frame.interface.0, frame.length, process)
                })
                .collect()
        };
        let batches = messages.iter().filter_map(|message| match message {
            Message::Batch(batch) => Some(of(batch)),
            _ => None,
        });
        let frames: Vec<_> = batches.flatten().collect();
        let batches = messages.iter();
        let links = batches.filter(|message| matches!(message, Message::Interface(_)));
        (frames, links.count())
    }

    #[test]
    fn frames_are_of_the_interface_and_the_process_that_is_told_and_lengths_are_their_own() {
        let own = (7, "curl");
        let said = Said { own, ..NOBODY };
        let tunnel = Said {
            interface: "utun4",
            link: 0,
            ..NOBODY
        };
        let (frame, packet) = (udp(1), [&[2, 0, 0, 0], &udp(1)[14..]].concat());
        let mut tap = tap(None);
        let messages = taken(
            &mut tap,
            &[
                (first(said), frame.clone()),
                (second(said), frame.clone()),
                (first(tunnel), packet.clone()),
                (second(tunnel), packet.clone()),
                (first(NOBODY), vec![5; 200]),
            ],
        );
        let whole = |frame: &[u8]| frame.len() as u32 + 100;
        let expected = [
            (2, whole(&frame), Some(7)),
            (2, whole(&frame), Some(7)),
            (1, whole(&packet), None),
            (1, whole(&packet), None),
            (2, 300, None),
        ];
        assert_eq!(told(&messages), (expected.to_vec(), 1));
        assert_eq!(tap.link(InterfaceId(1)), Some(Link::Null));
        let [
            Message::Batch(before),
            Message::Interface(tunnel),
            Message::Batch(after),
        ] = &messages[..]
        else {
            panic!("{messages:?}");
        };
        assert_eq!((&*tunnel.name, tunnel.link), ("utun4", Link::Null));
        assert_eq!(before.bytes(&before.frames[1]), frame);
        assert_eq!(after.bytes(&after.frames[0]), packet);
        assert_eq!(after.bytes(&after.frames[2]), [5; 64]);
    }

    #[test]
    fn what_is_within_the_host_counts_once() {
        let home = |sent| Said {
            interface: "lo0",
            link: 0,
            sent,
            own: (if sent { 7 } else { 8 }, ""),
            ..NOBODY
        };
        let frames = [true, false].map(|sent| (first(home(sent)), vec![2, 0, 0, 0]));
        let (frames, _) = told(&taken(&mut tap(None), &frames));
        assert_eq!(frames, [(0, 104, Some(7))]);
    }

    #[test]
    fn what_is_not_watched_does_not_match_or_cannot_be_read_is_not_taken() {
        let elsewhere = Said {
            interface: "en1",
            ..NOBODY
        };
        let mut tap = tap(Some("udp src port 2"));
        let frames = [
            (first(elsewhere), udp(2)),
            (first(NOBODY), udp(1)),
            (first(NOBODY), udp(2)),
            (vec![9; 40], udp(2)),
        ];
        let (frames, _) = told(&taken(&mut tap, &frames));
        assert_eq!(frames, [(2, 142, None)]);
        assert_eq!((tap.take_unread(), tap.take_unread()), (1, 0));
        assert_eq!(tap.loser(), Some(InterfaceId(2)));
        tap.forget(InterfaceId(2));
        let (frames, _) = told(&taken(&mut tap, &[(first(NOBODY), udp(2))]));
        assert_eq!((frames.len(), tap.loser()), (0, Some(InterfaceId(1))));
    }
}
