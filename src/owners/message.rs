//! What the service and its helper say to each other: records of fixed sizes on a stream. Knows no
//! sockets, and what it reads is checked: a helper that says nonsense is a broken one.

mod bytes;
mod process;
mod status;

pub use status::{Rung, Status};

use super::Process;
use crate::key::{Endpoint, Protocol};
use crate::label::OwnerSource;
use crate::units::{FrameNumber, Nanos};
use bytes::{In, Out};
use std::net::IpAddr;

/// The first thing that a helper says; another number is another program's.
pub(super) const VERSION: u8 = 2;
/// The size of every question, in bytes.
pub(super) const QUESTION: usize = 64;
/// The size of an answer, and of what says nothing but that it is there.
pub(super) const ANSWER: usize = 64;
/// The size of everything else that a helper says.
pub(super) const LONG: usize = 2_048;

/// Whose is this flow?
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Question {
    pub flow: FrameNumber,
    /// When its first frame was seen.
    pub at: Nanos,
    /// That frame was sent by this end.
    pub sent: bool,
    pub protocol: Protocol,
    pub local: Endpoint,
    pub remote: Endpoint,
}

/// A process by number. It holds until so many others were told after it: both sides forget alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Number(pub u32);

/// How many processes are known by number at a time.
pub(super) const NUMBERS: u32 = 16_384;

/// Whose a flow is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Answer {
    pub flow: FrameNumber,
    pub at: Nanos,
    pub remote: IpAddr,
    pub source: OwnerSource,
    /// The process at this host's end, or at the client's where both are this host's.
    pub process: Option<Number>,
    /// The process at the other end, where that is on this host, too.
    pub peer: Option<Number>,
}

/// What a helper says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Told {
    Hello(u8),
    Process(Number, Process),
    Answer(Answer),
    /// A tunnel's interface, and the process that carries it; `None` once nobody does.
    Carrier(String, Option<Number>),
    Status(Status),
    /// It has read questions: it does not hang.
    Heard,
}

/// Bytes that no message is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0} is no message of the owners' helper")]
pub(super) struct Garbled(pub &'static str);

mod kind {
    pub(super) const QUESTION: u8 = b'?';
    pub(super) const HELLO: u8 = b'H';
    pub(super) const PROCESS: u8 = b'P';
    pub(super) const ANSWER: u8 = b'A';
    pub(super) const CARRIER: u8 = b'C';
    pub(super) const STATUS: u8 = b'S';
    pub(super) const HEARD: u8 = b'h';
}

impl Question {
    pub(super) fn write(&self, to: &mut Vec<u8>) {
        let mut out = Out::begin(to, kind::QUESTION, QUESTION);
        out.long(self.flow.0);
        out.long(self.at.0.cast_unsigned());
        out.byte(u8::from(self.sent));
        out.byte(self.protocol.0);
        out.endpoint(self.local);
        out.endpoint(self.remote);
        out.end();
    }

    pub(super) fn read(record: &[u8]) -> Result<Question, Garbled> {
        let mut input = In::of(record);
        if input.byte()? != kind::QUESTION {
            return Err(Garbled("a question of another kind"));
        }
        Ok(Question {
            flow: FrameNumber(input.long()?),
            at: Nanos(input.long()?.cast_signed()),
            sent: input.byte()? != 0,
            protocol: Protocol(input.byte()?),
            local: input.endpoint()?,
            remote: input.endpoint()?,
        })
    }
}

impl Answer {
    fn write(&self, to: &mut Vec<u8>) {
        let mut out = Out::begin(to, kind::ANSWER, ANSWER);
        out.long(self.flow.0);
        out.long(self.at.0.cast_unsigned());
        out.address(self.remote);
        let source = OwnerSource::ALL
            .iter()
            .position(|source| *source == self.source);
        out.byte(source.unwrap_or(OwnerSource::ALL.len() - 1) as u8);
        out.number(self.process);
        out.number(self.peer);
        out.end();
    }

    fn read(input: &mut In) -> Result<Answer, Garbled> {
        Ok(Answer {
            flow: FrameNumber(input.long()?),
            at: Nanos(input.long()?.cast_signed()),
            remote: input.address()?,
            source: *OwnerSource::ALL
                .get(usize::from(input.byte()?))
                .ok_or(Garbled("a source"))?,
            process: input.number()?,
            peer: input.number()?,
        })
    }
}

impl Told {
    /// How long the record is that begins with this byte.
    pub(super) fn length(first: u8) -> Result<usize, Garbled> {
        match first {
            kind::ANSWER | kind::HEARD => Ok(ANSWER),
            kind::HELLO | kind::PROCESS | kind::CARRIER | kind::STATUS => Ok(LONG),
            _ => Err(Garbled("a record of an unknown kind")),
        }
    }

    pub(super) fn write(&self, to: &mut Vec<u8>) {
        match self {
            Told::Hello(version) => {
                let mut out = Out::begin(to, kind::HELLO, LONG);
                out.byte(*version);
                out.end();
            }
            Told::Process(number, process) => {
                let mut out = Out::begin(to, kind::PROCESS, LONG);
                out.number(Some(*number));
                process::write(&mut out, process);
                out.end();
            }
            Told::Answer(answer) => answer.write(to),
            Told::Carrier(interface, process) => {
                let mut out = Out::begin(to, kind::CARRIER, LONG);
                out.number(*process);
                out.text(interface, 64);
                out.end();
            }
            Told::Status(status) => {
                let mut out = Out::begin(to, kind::STATUS, LONG);
                status.write(&mut out);
                out.end();
            }
            Told::Heard => Out::begin(to, kind::HEARD, ANSWER).end(),
        }
    }

    pub(super) fn read(record: &[u8]) -> Result<Told, Garbled> {
        let mut input = In::of(record);
        let told = match input.byte()? {
            kind::HELLO => Told::Hello(input.byte()?),
            kind::PROCESS => {
                let number = input.number()?.ok_or(Garbled("a process without number"))?;
                Told::Process(number, process::read(&mut input)?)
            }
            kind::ANSWER => Told::Answer(Answer::read(&mut input)?),
            kind::CARRIER => {
                let process = input.number()?;
                Told::Carrier(input.text()?, process)
            }
            kind::STATUS => Told::Status(Status::read(&mut input)?),
            kind::HEARD => Told::Heard,
            _ => return Err(Garbled("a record of an unknown kind")),
        };
        Ok(told)
    }
}

#[cfg(test)]
mod tests;
