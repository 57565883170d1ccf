//! Where frames come from: live interfaces through libpcap, and capture files. Gives batches of
//! frames on pooled slabs with cuts between seconds in band, each frame already in its second.
//! Owns the handles, the slabs and the order of time; does not know what is in a frame.

mod frame;
mod interface;

pub use frame::{Batch, Cut, Frame, InterfaceFacts, Link, Message, SLOTS, Slot};
pub use interface::{DirectionRule, Interface, Network};
