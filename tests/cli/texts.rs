//! Help, manual, completions, version: there for every command, and made to be read.

use super::Place;

const COMMANDS: [&str; 17] = [
    "db",
    "export",
    "import",
    "run",
    "replay",
    "demo",
    "open",
    "status",
    "top",
    "doctor",
    "interfaces",
    "filter",
    "config",
    "token",
    "version",
    "completions",
    "man",
];

#[test]
fn help_tells_of_every_command() {
    let place = Place::new();
    let help = place.run(&["--help"]).succeeds();
    assert!(help.contains("Examples:") && help.contains("Exit status:"));
    for command in COMMANDS {
        assert!(help.contains(&format!("\n  {command} ")), "{command}");
        let own = place.run(&[command, "--help"]).succeeds();
        assert!(own.contains(&format!("Usage: netmonitor {command}")));
        assert!(own.contains("--data-dir") && own.contains("--config"));
    }
}

#[test]
fn wrong_usage_is_2() {
    let place = Place::new();
    place.run(&[]).fails(2, &["Usage:"]);
    place.run(&["bogus"]).fails(2, &["bogus", "--help"]);
    place.run(&["run", "--port", "70000"]).fails(2, &["--port"]);
    place.run(&["replay"]).fails(2, &["<FILE>"]);
    place
        .run(&["replay", "f", "--json", "--table"])
        .fails(2, &["--json", "--table"]);
    place
        .run(&["replay", "f", "--local", "10.0.0.0/33"])
        .fails(2, &["`10.0.0.0/33` is not an address range"]);
    place.run(&["status", "-q", "-v"]).fails(2, &["--quiet"]);
}

#[test]
fn the_manual_and_completions_are_made_from_the_arguments() {
    let place = Place::new();
    let manual = place.run(&["man"]).succeeds();
    assert!(manual.contains(".TH netmonitor 1") && manual.contains("Examples:"));
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let script = place.run(&["completions", shell]).succeeds();
        assert!(
            script.contains("--data-dir") || script.contains("data-dir"),
            "{shell}"
        );
    }
    place.run(&["man", "--into", "."]).succeeds();
    let page = place.folder.path().join("netmonitor-replay.1");
    assert!(
        std::fs::read_to_string(page)
            .expect("a page")
            .contains("\\-\\-json")
    );
}

#[test]
fn the_version_is_the_packages() {
    let place = Place::new();
    let version = env!("CARGO_PKG_VERSION");
    assert_eq!(
        place.run(&["version"]).succeeds(),
        format!("netmonitor {version}\n")
    );
    let said = place.run(&["version", "--json"]).succeeds();
    let said: serde_json::Value = serde_json::from_str(&said).expect("JSON");
    assert_eq!(said["version"], version);
}

#[test]
fn a_reader_that_goes_away_is_no_failure() {
    let (reader, writer) = std::io::pipe().expect("a pipe");
    drop(reader);
    let place = Place::new();
    let output = place
        .command()
        .args(["completions", "zsh"])
        .stdout(writer)
        .output();
    let said = super::Said::of(&output.expect("netmonitor"));
    assert_eq!((said.code, said.err.as_str()), (Some(0), ""));
}

#[test]
fn a_full_disk_is_74() {
    if !cfg!(target_os = "linux") {
        return super::harness::skipped("a full disk", "there is no /dev/full");
    }
    let full = std::fs::File::options().write(true).open("/dev/full");
    let place = Place::new();
    let output = place
        .command()
        .arg("man")
        .stdout(full.expect("/dev/full"))
        .output();
    super::Said::of(&output.expect("netmonitor")).fails(74, &["cannot write the output"]);
}

#[test]
fn interfaces_and_filters_are_listed() {
    let place = Place::new();
    let interfaces = place.run(&["interfaces", "--json"]).succeeds();
    let interfaces: serde_json::Value = serde_json::from_str(&interfaces).expect("JSON");
    let items = interfaces["items"].as_array().expect("items");
    let loopback = items
        .iter()
        .find(|nic| nic["role"] == "loopback")
        .expect("loopback");
    let table = place.run(&["interfaces"]).succeeds();
    assert!(
        table.contains(loopback["name"].as_str().expect("a name")),
        "{table}"
    );
    place.file("config.toml", "[filters]\nnas = 'host 192.0.2.1'\n");
    let filters = place.run(&["filter", "list"]).succeeds();
    assert!(
        filters.contains("\nweb ") && filters.contains("host 192.0.2.1"),
        "{filters}"
    );
    let checked = place.run(&["filter", "check", "nas"]).succeeds();
    assert_eq!(checked, "it compiles: host 192.0.2.1\n");
}

#[test]
fn a_bad_filter_is_pointed_at() {
    let place = Place::new();
    let said = place.run(&["filter", "check", "tcp", "prot", "80"]);
    said.fails(1, &["syntax error", "\n  tcp prot 80\n      ^\n"]);
    let said = place.run(&["filter", "check", "host example.org"]);
    said.fails(1, &["address", "\n  host example.org\n       ^\n"]);
}
