//! The ladder from a flow's ends to its process: what the kernel told, the socket that is there now,
//! who sends whole frames, who had these ends a moment ago. Knows no records.

use super::flows::{Ends, Flows};
use super::pending::Open;
use super::recent::Recent;
use super::system::{FILES, System, read};
use super::trust::{is_kernels, is_of_all, is_overheard, lived, source};
use super::tunnels::Tunnels;
use crate::clock::Clock;
use crate::key::Protocol;
use crate::label::OwnerSource;
use crate::owners::config;
use crate::owners::message::Status;
use crate::owners::owned::Owned;
use crate::owners::{Process, Processes};
use crate::platform::{self, FlowSeen, KernelEvent, Run, Socket};
use crate::units::{NANOS, Nanos};
use std::net::IpAddr;
use std::os::fd::BorrowedFd;
use std::sync::Arc;

/// Processes that are remembered.
pub(in crate::owners) const PROCESSES: usize = 8_192;
/// A flow without a socket is one of a packet socket, perhaps: from this try on.
const NO_SOCKET: usize = 1;
/// What is not found out by this try is answered with less.
const ENOUGH: usize = 2;
/// What the kernel told so long before a flow began, it told of another with the same ends, perhaps.
const STALE: i64 = 2 * NANOS;
/// The process that listens for others (systemd, launchd).
const INIT: u32 = 1;

type Known = (OwnerSource, Arc<Process>);

pub(super) struct Finder {
    system: System,
    flows: Flows,
    processes: Processes,
    recent: Recent,
    tunnels: Tunnels,
    /// This host's addresses, and when they were listed.
    own: (Vec<IpAddr>, Option<Nanos>),
    clock: Clock,
}

impl Finder {
    pub(super) fn new(kernel: config::Kernel, clock: Clock) -> Finder {
        Finder {
            system: System::new(kernel, clock.clone()),
            flows: Flows::default(),
            processes: Processes::new(PROCESSES, FILES),
            recent: Recent::default(),
            tunnels: Tunnels::default(),
            own: (Vec::new(), None),
            clock,
        }
    }

