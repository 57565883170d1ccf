//! The stages' minutes in HdrHistogram's interval log format: one interval a minute and stage, the
//! stage as the tag (a tag has no spaces: they become dashes). Any tool of that family reads it.

use super::histogram::unpack;
use super::stages::Stages;
use hdrhistogram::serialization::V2DeflateSerializer;
use hdrhistogram::serialization::interval_log::{IntervalLogWriterBuilder, Tag};
use std::time::Duration;

/// Nanoseconds in the log's `Interval_Max` column's unit, a millisecond.
const MILLISECOND: f64 = 1e6;

#[derive(Debug, thiserror::Error)]
#[error("the latency log could not be written: {0}")]
pub struct LogError(String);

impl Stages {
    /// The last hour and the open minute; values in nanoseconds, maxima in milliseconds.
    pub fn log(&self) -> Result<Vec<u8>, LogError> {
        let mut bytes = Vec::new();
        let mut serializer = V2DeflateSerializer::new();
        let mut log = IntervalLogWriterBuilder::new()
            .add_comment("[netmonitor: latency per stage, values in nanoseconds]")
            .with_max_value_divisor(MILLISECOND)
            .begin_log_with(&mut bytes, &mut serializer)
            .map_err(|error| LogError(error.to_string()))?;
        for (stage, minute) in self.minutes() {
            let Some(histogram) = unpack(&minute.packed) else {
                continue;
            };
            let began = Duration::from_secs(minute.began.0.max(0) as u64);
            let length = Duration::from_mins(1);
            let tag = stage.name.replace(' ', "-");
            log.write_histogram(&histogram, began, length, Tag::new(&tag))
                .map_err(|error| LogError(format!("{error:?}")))?;
        }
        drop(log);
        Ok(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::{NANOS, Nanos};
    use hdrhistogram::serialization::interval_log::{IntervalLogIterator, LogEntry};

    #[test]
    fn the_log_is_read_back_by_the_librarys_reader() {
        let stages = Stages::new(Nanos(1_767_322_800 * NANOS));
        let commit = stages.shared("commit", "");
        let route = stages.shared("GET /api/stats", "");
        commit.record(Nanos(1_500_000));
        stages.rotate(Nanos(1_767_322_860 * NANOS));
        commit.record(Nanos(1_500_000));
        route.record(Nanos(2_000_000));
        let log = stages.log().unwrap();
        let seen: Vec<_> = IntervalLogIterator::new(&log)
            .filter_map(|entry| match entry.unwrap() {
                LogEntry::Interval(interval) => Some(interval),
                _ => None,
            })
            .map(|interval| {
                let tag = interval.tag().unwrap().as_str().to_owned();
                (
                    tag,
                    interval.start_timestamp().as_secs(),
                    interval.max() as u64,
                )
            })
            .collect();
        let expected = [
            ("commit".to_owned(), 1_767_322_800, 1),
            ("commit".to_owned(), 1_767_322_860, 1),
            ("GET-/api/stats".to_owned(), 1_767_322_860, 2),
        ];
        assert_eq!(seen, expected);
    }
}
