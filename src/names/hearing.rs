//! How far listening to a flow has come: sixteen bytes in the flow's own entry, so that a flow that
//! is named, or that is given up, costs nothing any more.

use super::claim::{Heard, Notes, Said};
use crate::key::End;

/// What is done with the payload of a flow's next frame.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Mode {
    /// Nothing: it is named, or given up.
    #[default]
    Off,
    /// A stream or datagrams of which nothing is known yet.
    Fresh,
    /// Each datagram is a message of the domain name system or one of its relatives.
    Messages,
    /// Something is being put together: `mark` says where it is kept.
    Kept,
}

/// The state of listening to one flow.
#[derive(Clone, Copy, Debug, Default)]
pub struct Hearing {
    /// The sequence number of each end's first byte, where its SYN was seen.
    starts: [u32; 2],
    /// Where what is being put together is kept, or a hash of the last question.
    pub(super) mark: u32,
    pub(super) mode: Mode,
    /// Payloads that told nothing.
    pub(super) idle: u8,
    known: u8,
    silent: u8,
}

impl Hearing {
    pub(super) fn of(mode: Mode) -> Hearing {
        Hearing {
            mode,
            ..Hearing::default()
        }
    }

    /// Whether there may be something to hear yet.
    #[inline]
    pub fn is_on(&self) -> bool {
        self.mode != Mode::Off
    }

    /// An end's SYN was seen: its stream begins behind `sequence`.
    pub fn begins(&mut self, end: End, sequence: u32) {
        self.starts[end as usize] = sequence.wrapping_add(1);
        self.known |= 1 << end as u8;
    }

    /// Whether a SYN with this number begins another stream than the one that is listened to, or
    /// that is not any more.
    pub fn is_of_another(&self, end: End, sequence: u32) -> bool {
        let known = self.start(end);
        let same = known == Some(sequence.wrapping_add(1));
        !same && (known.is_some() || self.silent != 0 || !self.is_on())
    }

    /// Where an end's stream begins, if that was seen.
    pub(super) fn start(&self, end: End) -> Option<u32> {
        (self.known & 1 << end as u8 != 0).then_some(self.starts[end as usize])
    }

    /// An end has nothing more to tell.
    pub(super) fn silence(&mut self, end: End) {
        self.silent |= 1 << end as u8;
    }

    pub(super) fn is_silent(&self, end: End) -> bool {
        self.silent & 1 << end as u8 != 0
    }

    pub(super) fn are_both_silent(&self) -> bool {
        self.silent == 3
    }

    pub(super) fn stop(&mut self) {
        self.mode = Mode::Off;
    }

    /// Of claims that are the same as in the message before - a question that is asked again, or
    /// repeated in its answer - keeps none. What was heard since `before` is of one message.
    pub(super) fn tell_once(&mut self, before: usize, notes: &mut Notes) {
        let fresh = notes.heard.get(before..).unwrap_or_default();
        let hash = fresh.iter().filter_map(name).fold(BASIS, mix);
        if hash != BASIS && hash == self.mark {
            let answers = notes.heard.drain(before..).filter(|it| name(it).is_none());
            let answers: Vec<Heard> = answers.collect();
            notes.heard.extend(answers);
        } else if hash != BASIS {
            self.mark = hash;
        }
    }
}

/// FNV-1a: whoever makes two questions of his own look the same hides one of them from nobody else.
const BASIS: u32 = 0x811c_9dc5;

fn mix(hash: u32, name: &str) -> u32 {
    let bytes = name.bytes().chain([0]);
    bytes.fold(hash, |hash, byte| {
        (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)
    })
}

fn name(heard: &Heard) -> Option<&str> {
    match &heard.said {
        Said::Claim(claim) => Some(claim.name.as_str()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_small() {
        assert_eq!(size_of::<Hearing>(), 16);
    }

    #[test]
    fn each_end_has_a_start_and_a_silence_of_its_own() {
        let mut hearing = Hearing::of(Mode::Fresh);
        hearing.begins(End::High, u32::MAX);
        assert_eq!(
            (hearing.start(End::Low), hearing.start(End::High)),
            (None, Some(0))
        );
        hearing.silence(End::Low);
        assert!(hearing.is_silent(End::Low) && !hearing.are_both_silent());
        hearing.silence(End::High);
        assert!(hearing.are_both_silent());
    }
}
