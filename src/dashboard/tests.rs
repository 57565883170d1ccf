//! What the embedded files promise: found by exact path, small, and nothing in them that could
//! turn a name from the network into code.

use super::{ASSETS, Asset, CONTENT_SECURITY_POLICY, asset};
use std::io::Read;

/// What could make markup or code out of text, and what the CSP would refuse.
const FORBIDDEN: [&str; 12] = [
    "innerHTML",
    "outerHTML",
    "insertAdjacentHTML",
    "document.write",
    "createContextualFragment",
    "DOMParser",
    "setHTMLUnsafe",
    "srcdoc",
    "eval(",
    "new Function",
    "javascript:",
    "setAttribute('style'",
];

fn text(asset: &Asset) -> &'static str {
    std::str::from_utf8(asset.identity).unwrap()
}

fn is_script(asset: &Asset) -> bool {
    asset.content_type.starts_with("text/javascript")
}

fn ours() -> impl Iterator<Item = &'static Asset> {
    ASSETS
        .iter()
        .filter(|asset| !asset.path.contains("/vendor/"))
}

#[test]
fn only_exact_paths_are_found() {
    let index = asset("/dashboard/").unwrap();
    assert_eq!(index.content_type, "text/html; charset=utf-8");
    assert_eq!(asset("/dashboard"), Some(index));
    for asked in ASSETS {
        assert_eq!(asset(asked.path), Some(asked));
    }
    for other in [
        "",
        "/",
        "/dashboard/js",
        "/dashboard/js/",
        "/dashboard//index.html",
    ] {
        assert_eq!(asset(other), None, "{other}");
    }
    assert_eq!(asset("/dashboard/js/../index.html"), None);
    assert_eq!(asset("/dashboard/%2e%2e/Cargo.toml"), None);
}

#[test]
fn the_compressed_form_is_the_same_file() {
    for asset in ASSETS {
        let Some(gzip) = asset.gzip else { continue };
        let mut plain = Vec::new();
        flate2::read::GzDecoder::new(gzip)
            .read_to_end(&mut plain)
            .unwrap();
        assert_eq!(plain, asset.identity, "{}", asset.path);
    }
}

#[test]
fn the_whole_page_is_at_most_120_kb() {
    let size: usize = ASSETS
        .iter()
        .map(|asset| asset.gzip.unwrap_or(asset.identity).len())
        .sum();
    assert!(size > 20_000 && size <= 120_000, "{size} bytes, compressed");
}

#[test]
fn tags_differ_where_files_do() {
    for (one, other) in ASSETS.iter().zip(ASSETS.iter().skip(1)) {
        assert!(one.path < other.path);
        assert_ne!(one.etag, other.etag);
        assert!(one.etag.starts_with("W/\"") && one.etag.ends_with('"'));
    }
}

#[test]
fn text_cannot_become_markup_or_code() {
    for asset in ASSETS.iter().filter(|asset| is_script(asset)) {
        for word in FORBIDDEN {
            assert!(!text(asset).contains(word), "{} has {word}", asset.path);
        }
    }
}

#[test]
fn nothing_is_fetched_from_elsewhere() {
    for asset in ours().filter(|asset| asset.content_type != "image/svg+xml") {
        let source = text(asset).replace("http://www.w3.org/2000/svg", "");
        for address in ["http://", "https://", "@import", "url("] {
            assert!(!source.contains(address), "{} has {address}", asset.path);
        }
    }
}

#[test]
fn the_index_has_nothing_inline_and_names_only_files_that_exist() {
    let index = text(asset("/dashboard/").unwrap());
    assert!(!index.contains("<style") && !index.contains("style="));
    for tag in index.split('<').filter(|tag| tag.starts_with("script")) {
        assert!(tag.contains("src=") && tag.ends_with('>'), "inline: {tag}");
    }
    assert!(!index.split_whitespace().any(|word| word.starts_with("on")));
    for part in index
        .split(['"'])
        .filter(|part| part.starts_with("/dashboard/"))
    {
        assert!(asset(part).is_some(), "{part} does not exist");
    }
}

#[test]
fn every_import_exists() {
    for module in ours().filter(|asset| is_script(asset)) {
        let folder = module.path.rsplit_once('/').unwrap().0;
        for line in text(module)
            .lines()
            .filter(|line| line.starts_with("import "))
        {
            let name = line.split('\'').nth(1).unwrap();
            assert!(
                asset(&joined(folder, name)).is_some(),
                "{}: {name}",
                module.path
            );
        }
    }
}

#[test]
fn the_policy_allows_nothing_inline() {
    assert!(CONTENT_SECURITY_POLICY.starts_with("default-src 'none'; "));
    assert!(!CONTENT_SECURITY_POLICY.contains("unsafe"));
    assert!(!CONTENT_SECURITY_POLICY.contains("  "));
}

fn joined(folder: &str, name: &str) -> String {
    let mut parts: Vec<&str> = folder.split('/').collect();
    for part in name.split('/') {
        match part {
            "." => {}
            ".." => drop(parts.pop()),
            other => parts.push(other),
        }
    }
    parts.join("/")
}
