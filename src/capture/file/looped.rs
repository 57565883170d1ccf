//! A capture that never ends: the packets of one in memory, again and again, with their times moved
//! on. Only for captures of our own: one section of pcapng, little-endian, whose times are in
//! microseconds, with nothing but enhanced packet blocks from the first one on; perhaps gzip'd.

use super::input;
use crate::units::{NANOS, Nanos};
use std::io::{self, Read};

/// The kind of an enhanced packet block, and where in it its time lies: the upper half first.
const PACKET: u32 = 6;
const TIME: usize = 12;
const MICROS: i64 = 1_000_000;

pub(super) struct Looped {
    capture: Vec<u8>,
    /// Microseconds from the capture's times to those of this pass, and from pass to pass.
    shift: i64,
    period: i64,
    /// What is to be read next: a copy of a packet with its time moved.
    ready: Vec<u8>,
    given: usize,
    /// Where the next packet lies, and the first one.
    at: usize,
    packets: usize,
}

impl Looped {
    pub(super) fn new(capture: &[u8], start: Nanos) -> io::Result<Looped> {
        let mut whole = Vec::new();
        input::unpack(Box::new(io::Cursor::new(capture.to_vec())))?.read_to_end(&mut whole)?;
        let mut looped = Looped {
            capture: whole,
            shift: 0,
            period: 0,
            ready: Vec::new(),
            given: 0,
            at: 0,
            packets: 0,
        };
        let (first, last) = looped.span().ok_or(io::ErrorKind::InvalidData)?;
        // The next pass begins a tenth of a second after the last frame of this one.
        looped.period = last - first + MICROS / 10;
        looped.shift = start.0 / (NANOS / MICROS) - first;
        looped.ready = looped.part(0, looped.packets).unwrap_or_default().to_vec();
        looped.at = looped.packets;
        Ok(looped)
    }

    /// The times of the first and the last packet, in microseconds; finds where the packets begin.
    fn span(&mut self) -> Option<(i64, i64)> {
        while self.word(self.packets)? != PACKET {
            self.packets += self.length(self.packets)?;
        }
        let mut at = self.packets;
        let first = self.time(at)?;
        let mut last = first;
        while let Some(time) = self.time(at) {
            last = time;
            at += self.length(at)?;
        }
        Some((first, last))
    }

    fn part(&self, from: usize, to: usize) -> Option<&[u8]> {
        self.capture.get(from..to)
    }

    fn word(&self, at: usize) -> Option<u32> {
        Some(u32::from_le_bytes(*self.capture.get(at..)?.first_chunk()?))
    }

    fn time(&self, at: usize) -> Option<i64> {
        let (upper, lower) = (self.word(at + TIME)?, self.word(at + TIME + 4)?);
        Some(i64::from(upper) << 32 | i64::from(lower))
    }

    /// Of a block; one that claims to be shorter than its own head is none.
    fn length(&self, at: usize) -> Option<usize> {
        let length = self.word(at + 4)? as usize;
        (length > TIME).then_some(length)
    }

    /// Makes the next packet ready, of the next pass after the last one.
    fn turn(&mut self) -> Option<()> {
        if self.time(self.at).is_none() {
            self.at = self.packets;
            self.shift += self.period;
        }
        let (time, length) = (self.time(self.at)? + self.shift, self.length(self.at)?);
        let (start, end) = (self.at, self.at + length);
        let mut ready = self.part(start, start + TIME)?.to_vec();
        ready.extend(((time >> 32) as u32).to_le_bytes());
        ready.extend((time as u32).to_le_bytes());
        ready.extend(self.part(start + TIME + 8, end)?);
        (self.ready, self.given, self.at) = (ready, 0, end);
        Some(())
    }
}

impl Read for Looped {
    fn read(&mut self, place: &mut [u8]) -> io::Result<usize> {
        if self.given == self.ready.len() && self.turn().is_none() {
            return Ok(0);
        }
        let rest = self.ready.get(self.given..).unwrap_or_default();
        let count = rest.len().min(place.len());
        for (to, from) in place.iter_mut().zip(rest) {
            *to = *from;
        }
        self.given += count;
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passes_follow_each_other_behind_one_head() {
        let block = |kind: u32, body: &[u32]| {
            let length = 12 + 4 * body.len() as u32;
            let words = [&[kind, length], body, &[length]].concat();
            words.into_iter().flat_map(u32::to_le_bytes)
        };
        let packet = |second: u64| {
            let ticks = second * MICROS as u64 + 7;
            block(PACKET, &[0, (ticks >> 32) as u32, ticks as u32, 4, 60, 9])
        };
        let head: Vec<u8> = block(1, &[1, 0]).chain(block(2, &[3])).collect();
        let packets = packet(5_000).chain(packet(5_003));
        let capture: Vec<u8> = head.iter().copied().chain(packets).collect();
        let mut looped = Looped::new(&capture, Nanos(9_000 * NANOS)).unwrap();
        let length = packet(1).count();
        let mut read = vec![0; head.len() + 4 * length];
        looped.read_exact(&mut read).unwrap();
        assert_eq!(read[..head.len()], head);
        let micros = |index: usize| {
            let block = &read[head.len() + index * length..];
            let word = |at: usize| u32::from_le_bytes(*block[at..].first_chunk().unwrap());
            assert_eq!(
                (word(0), word(20), word(28)),
                (PACKET, 4, 9),
                "what is around the time"
            );
            i64::from(word(TIME)) << 32 | i64::from(word(TIME + 4))
        };
        assert_eq!(micros(0), 9_000 * MICROS);
        assert_eq!(micros(1) - micros(0), 3 * MICROS);
        assert_eq!(micros(2) - micros(1), MICROS / 10);
        assert_eq!(micros(3) - micros(2), 3 * MICROS);
    }

    #[test]
    fn what_is_no_such_capture_is_refused() {
        for capture in [&[][..], &[6; 8], &[0; 64]] {
            assert!(Looped::new(capture, Nanos(0)).is_err(), "{capture:?}");
        }
    }
}
