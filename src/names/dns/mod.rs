//! Messages of the domain name system and its relatives to the names that were asked for and the
//! addresses that were given for them: DNS (RFC 1035), multicast DNS (RFC 6762), LLMNR (RFC 4795)
//! and NetBIOS names (RFC 1002). Owns nothing between messages; which flow a name belongs to, and
//! what an address is called, is decided elsewhere.
//!
//! A message costs no more than a constant times its length: at most [`MOST_RECORDS`] records are
//! read and at most [`MOST_LABEL_BYTES`] of labels are followed, whatever its pointers say.

mod header;
mod text;
mod labels;
mod records;
mod services;
mod chain;
mod questions;
mod answers;
mod netbios;
mod content;
mod stream;

pub use answers::{Answer, Answers, Failure, answers};
pub use content::looks_like_dns;
pub use netbios::nbdgm;
pub use questions::questions;
pub use stream::{Messages, messages};

pub(super) use labels::{Budget, expand};

/// Questions and records that are read of one message.
pub const MOST_RECORDS: usize = 512;
/// Bytes of labels that are followed for one message.
pub const MOST_LABEL_BYTES: usize = 16 * 1024;

/// Which of the systems a message belongs to. The port says it: their headers do not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Family {
    /// RFC 1035, over UDP or, message by message, over TCP.
    Dns,
    /// RFC 6762, multicast or not.
    Mdns,
    /// RFC 4795.
    Llmnr,
    /// RFC 1002, 4.2.
    Nbns,
}

impl Family {
    /// The system whose registered port this is.
    pub fn of_port(port: u16) -> Option<Family> {
        match port {
            53 => Some(Family::Dns),
            5353 => Some(Family::Mdns),
            5355 => Some(Family::Llmnr),
            137 => Some(Family::Nbns),
            _ => None,
        }
    }
}

#[cfg(test)]
mod test_messages;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod answer_tests;
#[cfg(test)]
mod hostile_tests;
