//! A year of a workstation through the real writer, with a clock that is driven, and questions to it.
//!
//!   year simulate FOLDER [DAYS]    writes the year; how much each tier takes, a line a week, and all pages
//!                                  in use (NETMONITOR_YEAR=whole, NETMONITOR_YEAR_BUDGET=MiB)
//!   year ask FOLDER                how long questions take while the writer commits, and their memory
//!   year pack FOLDER CAPTURE ...   bytes a row of real captures once they are sealed
//!   year write                     10,000 rows a second, beside redb alone with the same bytes
//!   year connections               a second's commit with none and with 2,000,000 connections
//!
//! Figures are JSON lines on standard output.
#![allow(
    clippy::expect_used,
    clippy::print_stdout,
    clippy::indexing_slicing,
    reason = "a bench prints its figures, and fails by panicking"
)]

mod ask;
mod mix;
mod pack;
mod simulate;
mod write;

use std::path::Path;

/// Counts what is allocated, and how much it was at most.
#[global_allocator]
static MEMORY: peak_alloc::PeakAlloc = peak_alloc::PeakAlloc;

fn main() {
    // `cargo bench` and `cargo test` give options of their own.
    let given: Vec<String> = std::env::args()
        .skip(1)
        .filter(|one| !one.starts_with('-'))
        .collect();
    let given: Vec<&str> = given.iter().map(String::as_str).collect();
    match given[..] {
        ["simulate", folder] => simulate::year(Path::new(folder), 365),
        ["simulate", folder, days] => {
            simulate::year(Path::new(folder), days.parse().expect("a number of days"));
        }
        ["ask", folder] => ask::questions(Path::new(folder)),
        ["pack", folder, ref captures @ ..] => pack::captures(Path::new(folder), captures),
        ["write"] => write::beside_redb(),
        ["connections"] => write::connections(),
        _ => println!(
            "year simulate FOLDER [DAYS] | ask FOLDER | pack FOLDER CAPTURE ... | write | connections"
        ),
    }
}

/// The capture that the mix is taken from.
pub(crate) fn capture() -> std::path::PathBuf {
    let corpus = std::env::var("NETMONITOR_CORPUS").unwrap_or_else(|_| "../shared/corpus".into());
    Path::new(&corpus).join("throughput/base.pcap")
}
