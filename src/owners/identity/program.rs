//! What is known of a program, alive or gone: the one input of all rules. Texts are as others wrote
//! them.

use crate::platform::ProcessFacts;
use std::borrow::Cow;
use std::path::Path;

pub(super) struct Program<'a> {
    /// The file that runs, whatever it was called; `None` where it may not be read.
    pub executable: Option<&'a str>,
    pub arguments: &'a [String],
    pub folder: Option<&'a str>,
    pub short_name: &'a str,
    pub group: Option<&'a str>,
    /// The AppImage that it, or one that it descends from, was unpacked from.
    pub image: Option<&'a str>,
    /// A thread of the kernel.
    pub kernel: bool,
    pub user: u32,
}

const DELETED: &str = " (deleted)";

pub(super) fn text(path: &Path) -> Cow<'_, str> {
    path.to_string_lossy()
}

/// The executable by the name that it had before it was deleted or replaced.
pub(super) fn executable(facts: &ProcessFacts) -> Option<String> {
    let path = text(facts.executable.as_deref()?);
    let path = if facts.replaced || path.starts_with("/memfd:") {
        undeleted(&path)
    } else {
        &path
    };
    let path = if facts.replaced { unmoved(path) } else { path };
    (!path.is_empty()).then(|| path.to_owned())
}

pub(super) fn undeleted(path: &str) -> &str {
    path.strip_suffix(DELETED).unwrap_or(path)
}

/// Package managers put a file aside under another name before they delete it.
fn unmoved(path: &str) -> &str {
    let ends = [".dpkg-tmp", ".dpkg-new", ".dpkg-old", ".rpmsave"];
    let kept = ends.iter().find_map(|end| path.strip_suffix(end));
    kept.or_else(|| of_rpm(path)).unwrap_or(path)
}

/// rpm unpacks `file` as `file;5f3a1b2c`.
fn of_rpm(path: &str) -> Option<&str> {
    let (path, mark) = path.rsplit_once(';')?;
    let hexadecimal = |letter: u8| letter.is_ascii_hexdigit();
    (mark.len() == 8 && mark.bytes().all(hexadecimal)).then_some(path)
}
