//! A TCP flow's two halves: whichever begins like a client tells. A hello that comes whole in the
//! segment at hand is read there; else both halves are put together until it is whole.

use super::kept::Kept;
use super::{Ear, IDLE_SEGMENTS, Listener};
use crate::key::End;
use crate::names::claim::{Notes, Speech};
use crate::names::half::{Half, MOST};
use crate::names::hearing::{Hearing, Mode};
use crate::names::stage::{Stage, Step};

/// The port of the domain name system (RFC 7766).
const DOMAIN: u16 = 53;
/// Steps that one segment may lead through.
const MOST_STEPS: usize = 8;

/// What is put together of a flow's halves.
#[derive(Debug)]
pub(super) struct Stream {
    halves: [Option<(Half, Stage)>; 2],
}

/// What a segment came to.
enum Came {
    /// The flow has told all.
    Done,
    /// This half tells nothing.
    Not,
    /// It has to be kept, from this stage on, without its first bytes.
    Keep(Stage, usize),
}

impl Ear {
    pub(super) fn segment(&mut self, hearing: &mut Hearing, speech: Speech, notes: &mut Notes) {
        match hearing.mode {
            Mode::Fresh => self.first_segment(hearing, speech, notes),
            Mode::Kept => self.next_segment(hearing, speech, notes),
            Mode::Off | Mode::Messages => {}
        }
    }

    /// A segment of a flow of which nothing is kept yet.
    fn first_segment(&mut self, hearing: &mut Hearing, speech: Speech, notes: &mut Notes) {
        if hearing.is_silent(speech.from) {
            return Listener::idle(hearing, IDLE_SEGMENTS);
        }
        let start = hearing.start(speech.from).unwrap_or(speech.sequence);
        let Some(speech) = speech.at_or_behind(start) else {
            // A probe of what is before the beginning, to keep the connection alive.
            return Listener::idle(hearing, IDLE_SEGMENTS);
        };
        let ahead = speech.sequence.wrapping_sub(start);
        if ahead != 0 {
            // In the middle of a stream there is no beginning to wait for.
            if ahead as usize > MOST {
                return silence(hearing, speech.from);
            }
            let stage = first_stage(notes, speech.payload);
            return self.keep(hearing, speech, start, stage, notes);
        }
        match look(first_stage(notes, speech.payload), speech.payload, notes) {
            Came::Done => hearing.stop(),
            Came::Not => silence(hearing, speech.from),
            Came::Keep(stage, used) => {
                let rest = Speech {
                    sequence: speech.sequence.wrapping_add(used as u32),
                    payload: speech.payload.get(used..).unwrap_or_default(),
                    ..speech
                };
                self.keep(hearing, rest, rest.sequence, stage, notes);
            }
        }
    }

    fn keep(
        &mut self,
        hearing: &mut Hearing,
        speech: Speech,
        start: u32,
        stage: Stage,
        notes: &mut Notes,
    ) {
        let mut half = Half::new(start);
        half.take(speech.sequence, speech.payload);
        let mut halves = [None, None];
        halves[speech.from as usize] = Some((half, stage));
        let stream = Box::new(Stream { halves });
        match self.kept.put(Kept::Stream(stream), notes.who, speech.at) {
            Some(mark) => (hearing.mode, hearing.mark) = (Mode::Kept, mark),
            None => hearing.stop(),
        }
    }

    fn next_segment(&mut self, hearing: &mut Hearing, speech: Speech, notes: &mut Notes) {
        let mark = hearing.mark;
        let Some(place) = self.kept.get(mark, &notes.who) else {
            return hearing.stop();
        };
        let over = place.is_over(speech.at);
        let Some(Kept::Stream(stream)) = place.kept() else {
            return hearing.stop();
        };
        let came = stream.take(hearing, speech, notes);
        let is_dns = stream.is_of_messages();
        let over = match came {
            Went::Further => !place.begins_anew(speech.at, !is_dns),
            Went::Done | Went::Nowhere => over,
        };
        if came == Went::Done {
            self.kept.drop(mark);
            return hearing.stop();
        }
        if over || hearing.are_both_silent() || !self.kept.charge(mark) {
            if let Some(kept) = self.kept.drop(mark) {
                kept.give_up(notes);
            }
            hearing.stop();
        }
    }
}

/// How a segment moved what is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Went {
    Done,
    Further,
    Nowhere,
}

impl Stream {
    fn take(&mut self, hearing: &mut Hearing, speech: Speech, notes: &mut Notes) -> Went {
        if hearing.is_silent(speech.from) {
            return Went::Nowhere;
        }
        let fresh = || {
            let start = hearing.start(speech.from).unwrap_or(speech.sequence);
            (Half::new(start), first_stage(notes, speech.payload))
        };
        let Some(place) = self.halves.get_mut(speech.from as usize) else {
            return Went::Nowhere;
        };
        let (half, stage) = place.get_or_insert_with(fresh);
        if !half.take(speech.sequence, speech.payload) {
            return Went::Nowhere;
        }
        match look(*stage, half.bytes(), notes) {
            Came::Done => Went::Done,
            Came::Not => {
                *place = None;
                hearing.silence(speech.from);
                Went::Nowhere
            }
            Came::Keep(next, used) => {
                let further = used > 0 || next != *stage;
                half.consume(used);
                *stage = next;
                if further {
                    Went::Further
                } else {
                    Went::Nowhere
                }
            }
        }
    }

    pub(super) fn size(&self) -> usize {
        self.halves
            .iter()
            .flatten()
            .map(|(half, _)| half.size())
            .sum()
    }

    /// Whether it is a connection to the domain name system: there is no end to its messages.
    fn is_of_messages(&self) -> bool {
        let mut stages = self.halves.iter().flatten().map(|(_, stage)| stage);
        stages.any(|stage| *stage == Stage::Messages)
    }

    /// Whether it waits for what people or servers take their time for.
    pub(super) fn is_dialogue(&self) -> bool {
        let slow = |stage: &Stage| matches!(stage, Stage::Dialogue(_) | Stage::Messages);
        self.halves
            .iter()
            .flatten()
            .any(|(half, stage)| slow(stage) && !half.is_full())
    }

    pub(super) fn give_up(&self, notes: &mut Notes) {
        for (half, stage) in self.halves.iter().flatten() {
            stage.give_up(half.bytes(), notes);
        }
    }
}

/// Follows the stages as far as these bytes go.
fn look(mut stage: Stage, bytes: &[u8], notes: &mut Notes) -> Came {
    let mut used = 0;
    for _ in 0..MOST_STEPS {
        let rest = bytes.get(used..).unwrap_or_default();
        if rest.is_empty() {
            break;
        }
        match stage.step(rest, notes) {
            Step::Done => return Came::Done,
            Step::Not => return Came::Not,
            Step::More => break,
            Step::On(next, length) if next == stage && length == 0 => break,
            Step::On(next, length) => {
                stage = next;
                used += length.min(rest.len());
            }
        }
    }
    Came::Keep(stage, used)
}

/// TLS may use any port, too.
fn first_stage(notes: &Notes, payload: &[u8]) -> Stage {
    let port = |end: End| notes.who.key.end(end).port;
    if [End::Low, End::High].map(port).contains(&Some(DOMAIN)) && !payload.starts_with(&[0x16, 3]) {
        Stage::Messages
    } else {
        Stage::Start
    }
}

fn silence(hearing: &mut Hearing, end: End) {
    hearing.silence(end);
    if hearing.are_both_silent() {
        hearing.stop();
    } else {
        Listener::idle(hearing, IDLE_SEGMENTS);
    }
}
