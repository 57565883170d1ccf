//! What is known of one flow beyond its addresses: its best claim, the others, its owner, and what it
//! speaks.

use super::ladder::{self, Answered};
use super::milliseconds;
use crate::capture::Process;
use crate::label::{App, Label, Marks, OwnerSource, Site, SiteSource};
use crate::names::{Claim, Ja4, Protocol};
use crate::units::Nanos;
use std::net::IpAddr;
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
}

/// A flow's label, and what else is known of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    pub label: Arc<Label>,
    pub facts: Option<Arc<Facts>>,
}

impl Told {
    /// What is known of a flow of which nothing is.
    pub fn of_address(remote: IpAddr) -> Told {
        Told {
            label: Arc::new(Label::of_address(remote)),
            facts: None,
        }
    }
}

impl Facts {
    /// Takes in what is known of another part of the same flow.
    pub(crate) fn merge(&mut self, other: Facts) {
        for claim in other.claims {
            if !self.claims.contains(&claim) {
                self.claims.push(claim);
            }
        }
        self.spoke = self.spoke.or(other.spoke);
        self.fingerprint = self.fingerprint.take().or(other.fingerprint);
        self.via = self.via.take().or(other.via);
    }
}

pub(super) struct Known {
    /// What it is called when nothing else is known.
    remote: IpAddr,
    best: Option<Best>,
    app: Option<App>,
    /// The label as it is told, while nothing changes.
    label: Option<Arc<Label>>,
    asked: Option<Answered>,
    facts: Facts,
    heard_at: Nanos,
}

/// The claim that names the flow.
#[derive(Clone)]
struct Best {
    source: SiteSource,
    name: Arc<str>,
    marks: Marks,
}

impl Known {
    pub(super) fn of(remote: IpAddr) -> Known {
        Known {
            remote,
            best: None,
            app: None,
            label: None,
            asked: None,
            facts: Facts::default(),
            heard_at: Nanos(0),
        }
    }

    /// Its label, if it is more than its address.
    pub(super) fn label(&self) -> Option<Arc<Label>> {
        self.label.clone()
    }

    /// Takes a claim in; true if the label is another than before.
    pub(super) fn claim(&mut self, claim: Claim, at: Nanos, most: usize) -> bool {
        if self.facts.claims.contains(&claim) {
            return false;
        }
        let several = self.best.as_ref().is_some_and(|best| {
            ladder::says_several(best.source, claim.source) && *best.name != *claim.name.as_str()
        });
        if several {
            return self.mark(Marks::AMBIGUOUS);
        }
        let better = self.best.as_ref().is_none_or(|best| claim.source < best.source);
        let best = better.then(|| Best {
            source: claim.source,
            name: claim.name.text(),
            marks: claim.marks,
        });
        if self.facts.claims.len() < most {
            self.facts.claims.push(claim);
        }
        if let Some(best) = best {
            (self.best, self.heard_at) = (Some(best), at);
            return self.relabel();
        }
        false
    }

    /// Whether an answer by address could name it.
    pub(super) fn wants_answer(&self) -> bool {
        let certain = |best: &Best| !best.marks.has(Marks::ECH_OUTER);
        self.asked.is_none() && !self.best.as_ref().is_some_and(certain)
    }

    /// The name that was asked for its address.
    pub(super) fn answered(&mut self, told: Answered) -> bool {
        self.asked = Some(told);
        self.relabel()
    }

    pub(super) fn owned(&mut self, process: &Process) -> bool {
        let (app, via) = match &process.effective {
            Some((_, name)) => (name, Some(process.name.clone())),
            None => (&process.name, None),
        };
        self.facts.via = via;
        self.app = Some(App {
            name: app.clone(),
            path: None,
            user: None,
        });
        self.relabel()
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

    fn mark(&mut self, mark: Marks) -> bool {
        if let Some(best) = &mut self.best {
            best.marks = best.marks.with(mark);
        }
        self.relabel()
    }

    fn relabel(&mut self) -> bool {
        let own = self.best.as_ref();
        let asked = self.asked.as_ref().filter(|asked| {
            own.is_none_or(|best| ladder::prefers_answer(best.marks, &best.name, asked))
        });
        let (site, source, marks) = match (own, asked) {
            (_, Some(asked)) => (Site::Name(asked.name.clone()), SiteSource::DnsAnswer, asked.marks),
            (Some(best), None) => (Site::Name(best.name.clone()), best.source, best.marks),
            (None, None) => (Site::Address(self.remote), SiteSource::Address, Marks::default()),
        };
        let (app, app_source) = match &self.app {
            Some(app) => (app.clone(), OwnerSource::Pktap),
            None => (App::unknown(), OwnerSource::Unknown),
        };
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
