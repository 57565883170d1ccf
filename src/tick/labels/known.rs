//! What is known of one flow beyond its addresses: its best claim, the others, its owner, and what it
//! speaks.

use super::ladder::{self, Answered};
use super::milliseconds;
use crate::capture::Process;
use crate::label::{App, Label, Marks, OwnerSource, Site, SiteSource};
use crate::names::{Claim, Ja4, Name, Protocol};
use crate::owners::{Owned, Process as Owner};
use crate::units::Nanos;
use ahash::AHashSet;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

/// What is known of a connection besides its label.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    /// Every name that its payload claimed, in the order in which they were heard, as many as are
    /// kept.
    pub claims: Vec<Claim>,
    /// What it speaks, by its content.
    pub spoke: Option<Protocol>,
    /// The client's TLS fingerprint.
    pub fingerprint: Option<Ja4>,
    /// The age of the site's name when the flow began, in milliseconds: of an answer, how long ago
    /// it was given; of a claim in the flow itself, 0.
    pub name_age_ms: u32,
    /// How long after its first frame the flow's own claim was heard, in milliseconds.
    pub named_after_ms: u32,
    /// The process that acts for the app, where it acts for another.
    pub via: Option<Arc<str>>,
    /// The process that has it.
    pub owner: Option<Arc<Owner>>,
    /// The process at the other end, where that is on this host, too.
    pub peer: Option<Arc<Owner>>,
}

/// So many claims are looked through one by one.
const FEW: usize = 16;

/// A flow's label, and what else is known of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    pub label: Arc<Label>,
    pub facts: Option<Arc<Facts>>,
    /// Whose it is, where the capture tells.
    pub process: Option<Arc<Process>>,
}

impl Told {
    /// What is known of a flow of which nothing is.
    pub fn of_address(remote: IpAddr) -> Told {
        Told {
            label: Arc::new(Label::of_address(remote)),
            facts: None,
            process: None,
        }
    }
}

impl Facts {
    /// Takes in what is known of another part of the same flow; `told` are the claims there are.
    pub(in crate::tick) fn merge(&mut self, other: Facts, told: &mut AHashSet<Claim>) {
        if told.is_empty() {
            told.extend(self.claims.iter().cloned());
        }
        let fresh = other
            .claims
            .into_iter()
            .filter(|it| told.insert(it.clone()));
        self.claims.extend(fresh);
        self.spoke = self.spoke.or(other.spoke);
        self.fingerprint = self.fingerprint.take().or(other.fingerprint);
        self.via = self.via.take().or(other.via);
        self.owner = self.owner.take().or(other.owner);
        self.peer = self.peer.take().or(other.peer);
    }
}

pub(super) struct Known {
    /// What it is called when nothing else is known.
    remote: IpAddr,
    best: Option<Claim>,
    /// As the capture tells.
    process: Option<Arc<Process>>,
    /// How the owner is known that was found out.
    owned: OwnerSource,
    /// The label as it is told, while nothing changes.
    label: Option<Arc<Label>>,
    asked: Option<Answered>,
    facts: Facts,
    /// Its claims once more, where they are many.
    told: AHashSet<Claim>,
    heard_at: Nanos,
}

impl Known {
    pub(super) fn of(remote: IpAddr) -> Known {
        Known {
            remote,
            best: None,
            process: None,
            owned: OwnerSource::Unknown,
            label: None,
            asked: None,
            facts: Facts::default(),
            told: AHashSet::new(),
            heard_at: Nanos(0),
        }
    }

    /// Its label, if it is more than its address.
    pub(super) fn label(&self) -> Option<Arc<Label>> {
        self.label.clone()
    }

    /// Takes a claim in; true if the label is another than before.
    pub(super) fn claim(&mut self, claim: Claim, at: Nanos, most: usize) -> bool {
        let changed = self.weigh(&claim, at);
        if self.facts.claims.len() < most && self.is_new(&claim) {
            self.facts.claims.push(claim);
        }
        changed
    }

    fn is_new(&mut self, claim: &Claim) -> bool {
        let claims = &self.facts.claims;
        if claims.len() < FEW {
            return !claims.contains(claim);
        }
        if self.told.is_empty() {
            self.told.extend(claims.iter().cloned());
        }
        self.told.insert(claim.clone())
    }

    fn weigh(&mut self, claim: &Claim, at: Nanos) -> bool {
        match &mut self.best {
            Some(best) if ladder::says_several(best, claim) => {
                best.marks = best.marks.with(Marks::AMBIGUOUS);
            }
            Some(best) if claim.source >= best.source => return false,
            _ => {
                self.best = Some(claim.clone());
                self.heard_at = at;
            }
        }
        self.relabel()
    }

