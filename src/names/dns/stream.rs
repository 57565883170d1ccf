//! DNS over TCP: messages one after the other, each behind its length (RFC 1035, 4.2.2).

/// The whole messages at the start of a stream.
pub fn messages(stream: &[u8]) -> Messages<'_> {
    Messages {
        rest: stream,
        used: 0,
    }
}

/// Gives each message that has come whole.
#[derive(Clone, Debug)]
pub struct Messages<'s> {
    rest: &'s [u8],
    used: usize,
}

impl<'s> Messages<'s> {
    /// Bytes of the stream that the messages given so far took.
    pub fn used(&self) -> usize {
        self.used
    }

    /// What has come of the next message: its questions can be read before it is whole.
    pub fn begun(&self) -> &'s [u8] {
        self.rest.get(2..).unwrap_or_default()
    }
}

impl<'s> Iterator for Messages<'s> {
    type Item = &'s [u8];

    fn next(&mut self) -> Option<&'s [u8]> {
        let (length, rest) = self.rest.split_first_chunk::<2>()?;
        let (message, rest) = rest.split_at_checked(usize::from(u16::from_be_bytes(*length)))?;
        self.rest = rest;
        self.used += 2 + message.len();
        Some(message)
    }
}
