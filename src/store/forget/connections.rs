//! Which connections go: those that tell of what is forgotten, in whatever field. One whose process
//! merely was begun by a forgotten application stays, without that name.

use super::mark::{Span, What, Words};
use crate::label::Site;
use crate::store::connection::Ended;
use crate::tick::Facts;
use crate::units::Second;
use std::net::IpAddr;
use std::sync::Arc;

/// What becomes of a connection.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    Stays,
    Goes,
    Becomes(Box<Ended>),
}

pub(super) fn judge(ended: Ended, what: &What) -> Verdict {
    match what {
        What::Span(span) if lived_in(&ended, span) => Verdict::Goes,
        What::Span(_) => Verdict::Stays,
        What::Words(words) if words.tells(&ended) => Verdict::Goes,
        What::Words(words) => words.without_parents(ended),
    }
}

fn lived_in(ended: &Ended, span: &Span) -> bool {
    ended.first.second() < span.range.end && ended.last.second() >= span.range.start
}

impl Words {
    fn tells(&self, ended: &Ended) -> bool {
        self.apps.contains(&ended.label.app)
            || self.sites.contains(&ended.label.site)
            || self.has_address(ended.remote.address)
            || self.has_address(ended.local.address)
            || ended
                .facts
                .as_deref()
                .is_some_and(|facts| self.told_by(facts))
    }

    fn has_address(&self, address: IpAddr) -> bool {
        self.named_sites.contains(&Site::Address(address))
    }

    fn told_by(&self, facts: &Facts) -> bool {
        let mut claims = facts.claims.iter();
        let is_app = |name: &str| self.named_apps.iter().any(|app| &*app.name == name);
        claims.any(|claim| self.has_name(claim.name.as_str()))
            || facts.via.as_deref().is_some_and(is_app)
            || facts
                .peer
                .as_ref()
                .is_some_and(|peer| self.named_apps.contains(&peer.app))
    }

    pub(super) fn has_name(&self, name: &str) -> bool {
        let is_site = |site: &Site| matches!(site, Site::Name(site) if **site == *name);
        self.named_sites.iter().any(is_site)
            || self
                .domain
                .as_deref()
                .is_some_and(|domain| is_in(name, domain))
    }

    /// A program's name as a parent is cut to 15 characters.
    fn is_parent(&self, name: &str) -> bool {
        let cut = |app: &str| app.char_indices().nth(15).map_or(app.len(), |(at, _)| at);
        let is = |app: &str| app == name || app.get(..cut(app)) == Some(name);
        let file = |path: &str| path.rsplit('/').next().is_some_and(is);
        let mut apps = self.named_apps.iter();
        apps.any(|app| is(&app.name) || app.path.as_deref().is_some_and(file))
    }

    fn without_parents(&self, mut ended: Ended) -> Verdict {
        let Some(facts) = ended.facts.as_deref() else {
            return Verdict::Stays;
        };
        let mut facts = facts.clone();
        let mut changed = false;
        for process in [&mut facts.owner, &mut facts.peer].into_iter().flatten() {
            if process
                .parents
                .iter()
                .any(|parent| self.is_parent(&parent.name))
            {
                let process = Arc::make_mut(process);
                process
                    .parents
                    .retain(|parent| !self.is_parent(&parent.name));
                changed = true;
            }
        }
        if !changed {
            return Verdict::Stays;
        }
        ended.facts = Some(Arc::new(facts));
        Verdict::Becomes(Box::new(ended))
    }
}

/// A name is a domain's, or one in it.
pub(super) fn is_in(name: &str, domain: &str) -> bool {
    let above = name.strip_suffix(domain);
    above.is_some_and(|above| above.is_empty() || above.ends_with('.'))
}

/// The first second that a connection which is to go may have ended in.
pub(super) fn first_second(what: &What) -> Second {
    match what {
        What::Words(_) => Second(i64::MIN),
        What::Span(span) => span.range.start,
    }
}
