//! Google's QUIC before the IETF's: up to Q043 with the public header, Q044 to Q046 with a long
//! header of its own, both with the first message in the clear ("QUIC Wire Layout Specification",
//! "QUIC Crypto", of the Chromium project). From Q050 on the packets are the IETF's with Google's
//! frames inside.

mod chlo;
mod clear;
mod frames;

pub(super) use chlo::name;
pub(super) use clear::{is_clear, payload};
pub(super) use frames::{next, stream};

#[cfg(test)]
mod tests;
