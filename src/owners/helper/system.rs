//! What the system is asked with: the kernel's own word, look-ups of sockets, and who holds them.
//! Each may be missing; why is kept. Decides nothing.

use crate::clock::Clock;
use crate::key::{Endpoint, Protocol};
use crate::owners::message::Rung;
use crate::owners::{Files, config};
use crate::platform::{
    self, Distant, Elsewhere, Holders, Kernel, KernelEvent, ProcessEvent, ProcessEvents, Run,
    Socket, Sockets, Translations,
};
use crate::units::{NANOS, Nanos};
use ahash::AHashMap;
use std::os::fd::{AsFd, BorrowedFd};

/// How long the list of a process's children holds; that it has none holds less, as a server may
/// have its first one for the connection that is asked about.
const CHILDREN: Nanos = Nanos(NANOS);
const NO_CHILDREN: Nanos = Nanos(NANOS / 40);
/// Processes whose children are remembered.
const PARENTS: usize = 256;
/// How long frames of packet sockets are listened to after a flow without a socket.
const PACKETS: Nanos = Nanos(10 * NANOS);

/// What is asked of the file system.
pub(super) const FILES: Files = Files {
    resolve: |path| path.canonicalize().ok(),
    bundle: platform::bundle,
};

pub(super) struct System {
    kernel: Option<Kernel>,
    kernel_rung: Rung,
    sockets: Option<Sockets>,
    sockets_rung: Rung,
    holders: Holders,
    elsewhere: Elsewhere,
    translations: Option<Translations>,
    /// Heard only where the kernel does not tell of programs by itself.
    processes: Option<ProcessEvents>,
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
        let tells = kernel.as_ref().is_some_and(Kernel::tells_programs);
        System {
            kernel,
            kernel_rung,
            sockets,
            sockets_rung,
            holders: Holders::new(clock.clone()),
            elsewhere: Elsewhere::new(clock.clone()),
            translations: Translations::open().ok(),
            processes: (!tells).then(ProcessEvents::open).and_then(Result::ok),
            children: AHashMap::new(),
            packets: None,
            clock,
        }
    }

    pub(super) fn has_kernel(&self) -> bool {
        self.kernel.is_some()
    }

    /// Readable when the kernel has something to tell.
    pub(super) fn sources(&self) -> Vec<BorrowedFd<'_>> {
        let kernel = self.kernel.as_ref().map(AsFd::as_fd);
        let processes = self.processes.as_ref().map(AsFd::as_fd);
        kernel.into_iter().chain(processes).collect()
    }

    /// Hands on what the kernel told. Of a program only where it tells when another begins under its
    /// number: else that would be called what this one was.
    pub(super) fn hear(&mut self, each: &mut dyn FnMut(KernelEvent)) {
        let Some(kernel) = &mut self.kernel else {
            return;
        };
        let tells = kernel.tells_programs();
        kernel.events(&mut |event| {
            if tells || matches!(event, KernelEvent::Flow(_)) {
                each(event);
            }
        });
    }

    /// Hears of processes that began and ended; `changed` is told which are not what they were.
    pub(super) fn hear_processes(&mut self, changed: &mut dyn FnMut(u32)) {
        let (Some(processes), holders) = (&mut self.processes, &mut self.holders) else {
            return;
        };
        processes.each(|event| match event {
            ProcessEvent::Began { pid, .. } => holders.began(pid),
            ProcessEvent::Called { pid } => {
                holders.began(pid);
                changed(pid);
            }
            ProcessEvent::Ended { pid } => {
                holders.ended(pid);
                changed(pid);
            }
            ProcessEvent::Lost => {}
        });
    }

    pub(super) fn socket(
        &mut self,
        protocol: Protocol,
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

    /// A socket of another network namespace, and processes there.
    pub(super) fn elsewhere(
        &mut self,
        protocol: Protocol,
        local: Endpoint,
        remote: Endpoint,
    ) -> Option<Distant> {
        self.elsewhere.find(protocol, local, remote)
    }

    /// The ends of a packet on the other side of an address translation.
    pub(super) fn translated(
        &mut self,
        protocol: Protocol,
        from: Endpoint,
        to: Endpoint,
    ) -> Option<(Endpoint, Endpoint)> {
        let translations = self.translations.as_mut()?;
        translations.find(protocol, from, to).ok().flatten()
    }

    pub(super) fn children(&mut self, pid: u32) -> Vec<u32> {
        let now = self.clock.steady();
        let holds = |known: &[u32]| {
            if known.is_empty() {
                NO_CHILDREN
            } else {
                CHILDREN
            }
        };
        if let Some((at, known)) = self.children.get(&pid)
            && now.0 - at.0 < holds(known).0
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

    /// Stops hearing of packet sockets when nothing was looked for in them for a while.
    pub(super) fn stop_hearing_packets(&mut self) {
        let now = self.clock.steady();
        if self.packets.is_none_or(|until| until > now) {
            return;
        }
        self.packets = None;
        if let Some(kernel) = &mut self.kernel {
            kernel.stop_hearing_packets();
        }
    }

    /// Gives the kernel's word up when its programs were taken away; true if there is another source
    /// to hear in its place.
    pub(super) fn step_down(&mut self) -> bool {
        let works = |kernel: &Kernel| kernel.still_attached();
        if self.kernel.as_ref().is_none_or(works) {
            return false;
        }
        self.kernel = None;
        self.kernel_rung =
            Rung::fails("its programs were taken away from the kernel while they ran");
        if self.processes.is_some() {
            return false;
        }
        self.processes = ProcessEvents::open().ok();
        true
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

/// What the system says of a process, if there is one.
pub(super) fn read(pid: u32) -> Option<platform::ProcessFacts> {
    platform::process(pid).ok()
}