    /// What becomes readable when there is something to hear.
    pub(super) fn sources(&self) -> Vec<BorrowedFd<'_>> {
        self.system.sources()
    }

    /// Takes in what the kernel told since the last time. A program is looked at right away: it may
    /// be gone a moment later.
    pub(super) fn hear(&mut self) {
        let now = self.now();
        let (flows, processes) = (&mut self.flows, &mut self.processes);
        self.system.hear(&mut |event| match event {
            KernelEvent::Program(seen) => {
                let run = seen.run;
                processes.learn(seen);
                processes.of(run, now, &mut read);
            }
            KernelEvent::Flow(seen) => {
                flows.learn(seen);
            }
        });
        self.system
            .hear_processes(&mut |pid| processes.changed(pid));
    }

    /// Whose a flow is, as far as that can be told by now.
    pub(super) fn find(&mut self, open: &mut Open) -> Option<Owned> {
        let ends = Ends::of(&open.question);
        let here = self.side(&ends, open);
        let remote_is_own = self.is_own(ends.remote.0);
        let there = self.other_side(&ends.swapped(), open, remote_is_own);
        let (process, peer) = match (here, there) {
            // Whoever gets it is told at once, who sent it perhaps a moment later.
            (None, Some(there)) if !remote_is_own && open.tries >= ENOUGH => (Some(there), None),
            (None, Some(_)) if !remote_is_own => (None, None),
            (here, there) => (here, there.map(|(_, process)| process)),
        };
        let process = process.or_else(|| self.left(&ends, open));
        if process.is_none() && (peer.is_none() || open.tries < ENOUGH) {
            self.listen_closer(open);
            return None;
        }
        let (source, process) = process.unzip();
        if let Some(process) = &process {
            self.recent.note(ends, process, self.clock.steady());
        }
        Some(Owned {
            process,
            peer,
            ..open.owned(source.unwrap_or(OwnerSource::Unknown))
        })
    }

    fn side(&mut self, ends: &Ends, open: &mut Open) -> Option<Known> {
        let known = self.told(ends, open).or_else(|| self.looked_up(ends, open));
        known.or_else(|| self.translated(ends, open))
    }

    /// The same connection on the other side of an address translation: a container's, mostly.
    fn translated(&mut self, ends: &Ends, open: &mut Open) -> Option<Known> {
        let (local, remote) = self
            .system
            .translated(ends.protocol, ends.local(), ends.remote())?;
        let inside = Ends::new(ends.protocol, local, remote);
        self.told(&inside, open)
            .or_else(|| self.looked_up(&inside, open))
    }

    /// Of the remote end little can be asked unless it is this host's.
    fn other_side(&mut self, ends: &Ends, open: &mut Open, is_own: bool) -> Option<Known> {
        if is_own {
            return self.side(ends, open);
        }
        self.told(ends, open)
    }

    /// By the time by which processes begin.
    fn now(&self) -> u64 {
        platform::since_boot(self.clock.now().wall)
    }

    /// What the kernel told.
    fn told(&mut self, ends: &Ends, open: &Open) -> Option<Known> {
        let seen = self.flows.of(ends, 0)?.clone();
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
        open: &Open,
    ) -> Option<Arc<Process>> {
        let mut hints = self.system.children(run.pid);
        if hints.is_empty() && run.pid != INIT {
            return self.processes.of(run, seen.at, &mut read);
        }
        hints.push(run.pid);
        let socket = self
            .system
            .socket(ends.protocol, ends.local(), ends.remote());
        let holder = socket.and_then(|it| self.system.holder(it.inode, Some(it.user), &hints));
        match holder {
            Some(other) if other.pid != run.pid => self.processes.of(other, self.now(), &mut read),
            // It may be about to hand it on.
            _ if open.tries < ENOUGH => None,
            _ => self.processes.of(run, seen.at, &mut read),
        }
    }

    /// The socket that is there now.
    fn looked_up(&mut self, ends: &Ends, open: &mut Open) -> Option<Known> {
        if !self.may_look_up(ends, open) {
            return None;
        }
        let (protocol, local, remote) = (ends.protocol, ends.local(), ends.remote());
        let here = self.system.socket(protocol, local, remote);
        let (socket, hints) = if let Some(socket) = here {
            (socket, Vec::new())
        } else {
            let distant = self.system.elsewhere(protocol, local, remote)?;
            (distant.socket, distant.pids)
        };
        // A connection's socket is its own; a port without one is used again at once.
        let is_connection = protocol == Protocol::TCP && socket.remote.is_some();
        if !is_connection && !open.was_there(socket.inode) {
            return None;
        }
        Some((source(&socket), self.holder(&socket, &hints)?))
    }

    /// Of a protocol without ports, whoever listens to all of it is found: who sent it, the kernel
    /// tells where it can, and to groups and neighbours it sends by itself. What others begin, it
    /// answers by itself, too.
    fn may_look_up(&self, ends: &Ends, open: &Open) -> bool {
        let has_port = ends.local.1.is_some();
        has_port
            || !self.system.has_kernel()
                && (open.question.sent || !is_kernels(ends.protocol))
                && ![ends.local.0, ends.remote.0].map(is_of_all).contains(&true)
    }

    fn holder(&mut self, socket: &Socket, hints: &[u32]) -> Option<Arc<Process>> {
        let run = self.system.holder(socket.inode, Some(socket.user), hints)?;
        self.processes.of(run, self.now(), &mut read)
    }

    /// Who had these ends a moment ago: only TCP keeps others from using them.
    fn left(&mut self, ends: &Ends, open: &Open) -> Option<Known> {
        if open.tries < ENOUGH || ends.protocol != Protocol::TCP {
            return None;
        }
        let process = self.recent.of(ends, self.clock.steady())?;
        Some((OwnerSource::Late, process))
    }

    fn listen_closer(&mut self, open: &Open) {
        if open.tries == NO_SOCKET {
            self.system.hear_packets();
        }
    }

    fn is_own(&mut self, address: IpAddr) -> bool {
        let now = self.clock.steady();
        if self.own.1.is_none_or(|at| now.0 - at.0 > 10 * NANOS) {
            let nics = platform::nics().unwrap_or_default();
            let addresses = nics.into_iter().flat_map(|nic| nic.addresses);
            self.own = (addresses.collect(), Some(now));
        }
        address.is_loopback() || self.own.0.contains(&address)
    }

    /// Sees whether what worked still does; true if there are other sources to hear than before.
    pub(super) fn step_down(&mut self) -> bool {
        self.system.stop_hearing_packets();
        self.system.step_down()
    }

    /// Which tunnels are carried by others than before.
    pub(super) fn carriers(&mut self) -> Vec<(String, Option<Arc<Process>>)> {
        let now = self.now();
        let changes = self.tunnels.look().into_iter();
        changes
            .map(|(name, run)| {
                let process = run.and_then(|run| self.processes.of(run, now, &mut read));
                (name, process)
            })
            .collect()
    }

    pub(super) fn status(&self) -> Status {
        Status {
            kernel: self.system.kernel_rung(),
            sockets: self.system.sockets_rung(),
            others: self.system.others_rung(),
            lost: self.system.lost(),
            processes: self.processes.len() as u32,
            ..Status::default()
        }
    }
}

#[cfg(test)]
mod tests;
