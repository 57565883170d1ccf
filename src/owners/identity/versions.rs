//! Paths that change with each update though the app does not: what changes is taken out, and only
//! where whoever installs there is known to put a version in that place.

use super::paths::file_name;

/// A path that stays the same when its app is updated.
pub(super) fn lasting(path: &str) -> String {
    snap(path)
        .or_else(|| store(path))
        .or_else(|| homebrew(path))
        .unwrap_or_else(|| parts(path))
}

/// What a person calls a file: its name, or the nearest folder's where the name is a version.
pub(super) fn name_of(path: &str) -> &str {
    let name = file_name(path);
    if is_version(name) {
        let mut above = path.split('/').rev().skip(1);
        let says_little = |part: &&str| {
            !matches!(
                *part,
                "" | "bin" | "version" | "versions" | "releases" | "*"
            ) && !is_version(part)
        };
        return above.find(says_little).unwrap_or(name);
    }
    wrapped(name).unwrap_or(name)
}

/// Nix and Guix keep the program that a script starts as `.NAME-wrapped`, `.NAME-real`.
fn wrapped(name: &str) -> Option<&str> {
    let inner = name.strip_prefix('.')?;
    let ends = ["-wrapped_", "-wrapped", "-real"];
    let bare = ends.iter().find_map(|end| inner.strip_suffix(end))?;
    (!bare.is_empty()).then_some(bare)
}

/// The name of the Snap that a path is in, and the rest of the path.
pub(super) fn in_snap(path: &str) -> Option<(&str, &str)> {
    let roots = ["/snap/", "/var/lib/snapd/snap/"];
    let inside = roots.iter().find_map(|root| path.strip_prefix(root))?;
    let (name, rest) = inside.split_once('/')?;
    let (_, rest) = rest.split_once('/')?;
    (!name.is_empty() && name != "bin").then_some((name, rest))
}

fn snap(path: &str) -> Option<String> {
    let (name, rest) = in_snap(path)?;
    Some(format!("/snap/{name}/current/{rest}"))
}

/// `/nix/store/HASH-name-1.2/bin/x` is `nix:name/bin/x`.
fn store(path: &str) -> Option<String> {
    const HASH: usize = 32;
    let nix = path
        .strip_prefix("/nix/store/")
        .map(|inside| ("nix", inside));
    let (kind, inside) = nix.or_else(|| Some(("guix", path.strip_prefix("/gnu/store/")?)))?;
    let (item, rest) = inside.split_once('/').unwrap_or((inside, ""));
    let (hash, name) = item.split_once('-')?;
    let known = hash.len() == HASH && hash.bytes().all(|letter| letter.is_ascii_alphanumeric());
    known.then(|| {
        format!("{kind}:{}/{rest}", unversioned(name))
            .trim_end_matches('/')
            .to_owned()
    })
}

/// A name up to the dash before the first digit.
fn unversioned(name: &str) -> &str {
    let digit = |at: usize| name.as_bytes().get(at + 1).is_some_and(u8::is_ascii_digit);
    let end = name
        .match_indices('-')
        .map(|(at, _)| at)
        .find(|at| digit(*at));
    end.and_then(|end| name.get(..end))
        .filter(|name| !name.is_empty())
        .unwrap_or(name)
}

/// `.../Cellar/wget/1.24/bin/wget` is `.../opt/wget/bin/wget`, which is a link to it.
fn homebrew(path: &str) -> Option<String> {
    let (root, inside) = path.split_once("/Cellar/")?;
    let (name, rest) = inside.split_once('/')?;
    let (_, rest) = rest.split_once('/')?;
    Some(format!("{root}/opt/{name}/{rest}"))
}

/// Version numbers in the places of updaters that are known to put them there.
fn parts(path: &str) -> String {
    let parts: Vec<&str> = path.split('/').collect();
    let lasting = parts.iter().enumerate().map(|(at, part)| {
        let before = at
            .checked_sub(1)
            .and_then(|at| parts.get(at))
            .copied()
            .unwrap_or("");
        let last = at + 1 == parts.len();
        if last && is_version(part) || changes(path, before, part) {
            "*"
        } else {
            part
        }
    });
    lasting.collect::<Vec<_>>().join("/")
}

fn changes(path: &str, before: &str, part: &str) -> bool {
    let squirrel = part.strip_prefix("app-").is_some_and(is_version);
    let toolbox = path.contains("/JetBrains/Toolbox/apps/") && before.starts_with("ch-");
    let servers = [
        "/.vscode-server/",
        "/.vscode-server-insiders/",
        "/.cursor-server/",
        "/.windsurf-server/",
    ];
    let server = servers.iter().any(|server| path.contains(server));
    let commit = part.rsplit('-').next().is_some_and(is_commit);
    squirrel || toolbox && is_version(part) || server && commit
}

/// Numbers with dots between them, two at least.
fn is_version(text: &str) -> bool {
    let number = |part: &str| !part.is_empty() && part.bytes().all(|it| it.is_ascii_digit());
    text.contains('.') && text.split('.').all(number)
}

fn is_commit(text: &str) -> bool {
    text.len() == 40 && text.bytes().all(|letter| letter.is_ascii_hexdigit())
}
