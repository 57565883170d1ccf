//! What was found out about a process, with what its children need to know of it.

use super::super::identity::Identified;
use super::super::{PARENTS, Parent, Process};
use super::FRESH;
use crate::platform::{ProcessFacts, Run};
use std::sync::Arc;

#[derive(Clone)]
pub(super) struct Known {
    pub process: Arc<Process>,
    /// When it was found out.
    pub at: u64,
    pub short_name: Arc<str>,
    pub executable: Option<Arc<str>>,
    pub folder: Option<Arc<str>>,
    pub group: Option<Arc<str>>,
}

impl Known {
    pub(super) fn is_fresh(&self, at: u64) -> bool {
        at < self.at.saturating_add(FRESH)
    }

    /// The group that its children are started in. What starts services and containers puts them
    /// into groups of their own.
    pub(super) fn group_of_children(&self) -> Option<&str> {
        const STARTERS: &[&str] = &["containerd-shim", "conmon", "runc", "crun", "systemd"];
        let starts = |name: &&str| self.short_name.starts_with(name);
        let group = self.group.as_deref()?;
        let starter = STARTERS.iter().any(starts) || group.ends_with("/init.scope");
        (!starter).then_some(group)
    }
}

pub(super) fn process(run: Run, found: Identified, parent: Option<&Known>) -> Arc<Process> {
    Arc::new(Process {
        run,
        started: None,
        app: found.app,
        via: found.via,
        container: found.container,
        unit: found.unit,
        parents: parent.map_or_else(Vec::new, parents),
    })
}

fn parents(parent: &Known) -> Vec<Parent> {
    let nearest = Parent {
        pid: parent.process.run.pid,
        name: parent.process.app.name.clone(),
    };
    let further = parent.process.parents.iter().cloned();
    std::iter::once(nearest)
        .chain(further)
        .take(PARENTS)
        .collect()
}

pub(super) fn text(path: Option<&std::path::Path>) -> Option<Arc<str>> {
    path.map(|path| path.to_string_lossy().into())
}

/// The same but for what the process is.
pub(super) fn of_facts(facts: &ProcessFacts, process: Arc<Process>, at: u64) -> Known {
    Known {
        process,
        at,
        short_name: facts.short_name.as_str().into(),
        executable: text(facts.executable.as_deref()),
        folder: text(facts.folder.as_deref()),
        group: facts.group.as_deref().map(Into::into),
    }
}
