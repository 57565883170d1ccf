//! The object of `bpf/owners.bpf.c`, as it is handed to the kernel, and the words for its refusals.

use crate::platform::Error;
use aya::maps::{Map, MapError};
use aya::{Ebpf, EbpfError, EbpfLoader};

static OBJECT: &[u8] = aya::include_bytes_aligned!("../../../../bpf/owners.bpf.o");

/// What kernels differ in.
#[derive(Clone, Copy, Debug)]
pub(super) struct Variant {
    /// Programs may ask whose turn it is while a packet is handled (Linux 6.10).
    pub(super) current_in_packets: bool,
    /// They may read a process's registers (Linux 5.15, with type information).
    pub(super) arguments: bool,
}

/// Where the registers of a process (`pt_regs`, as ptrace shows them) have the stack pointer.
const STACK_POINTER_AT: u32 = if cfg!(target_arch = "x86_64") {
    152
} else if cfg!(target_arch = "aarch64") {
    248
} else {
    0
};

/// Another one each time.
fn secret() -> u64 {
    ahash::RandomState::new().hash_one(0)
}

/// Makes the maps; the programs are not in the kernel yet.
pub(super) fn open(variant: Variant) -> Result<Ebpf, Error> {
    let current = u32::from(variant.current_in_packets);
    let stack_pointer = if variant.arguments {
        STACK_POINTER_AT
    } else {
        0
    };
    EbpfLoader::new()
        .override_global("current_in_packets", &current, true)
        .override_global("stack_pointer_at", &stack_pointer, true)
        .override_global("secret", &secret(), true)
        .load(OBJECT)
        .map_err(|error: EbpfError| refused("its maps", &error))
}

pub(super) fn map(programs: &mut Ebpf, name: &'static str) -> Result<Map, Error> {
    let map = programs.take_map(name);
    map.ok_or_else(|| Error::Kernel {
        step: name,
        reason: "the object has no such map".into(),
    })
}

#[expect(clippy::needless_pass_by_value, reason = "for map_err")]
pub(super) fn map_error(error: MapError) -> Error {
    refused("its maps", &error)
}

/// The first line of what was said at each level: a verifier's log has thousands.
pub(super) fn refused(step: &'static str, error: &dyn std::error::Error) -> Error {
    let first_line = |text: String| text.lines().next().unwrap_or_default().to_owned();
    let mut reason = first_line(error.to_string());
    let mut source = error.source();
    while let Some(error) = source {
        let more = first_line(error.to_string());
        // Some levels say what the one below says.
        if !reason.contains(&more) {
            reason = format!("{reason}: {more}");
        }
        source = error.source();
    }
    Error::Kernel { step, reason }
}
