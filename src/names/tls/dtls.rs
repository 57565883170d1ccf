//! A ClientHello of DTLS 1.0, 1.2 or 1.3 out of datagrams (RFC 6347, 4.1 and 4.2.3; RFC 9147, 4 and 5):
//! a datagram holds records, a record holds fragments of handshake messages.

use super::body;
use super::fragments::Fragments;
use super::handshake::{CLIENT_HELLO, LONGEST, SHORTEST};
use super::hello::{Hello, Transport, Wanted};
use super::reader::Reader;
use crate::names::{Name, Parsed};

const HANDSHAKE: u8 = 22;
/// Fragments of a datagram that are looked at: a client cuts a hello where a datagram ends.
const MOST_FRAGMENTS: usize = 32;

/// Puts the fragments of a client's hello together. Holds nothing until a hello is seen that is not
/// whole, and at most 16 KiB then.
#[derive(Clone, Debug, Default)]
pub struct Dtls(Option<Box<Begun>>);

#[derive(Clone, Debug)]
struct Begun {
    sequence: u16,
    fragments: Fragments,
}

/// A datagram begins with a record of a ClientHello, or of a piece of one.
pub fn dtls_begins(bytes: &[u8]) -> bool {
    let mut records = Records(Reader(bytes));
    let first = records.next();
    first
        .is_some_and(|content| Fragment::read(&mut Reader(content)).is_some_and(Fragment::is_hello))
}

impl Dtls {
    /// The client's next datagram. `Not` while nothing of a hello was seen; what comes between its
    /// pieces is passed over.
    pub fn datagram(&mut self, bytes: &[u8], wanted: Wanted) -> Parsed<Hello> {
        for fragment in fragments(bytes).filter(|fragment| fragment.is_hello()) {
            let hello = self.fragment(fragment, wanted);
            if hello != Parsed::More {
                self.0 = None;
                return hello;
            }
        }
        if self.0.is_some() {
            Parsed::More
        } else {
            Parsed::Not
        }
    }

    /// The name, if all of it is in what came without a gap: for when the rest will not come.
    pub fn name_so_far(&self) -> Option<Name> {
        let begun = self.0.as_ref()?;
        body::name_in_part(begun.fragments.beginning(), Transport::Dtls).and_then(Name::of)
    }

    /// Memory that is held for a hello that is not whole.
    pub fn held(&self) -> usize {
        self.0.as_ref().map_or(0, |begun| begun.fragments.held())
    }

    fn fragment(&mut self, fragment: Fragment<'_>, wanted: Wanted) -> Parsed<Hello> {
        if fragment.is_whole() {
            return hello(fragment.content, wanted);
        }
        let begun = self.begun(fragment);
        if begun.sequence == fragment.sequence {
            begun.fragments.add(fragment.offset, fragment.content);
        }
        match begun.fragments.whole() {
            Some(body) => hello(body, wanted),
            None => Parsed::More,
        }
    }

    /// What a fragment belongs to: a later message, such as the hello with a cookie, takes the place
    /// of an earlier one.
    fn begun(&mut self, fragment: Fragment<'_>) -> &mut Begun {
        let begun = self.0.get_or_insert_with(|| Box::new(fragment.begin()));
        let later = fragment.sequence > begun.sequence;
        let other =
            fragment.sequence == begun.sequence && fragment.length != begun.fragments.length();
        if later || other {
            **begun = fragment.begin();
        }
        begun
    }
}

fn hello(body: &[u8], wanted: Wanted) -> Parsed<Hello> {
    Hello::of(body, Transport::Dtls, wanted).map_or(Parsed::Not, Parsed::Done)
}

/// A piece of a handshake message.
#[derive(Clone, Copy)]
struct Fragment<'a> {
    kind: u8,
    /// Of the whole message's body.
    length: usize,
    sequence: u16,
    offset: usize,
    content: &'a [u8],
}

/// The fragments in the records of a datagram.
fn fragments(datagram: &[u8]) -> impl Iterator<Item = Fragment<'_>> {
    let contents = Records(Reader(datagram)).map(Reader);
    let fragments =
        contents.flat_map(|mut content| std::iter::from_fn(move || Fragment::read(&mut content)));
    fragments.take(MOST_FRAGMENTS)
}

impl<'a> Fragment<'a> {
    fn read(reader: &mut Reader<'a>) -> Option<Fragment<'a>> {
        let kind = reader.u8()?;
        let length = reader.u24()?;
        let sequence = reader.u16()?;
        let offset = reader.u24()?;
        let content_length = reader.u24()?;
        let content = reader.take(content_length)?;
        Some(Fragment {
            kind,
            length,
            sequence,
            offset,
            content,
        })
    }

    /// A client's hello of a sensible length, with this inside it; at its start stands the version.
    fn is_hello(self) -> bool {
        let end = self.offset.saturating_add(self.content.len());
        let version = self.offset > 0 || self.content.first().is_none_or(|major| *major == 0xfe);
        self.kind == CLIENT_HELLO
            && (SHORTEST..=LONGEST).contains(&self.length)
            && end <= self.length
            && version
    }

    fn is_whole(self) -> bool {
        self.content.len() == self.length
    }

    fn begin(self) -> Begun {
        Begun {
            sequence: self.sequence,
            fragments: Fragments::new(self.length),
        }
    }
}

/// The contents of the handshake records of a datagram that are not encrypted (epoch 0). Records do
/// not go over the end of a datagram; those of another kind are passed over.
struct Records<'a>(Reader<'a>);

impl<'a> Iterator for Records<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        loop {
            let kind = self.0.u8()?;
            let version = self.0.u16()?;
            let epoch = self.0.u16()?;
            let _sequence = self.0.take(6)?;
            let content = self.0.vector()?;
            if !matches!(version, 0xfeff | 0xfefd | 0xfefc) {
                return None;
            }
            if kind == HANDSHAKE && epoch == 0 {
                return Some(content);
            }
        }
    }
}
