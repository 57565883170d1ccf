//! The checker of `tests/layers.rs` itself: what it must catch, and what it must let pass.

use super::{check, rooms, source};
use std::path::Path;

const LIB: &str = "pub mod units; pub mod clock; pub mod platform; pub mod flow;\n\
                   pub mod store; pub mod cli;";

fn findings(path: &str, code: &str) -> Vec<String> {
    let file = source(Path::new(path), format!("//! A file.\n{code}"));
    check(&file, &rooms(LIB))
        .into_iter()
        .map(|(_, _, what)| what)
        .collect()
}

fn caught(path: &str, code: &str, word: &str) {
    let findings = findings(path, code);
    assert!(
        matches!(findings.as_slice(), [only] if only.contains(word)),
        "{path}: {code}: {findings:?}"
    );
}

fn passes(path: &str, code: &str) {
    assert_eq!(findings(path, code), Vec::<String>::new(), "{path}: {code}");
}

#[test]
fn a_room_may_not_use_a_room_below_it() {
    caught("flow/mod.rs", "use crate::store::Store;", "store");
    caught(
        "flow/mod.rs",
        "use crate::{units::{Bytes, Second}, store};",
        "store",
    );
    caught("flow/table.rs", "fn f() { g!(crate::store::f()) }", "store");
    caught("flow/table.rs", "use super::super::store::Store;", "store");
    caught(
        "flow/mod.rs",
        "mod tests { use super::super::store::Store; }",
        "store",
    );
    caught("flow/mod.rs", "use crate::unheard_of;", "no room");
    passes("flow/mod.rs", "use crate::{units::{Bytes, Second}, clock};");
    passes(
        "flow/table.rs",
        "use super::store::Row; use crate::flow::Key;",
    );
    passes(
        "store/mod.rs",
        "pub(crate) use crate::flow::Row; // crate::cli",
    );
    passes("units.rs", "const WORDS: &str = \"crate::cli\";");
}

#[test]
fn main_uses_only_cli() {
    caught(
        "main.rs",
        "fn main() { netmonitor::store::open(); }",
        "main uses only",
    );
    passes("main.rs", "fn main() { netmonitor::cli::run(); }");
}

#[test]
fn only_platform_asks_which_system_this_is() {
    caught(
        "flow/mod.rs",
        "#[cfg(target_os = \"linux\")] mod x;",
        "system",
    );
    caught("flow/mod.rs", "fn f() -> bool { cfg!(unix) }", "system");
    caught(
        "flow/mod.rs",
        "#[cfg(all(test, not(windows)))] mod x;",
        "system",
    );
    caught(
        "flow/mod.rs",
        "use std::os::linux::fs::MetadataExt;",
        "system",
    );
    passes(
        "flow/mod.rs",
        "#[cfg(test)] mod tests { fn f() { [1].windows(1); } }",
    );
    passes(
        "platform/mod.rs",
        "#[cfg(target_os = \"linux\")] mod linux;",
    );
}

#[test]
fn unsafe_lives_in_platform_with_its_reason() {
    caught(
        "flow/mod.rs",
        "// SAFETY: none.\nfn f() { unsafe { g() } }",
        "unsafe",
    );
    caught("platform/mod.rs", "fn f() { unsafe { g() } }", "SAFETY");
    caught(
        "platform/mod.rs",
        "fn f() {\n// SAFETY: one.\nunsafe { g() };\nunsafe { g() } }",
        "SAFETY",
    );
    passes(
        "platform/mod.rs",
        "fn f() {\n// SAFETY: g is sound.\nunsafe { g() } }",
    );
    passes("flow/mod.rs", "#![deny(unsafe_code)] // unsafe");
}

#[test]
fn clocks_prints_and_headers() {
    caught(
        "flow/mod.rs",
        "fn f() { std::time::Instant::now(); }",
        "clock",
    );
    caught("flow/mod.rs", "fn f() { jiff::Timestamp::now(); }", "clock");
    caught("main.rs", "fn main() { eprintln!(\"no\"); }", "prints");
    passes("clock.rs", "fn f() { Instant::now(); }");
    passes("cli/mod.rs", "fn f() { println!(\"yes\"); }");
    let bare = source(Path::new("flow/mod.rs"), "fn f() {}".to_owned());
    assert_eq!(check(&bare, &rooms(LIB)).len(), 1);
}
