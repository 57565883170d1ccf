//! What a capture hands on: frames as places in pooled slabs, gathered in batches, and the cuts
//! between seconds that travel in band with them. Knows no protocol.

use super::interface::Interface;
use super::process::Process;
use crate::key::InterfaceId;
use crate::units::{FrameNumber, Moment, Nanos, Tally, Traffic};
use bytes::Bytes;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// How the first bytes of a frame are laid out (a DLT, by its meaning).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Link {
    Ethernet,
    LinuxSll,
    LinuxSll2,
    /// BSD loopback: address family in the byte order of the host that captured.
    Null,
    /// OpenBSD loopback: address family in network byte order.
    Loop,
    /// IPv4 or IPv6 without a link header.
    Raw,
    /// PPP, on a serial line or not; Cisco's HDLC framing too, which says so itself.
    Ppp,
    /// The same behind a byte that says which way it went.
    PppDirected,
    /// PPPoE without Ethernet.
    PppEthernet,
    /// Cisco's HDLC.
    CiscoHdlc,
    /// IEEE 802.11.
    Wifi,
    /// IEEE 802.11 behind what the radio says: radiotap, Prism or AVS.
    Radiotap,
    Prism,
    Avs,
    /// Another link's frame behind CACE's per-packet information.
    Ppi,
    /// Another link's frame behind Apple's process information; on Apple's own systems its number
    /// is one that others use otherwise.
    Pktap,
    User2,
    /// MPLS labels.
    Mpls,
    /// IEEE 802.2.
    Llc,
    /// IEEE 802.3br.
    Mpacket,
    /// Linux's netfilter log.
    Nflog,
    /// A link type that is not decoded: every frame counts as non-IP, by reason.
    Other(u16),
}

impl Link {
    /// The meaning of a link type as capture files number them
    /// (<https://www.tcpdump.org/linktypes.html>), the BSD numbers of RAW and LOOP included.
    pub fn of(number: u16) -> Link {
        match number {
            0 => Link::Null,
            1 => Link::Ethernet,
            12 | 14 | 101 | 228 | 229 => Link::Raw,
            108 => Link::Loop,
            113 => Link::LinuxSll,
            276 => Link::LinuxSll2,
            9 | 50 | 166 => Link::Ppp,
            51 => Link::PppEthernet,
            11 | 100 => Link::Llc,
            104 => Link::CiscoHdlc,
            105 => Link::Wifi,
            119 => Link::Prism,
            127 => Link::Radiotap,
            149 => Link::User2,
            163 => Link::Avs,
            192 => Link::Ppi,
            204 => Link::PppDirected,
            219 => Link::Mpls,
            239 => Link::Nflog,
            258 => Link::Pktap,
            274 => Link::Mpacket,
            other => Link::Other(other),
        }
    }

    /// The number that capture files and libpcap use for this link.
    pub fn number(self) -> u16 {
        match self {
            Link::Null => 0,
            Link::Ethernet => 1,
            Link::Raw => 101,
            Link::Loop => 108,
            Link::LinuxSll => 113,
            Link::LinuxSll2 => 276,
            Link::Ppp => 9,
            Link::PppEthernet => 51,
            Link::Llc => 100,
            Link::CiscoHdlc => 104,
            Link::Wifi => 105,
            Link::Prism => 119,
            Link::Radiotap => 127,
            Link::User2 => 149,
            Link::Avs => 163,
            Link::Ppi => 192,
            Link::PppDirected => 204,
            Link::Mpls => 219,
            Link::Nflog => 239,
            Link::Pktap => 258,
            Link::Mpacket => 274,
            Link::Other(number) => number,
        }
    }
}

/// Which of the two open seconds a frame counts in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Slot(pub u8);

/// How many seconds are open at a time.
pub const SLOTS: usize = 2;

