//! Worlds in which the wall clock does what clocks do, as functions of the time that really passes.

use crate::units::{NANOS, Nanos};

const SECOND: i64 = NANOS;
const HOUR: i64 = 3_600 * SECOND;
const DAY: i64 = 24 * HOUR;
const YEAR: i64 = 365 * DAY;

/// What the wall clock does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Step(i64, &'static str),
    /// Nothing: a zone's clocks are changed, or nobody's.
    Nothing(&'static str, &'static str),
    Leap,
    Slew,
    Boot,
    /// A wrong clock, set right soon.
    Astray,
}

/// Where in time it does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Position {
    Start,
    Minute,
    Edge,
}

/// The twelve of the promise.
pub(super) const KINDS: [Kind; 12] = [
    Kind::Step(SECOND, "1 s ahead"),
    Kind::Step(-SECOND, "1 s back"),
    Kind::Step(HOUR, "1 h ahead"),
    Kind::Step(-HOUR, "1 h back"),
    Kind::Step(YEAR, "a year ahead"),
    Kind::Step(-YEAR, "a year back"),
    Kind::Step(8 * HOUR, "8 h of suspension"),
    Kind::Nothing("2026-03-29T01:00:00Z", "2026-03-29T22:00:00Z"),
    Kind::Nothing("2026-10-25T01:00:00Z", "2026-10-25T23:00:00Z"),
    Kind::Leap,
    Kind::Slew,
    Kind::Boot,
];
pub(super) const POSITIONS: [Position; 3] = [Position::Start, Position::Minute, Position::Edge];

/// The wall clock from some time on: where it stands then, and how fast it goes, in twelfths.
#[derive(Clone, Copy, Debug)]
struct Piece {
    from: i64,
    wall: i64,
    twelfths: i64,
}

/// How the wall clock goes while steady time passes.
#[derive(Clone, Debug)]
pub(super) struct World {
    pieces: Vec<Piece>,
    pub(super) zone: &'static str,
}

impl World {
    /// Nothing happens.
    fn calm(wall: i64) -> World {
        World {
            pieces: vec![Piece {
                from: 0,
                wall,
                twelfths: 12,
            }],
            zone: "UTC",
        }
    }

    pub(super) fn of(kind: Kind, position: Position) -> World {
        let (start, when) = match position {
            Position::Start => (time("2026-06-10T12:34:20Z"), millis(260)),
            Position::Minute => (time("2026-06-10T12:34:20Z"), millis(130_460)),
            Position::Edge => (
                time("2026-06-10T00:00:00Z") - millis(130_000),
                millis(129_960),
            ),
        };
        match kind {
            Kind::Step(by, _) => World::calm(start).step(when, by),
            Kind::Nothing(change, end_of_day) => World {
                zone: "Europe/Berlin",
                ..match position {
                    Position::Start => World::calm(time(change)),
                    Position::Minute => World::calm(time(change) - millis(130_500)),
                    Position::Edge => World::calm(time(end_of_day) - millis(130_000)),
                }
            },
            Kind::Leap => {
                let midnight = time("2027-01-01T00:00:00Z");
                match position {
                    Position::Start => World::calm(midnight - SECOND).step(SECOND, -SECOND),
                    Position::Minute => {
                        World::calm(midnight - 130 * SECOND).step(130 * SECOND, -SECOND)
                    }
                    // One that is left out.
                    Position::Edge => {
                        World::calm(midnight - 130 * SECOND).step(129 * SECOND, SECOND)
                    }
                }
            }
            // As fast as any daemon goes.
            Kind::Slew => {
                let slewed = World::calm(start)
                    .pace(when, 13)
                    .pace(when + 60 * SECOND, 11);
                slewed.pace(when + 120 * SECOND, 12)
            }
            Kind::Boot => {
                let start = match position {
                    Position::Start => 5 * SECOND,
                    Position::Minute => 20 * SECOND,
                    Position::Edge => DAY - 130 * SECOND,
                };
                World::calm(start).step(when, time("2026-06-10T12:00:00Z"))
            }
            Kind::Astray => World::calm(start)
                .step(when, YEAR)
                .step(when + 100 * SECOND, -YEAR),
        }
    }

    pub(super) fn small_steps() -> World {
        let start = time("2026-06-10T12:34:20Z");
        let world = World::calm(start).step(millis(60_460), millis(-400));
        world
            .step(millis(61_760), millis(300))
            .step(millis(90_160), millis(-450))
    }

    pub(super) fn wall(&self, steady: i64) -> Nanos {
        let begun = self.pieces.iter().rfind(|piece| piece.from <= steady);
        let piece = begun.unwrap_or(&self.pieces[0]);
        Nanos(piece.wall + (steady - piece.from) * piece.twelfths / 12)
    }

    fn step(self, when: i64, by: i64) -> World {
        let wall = self.wall(when).0 + by;
        self.and(when, wall, 12)
    }

    fn pace(self, when: i64, twelfths: i64) -> World {
        let wall = self.wall(when).0;
        self.and(when, wall, twelfths)
    }

    fn and(mut self, from: i64, wall: i64, twelfths: i64) -> World {
        self.pieces.push(Piece {
            from,
            wall,
            twelfths,
        });
        self
    }
}

fn time(text: &str) -> i64 {
    let time: jiff::Timestamp = text.parse().unwrap();
    time.as_second() * SECOND
}

fn millis(millis: i64) -> i64 {
    millis * 1_000_000
}
