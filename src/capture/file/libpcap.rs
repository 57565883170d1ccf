//! What our block reader does not read - pcap of other versions, with patched record headers - goes
//! through libpcap, a copy a frame.

use super::intake::{Intake, Record};
use super::{Damage, Error, Place, Step, input};
use crate::capture::frame::Link;
use crate::capture::pool::BATCH_FRAMES;
use crate::key::InterfaceId;
use crate::units::{NANOS, Nanos};
use bytes::{Bytes, BytesMut};
use pcap::{Capture, Offline, Precision};
use std::path::Path;

pub(super) struct Reader {
    capture: Capture<Offline>,
    frames: u64,
}

impl Reader {
    pub(super) fn open(path: &Path, intake: &mut Intake) -> Result<Reader, Error> {
        let failed = |problem: String| Error::Libpcap {
            path: path.into(),
            problem,
        };
        if !input::is_plain(path) {
            return Err(Error::NotPlain { path: path.into() });
        }
        let capture = Capture::from_file_with_precision(path, Precision::Nano)
            .map_err(|problem| failed(problem.to_string()))?;
        intake.interface(Link::of(capture.get_datalink().0 as u16), 0, None);
        Ok(Reader { capture, frames: 0 })
    }

    pub(super) fn step(&mut self, intake: &mut Intake) -> Step {
        let mut slab = BytesMut::new();
        let mut records = Vec::new();
        let step = loop {
            if records.len() == BATCH_FRAMES {
                break Step::More;
            }
            match self.capture.next_packet() {
                Ok(packet) => {
                    records.push(record(packet.header, slab.len()));
                    slab.extend_from_slice(packet.data);
                }
                Err(pcap::Error::NoMorePackets) => break Step::End,
                Err(problem) => {
                    break Step::Damaged(Damage {
                        place: Place::AfterFrame(self.frames + records.len() as u64),
                        why: problem.to_string(),
                    });
                }
            }
        };
        self.frames += records.len() as u64;
        hand_over(&slab.freeze(), &records, intake);
        step
    }
}

fn hand_over(slab: &Bytes, records: &[Record], intake: &mut Intake) {
    for record in records {
        if !intake.take(slab, *record) {
            intake.flush(slab);
        }
    }
    intake.flush(slab);
}

/// libpcap gives nanoseconds in the field for microseconds when asked for nanoseconds.
#[allow(
    clippy::useless_conversion,
    reason = "that field has 32 bits on some systems"
)]
fn record(header: &pcap::PacketHeader, offset: usize) -> Record {
    Record {
        at: Some(Nanos(
            header.ts.tv_sec * NANOS + i64::from(header.ts.tv_usec),
        )),
        offset,
        captured: header.caplen,
        length: header.len,
        interface: InterfaceId(0),
    }
}
