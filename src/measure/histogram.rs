//! The one histogram shape that all stages share: 1 us to 60 s in nanoseconds, two significant
//! digits, about 21 KB. Values outside saturate at the ends.

use hdrhistogram::Histogram;
use hdrhistogram::serialization::{Deserializer, Serializer, V2Serializer};

const LOWEST_NS: u64 = 1_000;
const HIGHEST_NS: u64 = 60_000_000_000;
const DIGITS: u8 = 2;

pub(super) type Latencies = Histogram<u64>;

#[expect(
    clippy::expect_used,
    reason = "the bounds are constants that are in order"
)]
pub(super) fn empty() -> Latencies {
    Histogram::new_with_bounds(LOWEST_NS, HIGHEST_NS, DIGITS).expect("constant bounds")
}

/// Adds counts of the same shape.
pub(super) fn add(sum: &mut Latencies, more: &Latencies) {
    let added = sum.add(more);
    debug_assert!(added.is_ok(), "all histograms have the same bounds");
}

/// HdrHistogram's V2 form: some hundred bytes for a minute of a usual stage.
pub(super) fn pack(histogram: &Latencies) -> Vec<u8> {
    let mut bytes = Vec::new();
    let written = V2Serializer::new().serialize(histogram, &mut bytes);
    debug_assert!(written.is_ok(), "a vector takes what is written to it");
    bytes.shrink_to_fit();
    bytes
}

pub(super) fn unpack(mut bytes: &[u8]) -> Option<Latencies> {
    Deserializer::new().deserialize(&mut bytes).ok()
}
