//! One libpcap handle on one interface: opened non-blocking with a ring of its own, read in whole
//! batches, asked for its drops once a second.

use super::config::Config;
use super::intake::{Intake, Seen};
use super::nap::Inflow;
use crate::capture::filter::words;
use crate::capture::frame::{Link, Slot};
use crate::capture::pool::BATCH_FRAMES;
use crate::key::InterfaceId;
use crate::platform::{CAPTURE_TICK, Nic};
use crate::units::{NANOS, Nanos};
use mio::Token;
use pcap::{Active, Capture, Packet, Precision};
use std::os::fd::{AsRawFd, RawFd};

pub(super) struct Handle {
    capture: Capture<Active>,
    pub interface: InterfaceId,
    pub token: Token,
    /// The system's number of the interface it was opened on.
    pub index: u32,
    pub link: Link,
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
        let mut inactive = Capture::from_device(nic.name.as_str())
            .map_err(words)?
            .snaplen(config.snaplen.clamp(64, 262_144) as i32)
            .promisc(config.promiscuous)
            .timeout(config.block_timeout() as i32)
            .buffer_size(ring as i32);
        if CAPTURE_TICK == 1 {
            inactive = inactive.precision(Precision::Nano);
        }
        let active = inactive.open().map_err(words)?;
        let mut capture = active.setnonblock().map_err(words)?;
        // Only a filter cuts frames to the snapshot length: without one a ring is filled with whole
        // segments of up to 64 KiB. The empty expression lets all through.
        let expression = filter.unwrap_or_default();
        capture.filter(expression, true).map_err(words)?;
        let link = Link::of(capture.get_datalink().0 as u16);
        Ok(Handle {
            capture,
            interface,
            token,
            index: nic.index,
            link,
            ring,
            inflow: Inflow::default(),
            readable: true,
            failed: None,
            leaving: None,
            active: Nanos(0),
            newest: Nanos(0),
            dropped: 0,
            interface_dropped: 0,
        })
    }

    pub(super) fn fd(&self) -> RawFd {
        self.capture.as_raw_fd()
    }

    /// Reads at most one batch; nothing read means that there is nothing left.
    pub(super) fn read(&mut self, intake: &mut Intake, now: Nanos) {
        let interface = self.interface;
        let mut newest = self.newest;
        let mut bytes = 0;
        let read = self.capture.dispatch(Some(BATCH_FRAMES), |packet| {
            let at = time(&packet);
            newest = at;
            bytes += packet.data.len() as u64;
            intake.take(Seen {
                interface,
                at,
                length: packet.header.len,
                bytes: packet.data,
            });
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
        if let Ok(stat) = self.capture.stats() {
            let facts = intake.facts.of(slot, self.interface);
            let since = |now: u32, before: u32| u64::from(now.wrapping_sub(before));
            facts.kernel_dropped += since(stat.dropped, self.dropped);
            facts.interface_dropped += since(stat.if_dropped, self.interface_dropped);
            (self.dropped, self.interface_dropped) = (stat.dropped, stat.if_dropped);
        }
    }
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
