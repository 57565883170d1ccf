//! IP packets put together again from their parts (RFC 791, RFC 8200, 4.5), for whoever reads what
//! the transport carries. In any order; where parts overlap what came first stays. Bounded in every
//! way, because anybody can send parts.

use crate::decode::FragmentId;
use crate::units::Second;
use ahash::RandomState;
use std::collections::HashMap;

/// The largest packet that there can be.
const LONGEST: usize = 65_536;
/// Packets, and bytes of all, that are put together at a time.
const MOST: usize = 256;
const MOST_BYTES: usize = 1 << 20;
/// Parts of one packet: 64 KiB in the least parts that links have, IPv6's least apart.
const MOST_PARTS: usize = 128;
/// How long parts may be apart, in seconds.
const PATIENCE: i64 = 60;

/// Packets that are being put together.
#[derive(Debug, Default)]
pub struct Defrag {
    packets: HashMap<FragmentId, Pieces, RandomState>,
    bytes: usize,
    begun: u64,
}

/// What has come of one packet: pieces without overlap, by where they begin.
#[derive(Debug)]
struct Pieces {
    there: Vec<(usize, Vec<u8>)>,
    /// Where the packet ends, once the last part has come.
    end: Option<usize>,
    bytes: usize,
    parts: usize,
    since: Second,
    /// Which of all that were begun: the oldest are given up first.
    number: u64,
}

impl Defrag {
    /// Takes a part's data in, which begins at `offset` of the whole packet's; gives the whole once
    /// it is all there: transport header and payload.
    pub fn part(
        &mut self,
        id: FragmentId,
        offset: usize,
        more: bool,
        bytes: &[u8],
        now: Second,
    ) -> Option<Vec<u8>> {
        let end = offset
            .checked_add(bytes.len())
            .filter(|end| *end <= LONGEST)?;
        self.make_room(&id, bytes.len(), now);
        self.begun += 1;
        let number = self.begun;
        let packet = self
            .packets
            .entry(id)
            .or_insert_with(|| Pieces::new(now, number));
        packet.parts += 1;
        if packet.parts > MOST_PARTS || packet.ends_elsewhere(end, more) {
            self.drop(&id);
            return None;
        }
        let before = packet.bytes;
        packet.add(offset, bytes);
        let whole = packet.whole();
        self.bytes = self.bytes - before + packet.bytes;
        if whole.is_some() {
            self.drop(&id);
        }
        whole
    }

    /// Gives up what is too old, and the oldest while there is no room for so many bytes more.
    fn make_room(&mut self, id: &FragmentId, bytes: usize, now: Second) {
        let span = now.0.saturating_sub(PATIENCE)..=now.0.saturating_add(PATIENCE);
        if self
            .packets
            .get(id)
            .is_some_and(|it| !span.contains(&it.since.0))
        {
            self.drop(id);
        }
        let is_new = !self.packets.contains_key(id);
        while self.bytes + bytes > MOST_BYTES || is_new && self.packets.len() >= MOST {
            let others = self.packets.iter().filter(|(other, _)| *other != id);
            let Some(oldest) = others.min_by_key(|(_, it)| it.number).map(|(id, _)| *id) else {
                return;
            };
            self.drop(&oldest);
        }
    }

    fn drop(&mut self, id: &FragmentId) {
        if let Some(packet) = self.packets.remove(id) {
            self.bytes -= packet.bytes;
        }
    }
}

impl Pieces {
    fn new(since: Second, number: u64) -> Pieces {
        Pieces {
            there: Vec::new(),
            end: None,
            bytes: 0,
            parts: 0,
            since,
            number,
        }
    }

    /// Does this part contradict where the packet ends? Notes the end if it tells it.
    fn ends_elsewhere(&mut self, end: usize, more: bool) -> bool {
        let furthest = self.there.last().map_or(0, |(at, piece)| at + piece.len());
        match (self.end, more) {
            (Some(known), true) => end > known,
            (Some(known), false) => end != known,
            (None, true) => false,
            (None, false) => {
                self.end = Some(end);
                furthest > end
            }
        }
    }

    /// Adds what of these bytes is not there yet: the gaps between pieces that they cover.
    fn add(&mut self, offset: usize, bytes: &[u8]) {
        let mut added = Vec::new();
        let mut from = offset;
        let end = offset + bytes.len();
        let pieces = self.there.iter().map(|(at, piece)| (*at, at + piece.len()));
        for (start, stop) in pieces.chain([(end, end)]) {
            let gap = from..start.min(end);
            if gap.start < gap.end
                && let Some(piece) = bytes.get(gap.start - offset..gap.end - offset)
            {
                added.push((gap.start, piece.to_vec()));
            }
            from = from.max(stop);
        }
        self.bytes += added.iter().map(|(_, piece)| piece.len()).sum::<usize>();
        self.there.extend(added);
        self.there.sort_unstable_by_key(|(at, _)| *at);
    }

