//! Paths as texts: their last part, and what they are when `.` and `..` are taken out. Symbolic
//! links are not followed.

/// The last part of a path; the path itself where it has none.
pub(super) fn file_name(path: &str) -> &str {
    let path = path.trim_end_matches('/');
    path.rsplit('/').next().unwrap_or(path)
}

/// A path from the root where the folder is known. What is an address (`https://...`) stays.
pub(super) fn absolute(path: &str, folder: Option<&str>) -> String {
    if let Some(local) = path.strip_prefix("file://") {
        return plain(local);
    }
    if path.contains("://") {
        return path.to_owned();
    }
    match folder {
        Some(folder) if !path.starts_with('/') => plain(&format!("{folder}/{path}")),
        _ => plain(path),
    }
}

fn plain(path: &str) -> String {
    let rooted = path.starts_with('/');
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => {
                parts.pop();
            }
            ".." if rooted => {}
            part => parts.push(part),
        }
    }
    let joined = parts.join("/");
    if rooted { format!("/{joined}") } else { joined }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dots_are_taken_out() {
        let cases = [
            ("foo.py", Some("/srv"), "/srv/foo.py"),
            ("../a/./b.py", Some("/srv/x"), "/srv/a/b.py"),
            ("/a//b/", Some("/srv"), "/a/b"),
            ("../../..", Some("/a"), "/"),
            ("../x", None, "../x"),
            ("", Some("/srv"), "/srv"),
            (
                "https://a.example/x//y.ts",
                Some("/srv"),
                "https://a.example/x//y.ts",
            ),
            ("file:///srv/a.ts", None, "/srv/a.ts"),
        ];
        for (path, folder, expected) in cases {
            assert_eq!(absolute(path, folder), expected, "{path}");
        }
    }

    #[test]
    fn the_last_part_is_the_name() {
        let cases = [
            ("/a/b", "b"),
            ("b", "b"),
            ("/a/b//", "b"),
            ("/", ""),
            ("", ""),
        ];
        for (path, expected) in cases {
            assert_eq!(file_name(path), expected);
        }
    }
}
