//! The first twelve bytes of a message (RFC 1035, 4.1.1), which all relatives share.

use super::records::Records;

/// Where the first question or record lies.
pub(super) const LENGTH: usize = 12;

const RESPONSE: u16 = 0x8000;
const TRUNCATED: u16 = 0x0200;

/// Flags and counts. The counts are what the sender says: nothing need be there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Header {
    pub flags: u16,
    pub questions: u16,
    pub answers: u16,
    pub authorities: u16,
    pub additionals: u16,
}

impl Header {
    pub(super) fn of(message: &[u8]) -> Option<Header> {
        let words = message.as_chunks().0.first_chunk::<{ LENGTH / 2 }>()?;
        let [_, flags, questions, answers, authorities, additionals] =
            words.map(u16::from_be_bytes);
        Some(Header {
            flags,
            questions,
            answers,
            authorities,
            additionals,
        })
    }

    pub(super) fn is_response(self) -> bool {
        self.flags & RESPONSE != 0
    }

    /// The kind of query: 0 is the standard one.
    pub(super) fn opcode(self) -> u8 {
        (self.flags >> 11) as u8 & 0xf
    }

    /// 0 is success.
    pub(super) fn response_code(self) -> u8 {
        self.flags as u8 & 0xf
    }

    pub(super) fn is_truncated(self) -> bool {
        self.flags & TRUNCATED != 0
    }

    /// The records that follow the questions, which end at `at`.
    pub(super) fn records(self, message: &[u8], at: usize) -> Records<'_> {
        Records::new(
            message,
            at,
            [self.answers, self.authorities, self.additionals],
        )
    }
}
