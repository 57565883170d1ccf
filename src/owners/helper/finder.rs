//! The ladder from a flow's ends to its process: what the kernel told, the socket that is there now,
//! who sends whole frames, who had these ends a moment ago. Knows no records.

use super::flows::{Ends, Flows};
use super::pending::Open;
use super::recent::Recent;
use super::system::System;
use crate::clock::Clock;
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
/// The time at which a look-up sees a process: whatever it is now.
const NOW: u64 = u64::MAX;

type Known = (OwnerSource, Arc<Process>);

pub(super) struct Finder {
    system: System,
    flows: Flows,
    processes: Processes,
    recent: Recent,
    /// This host's addresses, and when they were listed.
    own: (Vec<IpAddr>, Option<Nanos>),
    /// What the kernel's time was at a steady one.
    kernel_time: (u64, Nanos),
    clock: Clock,
}

impl Finder {
    pub(super) fn new(kernel: config::Kernel, clock: Clock) -> Finder {
        Finder {
            system: System::new(kernel, clock.clone()),
            flows: Flows::default(),
            processes: Processes::new(PROCESSES),
            recent: Recent::default(),
            own: (Vec::new(), None),
            kernel_time: (0, Nanos(0)),
            clock,
        }
    }

    pub(super) fn kernel_events(&self) -> Option<BorrowedFd<'_>> {
        self.system.kernel_events()
    }

    /// Takes in what the kernel told since the last time. A program is looked at right away: it may
    /// be gone a moment later.
    pub(super) fn hear(&mut self) {
        let (flows, processes) = (&mut self.flows, &mut self.processes);
        let (mut latest, mut packets) = (None, Vec::new());
        self.system.hear(&mut |event| match event {
            KernelEvent::Program(seen) => {
                let run = seen.run;
                processes.learn(seen);
                processes.of(run, NOW, &mut read);
            }
            KernelEvent::Flow(seen) => {
                latest = Some(seen.at);
                if seen.packet {
                    packets.push(seen);
                } else {
                    flows.learn(seen);
                }
            }
        });
        if let Some(at) = latest {
            self.kernel_time = (at, self.clock.steady());
        }
        packets.into_iter().for_each(|seen| self.packet_seen(seen));
    }

    /// A packet socket's own process is not told with it, and may be gone soon.
    fn packet_seen(&mut self, mut seen: FlowSeen) {
        seen.run = self.system.packet_sender(seen.cookie);
        if let Some(run) = seen.run {
            self.processes.of(run, NOW, &mut read);
        }
        self.flows.learn(seen);
    }

    /// Whose a flow is, as far as that can be told by now.
    pub(super) fn find(&mut self, open: &Open) -> Option<Owned> {
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

    fn side(&mut self, ends: &Ends, open: &Open) -> Option<Known> {
        self.told(ends, open).or_else(|| self.looked_up(ends))
    }

    /// Of the remote end little can be asked unless it is this host's.
    fn other_side(&mut self, ends: &Ends, open: &Open, is_own: bool) -> Option<Known> {
        if is_own {
            return self.side(ends, open);
        }
        self.told(ends, open)
    }

    /// What the kernel told.
    fn told(&mut self, ends: &Ends, open: &Open) -> Option<Known> {
        let seen = self.flows.of(ends, 0)?.clone();
        if self.is_stale(&seen, open) {
            return None;
        }
        let process = match seen.run {
            Some(run) if seen.packet => self.processes.of(run, NOW, &mut read),
            None if seen.packet => None,
            Some(run) if seen.accepted => self.taker(ends, &seen, run, open),
            Some(run) => self.processes.of(run, seen.at, &mut read),
            None => self.older(ends, &seen),
        };
        Some((OwnerSource::Kernel, process?))
    }

    /// Told long before this flow began, and its socket is no more.
    fn is_stale(&mut self, seen: &FlowSeen, open: &Open) -> bool {
        let (at, steady) = self.kernel_time;
        let now = self.clock.now();
        let kernel_now = at.saturating_add((now.steady.0 - steady.0).max(0).cast_unsigned());
        let told_ago = kernel_now.saturating_sub(seen.at).cast_signed();
        let began_ago = now.wall.0.saturating_sub(open.question.at.0);
        if told_ago.saturating_sub(began_ago) < STALE || seen.local.port.is_none() {
            return false;
        }
        let socket = self.system.socket(seen.protocol, seen.local, seen.remote);
        !socket.is_some_and(|socket| socket.cookie == seen.cookie)
    }

    /// A socket that was there before the kernel was asked to tell.
    fn older(&mut self, ends: &Ends, seen: &FlowSeen) -> Option<Arc<Process>> {
        let socket = self
            .system
            .socket(ends.protocol, ends.local(), ends.remote())?;
        // The kernel sends by sockets of its own, too: one whose cookie is not told may be another.
        (socket.cookie == seen.cookie).then(|| self.holder(&socket, &[]))?
    }

    /// Who took a connection that a listening socket accepted: whoever listens, or - where that one
    /// has children, or listens for others - who has its socket now.
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
            Some(other) if other.pid != run.pid => self.processes.of(other, NOW, &mut read),
            // It may be about to hand it on.
            _ if open.tries < ENOUGH => None,
            _ => self.processes.of(run, seen.at, &mut read),
        }
    }

    /// The socket that is there now.
    fn looked_up(&mut self, ends: &Ends) -> Option<Known> {
        if !self.may_look_up(ends) {
            return None;
        }
        let socket = self
            .system
            .socket(ends.protocol, ends.local(), ends.remote())?;
        let source = match (&socket.remote, socket.listens) {
            (Some(_), _) => OwnerSource::Exact,
            (None, true) => OwnerSource::Port,
            (None, false) => OwnerSource::Wildcard,
        };
        Some((source, self.holder(&socket, &[])?))
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
        self.processes.of(run, NOW, &mut read)
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

    fn is_own(&mut self, address: IpAddr) -> bool {
        let now = self.clock.steady();
        if self.own.1.is_none_or(|at| now.0 - at.0 > 10 * NANOS) {
            let nics = platform::nics().unwrap_or_default();
            let addresses = nics.into_iter().flat_map(|nic| nic.addresses);
            self.own = (addresses.collect(), Some(now));
        }
        address.is_loopback() || self.own.0.contains(&address)
    }

    /// Which tunnels are carried by whom now.
    pub(super) fn carriers(&mut self) -> Vec<(String, Option<Arc<Process>>)> {
        self.system.look_after();
        Vec::new()
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

fn read(pid: u32) -> Option<platform::ProcessFacts> {
    platform::process(pid).ok()
}
