//! Apple's process information blocks and the options by which enhanced packet blocks refer to
//! them: facts of `pcap/pcap-ng.h` in Apple's libpcap, where they are called experimental.

use super::Result;
use super::fields::Fields;
use crate::capture::process::{Named, Process};
use ahash::AHashMap;
use std::sync::Arc;

/// Option of a process block: its name.
const NAME: u16 = 2;
/// Options of a packet block: the places of the process, and of that which it works for, among the
/// process blocks of the section.
const PROCESS: u16 = 0x8001;
const EFFECTIVE: u16 = 0x8003;
/// A section with more of them is made to cost memory: frames of further ones have no process.
const MOST: usize = 65_536;

/// The processes of a section, in the order of their blocks.
#[derive(Debug, Default)]
pub(super) struct Processes {
    described: Vec<Named>,
    /// What frames had already: a process and whom it works for.
    known: AHashMap<Places, Arc<Process>>,
}

type Places = (Option<u32>, Option<u32>);

impl Processes {
    pub(super) fn clear(&mut self) {
        self.described.clear();
        self.known.clear();
    }

    /// Takes a process information block in.
    pub(super) fn describe(&mut self, body: Fields) -> Result<()> {
        let pid = body.i32(0).ok_or("a process block is too short")?;
        let mut name: &[u8] = &[];
        for option in body.options(4) {
            let (code, value) = option?;
            if code == NAME {
                name = value.bytes;
            }
        }
        if self.described.len() < MOST {
            self.described.push(Process::named(pid, name));
        }
        Ok(())
    }

    /// The process of a packet, by the options at `at`. Without process blocks nothing is looked
    /// at; an option that is cut off takes no frame away.
    #[inline]
    pub(super) fn of_packet(&mut self, body: Fields, at: usize) -> Option<Arc<Process>> {
        if self.described.is_empty() {
            return None;
        }
        let mut places = (None, None);
        for (code, value) in body.options(at).flatten() {
            match code {
                PROCESS => places.0 = value.u32(0),
                EFFECTIVE => places.1 = value.u32(0),
                _ => {}
            }
        }
        self.process(places)
    }

    fn process(&mut self, places: Places) -> Option<Arc<Process>> {
        if let Some(known) = self.known.get(&places) {
            return Some(known.clone());
        }
        let named = |place: Option<u32>| self.described.get(place? as usize).cloned();
        let process = match (named(places.0), named(places.1)) {
            (Some(own), effective) => Process::of(own, effective),
            (None, Some(effective)) => Process::of(effective, None),
            (None, None) => return None,
        };
        if self.known.len() >= MOST {
            self.known.clear();
        }
        let process = Arc::new(process);
        self.known.insert(places, process.clone());
        Some(process)
    }
}
