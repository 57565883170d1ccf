//! Payload to name claims: who a flow says that it talks to, each claim with its source and never
//! trusted. Parsers take bytes and give values; what is kept between packets is bounded. Knows no
//! flow table and no label's final say: which claim wins is decided where seconds are labelled.

mod claim;
mod config;
mod dhcp;
mod dialogue;
mod dns;
mod half;
mod hearing;
mod http;
mod ledger;
mod listener;
mod name;
mod parsed;
pub mod dns;
pub mod dhcp;
mod ledger;

pub use ledger::{Ledger, MOST_ADDRESSES, MOST_NAMES, Told};
pub use name::Name;
pub use parsed::Parsed;
pub use protocol::Protocol;
pub use tls::Ja4;
