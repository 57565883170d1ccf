//! Payload to name claims: who a flow says that it talks to, each claim with its source and never
//! trusted. Parsers take bytes and give values; what is kept between packets is bounded. Knows no
//! flow table and no label's final say: which claim wins is decided where seconds are labelled.

mod claim;
mod config;
pub mod dhcp;
pub mod dialogue;
pub mod dns;
mod domain;
mod half;
mod hearing;
pub mod http;
mod ledger;
mod listener;
mod name;
mod parsed;
pub mod places;
pub mod protocol;
pub mod quic;
pub mod sctp;
mod shown;
mod stage;
pub mod tls;

pub use claim::{Claim, Heard, Said, Speech, Who};
pub use config::Config;
pub use dns::{Answer, Answers};
pub use domain::{Domain, Suffix, domain};
pub use hearing::Hearing;
pub use ledger::{Ledger, MOST_ADDRESSES, MOST_NAMES, Told};
pub use listener::{Effort, Listener};
pub use name::Name;
pub use parsed::Parsed;
pub use protocol::Protocol;
pub use shown::shown;
pub use tls::Ja4;
