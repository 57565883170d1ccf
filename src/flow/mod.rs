//! Who talks to whom: canonical keys, counters each way, TCP's ends, expiry and eviction. Each
//! worker writes its own table; the API reads them all. Knows no labels and no clock.

mod row;

pub use row::{Ended, Ending, OpenTotal, Part, Row, Unflowed};