    /// Whether an answer by address could name it.
    pub(super) fn wants_answer(&self) -> bool {
        let certain = |best: &Claim| !best.marks.has(Marks::ECH_OUTER);
        self.asked.is_none() && !self.best.as_ref().is_some_and(certain)
    }

    /// The name that was asked for its address.
    pub(super) fn answered(&mut self, told: Answered) -> bool {
        self.asked = Some(told);
        self.relabel()
    }

    /// Whose it is, as the capture tells. True if the label is another than before.
    pub(super) fn owned(&mut self, process: &Arc<Process>) -> bool {
        if self
            .process
            .as_ref()
            .is_some_and(|known| !process.replaces(known))
        {
            return false;
        }
        self.facts.via = process.via().cloned();
        self.process = Some(process.clone());
        self.relabel()
    }

    /// Whose it is, as was found out; what is known better stays. True if the label is another than
    /// before.
    pub(super) fn found(&mut self, owned: &Owned) -> bool {
        if owned.peer.is_some() {
            self.facts.peer.clone_from(&owned.peer);
        }
        let Some(process) = owned
            .process
            .as_ref()
            .filter(|_| owned.source <= self.owned)
        else {
            return false;
        };
        self.owned = owned.source;
        self.facts.via.clone_from(&process.via);
        self.facts.owner = Some(process.clone());
        self.relabel()
    }

    /// Whether it has a label, and nobody to whom its bytes belong.
    pub(super) fn lacks_owner(&self) -> bool {
        self.label.is_some() && self.process.is_none() && self.facts.owner.is_none()
    }

    /// App and source: what was found out knows more of a process than a capture, but not always
    /// better whose frame it was.
    fn app(&self) -> (App, OwnerSource) {
        match (&self.process, &self.facts.owner) {
            (Some(process), owner) if owner.is_none() || OwnerSource::Pktap < self.owned => {
                (app(process), OwnerSource::Pktap)
            }
            (_, Some(owner)) => (owner.app.clone(), self.owned),
            _ => (App::unknown(), OwnerSource::Unknown),
        }
    }

    pub(super) fn process(&self) -> Option<Arc<Process>> {
        self.process.clone()
    }

    pub(super) fn spoke(&mut self, protocol: Protocol) {
        self.facts.spoke = Some(ladder::speech(self.facts.spoke, protocol));
    }

    pub(super) fn fingerprint(&mut self, ja4: Ja4) {
        self.facts.fingerprint.get_or_insert(ja4);
    }

    /// What is known besides the label; `None` if nothing is.
    pub(super) fn facts(&self, first: Nanos) -> Option<Arc<Facts>> {
        let mut facts = self.facts.clone();
        if let Some(asked) = self.asked.as_ref().filter(|_| self.is_named_by_answer()) {
            facts.name_age_ms = milliseconds(asked.age);
        }
        if self.best.is_some() {
            facts.named_after_ms = milliseconds(Nanos(self.heard_at.0.saturating_sub(first.0)));
        }
        (facts != Facts::default()).then(|| Arc::new(facts))
    }

    fn is_named_by_answer(&self) -> bool {
        let label = self.label.as_ref();
        label.is_some_and(|label| label.site_source == SiteSource::DnsAnswer)
    }

    fn relabel(&mut self) -> bool {
        let own = self.best.as_ref();
        let asked = self
            .asked
            .as_ref()
            .filter(|asked| own.is_none_or(|best| ladder::prefers_answer(best, asked)));
        let (site, source, marks) = match (own, asked) {
            (_, Some(asked)) => (
                Site::Name(asked.name.clone()),
                SiteSource::DnsAnswer,
                asked.marks,
            ),
            (Some(best), None) => (site(&best.name), best.source, best.marks),
            (None, None) => (
                Site::Address(self.remote),
                SiteSource::Address,
                Marks::default(),
            ),
        };
        let (app, app_source) = self.app();
        let label = Label {
            app,
            app_source,
            site,
            site_source: source,
            marks,
        };
        let changed = self.label.as_deref() != Some(&label);
        if changed {
            self.label = Some(Arc::new(label));
        }
        changed
    }
}

/// An address in a name's place is an address, with or without brackets and port.
fn site(name: &Name) -> Site {
    let text = name.as_str();
    let address = match text.parse::<SocketAddr>() {
        Ok(with_port) => Some(with_port.ip()),
        Err(_) => text.trim_matches(['[', ']']).parse::<IpAddr>().ok(),
    };
    address.map_or_else(|| Site::Name(name.text()), Site::Address)
}

fn app(process: &Process) -> App {
    App {
        name: process.app().clone(),
        path: None,
        user: None,
    }
}
