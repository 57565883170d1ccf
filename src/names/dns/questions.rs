//! The names that a message asks for, or says that it answers.

use super::header::{Header, LENGTH};
use super::labels::{Budget, end, expand};
use super::{Family, MOST_RECORDS, netbios};
use crate::names::Name;
use ahash::AHashSet;

/// Bytes of a question after its name: type and class (RFC 1035, 4.1.2).
const AFTER_NAME: usize = 4;

/// Tells each name that the message asks for, once, in queries and in responses. Questions before
/// a damaged one, or before the end of a message that was cut, are told; a name that cannot be one
/// (it goes round, it is too long) is passed over.
pub fn questions(message: &[u8], family: Family, mut each: impl FnMut(Name)) {
    let Some(header) = Header::of(message) else {
        return;
    };
    let (mut told, mut budget) = (Told::default(), Budget::new());
    for at in Questions::of(message, header) {
        let name = match family {
            Family::Nbns => netbios::name_at(message, at, &mut budget),
            Family::Dns | Family::Mdns | Family::Llmnr => {
                expand(message, at, &mut budget).and_then(|text| text.name())
            }
        };
        if let Some(name) = name
            && told.is_new(&name)
        {
            each(name);
        }
    }
}

/// Gives where each question's name begins.
pub(super) struct Questions<'m> {
    message: &'m [u8],
    at: usize,
    left: usize,
}

impl<'m> Questions<'m> {
    pub(super) fn of(message: &'m [u8], header: Header) -> Questions<'m> {
        Questions {
            message,
            at: LENGTH,
            left: usize::from(header.questions).min(MOST_RECORDS),
        }
    }

    /// Where the records begin; `None` where a question is damaged, or there are too many.
    pub(super) fn end(message: &[u8], header: Header) -> Option<usize> {
        let mut questions = Questions::of(message, header);
        let whole = questions.by_ref().count() == usize::from(header.questions);
        whole.then_some(questions.at)
    }
}

impl Iterator for Questions<'_> {
    type Item = usize;

    fn next(&mut self) -> Option<usize> {
        self.left = self.left.checked_sub(1)?;
        let name = self.at;
        let next = end(self.message, name)?.checked_add(AFTER_NAME)?;
        if next > self.message.len() {
            return None;
        }
        self.at = next;
        Some(name)
    }
}

/// The names of a message that were told already: nearly always there is but one.
#[derive(Default)]
struct Told {
    first: Option<Name>,
    more: AHashSet<Name>,
}

impl Told {
    fn is_new(&mut self, name: &Name) -> bool {
        match &self.first {
            None => {
                self.first = Some(name.clone());
                true
            }
            Some(first) => first != name && self.more.insert(name.clone()),
        }
    }
}