    /// The whole packet, if nothing is missing.
    fn whole(&self) -> Option<Vec<u8>> {
        (self.end? == self.bytes).then(|| {
            let pieces = self.there.iter().map(|(_, piece)| piece.as_slice());
            pieces.collect::<Vec<_>>().concat()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::key::{InterfaceId, Protocol, RawAddress};
    use proptest::prelude::*;

    fn id(number: u32) -> FragmentId {
        FragmentId {
            source: RawAddress(1),
            destination: RawAddress(2),
            number,
            protocol: Protocol::UDP,
            six: false,
            interface: InterfaceId(0),
        }
    }

    #[test]
    fn what_came_first_stays_where_parts_overlap() {
        let mut defrag = Defrag::default();
        let mut part = |at, more, bytes: &[u8]| defrag.part(id(1), at, more, bytes, Second(0));
        assert_eq!(part(8, true, b"BBBBBBBB"), None);
        assert_eq!(part(20, false, b"DDDD"), None);
        assert_eq!(part(4, true, b"xxxxxxxxxxxxxxxx"), None);
        let whole = part(0, true, b"AAAAyyyyyyyy");
        assert_eq!(whole.unwrap(), b"AAAAxxxxBBBBBBBBxxxxDDDD");
        assert_eq!((defrag.bytes, defrag.packets.len()), (0, 0));
    }

    #[test]
    fn parts_that_contradict_each_other_are_given_up() {
        let cases: [&[(usize, bool, usize)]; 4] = [
            &[(0, true, 16), (8, false, 4)],
            &[(16, false, 8), (16, true, 16)],
            &[(16, false, 8), (16, false, 16)],
            &[(65_528, true, 16)],
        ];
        for parts in cases {
            let mut defrag = Defrag::default();
            for (at, more, length) in parts {
                let whole = defrag.part(id(1), *at, *more, &vec![0; *length], Second(0));
                assert_eq!(whole, None, "{parts:?}");
            }
            assert_eq!((defrag.bytes, defrag.packets.len()), (0, 0), "{parts:?}");
        }
    }

    #[test]
    fn a_flood_is_bounded_and_the_oldest_go() {
        let mut defrag = Defrag::default();
        let large = vec![0; 60_000];
        for number in 0..10_000 {
            let second = Second(i64::from(number) / 1000);
            defrag.part(id(number), 0, true, &large, second);
            assert!(defrag.bytes <= MOST_BYTES && defrag.packets.len() <= MOST);
        }
        for at in 0..10_000 {
            defrag.part(id(0), at * 2, true, &[0], Second(10));
        }
        assert!(defrag.packets.values().all(|it| it.parts <= MOST_PARTS));
        let late = defrag.part(id(9_999), 60_000, false, &[0], Second(100));
        assert_eq!(late, None, "its first part was forgotten");
    }

    proptest! {
        #[test]
        fn any_order_gives_the_whole(
            whole in prop::collection::vec(any::<u8>(), 1..2000),
            size in 20..300usize,
            order in any::<u64>(),
        ) {
            let mut parts: Vec<(usize, &[u8])> = whole.chunks(size).enumerate().collect();
            let last = parts.len() - 1;
            parts.sort_by_key(|(index, _)| (*index as u64 + 1).wrapping_mul(order | 1));
            let mut defrag = Defrag::default();
            let mut got = Vec::new();
            for (index, part) in &parts {
                let more = *index < last;
                got.extend(defrag.part(id(1), index * size, more, part, Second(0)));
            }
            prop_assert_eq!(got, [whole.clone()]);
            prop_assert_eq!((defrag.bytes, defrag.packets.len()), (0, 0));
        }

        #[test]
        fn no_parts_can_hurt(
            parts in prop::collection::vec(
                (0..3u32, 0..70_000usize, any::<bool>(), 0..2000usize, 0..100i64), 0..300),
        ) {
            let mut defrag = Defrag::default();
            for (number, at, more, length, second) in parts {
                let at = at % 4096;
                defrag.part(id(number), at, more, &vec![7; length], Second(second));
                let sum: usize = defrag.packets.values().map(|it| it.bytes).sum();
                prop_assert_eq!(sum, defrag.bytes);
                prop_assert!(sum <= MOST_BYTES);
            }
        }
    }
}
