//! Who talks to whom: canonical keys, counters each way, TCP's ends, expiry and eviction. Each
//! worker writes a table of its own; the API reads them all. Knows no labels and no clock.

mod config;
mod defrag;
mod endings;
mod expiry;
mod fragments;
mod held;
mod index;
mod newcomers;
mod open;
mod owners;
mod parked;
mod row;
mod side;
mod table;
mod wheel;
mod worker;

pub use config::{Config, Idle};
pub use defrag::Defrag;
pub use fragments::MOST_FRAGMENTED;
pub use newcomers::Newcomer;
pub use owners::Owner;
pub use row::{Ended, Ending, Folded, OpenTotal, Part, Row, Unflowed};
pub use table::{Flow, Tables};
pub use worker::{Classify, Worker};

#[cfg(test)]
mod model_tests;
#[cfg(test)]
mod owner_tests;
#[cfg(test)]
mod test_frames;
#[cfg(test)]
mod tests;
