//! The first rung: what the kernel told of a flow, as long as it is of this flow.

use super::{Finder, Known, read};
use crate::label::OwnerSource;
use crate::owners::Process;
use crate::owners::helper::flows::Ends;
use crate::owners::helper::pending::Open;
use crate::owners::helper::trust::{is_kernels, is_overheard, lived};
use crate::platform::{FlowSeen, Run};
use crate::units::NANOS;
use std::sync::Arc;

/// What the kernel told so long before a flow began, it told of another with the same ends, perhaps.
const STALE: i64 = 2 * NANOS;
/// The process that listens for others (systemd, launchd).
pub(super) const INIT: u32 = 1;

impl Finder {
    /// What the kernel told.
    pub(super) fn told(&mut self, ends: &Ends, open: &mut Open) -> Option<Known> {
        let seen = self.flows.of(ends)?.clone();
        if is_overheard(&seen) || self.is_stale(&seen, open) {
            return None;
        }
        let process = match seen.run {
            None if seen.packet => None,
            Some(run) if seen.accepted || run.pid == INIT => self.taker(ends, &seen, run, open),
            Some(run) => self.processes.of(run, seen.at, &mut read),
            None => self.older(ends, &seen),
        };
        Some((OwnerSource::Kernel, process?))
    }

    /// Told long before this flow began, and its socket is no more. One without a port cannot be
    /// asked for: it goes with its process, and has nothing to do with what others begin.
    fn is_stale(&mut self, seen: &FlowSeen, open: &Open) -> bool {
        let told_ago = self.now().saturating_sub(seen.at).cast_signed();
        let began_ago = self.clock.now().wall.0.saturating_sub(open.question.at.0);
        if told_ago.saturating_sub(began_ago) < STALE {
            return false;
        }
        if seen.local.port.is_none() {
            let is_another =
                is_kernels(seen.protocol) && !open.question.sent && told_ago > began_ago;
            return is_another || seen.run.is_none_or(|run| !lived(run.pid, seen.at));
        }
        let socket = self.system.socket(seen.protocol, seen.local, seen.remote);
        socket.is_none_or(|socket| socket.cookie != seen.cookie)
    }

    /// A socket that was there before the kernel was asked to tell.
    fn older(&mut self, ends: &Ends, seen: &FlowSeen) -> Option<Arc<Process>> {
        let socket = self
            .system
            .socket(ends.protocol, ends.local(), ends.remote())?;
        // The kernel sends by sockets of its own, too: one whose cookie is not told may be another.
        (socket.cookie == seen.cookie).then(|| self.holder(&socket, &[]))?
    }

    /// Who took a connection that a listening socket accepted, or what the first process has opened
    /// for others: whoever opened it, or - where that one has children, or opens for others - who
    /// has its socket now.
    fn taker(
        &mut self,
        ends: &Ends,
        seen: &FlowSeen,
        run: Run,
        open: &mut Open,
    ) -> Option<Arc<Process>> {
        let mut hints = self.system.children(run.pid);
        if hints.is_empty() && run.pid != INIT {
            // It may be about to have a child for this connection.
            open.is_unsure |= open.tries == 0;
            return self.processes.of(run, seen.at, &mut read);
        }
        hints.push(run.pid);
        let socket = self
            .system
            .socket(ends.protocol, ends.local(), ends.remote());
        let holder = socket.and_then(|it| self.system.holder(it.inode, Some(it.user), &hints));
        match holder {
            Some(other) if other.pid != run.pid => {
                self.processes.alive(other, self.now(), &mut read)
            }
            _ => {
                // It may be about to hand it on.
                open.is_unsure = true;
                self.processes.of(run, seen.at, &mut read)
            }
        }
    }
}
