//! Datagrams: messages of the domain name system and its relatives by their ports, QUIC and DTLS put
//! together over several, what says what it is by content, and SCTP's chunks.

use super::kept::Kept;
use super::{BEFORE_A_HELLO, Ear, IDLE_DATAGRAMS, Listener};
use crate::label::SiteSource;
use crate::names::claim::{Notes, Speech};
use crate::names::dns::Family;
use crate::names::hearing::{Hearing, Mode};
use crate::names::protocol::{self, Protocol};
use crate::names::quic::{self, Found, Quic};
use crate::names::stage::{self, Stage, Step};
use crate::names::tls::{self, Dtls, Transport};
use crate::names::{Parsed, http, sctp};

/// Datagrams in a row without a question or an answer: somebody else uses the port.
const SPEECHLESS: u8 = 64;

/// Whose messages datagrams between these ports are.
pub(super) fn family((one, other): (u16, u16)) -> Option<Family> {
    Family::of_port(one).or_else(|| Family::of_port(other))
}

fn protocol_of(family: Family) -> Protocol {
    match family {
        Family::Dns => Protocol::Dns,
        Family::Mdns => Protocol::Mdns,
        Family::Llmnr => Protocol::Llmnr,
        Family::Nbns => Protocol::Nbns,
    }
}

fn ports(notes: &Notes) -> (u16, u16) {
    let port = |end| notes.who.key.end(end).port.unwrap_or(0);
    (port(notes.from), port(notes.from.other()))
}

impl Ear {
    pub(super) fn datagram(&mut self, hearing: &mut Hearing, speech: Speech, notes: &mut Notes) {
        match hearing.mode {
            Mode::Messages => message(hearing, speech, notes),
            Mode::Fresh => self.first_datagram(hearing, speech, notes),
            Mode::Kept => self.next_datagram(hearing, speech, notes),
            Mode::Off => {}
        }
    }

    fn first_datagram(&mut self, hearing: &mut Hearing, speech: Speech, notes: &mut Notes) {
        let bytes = speech.payload;
        if quic::begins(bytes) {
            let quic = Box::new(Quic::new());
            let client = speech.from;
            return self.begin_to_keep(hearing, Kept::Quic { quic, client }, speech, notes);
        }
        if tls::dtls_begins(bytes) {
            return self.begin_to_keep(hearing, Kept::Dtls(Box::default()), speech, notes);
        }
        if http::begins(bytes) {
            return request(hearing, bytes, notes);
        }
        let (from, to) = ports(notes);
        if let Some(protocol) = protocol::of_datagram(from, to, bytes) {
            return recognised(hearing, protocol, notes);
        }
        Listener::idle(hearing, IDLE_DATAGRAMS);
    }

    /// Something that may need several datagrams, and this one first.
    fn begin_to_keep(
        &mut self,
        hearing: &mut Hearing,
        mut kept: Kept,
        speech: Speech,
        notes: &mut Notes,
    ) {
        if !self.afford(&kept, speech) {
            return hearing.stop();
        }
        match take(&mut kept, speech, notes) {
            Step::Done => hearing.stop(),
            Step::Not => Listener::idle(hearing, IDLE_DATAGRAMS),
            Step::More | Step::On(..) => match self.kept.put(kept, notes.who, speech.at) {
                Some(mark) => (hearing.mode, hearing.mark) = (Mode::Kept, mark),
                None => hearing.stop(),
            },
        }
    }

    fn next_datagram(&mut self, hearing: &mut Hearing, speech: Speech, notes: &mut Notes) {
        let mark = hearing.mark;
        if !self.budget.spend(speech.at) {
            self.kept.drop(mark);
            self.given_up += 1;
            return hearing.stop();
        }
        let Some(place) = self.kept.get(mark, &notes.who) else {
            return hearing.stop();
        };
        let over = place.is_over(speech.at);
        let step = place
            .kept()
            .map_or(Step::Not, |kept| take(kept, speech, notes));
        let is_done = matches!(step, Step::Done | Step::Not);
        if is_done || over || !self.kept.charge(mark) {
            let kept = self.kept.drop(mark);
            if let Some(kept) = kept.filter(|_| step != Step::Done) {
                kept.give_up(notes);
            }
            hearing.stop();
        }
    }

    /// Decrypting costs more than anything else here.
    fn afford(&mut self, kept: &Kept, speech: Speech) -> bool {
        let affordable = !matches!(kept, Kept::Quic { .. }) || self.budget.spend(speech.at);
        self.given_up += u64::from(!affordable);
        affordable
    }
}

fn take(kept: &mut Kept, speech: Speech, notes: &mut Notes) -> Step {
    match kept {
        Kept::Quic { quic, client } => {
            match quic.datagram(speech.from == *client, speech.payload) {
                Parsed::Done(Found::Hello(message)) => {
                    let hello = tls::message(&message, Transport::Quic, notes.wanted);
                    stage::hello(hello, Protocol::Quic, notes)
                }
                Parsed::Done(Found::Chlo(name)) => {
                    notes.spoke(Protocol::Quic);
                    notes.claim(SiteSource::QuicSni, name);
                    Step::Done
                }
                Parsed::More => Step::More,
                Parsed::Not => Step::Not,
            }
        }
        Kept::Dtls(dtls) => stage::hello(
            dtls.datagram(speech.payload, notes.wanted),
            Protocol::Dtls,
            notes,
        ),
        Kept::Stream(_) => Step::Not,
    }
}

/// A datagram of the domain name system or a relative. Of a question that is asked again and again,
/// and repeated in its answer, the claim is told once.
fn message(hearing: &mut Hearing, speech: Speech, notes: &mut Notes) {
    let Some(family) = family(ports(notes)) else {
        return hearing.stop();
    };
    let (before, is_first) = (notes.heard.len(), hearing.mark == 0);
    stage::message_of(speech.payload, family, notes);
    if notes.heard.len() == before {
        return Listener::idle(hearing, SPEECHLESS);
    }
    if is_first {
        notes.spoke(protocol_of(family));
    }
    hearing.idle = 0;
    hearing.tell_once(before, notes);
}

/// A request over UDP (SSDP).
fn request(hearing: &mut Hearing, bytes: &[u8], notes: &mut Notes) {
    match Stage::Start.step(bytes, notes) {
        Step::Done | Step::On(..) => {}
        Step::More | Step::Not => Stage::Start.give_up(bytes, notes),
    }
    hearing.stop();
}

/// What is recognised may still be followed by DTLS in the same flow: STUN often is.
fn recognised(hearing: &mut Hearing, protocol: Protocol, notes: &mut Notes) {
    if hearing.idle == 0 {
        notes.spoke(protocol);
    }
    if protocol == Protocol::Stun {
        Listener::idle(hearing, BEFORE_A_HELLO);
    } else {
        hearing.stop();
    }
}

/// The user data of SCTP's chunks, each looked at by itself.
pub(super) fn chunks(hearing: &mut Hearing, speech: Speech, notes: &mut Notes) {
    for data in sctp::data(speech.payload) {
        if http::begins(data) {
            return request(hearing, data, notes);
        }
        if tls::dtls_begins(data) {
            let hello = Dtls::default().datagram(data, notes.wanted);
            if stage::hello(hello, Protocol::Dtls, notes) == Step::Done {
                return hearing.stop();
            }
        }
        Listener::idle(hearing, IDLE_DATAGRAMS);
        if !hearing.is_on() {
            return;
        }
    }
}
