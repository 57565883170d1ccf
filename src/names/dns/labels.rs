//! Names as they lie in a message: labels, and pointers to names that were said before
//! (RFC 1035, 4.1.4). Invariant: a pointer is followed only to before everything that was read of
//! its name so far, so that no name goes round.

use super::MOST_LABEL_BYTES;
use super::text::Text;

/// Pointers in one name: as many as it can have labels.
const MOST_POINTERS: usize = 128;
const POINTER: u8 = 0xc0;
const LONGEST_LABEL: u8 = 63;

/// Bytes of labels that may still be followed for a message.
#[derive(Debug)]
pub(in crate::names) struct Budget(usize);

impl Budget {
    pub(in crate::names) fn new() -> Budget {
        Budget(MOST_LABEL_BYTES)
    }

    fn spend(&mut self, bytes: usize) -> Option<()> {
        self.0 = self.0.checked_sub(bytes)?;
        Some(())
    }
}

/// Where the name that begins at `at` ends, itself only: what it points to is not looked at.
/// `None` where the message ends before it does, or it has labels of a kind that is not in use.
pub(super) fn end(message: &[u8], mut at: usize) -> Option<usize> {
    loop {
        match *message.get(at)? {
            0 => return at.checked_add(1),
            length @ 1..=LONGEST_LABEL => at = at.checked_add(1 + usize::from(length))?,
            POINTER.. => return at.checked_add(2).filter(|end| *end <= message.len()),
            _ => return None,
        }
    }
}

/// The name that begins at `at`, its pointers followed. `None` where it is damaged, longer than a
/// name can be, or the message has had its share.
pub(in crate::names) fn expand(message: &[u8], mut at: usize, budget: &mut Budget) -> Option<Text> {
    let mut text = Text::ROOT;
    let mut first = at;
    for _ in 0..=MOST_POINTERS {
        let Ending::Pointer(target) = labels(message, at, &mut text, budget)? else {
            return Some(text);
        };
        if target >= first {
            return None;
        }
        (first, at) = (target, target);
    }
    None
}

enum Ending {
    Root,
    Pointer(usize),
}

/// Adds the labels from `at` on, and says what they end in.
fn labels(message: &[u8], at: usize, text: &mut Text, budget: &mut Budget) -> Option<Ending> {
    let mut rest = message.get(at..)?;
    loop {
        let (&length, after) = rest.split_first()?;
        match length {
            0 => return Some(Ending::Root),
            1..=LONGEST_LABEL => {
                let (label, after) = after.split_at_checked(usize::from(length))?;
                budget.spend(1 + label.len())?;
                text.push(label)?;
                rest = after;
            }
            POINTER.. => {
                budget.spend(2)?;
                return Some(Ending::Pointer(target(length, *after.first()?)));
            }
            _ => return None,
        }
    }
}

fn target(high: u8, low: u8) -> usize {
    usize::from(u16::from_be_bytes([high & !POINTER, low]))
}

/// Where the name that begins at `at` is spelt out, if it is nothing but a pointer: names that are
/// spelt at one place are one name.
pub(super) fn spelt_at(message: &[u8], at: usize) -> usize {
    match message.get(at..).and_then(<[u8]>::first_chunk) {
        Some(&[high @ POINTER..=u8::MAX, low]) => target(high, low),
        _ => at,
    }
}
