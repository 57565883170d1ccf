//! The last resort: a process whose executable may not be read, or that has none. Its short name,
//! made whole where its arguments fit. Such an app has no path, for nothing vouches for one.

use super::interpreter::{Runs, runs};
use super::paths::file_name;
use super::program::Program;

/// As many bytes as Linux keeps of a name.
const SHORT: usize = 15;

pub(super) fn name(program: &Program) -> String {
    let short = program.short_name;
    if program.kernel {
        return kernel(short).to_owned();
    }
    let called = program.arguments.first().map_or("", String::as_str);
    let called = file_name(called.trim_start_matches('-'));
    let fits = |full: &str| full == short || short.len() >= SHORT && full.starts_with(short);
    match runs(called, program) {
        Runs::Script { name, .. } if fits(&name) || fits(called) => name,
        _ if fits(called) => called.to_owned(),
        _ => short.to_owned(),
    }
}

/// `kworker/3:1-events` is one of many threads of one kind.
fn kernel(short: &str) -> &str {
    short.split(['/', ':']).next().unwrap_or(short)
}
