//! Which worker gets a frame: a keyed, symmetric hash of the outermost pair of IP addresses, so
//! that both directions and all fragments meet. Reads just enough of a frame for that; a frame that
//! it reads wrong is still counted right, because equal keys are merged at the cut.

mod links;

use crate::capture::Link;
use ahash::RandomState;

/// Steers frames with a key of this process's own.
#[derive(Clone, Debug)]
pub struct Steer(RandomState);

impl Steer {
    /// The key comes from the operating system: nobody outside can aim at one worker.
    pub fn new() -> Steer {
        Steer(RandomState::new())
    }

    /// The worker, of `workers`, for a frame.
    #[inline]
    pub fn worker(&self, link: Link, bytes: &[u8], workers: usize) -> usize {
        let Some((one, other)) = addresses(link, bytes) else {
            return 0;
        };
        let pair = if one <= other {
            (one, other)
        } else {
            (other, one)
        };
        (self.0.hash_one(pair) % workers.max(1) as u64) as usize
    }
}

impl Default for Steer {
    fn default() -> Steer {
        Steer::new()
    }
}

/// The outermost source and destination address, where they are found at a glance.
#[inline]
fn addresses(link: Link, bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let at = match link {
        Link::Ethernet if bytes.get(12..14) == Some(&[0x08, 0x00]) => 14,
        Link::Raw => 0,
        link => links::network(link, bytes)?,
    };
    let header = bytes.get(at..)?;
    match header.first()? >> 4 {
        4 => Some((header.get(12..16)?, header.get(16..20)?)),
        6 => Some((header.get(8..24)?, header.get(24..40)?)),
        _ => None,
    }
}
