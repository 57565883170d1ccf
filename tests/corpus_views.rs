//! Both views of the public captures with independent truth: the flows of the innermost and of the
//! first IP header. The captures are other projects' files and stay where they are; without them
//! this is skipped.
#![allow(clippy::expect_used, reason = "a test fails by panicking")]

mod harness;
#[path = "corpus_views/played.rs"]
mod played;
#[path = "corpus_views/truth.rs"]
mod truth;

use netmonitor::decode::Tunnels;
use std::path::{Path, PathBuf};
use truth::{Truth, View};

/// Flows that the truth does not have, of all captures.
const MOST_INVENTED: usize = 10;

#[derive(Debug, Default)]
struct Score {
    hits: usize,
    of: usize,
    invented: usize,
    /// Captures that are not read to their end: what they hold is another test's matter.
    cut_short: usize,
    /// What differs, for whoever reads why this failed.
    differences: Vec<String>,
}

#[test]
fn both_views_agree_with_the_truth() {
    let Some(folder) = harness::corpus("corpus views") else {
        return;
    };
    for (view, tunnels) in [("inner", Tunnels::Inner), ("outer", Tunnels::Outer)] {
        let mut score = Score::default();
        for truth in truths(&folder) {
            compare(&truth, view, tunnels, &mut score);
        }
        let Score {
            hits, of, invented, ..
        } = score;
        eprintln!(
            "{view}: {hits} of {of} flows, {invented} invented, {} captures cut short",
            score.cut_short
        );
        let differences = score.differences.join("\n");
        assert!(of > 0 && hits * 1000 >= of * 995, "{view}\n{differences}");
        assert!(invented <= MOST_INVENTED, "{view}\n{differences}");
    }
}

/// Holds a capture's flows against the truth's.
fn compare(truth: &Truth, view: &str, tunnels: Tunnels, score: &mut Score) {
    let played = played::play(&truth.capture, tunnels);
    if played.packets != truth.packets {
        score.cut_short += 1;
        return;
    }
    let mut flows = played.flows;
    for (ends, wanted) in truth.flows(view) {
        let got = flows.remove(&ends);
        score.of += 1;
        score.hits += usize::from(got == Some(wanted));
        if got != Some(wanted) {
            let name = truth.name();
            let difference = format!("{name}: {ends:?} is {got:?}, should be {wanted:?}");
            score.differences.push(difference);
        }
    }
    let invented = flows.keys();
    let invented = invented.map(|ends| format!("{}: {ends:?} is not there", truth.name()));
    score.invented += flows.len();
    score.differences.extend(invented);
}

fn truths(folder: &Path) -> Vec<Truth> {
    let files = folder.join("dev").read_dir().expect("captures");
    let mut files: Vec<PathBuf> = files.flatten().map(|file| file.path()).collect();
    files.sort();
    let truths = files
        .iter()
        .filter(|path| path.to_string_lossy().ends_with(".truth.json"));
    truths.map(|path| Truth::read(path)).collect()
}
