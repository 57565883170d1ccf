//! One libpcap handle, on one interface or as a tap on all: opened non-blocking with a ring of its
//! own, read in whole batches, asked for its drops once a second.

use super::config::Config;
use super::intake::{Intake, Seen};
use super::nap::Inflow;
use super::tap::Tap;
use crate::capture::filter::words;
use crate::capture::frame::{Link, Slot};
use crate::capture::interface::Interface;
use crate::capture::pktap;
use crate::capture::pool::BATCH_FRAMES;
use crate::key::InterfaceId;
use crate::platform::{self, CAPTURE_TICK, Nic};
use crate::units::{NANOS, Nanos};
use mio::Token;
use pcap::{Active, Capture, Inactive, Packet, Precision};
use std::os::fd::{AsRawFd, RawFd};
use std::sync::Arc;

pub(super) struct Handle {
    capture: Capture<Active>,
    source: Source,
    pub token: Token,
    /// Bytes of its ring.
    pub ring: u32,
    /// What came into its ring lately.
    pub inflow: Inflow,
    /// There may be something to read.
    pub readable: bool,
    /// libpcap gave up on it, in these words.
    pub failed: Option<String>,
    /// To be closed at this steady time: its interface is gone, what it holds is not.
    pub leaving: Option<Nanos>,
    /// When it last gave frames, by the steady clock, and the time of the latest of them.
    pub active: Nanos,
    pub newest: Nanos,
    dropped: u32,
    interface_dropped: u32,
}

/// What the frames of a handle are of.
enum Source {
    Interface(Own),
    Tap(Box<Tap>),
}

/// The one interface of a handle.
struct Own {
    id: InterfaceId,
    /// The system's number of the interface it was opened on.
    index: u32,
    link: Link,
}

impl Handle {
    /// Opens the interface with a ring of `ring` bytes; what is wrong in libpcap's words.
    pub(super) fn open(
        nic: &Nic,
        interface: InterfaceId,
        token: Token,
        ring: u32,
        config: &Config,
        filter: Option<&str>,
    ) -> Result<Handle, String> {
        let mut capture = open(&nic.name, config.kept(), ring, config, |plain| plain)?;
        // Only a filter cuts frames to the snapshot length: without one a ring is filled with whole
        // segments of up to 64 KiB. The empty expression lets all through.
        let expression = filter.unwrap_or_default();
        capture.filter(expression, true).map_err(words)?;
        let own = Own {
            id: interface,
            index: nic.index,
            link: Link::of(capture.get_datalink().0 as u16),
        };
        Ok(Handle::new(capture, Source::Interface(own), token, ring))
    }

    /// Opens a device that taps all interfaces and tells the processes of their frames.
    pub(super) fn tap(
        device: &str,
        token: Token,
        ring: u32,
        config: &Config,
        filter: Option<&str>,
    ) -> Result<Handle, String> {
        let whole = config.kept() + pktap::LONGEST;
        let capture = open(device, whole, ring, config, platform::with_processes)?;
        let link = Link::of(capture.get_datalink().0 as u16);
        if !pktap::is_before(link) {
            return Err(format!("{device} tells no processes: its link is {link:?}"));
        }
        let tap = Tap::new(config.kept(), filter);
        Ok(Handle::new(
            capture,
            Source::Tap(Box::new(tap)),
            token,
            ring,
        ))
    }

    fn new(capture: Capture<Active>, source: Source, token: Token, ring: u32) -> Handle {
        Handle {
            capture,
            source,
            token,
            ring,
            inflow: Inflow::default(),
            readable: true,
            failed: None,
            leaving: None,
            active: Nanos(0),
            newest: Nanos(0),
            dropped: 0,
            interface_dropped: 0,
        }
    }

    /// Is this the handle that watches this interface alone from now on?
    pub(super) fn serves(&self, interface: InterfaceId) -> bool {
        self.own().is_some_and(|own| own.id == interface) && self.leaving.is_none()
    }

    /// Is this the tap that watches all interfaces from now on?
    pub(super) fn taps(&self) -> bool {
        self.own().is_none() && self.leaving.is_none()
    }

    /// The interface that it alone is on, and the system's number for that.
    pub(super) fn only(&self) -> Option<(InterfaceId, u32)> {
        self.own().map(|own| (own.id, own.index))
    }

