//! Which applications are browsers: a table of the files, packages and bundles that they come in.

use crate::label::App;

/// What each is called, and by what it is known: the last part of its path without an ending, or the
/// last part of a package's id that has this name.
const BROWSERS: &[(&str, &[&str])] = &[
    ("Arc", &["arc"]),
    (
        "Brave",
        &[
            "brave",
            "brave-browser",
            "brave browser",
            "brave-browser-stable",
        ],
    ),
    (
        "Chrome",
        &[
            "chrome",
            "google-chrome",
            "google-chrome-stable",
            "google chrome",
        ],
    ),
    (
        "Chromium",
        &["chromium", "chromium-browser", "ungoogled-chromium"],
    ),
    ("DuckDuckGo", &["duckduckgo"]),
    (
        "Edge",
        &[
            "msedge",
            "microsoft-edge",
            "microsoft-edge-stable",
            "microsoft edge",
        ],
    ),
    ("Epiphany", &["epiphany", "epiphany-browser"]),
    ("Falkon", &["falkon"]),
    (
        "Firefox",
        &[
            "firefox",
            "firefox-bin",
            "firefox-esr",
            "firefox developer edition",
            "firefox nightly",
        ],
    ),
    ("Floorp", &["floorp", "floorp-bin"]),
    ("Konqueror", &["konqueror"]),
    ("LibreWolf", &["librewolf", "librewolf-bin"]),
    ("Lynx", &["lynx"]),
    ("Midori", &["midori"]),
    (
        "Mullvad Browser",
        &["mullvad-browser", "mullvadbrowser", "mullvad browser"],
    ),
    ("Opera", &["opera", "opera-stable"]),
    ("Orion", &["orion"]),
    ("Pale Moon", &["palemoon", "pale moon"]),
    ("qutebrowser", &["qutebrowser"]),
    ("Safari", &["safari", "safari technology preview"]),
    ("SeaMonkey", &["seamonkey"]),
    (
        "Tor Browser",
        &["tor-browser", "tor browser", "torbrowser-launcher"],
    ),
    ("Vivaldi", &["vivaldi", "vivaldi-bin", "vivaldi-stable"]),
    ("w3m", &["w3m"]),
    ("Waterfox", &["waterfox", "waterfox-bin"]),
    ("Zen", &["zen", "zen-bin", "zen-browser", "zen browser"]),
];

/// Which browser this is, if it is one.
pub(super) fn browser(app: &App) -> Option<&'static str> {
    let path = app.path.as_deref().unwrap_or_default();
    let file = path.rsplit(['/', ':']).next().unwrap_or_default();
    let file = file.strip_suffix(".app").unwrap_or(file);
    let file = file.strip_suffix(".exe").unwrap_or(file);
    [file, &app.name].into_iter().find_map(known)
}

fn known(called: &str) -> Option<&'static str> {
    let called = called.to_lowercase();
    let is = |(_, names): &&(&str, &[&str])| names.contains(&called.as_str());
    BROWSERS.iter().find(is).map(|(browser, _)| *browser)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(name: &str, path: &str) -> Option<&'static str> {
        browser(&App {
            name: name.into(),
            path: Some(path.into()).filter(|_| !path.is_empty()),
            user: None,
        })
    }

    #[test]
    fn browsers_are_known_by_what_they_come_in() {
        for (name, path, browser) in [
            ("firefox", "/usr/lib/firefox/firefox", "Firefox"),
            ("firefox-bin", "/opt/firefox/firefox-bin", "Firefox"),
            ("Firefox", "/Applications/Firefox.app", "Firefox"),
            ("Google Chrome", "/Applications/Google Chrome.app", "Chrome"),
            ("chrome", "/opt/google/chrome/chrome", "Chrome"),
            ("Safari", "/Applications/Safari.app", "Safari"),
            ("chromium", "snap:chromium", "Chromium"),
            ("zen", "flatpak:app.zen_browser.zen", "Zen"),
            ("chrome", "/wine/wine64 C:/Chrome/chrome.exe", "Chrome"),
            ("w3m", "", "w3m"),
        ] {
            assert_eq!(told(name, path), Some(browser), "{name} {path}");
        }
        for (name, path) in [
            ("curl", "/usr/bin/curl"),
            ("chromedriver", "/usr/bin/chromedriver"),
            ("operations", "/usr/bin/operations"),
            ("unknown", ""),
        ] {
            assert_eq!(told(name, path), None, "{name} {path}");
        }
    }
}
