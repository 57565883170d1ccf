//! macOS: an app is the outermost bundle that a file is in, and what runs from within it works for
//! the app. Logic over paths alone; what a bundle says of itself is read by the platform.

use super::named::Named;
use super::paths::file_name;
use crate::platform::Bundle;

/// The outermost bundle that an executable is in.
pub(crate) fn bundle_of(executable: &str) -> Option<&str> {
    let inside = |part: &str| part.starts_with("/Contents/") || part.starts_with("/Wrapper/");
    let mut ends = executable
        .match_indices(".app")
        .map(|(at, end)| at + end.len());
    let end = ends.find(|end| executable.get(*end..).is_some_and(inside))?;
    executable.get(..end)
}

pub(super) fn in_bundle(executable: &str, bundle: Option<&Bundle>) -> Option<Named> {
    let path = bundle_of(executable)?;
    let file = file_name(path);
    let plain = file.strip_suffix(".app").unwrap_or(file);
    let told = bundle.map(|bundle| bundle.name.as_str());
    let name = told.filter(|name| !name.trim().is_empty()).unwrap_or(plain);
    Some(Named {
        name: name.to_owned(),
        path: Some(lasting(path, bundle)),
        via: inner(executable.get(path.len()..).unwrap_or("")),
        helps: false,
    })
}

/// What was downloaded runs from a folder with a new name each time, until it is moved.
fn lasting(path: &str, bundle: Option<&Bundle>) -> String {
    match bundle {
        Some(Bundle { id: Some(id), .. }) if path.contains("/AppTranslocation/") => {
            format!("bundle:{id}")
        }
        _ => path.to_owned(),
    }
}

/// What works for the app from within: the innermost bundle or service, else another file than the
/// app's own.
fn inner(rest: &str) -> Option<String> {
    const ENDS: &[&str] = &[".app", ".xpc", ".appex", ".bundle", ".systemextension"];
    if rest.starts_with("/Wrapper/") {
        return None;
    }
    let bare = |part: &'_ str| {
        let bare = ENDS.iter().find_map(|end| part.strip_suffix(end));
        bare.filter(|bare| !bare.is_empty()).map(str::to_owned)
    };
    let own = rest.starts_with("/Contents/MacOS/") && rest.split('/').count() == 4;
    let file = || (!own).then(|| file_name(rest).to_owned());
    rest.split('/').rev().find_map(bare).or_else(file)
}
