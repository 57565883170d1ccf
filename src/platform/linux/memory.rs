//! From where threads take memory. glibc gives each thread an arena of its own and returns what is
//! freed to the arena that it came from: a program whose rows are made by one thread and freed by
//! another holds the peak of each thread, not of all together.

#[cfg(target_env = "gnu")]
pub(crate) fn share_heap() {
    #[expect(unsafe_code, reason = "the allocator's settings have no safe wrapper")]
    // SAFETY: the setting exists and takes a plain number, and no memory of ours is read or
    // written. The C library's lock covers its arenas, but not the threads that read this number to
    // choose one: `platform` tells callers that no other thread may use the heap meanwhile.
    let set = unsafe { nix::libc::mallopt(nix::libc::M_ARENA_MAX, 1) };
    debug_assert_eq!(set, 1, "any number of arenas can be set");
}

#[cfg(not(target_env = "gnu"))]
pub(crate) fn share_heap() {}
