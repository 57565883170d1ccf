//! The ladder from a flow's ends to its process: what the kernel told, the socket that is there now,
//! who sends whole frames, who had these ends a moment ago. Knows no records.

mod told;

use super::flows::{Ends, Flows};
use super::own::Own;
use super::pending::Open;
use super::recent::Recent;
use super::system::{FILES, System, read};
use super::trust::{is_kernels, is_of_all, source};
use super::tunnels::{Interfaces, Tunnels};
use crate::clock::Clock;
use crate::key::Protocol;
use crate::label::OwnerSource;
use crate::owners::config;
use crate::owners::message::Status;
use crate::owners::owned::Owned;
use crate::owners::{Process, Processes};
use crate::platform::{self, KernelEvent, Socket};
use std::os::fd::BorrowedFd;
use std::sync::Arc;

/// Processes that are remembered.
pub(in crate::owners) const PROCESSES: usize = 8_192;
/// A flow without a socket is one of a packet socket, perhaps: from this try on.
const NO_SOCKET: usize = 1;
/// What is not found out by this try is answered with less.
const ENOUGH: usize = 2;

type Known = (OwnerSource, Arc<Process>);

pub(super) struct Finder {
    system: System,
    flows: Flows,
    processes: Processes,
    recent: Recent,
    interfaces: Interfaces,
    tunnels: Tunnels,
    own: Own,
    clock: Clock,
}

impl Finder {
    pub(super) fn new(kernel: config::Kernel, clock: Clock) -> Finder {
        Finder {
            system: System::new(kernel, clock.clone()),
            flows: Flows::default(),
            processes: Processes::new(PROCESSES, FILES),
            recent: Recent::default(),
            interfaces: Interfaces::default(),
            tunnels: Tunnels::default(),
            own: Own::default(),
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
        open.is_unsure = false;
        let found = self.found_now(open);
        if open.tries >= ENOUGH {
            return found.or_else(|| open.fallback.take());
        }
        if open.is_unsure && found.is_some() {
            open.fallback = found;
            return None;
        }
        found
    }

    fn found_now(&mut self, open: &mut Open) -> Option<Owned> {
        let ends = Ends::of(&open.question);
        let here = self.side(&ends, open);
        let now = self.clock.steady();
        let [local_is_own, remote_is_own] =
            [ends.local.0, ends.remote.0].map(|address| self.own.has(address, now));
        // Neither from here nor to here: one end is a container's, perhaps either.
        let is_handed_on = !local_is_own && !remote_is_own;
        let there = if remote_is_own {
            self.side(&ends.swapped(), open)
        } else {
            self.far_side(&ends.swapped(), open, is_handed_on && here.is_none())
        };
        let (process, peer) = match (here, there) {
            // Whoever gets it is told at once, who sent it perhaps a moment later.
            (None, Some(there)) if is_handed_on && open.tries >= ENOUGH => (Some(there), None),
            (None, Some(_)) if is_handed_on => (None, None),
            (here, there) => (here, there.map(|(_, process)| process)),
        };
        let process = process.or_else(|| self.left(&ends, open));
        if process.is_none() && (peer.is_none() || open.tries < ENOUGH) {
            self.listen_closer(open);
            return None;
        }
        let (source, process) = process.unzip();
        if let Some(process) = &process
            && (!open.is_unsure || open.tries >= ENOUGH)
        {
            self.recent.note(ends, process, self.clock.steady());
        }
        Some(Owned {
            process,
            peer,
            ..open.owned(source.unwrap_or(OwnerSource::Unknown))
        })
    }

    fn side(&mut self, ends: &Ends, open: &mut Open) -> Option<Known> {
        let told = self.told(ends, open);
        let known = told.or_else(|| self.looked_up(ends, open));
        match known {
            // Whoever hears at a port may not be who gets what is handed on from there.
            None | Some((OwnerSource::Wildcard | OwnerSource::Port, _)) => {
                self.translated(ends, open).or(known)
            }
            known => known,
        }
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

    /// Of a remote end that is not this host's little can be asked; whether it is a container's only
    /// if nobody has the local one.
    fn far_side(&mut self, ends: &Ends, open: &mut Open, is_alone: bool) -> Option<Known> {
        let told = self.told(ends, open);
        if told.is_some() || !is_alone {
            return told;
        }
        self.distant(ends, open)
    }

    /// By the time by which processes begin.
    fn now(&self) -> u64 {
        platform::since_boot(self.clock.now().wall)
    }

    /// The socket that is there now.
    fn looked_up(&mut self, ends: &Ends, open: &mut Open) -> Option<Known> {
        if !self.may_look_up(ends, open) {
            return None;
        }
        let (protocol, local, remote) = (ends.protocol, ends.local(), ends.remote());
        let found = self.system.socket(protocol, local, remote);
        let now = self.clock.steady();
        let gets = |socket: &Socket| socket.remote.is_some() || self.own.hears(ends.local.0, now);
        let Some(socket) = found.filter(gets) else {
            return self.distant(ends, open);
        };
        self.found(&socket, &[], open)
    }

    /// The socket of another network namespace.
    fn distant(&mut self, ends: &Ends, open: &mut Open) -> Option<Known> {
        let distant = self
            .system
            .elsewhere(ends.protocol, ends.local(), ends.remote())?;
        self.found(&distant.socket, &distant.pids, open)
    }

    /// Who has a socket that was found. A connection's is its own; a port without one is used again
    /// at once.
    fn found(&mut self, socket: &Socket, hints: &[u32], open: &mut Open) -> Option<Known> {
        // Whoever listens may hand the connection on, or has not taken it yet.
        open.is_unsure |= socket.listens;
        let is_connection = socket.protocol == Protocol::TCP && socket.remote.is_some();
        if !is_connection && !open.was_there(socket.inode) {
            return None;
        }
        Some((source(socket), self.holder(socket, hints)?))
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
        self.processes.alive(run, self.now(), &mut read)
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

    /// Sees whether what worked still does; true if there are other sources to hear than before.
    pub(super) fn step_down(&mut self) -> bool {
        self.system.stop_hearing_packets();
        self.system.step_down()
    }

    /// Which tunnels are carried by others than before.
    pub(super) fn carriers(&mut self) -> Vec<(String, Option<Arc<Process>>)> {
        let now = self.now();
        let mut told = Vec::new();
        for (name, run) in self.tunnels.look(self.interfaces.tunnels()) {
            let process = run.and_then(|run| self.processes.alive(run, now, &mut read));
            if process.is_none() {
                self.tunnels.forget_carrier(&name);
            }
            told.push((name, process));
        }
        told
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
