//! What is being put together, of all flows of a worker: places that are taken again, a bound on
//! all of it, and a time after which each is given up.

use super::stream::Stream;
use crate::key::End;
use crate::label::SiteSource;
use crate::names::claim::{Heard, Notes, Who};
use crate::names::quic::Quic;
use crate::names::tls::{self, Dtls, Transport, Wanted};
use crate::units::{FrameNumber, NANOS, Nanos};

/// How long a hello may take to come, and how long a dialogue before one.
const HELLO: i64 = 3 * NANOS;
const DIALOGUE: i64 = 30 * NANOS;
/// Payloads after which something that is put together is given up.
pub(super) const MOST_PAYLOADS: u8 = 8;
/// How often something may lead to something else.
const MOST_STAGES: u8 = 8;
/// What a place costs besides what is kept in it.
const PLACE: usize = 256;
/// Places at most: their numbers have sixteen bits, their uses the other sixteen.
const MOST_PLACES: usize = 1 << 16;

/// What is put together for one flow.
pub(super) enum Kept {
    Stream(Box<Stream>),
    /// `client` sent the first Initial.
    Quic {
        quic: Box<Quic>,
        client: End,
    },
    Dtls(Box<Dtls>),
}

pub(super) struct Place {
    use_: u16,
    kept: Option<Kept>,
    who: Option<Who>,
    since: Nanos,
    pub(super) payloads: u8,
    /// How often it began anew.
    stages: u8,
    charged: usize,
}

pub(super) struct Store {
    places: Vec<Place>,
    free: Vec<u16>,
    most: usize,
    size: usize,
    refused: u64,
}

impl Store {
    pub(super) fn new(most: usize) -> Store {
        Store {
            places: Vec::new(),
            free: Vec::new(),
            most,
            size: 0,
            refused: 0,
        }
    }

    /// Takes something in; where it lies, or `None` when there is no room.
    pub(super) fn put(&mut self, kept: Kept, who: Who, at: Nanos) -> Option<u32> {
        let charge = PLACE + kept.size();
        if self.size + charge > self.most {
            self.refused += 1;
            return None;
        }
        let index = self.free_place()?;
        let place = self.places.get_mut(usize::from(index))?;
        self.size += charge;
        *place = Place {
            use_: place.use_,
            kept: Some(kept),
            who: Some(who),
            since: at,
            payloads: 1,
            stages: 0,
            charged: charge,
        };
        Some(u32::from(place.use_) << 16 | u32::from(index))
    }

    /// What lies at a mark, if it was not given up since.
    pub(super) fn get(&mut self, mark: u32, who: &Who) -> Option<&mut Place> {
        let place = self.places.get_mut((mark & 0xffff) as usize)?;
        let same =
            place.use_ == (mark >> 16) as u16 && place.who.is_some_and(|it| it.flow == who.flow);
        (same && place.kept.is_some()).then_some(place)
    }

    /// Charges what a place has grown by. False if that is more than there is room for: it has to be
    /// given up.
    pub(super) fn charge(&mut self, mark: u32) -> bool {
        let Some(place) = self.places.get_mut((mark & 0xffff) as usize) else {
            return false;
        };
        let now = PLACE + place.kept.as_ref().map_or(0, Kept::size);
        self.size = self.size - place.charged + now;
        place.charged = now;
        let fits = self.size <= self.most;
        self.refused += u64::from(!fits);
        fits
    }

    /// Lets go of what lies at a mark.
    pub(super) fn drop(&mut self, mark: u32) -> Option<Kept> {
        let index = (mark & 0xffff) as u16;
        let place = self.places.get_mut(usize::from(index))?;
        let kept = place.kept.take()?;
        place.use_ = place.use_.wrapping_add(1);
        self.size -= place.charged;
        place.charged = 0;
        self.free.push(index);
        Some(kept)
    }

