//! A capture that never ends: the records of one in memory, again and again, with their times moved
//! on. Only for captures of our own: classic pcap, little-endian, microseconds, perhaps gzip'd.

use super::input;
use crate::units::{NANOS, Nanos};
use std::io::{self, Read};

const HEADER: usize = 24;
const RECORD: usize = 16;
const MICROS: i64 = 1_000_000;

pub(super) struct Looped {
    capture: Vec<u8>,
    /// Microseconds from the capture's times to those of this pass, and from pass to pass.
    shift: i64,
    period: i64,
    /// What is to be read next: a copy of a record with its time moved.
    ready: Vec<u8>,
    given: usize,
    /// Where the next record lies.
    at: usize,
}

impl Looped {
    pub(super) fn new(capture: &[u8], start: Nanos) -> io::Result<Looped> {
        let mut whole = Vec::new();
        input::unpack(Box::new(io::Cursor::new(capture.to_vec())))?.read_to_end(&mut whole)?;
        let mut looped = Looped {
            ready: whole.get(..HEADER).unwrap_or_default().to_vec(),
            capture: whole,
            shift: 0,
            period: 0,
            given: 0,
            at: HEADER,
        };
        let (first, last) = looped.span().ok_or(io::ErrorKind::InvalidData)?;
        // The next pass begins a tenth of a second after the last frame of this one.
        looped.period = last - first + MICROS / 10;
        looped.shift = start.0 / (NANOS / MICROS) - first;
        Ok(looped)
    }

    /// The times of the first and the last record, in microseconds.
    fn span(&self) -> Option<(i64, i64)> {
        let mut at = HEADER;
        let first = self.time(at)?;
        let mut last = first;
        while let Some(time) = self.time(at) {
            last = time;
            at += self.length(at)?;
        }
        Some((first, last))
    }

    fn word(&self, at: usize) -> Option<u32> {
        Some(u32::from_le_bytes(*self.capture.get(at..)?.first_chunk()?))
    }

    fn time(&self, at: usize) -> Option<i64> {
        Some(i64::from(self.word(at)?) * MICROS + i64::from(self.word(at + 4)?))
    }

    fn length(&self, at: usize) -> Option<usize> {
        Some(RECORD + self.word(at + 8)? as usize)
    }

    /// Makes the next record ready, of the next pass after the last one.
    fn turn(&mut self) -> Option<()> {
        if self.time(self.at).is_none() {
            self.at = HEADER;
            self.shift += self.period;
        }
        let (time, length) = (self.time(self.at)? + self.shift, self.length(self.at)?);
        self.ready.clear();
        self.ready.extend(((time / MICROS) as u32).to_le_bytes());
        self.ready.extend(((time % MICROS) as u32).to_le_bytes());
        self.ready
            .extend(self.capture.get(self.at + 8..self.at + length)?);
        self.given = 0;
        self.at += length;
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
    fn passes_follow_each_other() {
        let mut capture = vec![0; HEADER];
        for (second, data) in [(100u32, b"ab"), (103, b"cd")] {
            for word in [second, 7, 2, 60] {
                capture.extend(word.to_le_bytes());
            }
            capture.extend(data);
        }
        let mut looped = Looped::new(&capture, Nanos(1_000 * NANOS)).unwrap();
        let mut read = vec![0; HEADER + 4 * (RECORD + 2)];
        looped.read_exact(&mut read).unwrap();
        let micros = |index: usize| {
            let at = HEADER + index * (RECORD + 2);
            let word =
                |at: usize| i64::from(u32::from_le_bytes(*read[at..].first_chunk().unwrap()));
            word(at) * MICROS + word(at + 4)
        };
        assert_eq!(micros(0), 1_000 * MICROS);
        assert_eq!(micros(1) - micros(0), 3 * MICROS);
        assert_eq!(micros(2) - micros(1), MICROS / 10);
        assert_eq!(micros(3) - micros(2), 3 * MICROS);
    }
}
