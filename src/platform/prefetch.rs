//! Tells the processor what memory is about to be read. Only a hint: it changes nothing but time,
//! and a processor without it does without.

/// Cache lines of every processor that this runs on are at least so long.
const LINE: usize = 64;

/// Fetches a value's cache lines.
#[inline]
pub fn prefetch<T>(value: &T) {
    let start = std::ptr::from_ref(value).cast::<u8>();
    for offset in (0..size_of::<T>().max(1)).step_by(LINE) {
        prefetch_line(start.wrapping_add(offset));
    }
}

/// Fetches the cache line at an address, which may be any: what is not there is not fetched.
#[inline]
#[cfg(target_arch = "x86_64")]
#[expect(unsafe_code, reason = "the instruction takes a raw address")]
pub fn prefetch_line(address: *const u8) {
    use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
    // SAFETY: PREFETCHT0 reads nothing that the program can see and never faults (Intel SDM, 2B).
    unsafe { _mm_prefetch::<_MM_HINT_T0>(address.cast()) }
}

/// Fetches the cache line at an address, which may be any: what is not there is not fetched.
#[inline]
#[cfg(target_arch = "aarch64")]
#[expect(unsafe_code, reason = "the instruction takes a raw address")]
pub fn prefetch_line(address: *const u8) {
    // SAFETY: PRFM is a hint: it changes no register or memory and never faults (Arm ARM, C6.2).
    unsafe {
        std::arch::asm!("prfm pldl1keep, [{}]", in(reg) address, options(nostack, readonly, preserves_flags));
    }
}

/// Nothing to tell: this processor has no such hint here.
#[inline]
#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
pub fn prefetch_line(_address: *const u8) {}
