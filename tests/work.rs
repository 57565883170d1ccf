//! What the worst frames cost: the program replays captures of them under callgrind, which counts
//! instructions - the same on a busy machine as on a quiet one - and each frame's share of them has a
//! bound. It measures the optimised build, `target/release/netmonitor`, as it is shipped.
#![allow(clippy::expect_used, reason = "a test fails by panicking")]
#![allow(unreachable_pub, reason = "parts of a test have no other users")]

#[path = "work/frame.rs"]
mod frame;
mod harness;
#[path = "fuzz/seal.rs"]
mod seal;
#[path = "work/worst.rs"]
mod worst;

use harness::capture::{self, Stamped};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::SystemTime;
use worst::Frames;

/// Flows of the smaller capture and of the larger: the difference between them is counted.
const FEW: u16 = 2;
const MANY: u16 = 12;

#[test]
fn the_worst_frames_are_bounded() {
    let Some(program) = program() else {
        return;
    };
    let usual = share(&program, worst::usual);
    let mut over = Vec::new();
    for (name, frames, most) in worst::CASES {
        let cost = share(&program, *frames);
        println!("{name}: {cost} instructions a frame, of {most}");
        if cost > *most {
            over.push(format!("{name}: {cost} > {most}"));
        }
    }
    println!("a usual frame: {usual}");
    assert!(over.is_empty(), "{}", over.join("\n"));
}

/// Instructions that one frame of such flows costs.
fn share(program: &Path, frames: Frames) -> u64 {
    let few = instructions(program, frames, FEW);
    let many = instructions(program, frames, MANY);
    let count = frames(0).len() as u64 * u64::from(MANY - FEW);
    many.saturating_sub(few) / count
}

fn instructions(program: &Path, frames: Frames, flows: u16) -> u64 {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("worst.pcap");
    let frames = (0..flows).flat_map(|flow| frames(20_000 + flow));
    let stamped: Vec<Stamped> = frames
        .enumerate()
        .map(|(at, bytes)| Stamped {
            micros: 1_700_000_000_000_000 + at as u64,
            bytes,
        })
        .collect();
    std::fs::write(&path, capture::pcap(&stamped)).expect("the capture");
    let output = harness::succeed(
        Command::new("valgrind")
            .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
            .arg(program)
            .args(["replay", "--json"])
            .arg(&path),
    );
    let said = String::from_utf8_lossy(&output.stderr);
    let (_, collected) = said.split_once("Collected : ").expect("callgrind's count");
    let digits = collected.split_whitespace().next().expect("a number");
    digits.parse().expect("a number")
}

/// The optimised build, if it is that of this source and there is what counts its instructions.
fn program() -> Option<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let debug = Path::new(env!("CARGO_BIN_EXE_netmonitor"));
    let target = debug.ancestors().nth(2).expect("the folder of builds");
    let program = target.join("release/netmonitor");
    let missing = if Command::new("valgrind").arg("--version").output().is_err() {
        "valgrind is not here"
    } else if changed(&program) < newest(&root.join("src")) {
        "no `cargo build --release` since the source changed"
    } else {
        return Some(program);
    };
    harness::cannot("the worst frames", missing);
    None
}

fn newest(folder: &Path) -> Option<SystemTime> {
    let entries = folder.read_dir().expect("the source");
    let times = entries.map(|entry| {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            newest(&path)
        } else {
            changed(&path)
        }
    });
    times.max().flatten()
}

fn changed(path: &Path) -> Option<SystemTime> {
    path.metadata().and_then(|facts| facts.modified()).ok()
}