    /// Gives up what is too old, or all; what an incomplete hello tells is heard.
    pub(super) fn expire(&mut self, now: Nanos, all: bool, heard: &mut Vec<Heard>) {
        for index in 0..self.places.len() {
            let Some(place) = self.places.get(index) else {
                return;
            };
            let Some(kept) = place.kept.as_ref() else {
                continue;
            };
            let age = now.0.saturating_sub(place.since.0);
            // A cut lags behind its frames: what was kept since then is younger than it.
            let patience = kept.patience();
            if !all && (-patience..patience).contains(&age) {
                continue;
            }
            let (who, since) = (place.who, place.since);
            let mark = u32::from(place.use_) << 16 | index as u32;
            if let (Some(kept), Some(who)) = (self.drop(mark), who) {
                let mut notes = notes(who, since, heard);
                kept.give_up(&mut notes);
            }
        }
    }

    pub(super) fn size(&self) -> usize {
        self.size
    }

    pub(super) fn take_refused(&mut self) -> u64 {
        std::mem::take(&mut self.refused)
    }

    fn free_place(&mut self) -> Option<u16> {
        if let Some(index) = self.free.pop() {
            return Some(index);
        }
        if self.places.len() >= MOST_PLACES {
            self.refused += 1;
            return None;
        }
        self.places.push(Place {
            use_: 0,
            kept: None,
            who: None,
            since: Nanos(0),
            payloads: 0,
            stages: 0,
            charged: 0,
        });
        Some((self.places.len() - 1) as u16)
    }
}

/// Notes of what is told without a frame of its own.
fn notes(who: Who, at: Nanos, heard: &mut Vec<Heard>) -> Notes<'_> {
    Notes {
        who,
        from: End::Low,
        at,
        frame: FrameNumber(u64::MAX),
        wanted: Wanted::Name,
        heard,
    }
}

impl Place {
    pub(super) fn kept(&mut self) -> Option<&mut Kept> {
        self.kept.as_mut()
    }

    /// Another payload came; true if there were too many, or they came too late.
    pub(super) fn is_over(&mut self, at: Nanos) -> bool {
        self.payloads = self.payloads.saturating_add(1);
        let age = at.0.saturating_sub(self.since.0);
        let kept = self.kept.as_ref();
        let (patience, most) = kept.map_or((0, 0), |kept| (kept.patience(), kept.most_payloads()));
        self.payloads > most || age > patience
    }

    /// It has come further: what it waits for now is another thing. False if that was so too often.
    pub(super) fn begins_anew(&mut self, at: Nanos, bounded: bool) -> bool {
        (self.since, self.payloads) = (at, 0);
        self.stages = self.stages.saturating_add(u8::from(bounded));
        self.stages <= MOST_STAGES
    }
}

impl Kept {
    fn size(&self) -> usize {
        match self {
            Kept::Stream(stream) => size_of::<Stream>() + stream.size(),
            Kept::Quic { quic, .. } => size_of::<Quic>() + quic.held(),
            Kept::Dtls(dtls) => size_of::<Dtls>() + dtls.held(),
        }
    }

    fn patience(&self) -> i64 {
        match self {
            Kept::Stream(stream) if stream.is_dialogue() => DIALOGUE,
            _ => HELLO,
        }
    }

    fn most_payloads(&self) -> u8 {
        match self {
            Kept::Stream(stream) if stream.is_dialogue() => 4 * MOST_PAYLOADS,
            // Acknowledgements and what the server says come between.
            _ => 2 * MOST_PAYLOADS,
        }
    }

    /// No more will come.
    pub(super) fn give_up(&self, notes: &mut Notes) {
        match self {
            Kept::Stream(stream) => stream.give_up(notes),
            Kept::Quic { quic, .. } => {
                notes.claim(
                    SiteSource::QuicSni,
                    tls::partial_message(quic.so_far(), Transport::Quic),
                );
            }
            // What is not whole may hide that its name is an outer one.
            Kept::Dtls(_) => {}
        }
    }
}
