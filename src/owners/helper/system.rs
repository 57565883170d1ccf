//! What the system is asked with: the kernel's own word, look-ups of sockets, and who holds them.
//! Each may be missing; why is kept. Decides nothing.

use crate::clock::Clock;
use crate::key::Endpoint;
use crate::owners::config;
use crate::owners::message::Rung;
use crate::platform::{self, Holders, Kernel, KernelEvent, Run, Socket, Sockets};
use crate::units::{NANOS, Nanos};
use ahash::AHashMap;
use std::os::fd::{AsFd, BorrowedFd};

/// How long the list of a process's children holds.
const CHILDREN: Nanos = Nanos(NANOS);
/// Processes whose children are remembered.
const PARENTS: usize = 256;
/// How long frames of packet sockets are listened to after a flow without a socket.
const PACKETS: Nanos = Nanos(10 * NANOS);

pub(super) struct System {
    kernel: Option<Kernel>,
    kernel_rung: Rung,
    sockets: Option<Sockets>,
    sockets_rung: Rung,
    holders: Holders,
    children: AHashMap<u32, (Nanos, Vec<u32>)>,
    /// Until when packet sockets are listened to.
    packets: Option<Nanos>,
    clock: Clock,
}

impl System {
    pub(super) fn new(kernel: config::Kernel, clock: Clock) -> System {
        let (kernel, kernel_rung) = match kernel {
            config::Kernel::Off => (None, Rung::fails("switched off by owners.kernel")),
            config::Kernel::Auto => loaded(),
        };
        let (sockets, sockets_rung) = match Sockets::open() {
            Ok(sockets) => (Some(sockets), Rung::works()),
            Err(error) => (None, Rung::fails(error.to_string())),
        };
        System {
            kernel,
            kernel_rung,
            sockets,
            sockets_rung,
            holders: Holders::new(clock.clone()),
            children: AHashMap::new(),
            packets: None,
            clock,
        }
    }

    pub(super) fn has_kernel(&self) -> bool {
        self.kernel.is_some()
    }

    /// Readable when the kernel has something to tell.
    pub(super) fn kernel_events(&self) -> Option<BorrowedFd<'_>> {
        self.kernel.as_ref().map(AsFd::as_fd)
    }

    /// Hands on what the kernel told.
    pub(super) fn hear(&mut self, each: &mut dyn FnMut(KernelEvent)) {
        if let Some(kernel) = &mut self.kernel {
            kernel.events(each);
        }
    }

    pub(super) fn socket(
        &mut self,
        protocol: crate::key::Protocol,
        local: Endpoint,
        remote: Endpoint,
    ) -> Option<Socket> {
        let sockets = self.sockets.as_mut()?;
        sockets.find(protocol, local, remote, 0).ok().flatten()
    }

    /// Who holds a socket; `hints` are looked at first.
    pub(super) fn holder(&mut self, inode: u64, user: Option<u32>, hints: &[u32]) -> Option<Run> {
        if inode == 0 {
            return None;
        }
        self.holders.find(inode, user, hints)
    }

    /// Who holds the packet socket with this cookie.
    pub(super) fn packet_sender(&mut self, cookie: u64) -> Option<Run> {
        let packets = self.sockets.as_mut()?.packets().ok()?;
        let socket = packets.into_iter().find(|it| it.cookie == cookie)?;
        self.holder(socket.inode, socket.user, &[])
    }

    pub(super) fn children(&mut self, pid: u32) -> Vec<u32> {
        let now = self.clock.steady();
        if let Some((at, known)) = self.children.get(&pid)
            && now.0 - at.0 < CHILDREN.0
        {
            return known.clone();
        }
        if self.children.len() >= PARENTS {
            self.children.clear();
        }
        let children = platform::children(pid);
        self.children.insert(pid, (now, children.clone()));
        children
    }

    /// Hears of what packet sockets send, for a while: a flow has no other socket.
    pub(super) fn hear_packets(&mut self) {
        let Some(kernel) = &mut self.kernel else {
            return;
        };
        if kernel.hear_packets().is_ok() {
            self.packets = Some(Nanos(self.clock.steady().0 + PACKETS.0));
        }
    }

    /// Sees whether what worked still does.
    pub(super) fn look_after(&mut self) {
        let now = self.clock.steady();
        if self.packets.is_some_and(|until| until <= now) {
            self.packets = None;
            if let Some(kernel) = &mut self.kernel {
                kernel.stop_hearing_packets();
            }
        }
        if self
            .kernel
            .as_ref()
            .is_some_and(|kernel| !kernel.still_attached())
        {
            self.kernel = None;
            self.kernel_rung = Rung::fails("the kernel's programs were taken away while they ran");
        }
    }

    pub(super) fn kernel_rung(&self) -> Rung {
        self.kernel_rung.clone()
    }

    pub(super) fn sockets_rung(&self) -> Rung {
        self.sockets_rung.clone()
    }

    /// Whether processes of others could be looked into so far.
    pub(super) fn others_rung(&self) -> Rung {
        if self.holders.met_forbidden() {
            return Rung::fails(
                "processes of other users may not be looked into: \
                 CAP_SYS_PTRACE and CAP_DAC_READ_SEARCH are missing",
            );
        }
        Rung::works()
    }

    /// Events that the kernel could not tell.
    pub(super) fn lost(&self) -> u64 {
        let lost = self.kernel.as_ref().map(Kernel::lost).unwrap_or_default();
        lost.ring + lost.maps
    }
}

fn loaded() -> (Option<Kernel>, Rung) {
    match Kernel::load() {
        Ok(kernel) => {
            let missing = kernel.missing().join(", ");
            let why = (!missing.is_empty()).then(|| format!("it cannot tell: {missing}"));
            (Some(kernel), Rung { works: true, why })
        }
        Err(error) => (None, Rung::fails(error.to_string())),
    }
}
