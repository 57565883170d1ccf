//! The addresses that a response gives for a name.

use super::chain::{Chain, Place};
use super::header::{Header, LENGTH};
use super::labels::{Budget, end, expand};
use super::questions::Questions;
use super::records::{A, AAAA, HTTPS, Record, Records, SVCB, Section};
use super::services::{Service, TARGET};
use super::{Family, MOST_RECORDS, netbios};
use crate::names::Name;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// What a response says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answers {
    /// The name that was asked for; multicast announcements have none.
    pub asked: Option<Name>,
    /// Why there is no answer; a response that failed gives no addresses.
    pub failed: Option<Failure>,
    /// The message says that there was more than it could hold.
    pub truncated: bool,
    pub addresses: Vec<Answer>,
}

/// An address that a name was given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    pub address: IpAddr,
    /// The name that was asked for, also where the address belongs to an alias of it.
    pub name: Name,
    /// Seconds: no longer than any alias on the way may be kept.
    pub ttl: u32,
    /// The address belongs to another name that stands for this one.
    pub alias: bool,
    /// Not an address record's but a service record's (RFC 9460, 7.3).
    pub hint: bool,
}

/// The response code (RFC 1035, 4.1.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failure {
    FormatError,
    ServerFailure,
    /// NXDOMAIN.
    NoSuchName,
    NotImplemented,
    Refused,
    Other(u8),
}

impl Failure {
    pub(super) fn of(code: u8) -> Option<Failure> {
        match code {
            0 => None,
            1 => Some(Failure::FormatError),
            2 => Some(Failure::ServerFailure),
            3 => Some(Failure::NoSuchName),
            4 => Some(Failure::NotImplemented),
            5 => Some(Failure::Refused),
            code => Some(Failure::Other(code)),
        }
    }
}

/// The answers in a message; `None` where it is no response to a standard query, or is damaged
/// before there could be one. Records before a damaged one count.
///
/// In DNS and LLMNR the addresses are those of the asked name and of what stands for it; others
/// are left out. In multicast DNS they are what their owners announce (RFC 6762, 8.3): names under
/// `.local` only, since any neighbour can say anything, and not what is taken back (10.1).
pub fn answers(message: &[u8], family: Family) -> Option<Answers> {
    let header = Header::of(message)?;
    if !header.is_response() || header.opcode() != 0 {
        return None;
    }
    let records = header.records(message, Questions::end(message, header)?);
    let mut budget = Budget::new();
    let mut answers = Answers {
        asked: None,
        failed: Failure::of(header.response_code()),
        truncated: header.is_truncated(),
        addresses: Vec::new(),
    };
    match family {
        Family::Nbns => netbios::answer(message, records, &mut budget, &mut answers),
        Family::Mdns => announced(message, records, &mut budget, &mut answers),
        Family::Dns | Family::Llmnr if header.questions > 0 => {
            asked(message, records, &mut budget, &mut answers)?;
        }
        Family::Dns | Family::Llmnr => {}
    }
    Some(answers)
}

fn asked(
    message: &[u8],
    records: Records<'_>,
    budget: &mut Budget,
    answers: &mut Answers,
) -> Option<()> {
    let text = expand(message, LENGTH, budget)?;
    answers.asked = text.name();
    if let Some(name) = answers.asked.clone()
        && answers.failed.is_none()
    {
        let chain = Chain::of(message, (&text, LENGTH), records.clone(), budget);
        let told = records.filter(|record| record.section != Section::Authority);
        for record in told.filter(|record| record.is_internet() && record.can_tell()) {
            if let Some(place) = chain.place(record.owner, budget) {
                record.tell(message, &name, place, &mut answers.addresses);
            }
        }
    }
    Some(())
}

fn announced(message: &[u8], records: Records<'_>, budget: &mut Budget, answers: &mut Answers) {
    if answers.failed.is_some() {
        return;
    }
    let told = records.filter(|record| record.section != Section::Authority && record.ttl > 0);
    for record in told.filter(Record::is_internet) {
        let owner = record
            .address()
            .and_then(|_| expand(message, record.owner, budget));
        let owner = owner.filter(|owner| owner.as_bytes().ends_with(b".local"));
        if let Some(name) = owner.and_then(|owner| owner.name()) {
            record.tell(
                message,
                &name,
                Place {
                    ttl: u32::MAX,
                    is_alias: false,
                },
                &mut answers.addresses,
            );
        }
    }
}

impl Record<'_> {
    /// It is of a kind that can bear addresses.
    fn can_tell(&self) -> bool {
        matches!(self.kind, A | AAAA | SVCB | HTTPS)
    }

    /// An address record's address.
    fn address(&self) -> Option<IpAddr> {
        match self.kind {
            A => <[u8; 4]>::try_from(self.data)
                .ok()
                .map(|four| Ipv4Addr::from(four).into()),
            AAAA => <[u8; 16]>::try_from(self.data)
                .ok()
                .map(|six| Ipv6Addr::from(six).into()),
            _ => None,
        }
    }

    /// Adds the addresses that this record gives the name.
    fn tell(&self, message: &[u8], name: &Name, place: Place, addresses: &mut Vec<Answer>) {
        let mut add = |address, hint| {
            if addresses.len() < MOST_RECORDS {
                let ttl = place.ttl.min(self.ttl);
                addresses.push(Answer {
                    address,
                    name: name.clone(),
                    ttl,
                    alias: place.is_alias,
                    hint,
                });
            }
        };
        match self.address() {
            Some(address) => add(address, false),
            None => {
                if let Some(service) = self.service(message) {
                    service.hints(|address| add(address, true));
                }
            }
        }
    }

    fn service(&self, message: &[u8]) -> Option<Service<'_>> {
        let target = self.data_at.checked_add(TARGET)?;
        let named = matches!(self.kind, SVCB | HTTPS).then(|| end(message, target))??;
        Service::of(self.data, named.checked_sub(target)?)
    }
}