    /// How the frames of an interface are laid out, if it watches that from now on.
    pub(super) fn link(&self, interface: InterfaceId) -> Option<Link> {
        match &self.source {
            Source::Interface(own) => self.serves(interface).then_some(own.link),
            Source::Tap(tap) => tap.link(interface).filter(|_| self.taps()),
        }
    }

    /// Learns how an interface is described downstream.
    pub(super) fn describe(&mut self, interface: &Arc<Interface>) {
        if let Source::Tap(tap) = &mut self.source {
            tap.describe(interface);
        }
    }

    pub(super) fn forget(&mut self, interface: InterfaceId) {
        if let Source::Tap(tap) = &mut self.source {
            tap.forget(interface);
        }
    }

    fn own(&self) -> Option<&Own> {
        match &self.source {
            Source::Interface(own) => Some(own),
            Source::Tap(_) => None,
        }
    }

    pub(super) fn fd(&self) -> RawFd {
        self.capture.as_raw_fd()
    }

    /// Reads at most one batch; nothing read means that there is nothing left.
    pub(super) fn read(&mut self, intake: &mut Intake, now: Nanos) {
        let source = &mut self.source;
        let mut newest = self.newest;
        let mut bytes = 0;
        let read = self.capture.dispatch(Some(BATCH_FRAMES), |packet| {
            let at = time(&packet);
            newest = at;
            bytes += packet.data.len() as u64;
            let (length, bytes) = (packet.header.len, packet.data);
            match source {
                Source::Interface(own) => intake.take(Seen {
                    interface: own.id,
                    at,
                    length,
                    bytes,
                }),
                Source::Tap(tap) => tap.take(intake, at, length, bytes),
            }
        });
        if newest != self.newest {
            (self.newest, self.active) = (newest, now);
        }
        match read {
            Ok(count) => {
                self.inflow.add(count as u64, bytes);
                self.readable = count > 0;
            }
            Err(error) => {
                self.readable = false;
                self.failed = Some(words(error));
            }
        }
    }

    /// Reads until there is nothing left: for a handle that gets nothing new.
    pub(super) fn empty(&mut self, intake: &mut Intake, now: Nanos) {
        self.readable = true;
        while self.readable {
            self.read(intake, now);
        }
    }

    /// Adds what was dropped since it was last asked. The kernel's counters are 32 bits wide and
    /// start over; frames "received" are not what was handed over and are not used.
    pub(super) fn count_drops(&mut self, intake: &mut Intake, slot: Slot) {
        let (interface, unread) = match &mut self.source {
            Source::Interface(own) => (Some(own.id), 0),
            Source::Tap(tap) => (tap.loser(), tap.take_unread()),
        };
        if let (Some(interface), Ok(stat)) = (interface, self.capture.stats()) {
            let facts = intake.facts.of(slot, interface);
            let since = |now: u32, before: u32| u64::from(now.wrapping_sub(before));
            facts.kernel_dropped += since(stat.dropped, self.dropped);
            facts.interface_dropped += since(stat.if_dropped, self.interface_dropped) + unread;
            (self.dropped, self.interface_dropped) = (stat.dropped, stat.if_dropped);
        }
    }
}

/// Opens a device in one way for all, but for what `with` asks besides.
fn open(
    device: &str,
    snaplen: u32,
    ring: u32,
    config: &Config,
    with: fn(Capture<Inactive>) -> Capture<Inactive>,
) -> Result<Capture<Active>, String> {
    let mut inactive = Capture::from_device(device)
        .map_err(words)?
        .snaplen(snaplen as i32)
        .promisc(config.promiscuous)
        .timeout(config.block_timeout() as i32)
        .buffer_size(ring as i32);
    if CAPTURE_TICK == 1 {
        inactive = inactive.precision(Precision::Nano);
    }
    let active = with(inactive).open().map_err(words)?;
    // libpcap leaves that out, and whoever is started later would hold the ring, too.
    platform::keep_from_children(&active).map_err(|error| error.to_string())?;
    active.setnonblock().map_err(words)
}

/// A frame's time. The field called `tv_usec` counts in [`CAPTURE_TICK`]s.
#[inline]
fn time(packet: &Packet) -> Nanos {
    let ts = packet.header.ts;
    #[allow(clippy::useless_conversion, reason = "its width depends on the system")]
    let ticks = i64::from(ts.tv_usec);
    Nanos(
        ts.tv_sec
            .saturating_mul(NANOS)
            .saturating_add(ticks * CAPTURE_TICK),
    )
}
