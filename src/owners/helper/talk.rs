//! The helper's end of the stream: records out of bytes, and bytes that wait until they can be
//! written. Knows no meaning.

use crate::owners::message::{Garbled, QUESTION, Question, Told};
use mio::net::UnixStream;
use std::io::{self, ErrorKind, Read, Write};

/// Bytes that are read at a time.
const CHUNK: usize = 64 * 1024;

/// Why the talk is over.
#[derive(Debug, thiserror::Error)]
pub(super) enum Over {
    #[error("the service is gone")]
    Gone,
    #[error(transparent)]
    Garbled(#[from] Garbled),
    #[error("the stream to the service broke: {0}")]
    Broken(#[from] io::Error),
}

pub(super) struct Talk {
    stream: UnixStream,
    /// Read, and not yet a whole question.
    read: Vec<u8>,
    /// Said, and not yet written.
    said: Vec<u8>,
}

impl Talk {
    pub(super) fn new(stream: UnixStream) -> Talk {
        Talk {
            stream,
            read: Vec::new(),
            said: Vec::new(),
        }
    }

    pub(super) fn stream(&mut self) -> &mut UnixStream {
        &mut self.stream
    }

    pub(super) fn say(&mut self, told: &Told) {
        told.write(&mut self.said);
    }

    /// Writes what the stream takes now.
    pub(super) fn flush(&mut self) -> Result<(), Over> {
        while !self.said.is_empty() {
            match self.stream.write(&self.said) {
                Ok(0) => return Err(Over::Gone),
                Ok(written) => {
                    self.said.drain(..written);
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(()),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }

    /// Every question that is there, whole.
    pub(super) fn questions(&mut self, mut each: impl FnMut(Question)) -> Result<(), Over> {
        let mut chunk = vec![0; CHUNK];
        loop {
            match self.stream.read(&mut chunk) {
                Ok(0) => return Err(Over::Gone),
                Ok(length) => {
                    self.read.extend_from_slice(&chunk[..length]);
                    self.whole(&mut each)?;
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(()),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error.into()),
            }
        }
    }

    fn whole(&mut self, each: &mut impl FnMut(Question)) -> Result<(), Garbled> {
        let records = self.read.chunks_exact(QUESTION);
        let rest = records.remainder().len();
        for record in records {
            each(Question::read(record)?);
        }
        let done = self.read.len() - rest;
        self.read.drain(..done);
        Ok(())
    }
}
