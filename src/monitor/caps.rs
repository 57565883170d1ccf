//! How near the caps of the packet's way are, for `/metrics`: set once a second, from what the rooms
//! hand over with each second anyway.

use crate::config::Config;
use crate::flow;
use crate::measure::{Counter, Gauge, Meters};
use crate::tick::Merged;

pub(super) struct Caps {
    most_rows: usize,
    rows: Gauge,
    folded: Counter,
    unrecorded: Counter,
    fragments: Gauge,
    rings: Gauge,
    names: Names,
}

/// What listening for names takes and what it gave up.
struct Names {
    memory: Gauge,
    answers: Gauge,
    flows: Gauge,
    given_up: Counter,
    panics: Counter,
}

impl Caps {
    pub(super) fn new(meters: &Meters, config: &Config, workers: usize) -> Caps {
        let most_rows = config.tick.rows;
        let fragments = (workers * flow::MOST_FRAGMENTED) as u64;
        let (about_rows, about_fragments, about_rings) = (
            "Rows kept of the last second.",
            "Fragmented packets whose ports are remembered.",
            "Capture rings that the kernel maps into this process.",
        );
        Caps {
            most_rows,
            rows: meters.cap("tick_rows", about_rows, most_rows as u64),
            folded: meters.counter(
                "tick_rows_folded",
                "Rows over the cap, folded into `other`.",
            ),
            unrecorded: meters.counter(
                "flow_ended_unrecorded",
                "Ended flows over the cap, not kept as connections.",
            ),
            fragments: meters.cap("flow_fragmented", about_fragments, fragments),
            names: Names::new(meters, config),
            rings: meters.cap(
                "capture_ring_bytes",
                about_rings,
                config.capture.rings_most(),
            ),
        }
    }

    /// A second was cut, while so many bytes of capture rings were mapped.
    pub(super) fn second(&self, second: &Merged, (flows, answers): (usize, usize), rings: u64) {
        self.rows(second.rows.len());
        let folded = second.folded.iter().map(|folded| u64::from(folded.opened));
        self.folded.add(folded.sum());
        self.unrecorded.add(second.unrecorded);
        self.fragments.set(second.fragmented);
        self.rings.set(rings);
        self.names.memory.set(second.effort.kept_bytes);
        self.names.given_up.add(second.effort.given_up);
        self.names.panics.add(second.effort.panics);
        self.names.flows.set(flows as u64);
        self.names.answers.set(answers as u64);
    }

    fn rows(&self, rows: usize) {
        self.rows.set(rows.min(self.most_rows) as u64);
        self.folded.add(rows.saturating_sub(self.most_rows) as u64);
    }
}

impl Names {
    fn new(meters: &Meters, config: &Config) -> Names {
        let (memory, answers) = (
            config.names.memory_mib as u64 * 1024 * 1024,
            config.names.answers_max,
        );
        Names {
            memory: meters.cap(
                "names_memory_bytes",
                "Hellos and requests that are being put together.",
                memory,
            ),
            answers: meters.cap(
                "names_answers",
                "Addresses whose names are remembered.",
                answers as u64,
            ),
            flows: meters.cap(
                "names_flows",
                "Flows that are known to have more than an address.",
                config.flow.max as u64,
            ),
            given_up: meters.counter(
                "names_given_up",
                "Flows without a name for want of memory or of time to decrypt.",
            ),
            panics: meters.counter(
                "frame_panics",
                "Frames and payloads that made a parser panic: a defect.",
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_over_the_cap_are_counted_beside_it() {
        let mut config = Config::default();
        config.tick.rows = 10;
        let meters = Meters::default();
        let caps = Caps::new(&meters, &config, 2);
        let told = |rows| {
            caps.rows(rows);
            let of = |name| {
                meters
                    .snapshot()
                    .into_iter()
                    .find(|one| one.name == name)
                    .unwrap()
            };
            let (rows, folded) = (of("tick_rows"), of("tick_rows_folded"));
            (rows.value, rows.limit, folded.value)
        };
        assert_eq!(told(10), (10, Some(10), 0));
        assert_eq!(told(13), (10, Some(10), 3));
        assert_eq!(told(12), (10, Some(10), 5));
        assert_eq!(told(1), (1, Some(10), 5));
    }
}
