//! An ended flow as bytes: who, with whom, how long, how much, and what it is called.

use super::codec::{Damaged, In, Out};
use super::codes::{ENDINGS, code, how, sources, word};
use super::facts;
use super::layout::{ConnectionKey, connection_key, connection_of};
use super::owner;
use super::second::LabelId;
use super::word::{AppId, ClassesId, NicId, SiteId};
use crate::decode::Encapsulations;
use crate::flow::Ending;
use crate::key::{Endpoint, Protocol};
use crate::label::Marks;
use crate::owners::Process;
use crate::tick::{Connection, Facts};
use crate::units::{Epoch, FrameNumber, Moment, NANOS, Nanos, Traffic};
use std::net::IpAddr;
use std::sync::Arc;

/// Written since connections have processes; the format before had marks and facts, and the first
/// neither.
const FORMAT: u8 = 3;
const NAMED: u8 = 2;
const PLAIN: u8 = 1;

/// A connection of the history: `tick::Connection` by number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ended {
    pub flow: FrameNumber,
    pub epoch: Epoch,
    pub nic: NicId,
    pub protocol: Protocol,
    pub local: Endpoint,
    pub remote: Endpoint,
    pub local_is_client: bool,
    pub label: LabelId,
    pub marks: Marks,
    pub encapsulations: Encapsulations,
    pub facts: Option<Arc<Facts>>,
    pub classes: ClassesId,
    pub first: Nanos,
    pub last: Nanos,
    pub traffic: Traffic,
    pub ending: Ending,
}

impl Ended {
    pub fn of(
        one: &Connection,
        epoch: Epoch,
        nic: NicId,
        label: LabelId,
        classes: ClassesId,
    ) -> Ended {
        Ended {
            flow: one.flow,
            epoch,
            nic,
            protocol: one.protocol,
            local: one.local,
            remote: one.remote,
            local_is_client: one.local_is_client,
            label,
            marks: one.label.marks,
            encapsulations: one.encapsulations,
            facts: one.facts.clone(),
            classes,
            first: one.first,
            last: one.last,
            traffic: one.traffic,
            ending: one.ending,
        }
    }

    pub(super) fn key(&self) -> ConnectionKey {
        let last = Moment {
            second: self.last.second(),
            epoch: self.epoch,
        };
        connection_key(last, self.flow)
    }

    pub(super) fn encode(&self) -> Vec<u8> {
        let mut out = Out::envelope(FORMAT);
        out.number(self.nic.0.into());
        out.byte(self.protocol.0);
        out.byte(u8::from(self.local_is_client));
        endpoint(&mut out, self.local);
        endpoint(&mut out, self.remote);
        out.number(self.label.app.0.into());
        out.number(self.label.site.0.into());
        out.byte(how(self.label.owner_source, self.label.site_source));
        out.number(self.classes.0.into());
        out.number(self.last.fraction().into());
        out.signed(self.last.0.wrapping_sub(self.first.0));
        out.byte(code(&ENDINGS, &self.ending));
        out.traffic(self.traffic);
        out.byte(self.marks.0);
        out.number(self.encapsulations.number());
        facts::write(&mut out, self.facts.as_deref());
        owner::write(&mut out, self.facts.as_deref());
        out.sealed()
    }

    pub(super) fn decode(key: &ConnectionKey, value: &[u8]) -> Result<Ended, Damaged> {
        let (at, flow) = connection_of(key);
        let (mut input, format) = In::either(value, &[PLAIN, NAMED, FORMAT])?;
        let mut ended = read(at, flow, &mut input)?;
        if format >= NAMED {
            ended.marks = Marks(input.byte()?);
            ended.encapsulations = Encapsulations::of_number(input.number()?);
            let mut facts = facts::read(&mut input)?;
            if format >= FORMAT {
                let owners = owner::read(&mut input)?;
                facts = with_owners(facts, owners);
            }
            ended.facts = facts.map(Arc::new);
        }
        input.end()?;
        Ok(ended)
    }
}

fn with_owners(facts: Option<Facts>, owners: [Option<Arc<Process>>; 2]) -> Option<Facts> {
    let [owner, peer] = owners;
    if owner.is_none() && peer.is_none() {
        return facts;
    }
    Some(Facts {
        owner,
        peer,
        ..facts.unwrap_or_default()
    })
}

fn read(at: Moment, flow: FrameNumber, input: &mut In) -> Result<Ended, Damaged> {
    let nic = NicId(input.small()?);
    let protocol = Protocol(input.byte()?);
    let local_is_client = input.byte()? != 0;
    let (local, remote) = (read_endpoint(input)?, read_endpoint(input)?);
    let label = read_label(input)?;
    let classes = ClassesId(input.small()?);
    let last = last_of(at, input.number()?)?;
    Ok(Ended {
        flow,
        epoch: at.epoch,
        nic,
        protocol,
        local,
        remote,
        local_is_client,
        label,
        marks: Marks::default(),
        encapsulations: Encapsulations::NONE,
        facts: None,
        classes,
        last,
        first: Nanos(last.0.wrapping_sub(input.signed()?)),
        ending: word(&ENDINGS, input.byte()?)?,
        traffic: input.traffic()?,
    })
}

fn read_label(input: &mut In) -> Result<LabelId, Damaged> {
    let (app, site) = (AppId(input.small()?), SiteId(input.small()?));
    let (owner_source, site_source) = sources(input.byte()?)?;
    Ok(LabelId {
        app,
        site,
        owner_source,
        site_source,
    })
}

fn last_of(at: Moment, fraction: u64) -> Result<Nanos, Damaged> {
    let nanos = at.second.0.checked_mul(NANOS);
    let fraction = i64::try_from(fraction).ok().filter(|part| *part < NANOS);
    nanos
        .zip(fraction)
        .and_then(|(second, fraction)| second.checked_add(fraction))
        .map(Nanos)
        .ok_or(Damaged("a time that cannot be"))
}

fn endpoint(out: &mut Out, end: Endpoint) {
    let six = u8::from(end.address.is_ipv6());
    out.byte(six | u8::from(end.port.is_some()) << 1);
    match end.address {
        IpAddr::V4(four) => out.0.extend_from_slice(&four.octets()),
        IpAddr::V6(six) => out.0.extend_from_slice(&six.octets()),
    }
    if let Some(port) = end.port {
        out.number(port.into());
    }
}

fn read_endpoint(input: &mut In) -> Result<Endpoint, Damaged> {
    let flags = input.byte()?;
    let address = match flags & 1 {
        0 => IpAddr::from(input.array::<4>()?),
        _ => IpAddr::from(input.array::<16>()?),
    };
    let port = (flags & 2 != 0).then(|| input.small()).transpose()?;
    Ok(Endpoint { address, port })
}