/// A frame's place in its batch's slab, and what the capture says of it.
#[derive(Clone, Copy, Debug)]
pub struct Frame {
    pub number: FrameNumber,
    pub at: Nanos,
    /// Where its bytes begin in the slab.
    pub offset: u32,
    /// How many bytes of it were captured.
    pub captured: u32,
    /// How long it was, link header included: what is counted.
    pub length: u32,
    pub interface: InterfaceId,
    pub slot: Slot,
}

/// Frames on one slab. The slab may be shared with other batches; its memory goes back to the pool
/// when the last of them does.
#[derive(Debug, Default)]
pub struct Batch {
    pub slab: Bytes,
    pub frames: Vec<Frame>,
    /// The processes of those frames of which the capture tells one, by place in `frames`, in order.
    pub owned: Vec<(u32, Arc<Process>)>,
    /// Steady time at which the batch was handed over: the ring wait is measured from it.
    pub sent: Nanos,
}

impl Batch {
    /// The captured bytes of a frame of this batch.
    #[inline]
    pub fn bytes(&self, frame: &Frame) -> &[u8] {
        let start = frame.offset as usize;
        self.slab
            .get(start..start + frame.captured as usize)
            .unwrap_or_default()
    }

    /// The process of the frame at this place, where the capture tells one.
    pub fn owner(&self, index: u32) -> Option<&Arc<Process>> {
        let place = self.owned.binary_search_by_key(&index, |(at, _)| *at);
        Some(&self.owned.get(place.ok()?)?.1)
    }

    /// A batch of some of these frames, in their order, on the same slab.
    #[must_use]
    pub fn part(&self, frames: Vec<Frame>) -> Batch {
        let owned = self.owned.iter().filter_map(|(index, process)| {
            let number = self.frames.get(*index as usize)?.number;
            let place = frames.binary_search_by_key(&number, |frame| frame.number);
            Some((place.ok()? as u32, process.clone()))
        });
        Batch {
            slab: self.slab.clone(),
            owned: owned.collect(),
            frames,
            sent: self.sent,
        }
    }
}

/// The end of a second: nothing more will be counted in this slot for this moment.
#[derive(Debug)]
pub struct Cut {
    pub moment: Moment,
    pub slot: Slot,
    /// The second that is still open after this cut, if there is one, and its slot.
    pub open: Option<(Moment, Slot)>,
    /// How long the second lasted on the steady clock; rates divide by it. A second of a file, or
    /// of an undisturbed clock, is 1 s wide.
    pub width: Nanos,
    /// What each interface did in that second, by the capture's own count.
    pub facts: Vec<InterfaceFacts>,
    /// The source's last cut: no frame follows, whatever is still counted ends with it.
    pub last: bool,
    /// Steady time at which the cut was made.
    pub sent: Nanos,
}

/// One interface's second as the capture saw it: all that was delivered, and every named loss.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct InterfaceFacts {
    pub interface: InterfaceId,
    /// Frames that the capture was given, before any ring drop.
    pub delivered: Tally,
    /// Frames that a full ring refused: part of `delivered`, in no flow.
    pub ring_dropped: Tally,
    /// Frames that the kernel dropped for want of buffer space.
    pub kernel_dropped: u64,
    /// Frames that the interface or its driver dropped.
    pub interface_dropped: u64,
    /// Frames older than the oldest open second: counted there, and here.
    pub late_frames: u64,
    /// Frames without a usable time: counted in the current second, and here.
    pub untimed_frames: u64,
    /// What the interface's own counters say it carried in this second, where they can be read.
    pub counters: Option<Traffic>,
    /// Milliseconds of this second in which the interface was not watched.
    pub gap_ms: u32,
}

/// What a source gives, in order.
#[derive(Debug)]
pub enum Message {
    /// An interface's description, before its first frame and whenever it changes.
    Interface(Arc<Interface>),
    Batch(Batch),
    /// Whoever hands it on first adds what was dropped on the way to `ring_dropped`.
    Cut(Cut),
}
