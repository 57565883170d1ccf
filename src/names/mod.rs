//! Payload to name claims: who a flow says that it talks to, each claim with its source and never
//! trusted. Parsers take bytes and give values; what is kept between packets is bounded. Knows no
//! flow table and no label's final say: which claim wins is the ladder's business.

mod domain;
mod name;
mod parsed;
pub mod places;
mod shown;

pub use domain::{Domain, Suffix, domain};
pub use name::Name;
pub use parsed::Parsed;
pub use shown::shown;
