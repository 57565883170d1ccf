//! Apps that come as one piece, whatever runs from within: Flatpak, Snap, AppImage.

use super::group::Place;
use super::named::Named;
use super::paths::file_name;
use super::versions::in_snap;

/// The Flatpak is known by the group alone: within it, paths are those of any system.
pub(super) fn flatpak(place: &Place) -> Option<Named> {
    let id = place.flatpak.as_deref()?;
    Some(Named::new(last_of_id(id), format!("flatpak:{id}")))
}

/// `org.telegram.desktop` is called telegram: its last part could be anybody's.
fn last_of_id(id: &str) -> &str {
    const ANYBODY: &[&str] = &[
        "app",
        "application",
        "client",
        "desktop",
        "gui",
        "main",
        "linux",
    ];
    let mut parts = id.rsplit('.');
    let anybodys = |part: &&str| !ANYBODY.contains(&part.to_ascii_lowercase().as_str());
    parts.find(anybodys).unwrap_or(id)
}

/// A Snap is known by where its file is, or its script. The group says it only where that is not a
/// Snap of its own: what a Snap starts outside of it stays in its group.
pub(super) fn snap(executable: Option<&str>, script: Option<&str>, place: &Place) -> Option<Named> {
    let file = script.or(executable);
    let by_path = file.and_then(in_snap).map(|(name, _)| name);
    let name = match (by_path, place.snap.as_deref()) {
        (Some(base), Some(app)) if is_base(base) => app,
        (Some(snap), _) => snap,
        (None, Some(app)) if executable.is_none() => app,
        _ => return None,
    };
    Some(Named::new(name, format!("snap:{name}")))
}

/// Snaps that others are built upon.
fn is_base(snap: &str) -> bool {
    let version = snap.strip_prefix("core");
    version.is_some_and(|version| version.bytes().all(|digit| digit.is_ascii_digit()))
}

/// What is run from an AppImage's own folder. Its environment says which image, but that is handed
/// on to all that it starts.
pub(super) fn image(executable: &str, image: Option<&str>) -> Option<Named> {
    if image == Some(executable) || executable.ends_with(".AppImage") {
        return Some(Named::new(image_name(executable), executable.to_owned()));
    }
    let mounted = executable
        .split('/')
        .find_map(|part| part.strip_prefix(".mount_"));
    if mounted.is_none() && !executable.contains("/appimage_extracted_") {
        return None;
    }
    if let Some(image) = image.filter(|image| image.starts_with('/')) {
        return Some(Named::new(image_name(image), image.to_owned()));
    }
    let started = mounted.and_then(before_random)?;
    Some(Named::new(started, format!("appimage:{started}")))
}

/// The folder is called by the first letters of the image and six random ones.
fn before_random(mounted: &str) -> Option<&str> {
    let (end, _) = mounted.char_indices().rev().nth(5)?;
    mounted.get(..end).filter(|started| !started.is_empty())
}

/// `Foo-1.2.3-x86_64.AppImage` is Foo.
fn image_name(image: &str) -> &str {
    let name = file_name(image);
    let name = name.strip_suffix(".AppImage").unwrap_or(name);
    let says_version = |at: &usize| {
        let rest = name.get(at + 1..).unwrap_or("");
        let rest = rest.strip_prefix(['v', 'V']).unwrap_or(rest);
        let machine = [
            "x86_64", "x64", "amd64", "i386", "i686", "aarch64", "arm64", "armhf",
        ];
        rest.starts_with(|letter: char| letter.is_ascii_digit())
            || machine.iter().any(|machine| rest.starts_with(machine))
    };
    let end = name
        .match_indices(['-', '_', ' '])
        .map(|(at, _)| at)
        .find(says_version);
    end.and_then(|end| name.get(..end))
        .filter(|name| !name.is_empty())
        .unwrap_or(name)
}
