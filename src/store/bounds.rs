//! How many rows there may be: a writer makes no more, and a reader takes no more in. What is compressed
//! may unpack to a thousand times what lies on the disk: a file that somebody made must not take the
//! memory that millions of rows need.

use super::codec::Damaged;
use super::{seal, sums};
use crate::tick;

/// Of one second.
pub(super) const OF_A_SECOND: u64 = (tick::MOST_ROWS + tick::MOST_OTHERS) as u64;
/// Of one block, of seconds or of buckets.
pub(super) const OF_A_BLOCK: u64 = 262_144;

// A block of seconds takes one more until it is full. One of buckets is small, or a single bucket; that has
// a row for each interface of each of its parts beside what is bounded.
const _: () = assert!(seal::ROWS as u64 + OF_A_SECOND <= OF_A_BLOCK);
const _: () = assert!(sums::MOST as u64 * 2 <= OF_A_BLOCK);

/// Refuses what no writer makes.
pub(super) fn in_second(rows: u64) -> Result<(), Damaged> {
    if rows > OF_A_SECOND {
        return Err(Damaged("more rows than a second has"));
    }
    Ok(())
}

/// The same of a block.
pub(super) fn in_block(rows: u64) -> Result<(), Damaged> {
    if rows > OF_A_BLOCK {
        return Err(Damaged("more rows than a block has"));
    }
    Ok(())
}
