//! The kernel's own word on who uses the network: loads the programs of `bpf/` into the kernel,
//! attaches them to the root of the tree of control groups, and hands on what they tell. Everything
//! ends with the value that holds it; nothing is pinned. Does not know what an app is.

mod attach;
mod events;
mod mounts;
mod object;
mod tap;
mod tracing;

#[cfg(test)]
mod tests;

use crate::platform::{Error, KernelEvent, Lost};
use aya::Ebpf;
use aya::maps::{Array, MapData, PerCpuArray, RingBuf};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use tap::Tap;

/// Programs in the kernel that tell which process acts on which socket, and which flows it has.
/// Readable ([`AsFd`]) when there is something to tell.
pub struct Kernel {
    programs: Ebpf,
    ring: RingBuf<MapData>,
    lost: PerCpuArray<MapData, u64>,
    turn: Array<MapData, u64>,
    turns: u64,
    /// The events that programs are attached to, as long as they are open.
    traced: Vec<OwnedFd>,
    tap: Tap,
    missing: Vec<String>,
}

impl Kernel {
    /// Takes CAP_BPF, CAP_PERFMON and CAP_NET_ADMIN, or root, and a kernel with cgroup v2; the
    /// error says at which step it was refused.
    pub fn load() -> Result<Kernel, Error> {
        Kernel::load_as(&attach::VARIANTS)
    }

    fn load_as(variants: &[object::Variant]) -> Result<Kernel, Error> {
        let group = mounts::control_groups()?;
        let (mut programs, mut missing) = attach::all(&group, variants)?;
        let traced = tracing::attach(&mut programs).unwrap_or_else(|error| {
            missing.push(format!(
                "which program a process ran before it was asked for ({error})"
            ));
            Vec::new()
        });
        let ring =
            RingBuf::try_from(object::map(&mut programs, "ring")?).map_err(object::map_error)?;
        let lost = object::map(&mut programs, "lost")?;
        let turn = object::map(&mut programs, "turn")?;
        Ok(Kernel {
            ring,
            lost: PerCpuArray::try_from(lost).map_err(object::map_error)?,
            turn: Array::try_from(turn).map_err(object::map_error)?,
            turns: 0,
            programs,
            traced,
            tap: Tap::default(),
            missing,
        })
    }

    /// What this kernel cannot tell, in words: each costs some flows their owner.
    pub fn missing(&self) -> &[String] {
        &self.missing
    }

    /// Programs are told with what they executed: else only with their number.
    pub fn tells_programs(&self) -> bool {
        !self.traced.is_empty()
    }

    /// Hands over what was told since the last time, oldest first.
    pub fn events(&mut self, each: &mut dyn FnMut(KernelEvent)) {
        while let Some(record) = self.ring.next() {
            if let Some(event) = events::decode(&record) {
                each(event);
            }
        }
    }

    /// What could not be told since the start.
    pub fn lost(&self) -> Lost {
        let count = |which: u32| {
            let counts = self.lost.get(&which, 0);
            counts.map_or(0, |counts| counts.iter().sum())
        };
        Lost {
            ring: count(0),
            maps: count(1),
        }
    }

    /// Has the programs compare each flow with all that they told, once: to be called every few
    /// seconds. That it fails costs nothing but what it is for.
    pub fn turn(&mut self) {
        self.turns = self.turns.wrapping_add(1);
        let _ = self.turn.set(0, self.turns, 0);
    }

    /// Whether the programs still hear of new sockets: they are asked about one made here.
    pub fn still_attached(&self) -> bool {
        attach::are_alive(&self.programs)
    }

    /// Hears of frames that packet sockets send, too: on every interface that is there now in this
    /// network namespace; to be called again when there are others. Costs a look at every frame
    /// that goes out.
    pub fn hear_packets(&mut self) -> Result<(), Error> {
        self.tap.spread(&mut self.programs)
    }

    pub fn stop_hearing_packets(&mut self) {
        self.tap = Tap::default();
    }
}

impl AsFd for Kernel {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.ring.as_fd()
    }
}
