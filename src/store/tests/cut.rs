//! What a power cut leaves of a recorded disk: what was synced, and of the rest nothing, all, some,
//! sectors, or some in another order.

use std::sync::Arc;

#[derive(Clone, Debug)]
pub(super) enum Event {
    Write(u64, Arc<[u8]>),
    Length(u64),
    Sync,
    /// So many seconds are acknowledged.
    Told(usize),
}

/// What becomes of writes that were not synced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    None,
    All,
    Subset,
    Torn,
    Reordered,
}

impl Kind {
    /// The `n`th image of a cut: the two certain ones first, then the others in turn.
    pub(super) fn of(n: usize) -> Kind {
        match n {
            0 => Kind::None,
            1 => Kind::All,
            n => [Kind::Subset, Kind::Torn, Kind::Reordered][n % 3],
        }
    }
}

/// A moment at which the power may go.
#[derive(Clone, Debug)]
pub(super) struct Cut {
    /// What is safe.
    safe: Arc<[u8]>,
    /// What was asked since.
    unsynced: Vec<Event>,
    /// Seconds that were acknowledged before.
    pub(super) told: usize,
}

impl Cut {
    pub(super) fn all(first: &[u8], events: &[Event]) -> Vec<Cut> {
        let (mut cuts, mut told, mut seen) = (Vec::new(), 0, first.to_vec());
        let mut cut = |seen: &mut Vec<u8>, unsynced: &[Event], told| {
            let safe = seen.as_slice().into();
            let unsynced: Vec<_> = unsynced
                .iter()
                .filter(|one| one.is_change())
                .cloned()
                .collect();
            for event in &unsynced {
                apply(seen, event);
            }
            cuts.push(Cut {
                safe,
                unsynced,
                told,
            });
        };
        for span in events.split(|event| matches!(event, Event::Sync)) {
            // Nothing is acknowledged while writes wait for their sync, but what came before them is.
            told = span
                .iter()
                .fold(told, |told, event| event.told().unwrap_or(told));
            cut(&mut seen, span, told);
        }
        cuts
    }

    pub(super) fn image(&self, kind: Kind, random: &mut impl FnMut() -> usize) -> Vec<u8> {
        let mut bytes = self.safe.to_vec();
        let mut events: Vec<&Event> = self.unsynced.iter().collect();
        match kind {
            Kind::None => events.clear(),
            Kind::All | Kind::Torn => {}
            Kind::Subset => events.retain(|_| random().is_multiple_of(2)),
            Kind::Reordered => shuffle(&mut events, random),
        }
        for event in events {
            match event {
                Event::Write(at, data) if kind == Kind::Torn && random().is_multiple_of(2) => {
                    tear(&mut bytes, *at, data, random);
                }
                event => apply(&mut bytes, event),
            }
        }
        bytes
    }
}

impl Event {
    fn is_change(&self) -> bool {
        matches!(self, Event::Write(..) | Event::Length(_))
    }

    fn told(&self) -> Option<usize> {
        match self {
            Event::Told(told) => Some(*told),
            _ => None,
        }
    }
}

/// In any order, and only some of them.
fn shuffle(events: &mut Vec<&Event>, random: &mut impl FnMut() -> usize) {
    for place in (1..events.len()).rev() {
        events.swap(place, random() % (place + 1));
    }
    events.truncate(random() % (events.len() + 1));
}

/// Some sectors of a write.
fn tear(bytes: &mut Vec<u8>, at: u64, data: &[u8], random: &mut impl FnMut() -> usize) {
    for (place, sector) in data.chunks(512).enumerate() {
        if random().is_multiple_of(2) {
            write(bytes, at as usize + place * 512, sector);
        }
    }
}

pub(super) fn apply(bytes: &mut Vec<u8>, event: &Event) {
    match event {
        Event::Length(length) => bytes.resize(*length as usize, 0),
        Event::Write(at, data) => write(bytes, *at as usize, data),
        Event::Sync | Event::Told(_) => {}
    }
}

fn write(bytes: &mut Vec<u8>, at: usize, data: &[u8]) {
    let end = at + data.len();
    if bytes.len() < end {
        bytes.resize(end, 0);
    }
    bytes[at..end].copy_from_slice(data);
}

/// Numbers at random, the same for a seed: xorshift.
pub(super) fn random(seed: usize) -> impl FnMut() -> usize {
    let mut state = (seed as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 11) as usize
    }
}
