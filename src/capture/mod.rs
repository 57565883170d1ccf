//! Where frames come from: live interfaces through libpcap, and capture files. Gives batches of
//! frames on pooled slabs with cuts between seconds in band, each frame already in its second.
//! Owns the handles, the slabs and the order of time; does not know what is in a frame.

mod facts;
pub mod file;
pub mod filter;
mod frame;
mod interface;
pub mod live;
pub mod pktap;
mod pool;
mod process;
mod seconds;

pub use facts::OpenFacts;
pub use frame::{Batch, Cut, Frame, InterfaceFacts, Link, Message, SLOTS, Slot};
pub use interface::{DirectionRule, Interface, Network};
pub use pool::{BATCH_FRAMES, Filling, Home, Pool};
pub use process::{Named, Process};
pub use seconds::{Closing, Closings, Fault, Placed, Seconds};
