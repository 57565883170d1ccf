//! `frame_ethernet` of `tests/fuzz/`.
#![no_main]

libfuzzer_sys::fuzz_target!(
    |bytes: &[u8]| netmonitor_fuzz::bodies::target("frame_ethernet")(bytes)
);
