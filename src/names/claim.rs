//! What was heard in a flow: claims of names, answers that give addresses names, and what it speaks.
//! Whose word wins is not decided here.

use super::Name;
use super::dns::Answers;
use super::protocol::Protocol;
use super::tls::{Ja4, Wanted};
use crate::key::{End, FlowKey};
use crate::label::{Marks, SiteSource};
use crate::units::{FrameNumber, Nanos};
use std::net::IpAddr;

/// A statement that a flow belongs to a site.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Claim {
    pub source: SiteSource,
    pub name: Name,
    pub marks: Marks,
}

/// One thing that a flow's payload said.
#[derive(Clone, Debug)]
pub enum Said {
    Claim(Claim),
    /// An answer of the domain name system, to the end that did not send it.
    Answers(Box<Answers>),
    /// What the flow speaks, by its content.
    Spoke(Protocol),
    /// How the client's TLS looks (JA4).
    Fingerprint(Ja4),
}

/// What was said, in which flow, by whom and when.
#[derive(Clone, Debug)]
pub struct Heard {
    pub key: FlowKey,
    /// The number of the flow's first frame: its identity.
    pub flow: FrameNumber,
    /// The frame that completed it: what was heard is taken in by this order.
    pub frame: FrameNumber,
    pub at: Nanos,
    pub from: End,
    /// This host's end of the flow, or the client's.
    pub local: End,
    pub said: Said,
}

impl Heard {
    /// The address that the flow's label is about.
    pub fn remote(&self) -> IpAddr {
        self.key.end(self.local.other()).address
    }
}

/// Whose flow a worker listens to.
#[derive(Clone, Copy, Debug)]
pub struct Who {
    pub key: FlowKey,
    pub flow: FrameNumber,
    /// This host's end of it, or the client's.
    pub local: End,
}

/// A frame's payload.
#[derive(Clone, Copy, Debug)]
pub struct Speech<'a> {
    pub from: End,
    pub at: Nanos,
    pub frame: FrameNumber,
    /// The place of its first byte in a TCP stream.
    pub sequence: u32,
    pub payload: &'a [u8],
}

impl Speech<'_> {
    /// Without what lies before a place in the stream; `None` if nothing is left.
    pub(super) fn at_or_behind(self, start: u32) -> Option<Self> {
        let before = start.wrapping_sub(self.sequence) as i32;
        let Some(before) = usize::try_from(before).ok().filter(|it| *it > 0) else {
            return Some(self);
        };
        let payload = self.payload.get(before..).filter(|rest| !rest.is_empty())?;
        Some(Speech {
            sequence: start,
            payload,
            ..self
        })
    }
}

/// Writes down what is heard of one frame.
pub(super) struct Notes<'a> {
    pub who: Who,
    pub from: End,
    pub at: Nanos,
    pub frame: FrameNumber,
    /// What is to be made of a hello.
    pub wanted: Wanted,
    pub heard: &'a mut Vec<Heard>,
}

impl Notes<'_> {
    pub(super) fn said(&mut self, said: Said) {
        self.heard.push(Heard {
            key: self.who.key,
            flow: self.who.flow,
            frame: self.frame,
            at: self.at,
            from: self.from,
            local: self.who.local,
            said,
        });
    }

    pub(super) fn claim(&mut self, source: SiteSource, name: Option<Name>) {
        self.marked(source, name, Marks::default());
    }

    pub(super) fn marked(&mut self, source: SiteSource, name: Option<Name>, marks: Marks) {
        if let Some(name) = name {
            self.said(Said::Claim(Claim {
                source,
                name,
                marks,
            }));
        }
    }

    pub(super) fn spoke(&mut self, protocol: Protocol) {
        self.said(Said::Spoke(protocol));
    }
}
