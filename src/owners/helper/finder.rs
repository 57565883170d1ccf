//! The ladder from a flow's ends to its process: what the kernel told, the socket that is there now,
//! who sends whole frames, who had these ends a moment ago. Knows no records.

mod told;

use super::flows::{Ends, Flows};
use super::own::Own;
use super::pending::Open;
use super::recent::Recent;
use super::system::System;
use super::tunnels::Tunnels;
use crate::clock::Clock;
use crate::label::OwnerSource;
use crate::owners::config;
use crate::owners::message::Status;
use crate::owners::owned::Owned;
use crate::owners::{Files, Process, Processes};
use crate::platform::{self, KernelEvent, Socket};
use std::net::IpAddr;
use std::os::fd::BorrowedFd;
use std::sync::Arc;

/// Processes that are remembered.
pub(in crate::owners) const PROCESSES: usize = 8_192;
/// A flow without a socket is one of a packet socket, perhaps: from this try on.
const NO_SOCKET: usize = 1;
/// What is not found out by this try is answered with less.
const ENOUGH: usize = 2;
/// What is asked of the file system.
const FILES: Files = Files {
    resolve: |path| path.canonicalize().ok(),
    bundle: platform::bundle,
};

type Known = (OwnerSource, Arc<Process>);

pub(super) struct Finder {
    system: System,
    flows: Flows,
    processes: Processes,
    recent: Recent,
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
    pub(super) fn find(&mut self, open: &Open) -> Option<Owned> {
        let ends = Ends::of(&open.question);
        let here = self.side(&ends, open);
        let remote_is_own = self.own.has(ends.remote.0, self.clock.steady());
        let there = self.other_side(&ends.swapped(), open, (remote_is_own, here.is_some()));
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

    fn side(&mut self, ends: &Ends, open: &Open) -> Option<Known> {
        let told = self.told(ends, open);
        let known = told.or_else(|| self.looked_up(ends));
        match known {
            // Whoever hears at a port may not be who gets what is handed on from there.
            None | Some((OwnerSource::Wildcard | OwnerSource::Port, _)) => {
                self.translated(ends, open).or(known)
            }
            known => known,
        }
    }

    /// The same connection on the other side of an address translation: a container's, mostly.
    fn translated(&mut self, ends: &Ends, open: &Open) -> Option<Known> {
        let (local, remote) = self
            .system
            .translated(ends.protocol, ends.local(), ends.remote())?;
        let inside = Ends::new(ends.protocol, local, remote);
        self.told(&inside, open).or_else(|| self.looked_up(&inside))
    }

    /// Of the remote end little can be asked unless it is this host's: where nobody has the other
    /// one, it may be a container's.
    fn other_side(
        &mut self,
        ends: &Ends,
        open: &Open,
        (is_own, is_known): (bool, bool),
    ) -> Option<Known> {
        if is_own {
            return self.side(ends, open);
        }
        let told = self.told(ends, open);
        told.or_else(|| if is_known { None } else { self.distant(ends) })
    }

    /// By the time by which processes begin.
    fn now(&self) -> u64 {
        platform::since_boot(self.clock.now().wall)
    }

    /// The socket that is there now.
    fn looked_up(&mut self, ends: &Ends) -> Option<Known> {
        if !self.may_look_up(ends) {
            return None;
        }
        let found = self
            .system
            .socket(ends.protocol, ends.local(), ends.remote());
        let now = self.clock.steady();
        let gets = |socket: &Socket| socket.remote.is_some() || self.own.hears(ends.local.0, now);
        match found.filter(gets) {
            Some(socket) => Some((source(&socket), self.holder(&socket, &[])?)),
            None => self.distant(ends),
        }
    }

    /// The socket of another network namespace.
    fn distant(&mut self, ends: &Ends) -> Option<Known> {
        let distant = self
            .system
            .elsewhere(ends.protocol, ends.local(), ends.remote())?;
        let process = self.holder(&distant.socket, &distant.pids)?;
        Some((source(&distant.socket), process))
    }

    /// Of a protocol without ports, whoever listens to all of it is found: who sent it, the kernel
    /// tells where it can, and to groups and neighbours it sends by itself.
    fn may_look_up(&self, ends: &Ends) -> bool {
        let is_of_all = |address: IpAddr| match address {
            IpAddr::V4(four) => four.is_multicast() || four.is_broadcast() || four.is_unspecified(),
            IpAddr::V6(six) => {
                six.is_multicast() || six.is_unspecified() || six.is_unicast_link_local()
            }
        };
        let has_port = ends.local.1.is_some();
        has_port
            || !self.system.has_kernel()
                && ![ends.local.0, ends.remote.0].map(is_of_all).contains(&true)
    }

    fn holder(&mut self, socket: &Socket, hints: &[u32]) -> Option<Arc<Process>> {
        let run = self.system.holder(socket.inode, Some(socket.user), hints)?;
        self.processes.alive(run, self.now(), &mut read)
    }

    /// Who had these ends a moment ago.
    fn left(&mut self, ends: &Ends, open: &Open) -> Option<Known> {
        if open.tries < ENOUGH {
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

    /// Looks after itself, and tells which tunnels are carried by others than before.
    pub(super) fn look_after(&mut self) -> Vec<(String, Option<Arc<Process>>)> {
        self.system.look_after();
        let now = self.now();
        let changes = self.tunnels.look().into_iter();
        changes
            .map(|(name, run)| {
                let process = run.and_then(|run| self.processes.alive(run, now, &mut read));
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

fn source(socket: &Socket) -> OwnerSource {
    match (&socket.remote, socket.listens) {
        (Some(_), _) => OwnerSource::Exact,
        (None, true) => OwnerSource::Port,
        (None, false) => OwnerSource::Wildcard,
    }
}

fn read(pid: u32) -> Option<platform::ProcessFacts> {
    platform::process(pid).ok()
}
