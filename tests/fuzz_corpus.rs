//! The inputs that fuzzing found worth keeping (`fuzz/corpus/`), and mutants of them that are the
//! same on every machine, through the bodies of the fuzz targets. Needs no fuzzer.
#![allow(clippy::expect_used, reason = "a test fails by panicking")]

#[path = "fuzz/mod.rs"]
mod fuzz;
mod harness;

use harness::capture::Draw;
use std::path::{Path, PathBuf};

/// Mutants of each target, unless `NETMONITOR_FUZZ_MUTANTS` says how many: half a minute of one
/// processor for all targets together.
const MUTANTS: usize = 200_000;

/// One test a target, so that they run beside each other and a failure says where it is.
macro_rules! replays {
    ($($name:ident: $share:literal,)*) => {
        /// The targets that have a test here, and for each the divisor of its mutants: those that
        /// take long have fewer.
        const REPLAYED: &[(&str, usize)] = &[$((stringify!($name), $share),)*];

        $(
            #[test]
            fn $name() {
                replay(stringify!($name), $share);
            }
        )*
    };
}

replays! {
    frame_ethernet: 1,
    frame_wifi: 1,
    frame_other: 1,
    dns: 1,
    tls: 1,
    quic: 8,
    http: 1,
    listener: 4,
    pcapng: 4,
    fragments: 16,
}

#[test]
fn every_target_is_replayed() {
    let names = fuzz::TARGETS.iter().map(|(name, _)| *name);
    assert!(names.eq(REPLAYED.iter().map(|(name, _)| *name)));
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/targets");
    let files = folder.read_dir().expect("the targets").count();
    assert_eq!(files, REPLAYED.len(), "a target of `fuzz/` is not replayed");
}

fn replay(name: &str, share: usize) {
    let run = fuzz::target(name);
    let kept: Vec<(PathBuf, Vec<u8>)> = kept(name);
    for (path, bytes) in &kept {
        told(&path.display().to_string(), run, bytes);
    }
    let inputs: Vec<&[u8]> = kept.iter().map(|(_, bytes)| bytes.as_slice()).collect();
    let mutants = harness::rounds("NETMONITOR_FUZZ_MUTANTS", MUTANTS) / share;
    let mut draw = Draw(name.len() as u64);
    for number in 0..mutants {
        told(
            &format!("mutant {number}"),
            run,
            &mutant(&inputs, &mut draw),
        );
    }
}

/// What was kept for a target, in the same order everywhere.
fn kept(name: &str) -> Vec<(PathBuf, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fuzz/corpus")
        .join(name);
    let listed = folder.read_dir().expect("the kept inputs");
    let mut paths: Vec<PathBuf> = listed
        .map(|entry| entry.expect("an entry").path())
        .collect();
    paths.sort();
    assert!(!paths.is_empty(), "nothing is kept for {name}");
    let read = |path: PathBuf| {
        let bytes = std::fs::read(&path).expect("a kept input");
        (path, bytes)
    };
    paths.into_iter().map(read).collect()
}

/// Runs a body; a panic is told with the bytes that made it.
fn told(what: &str, run: fn(&[u8]), bytes: &[u8]) {
    let outcome = std::panic::catch_unwind(|| run(bytes));
    assert!(outcome.is_ok(), "{what}: {bytes:02x?}");
}

/// One of the inputs with a few changes, or the beginning of one and the end of another.
fn mutant(inputs: &[&[u8]], draw: &mut Draw) -> Vec<u8> {
    let mut bytes = pick(inputs, draw).to_vec();
    for _ in 0..=draw.below(4) {
        change(&mut bytes, inputs, draw);
    }
    bytes
}

fn pick<'a>(inputs: &[&'a [u8]], draw: &mut Draw) -> &'a [u8] {
    inputs[draw.below(inputs.len() as u64) as usize]
}

fn change(bytes: &mut Vec<u8>, inputs: &[&[u8]], draw: &mut Draw) {
    let at = draw.below(bytes.len() as u64 + 1) as usize;
    let length = draw.below(16) as usize;
    let end = (at + length).min(bytes.len());
    match draw.below(7) {
        0 => bytes.truncate(at),
        1 => drop(bytes.drain(at..end)),
        2 => drop(bytes.splice(at..at, (0..length).map(|_| draw.next() as u8))),
        3 => bytes.extend_from_within(at..end),
        4 => {
            let other = pick(inputs, draw);
            let from = draw.below(other.len() as u64 + 1) as usize;
            bytes.truncate(at);
            bytes.extend_from_slice(&other[from..]);
        }
        5 => bytes[at..end].fill([0, 1, 0x7f, 0x80, 0xff][draw.below(5) as usize]),
        _ => {
            if let Some(byte) = bytes.get_mut(at) {
                *byte ^= 1 << draw.below(8);
            }
        }
    }
}
