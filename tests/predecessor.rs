//! What netmonitor replaces was a program with known failures. Each of them has a test here, with the
//! running service, a real client and a real server on loopback, or frames on a link: it would fail if
//! the failure came back.
#![cfg(target_os = "linux")]
#![allow(clippy::expect_used, reason = "a test fails by panicking")]

mod harness;

use harness::monitor::Monitor;
use harness::net::Net;
use harness::{count, dump, root, seconds, succeed};
use serde_json::Value;
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// A host whose registrable domain is below a public suffix of two labels.
const SITE: &str = "www.shop.example.co.uk";
const DOMAIN: &str = "example.co.uk";
/// What the server gives for a request.
const GIVEN: usize = 1 << 20;
/// What no history may know.
const SECRETS: [&str; 4] = [
    "/canary-path",
    "canary-query",
    "canary-cookie",
    "canary-payload",
];

/// A program talks to a site on this machine, while netmonitor watches.
struct Scene {
    net: Net,
    folder: tempfile::TempDir,
    server: Child,
}

impl Scene {
    /// `None` without root, which is said.
    fn new(name: &str) -> Option<Scene> {
        if !root(name) {
            return None;
        }
        let (net, folder) = (Net::new(name), tempfile::tempdir().expect("a folder"));
        let files = folder.path().join("files");
        std::fs::create_dir(&files).expect("a folder to serve");
        let payload = "canary-payload ".repeat(GIVEN / 15 + 1);
        std::fs::write(files.join("canary-path"), &payload[..GIVEN]).expect("a file to serve");
        std::fs::create_dir(folder.path().join("data")).expect("a data folder");
        let mut server = net.command("python3");
        server.args([
            "-m",
            "http.server",
            "80",
            "--bind",
            "127.0.0.1",
            "--directory",
        ]);
        let server = server
            .arg(files)
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        let server = server.spawn().expect("python3");
        Some(Scene {
            net,
            folder,
            server,
        })
    }

    fn data(&self) -> std::path::PathBuf {
        self.folder.path().join("data")
    }

    fn monitor(&self) -> Monitor<'_> {
        Monitor::start(&self.net, &self.data(), &["--interface", "lo"])
    }

    /// One page of the site, slowly enough that its program is there to be asked for.
    fn fetch(&self) {
        let mut curl = self.net.command("curl");
        curl.args([
            "--silent",
            "--show-error",
            "--fail",
            "--output",
            "/dev/null",
        ]);
        curl.args(["--retry", "40", "--retry-connrefused", "--retry-delay", "0"]);
        curl.args([
            "--limit-rate",
            "600k",
            "--resolve",
            &format!("{SITE}:80:127.0.0.1"),
        ]);
        curl.args(["--header", "Cookie: session=canary-cookie"]);
        succeed(curl.arg(format!("http://{SITE}/canary-path?word=canary-query")));
    }
}

impl Drop for Scene {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

/// "Its packet-to-process mapping never matched and 16,180 samples were 0 bytes."
#[test]
fn packets_meet_their_process_and_no_sample_is_empty() {
    let Some(scene) = Scene::new("mapping") else {
        return;
    };
    let mut monitor = scene.monitor();
    scene.fetch();
    monitor.settle();
    let summary = monitor.json("/api/stats/summary?interface=lo");
    let bytes = bytes_of(&summary["applications"], "curl");
    assert!(bytes >= GIVEN as u64, "curl has {bytes}: {summary}");
    monitor.terminate();
    let rows = dump(&scene.data());
    let rows: Vec<Value> = rows
        .lines()
        .map(|line| serde_json::from_str(line).expect("a row"))
        .collect();
    assert!(rows.len() >= 2);
    let empty = rows
        .iter()
        .filter(|row| sum(row, "bytes") == 0 && sum(row, "packets") > 0);
    assert_eq!(empty.count(), 0, "packets without bytes");
    let curls = rows.iter().filter(|row| row.to_string().contains("curl"));
    assert!(curls.map(|row| sum(row, "bytes")).sum::<u64>() >= GIVEN as u64);
}

/// "Cumulative counters were stored as deltas: 9.5 TB a day."
#[test]
fn what_is_stored_of_a_second_is_what_came_in_it() {
    if !root("deltas") {
        return;
    }
    let (net, folder) = (Net::new("deltas"), tempfile::tempdir().expect("a folder"));
    let monitor = Monitor::start(&net, folder.path(), &[]);
    // The same flows all the time, as counters of an interface or a connection would be.
    let sent = net.send(["12000", "500", "10", "2000"]);
    monitor.terminate();
    let held = seconds(&dump(folder.path()));
    assert_eq!(held.values().sum::<u64>(), count(&sent, "packets"));
    let most = held.values().max().copied().unwrap_or_default();
    // The sender makes up for what it was late with; a running total would be 12,000 in the end.
    assert!(held.len() >= 6 && most <= 4_000, "{held:?}");
}

/// "The gauge counted twice: 587 MB/s."
#[test]
fn a_byte_is_counted_once_in_every_figure() {
    if !root("once") {
        return;
    }
    let (net, folder) = (Net::new("once"), tempfile::tempdir().expect("a folder"));
    let mut monitor = Monitor::start(&net, folder.path(), &[]);
    let sent = count(&net.send(["8000", "500", "20", "2000"]), "bytes");
    let rate = monitor.json("/api/stats/bandwidth");
    let per_s =
        ["bytes_in_per_s", "bytes_out_per_s"].map(|name| rate[name].as_f64().unwrap_or(0.0));
    let window = rate["window_s"].as_f64().expect("how much was watched");
    assert!(per_s[0] + per_s[1] > 0.0, "{rate}");
    assert!(
        (per_s[0] + per_s[1]) * window <= sent as f64 + 1.0,
        "{rate}, of {sent}"
    );
    monitor.settle();
    assert_eq!(net.counter("rx_bytes"), sent, "what the interface counted");
    for path in ["/api/stats", "/api/stats/timeline", "/api/stats/summary"] {
        let told = monitor.json(path);
        assert_eq!(total(&told), sent, "{path}: {told}");
    }
    monitor.terminate();
}

/// "Per-domain bytes were always 0."
#[test]
fn a_site_has_its_bytes() {
    let Some(scene) = Scene::new("site") else {
        return;
    };
    let mut monitor = scene.monitor();
    scene.fetch();
    monitor.settle();
    let summary = monitor.json("/api/stats/summary?interface=lo");
    let bytes = bytes_of(&summary["sites"], SITE);
    assert!(bytes >= GIVEN as u64, "{SITE} has {bytes}: {summary}");
    for path in ["/api/domains", "/api/domains/top/10"] {
        if there_is(path) {
            let told = monitor.json(&format!("{path}?interface=lo"));
            let bytes = bytes_of(&told, DOMAIN);
            assert!(
                bytes >= GIVEN as u64,
                "{path}: {DOMAIN} has {bytes}: {told}"
            );
        }
    }
    monitor.terminate();
}

/// "`co.uk` was a domain."
#[test]
fn a_public_suffix_is_no_domain() {
    let Some(scene) = Scene::new("suffix") else {
        return;
    };
    let mut monitor = scene.monitor();
    scene.fetch();
    monitor.settle();
    let page = monitor.json("/api/connections?interface=lo");
    let items = page["items"].as_array().expect("connections");
    let ours: Vec<_> = items
        .iter()
        .filter(|one| one.to_string().contains(SITE))
        .collect();
    assert!(!ours.is_empty(), "{page}");
    for one in ours {
        assert!(one.to_string().contains(&format!("\"{DOMAIN}\"")), "{one}");
    }
    assert!(!page.to_string().contains("\"co.uk\""), "{page}");
    for path in ["/api/domains", "/api/domains/top/10"] {
        if there_is(path) {
            let told = monitor.ask(&format!("{path}?interface=lo"));
            assert!(
                told.contains(&format!("\"{DOMAIN}\"")) && !told.contains("\"co.uk\""),
                "{told}"
            );
        }
    }
    monitor.terminate();
}

/// "Buttons said `Not Implemented`."
#[test]
fn everything_that_is_offered_is_there() {
    if !root("offered") {
        return;
    }
    let (net, folder) = (Net::new("offered"), tempfile::tempdir().expect("a folder"));
    let monitor = Monitor::start(&net, folder.path(), &[]);
    for route in netmonitor::api::routes() {
        // The live stream never ends; a path with a place or a rest in it needs something to name.
        if route.name.contains(['{', '*']) || route.name == "GET /api/live" {
            continue;
        }
        let (status, body) = monitor.request(route.name, "{}");
        assert!(
            !matches!(status, 404 | 405 | 500..),
            "{}: {status} {body}",
            route.name
        );
        assert!(!says_nothing(&body), "{}: {body}", route.name);
    }
    for path in ["/dashboard/", "/docs"] {
        let page = monitor.ask(path);
        assert!(!says_nothing(&page), "{path}");
    }
    monitor.terminate();
}

/// "The monthly chart was mock data."
#[test]
fn a_chart_shows_what_was_counted_and_nothing_else() {
    if !root("chart") {
        return;
    }
    let (net, folder) = (Net::new("chart"), tempfile::tempdir().expect("a folder"));
    let mut monitor = Monitor::start(&net, folder.path(), &[]);
    let month = "/api/stats/timeline?step=86400&from=2025-01-01T00:00:00Z&to=2025-02-01T00:00:00Z";
    let before = monitor.json(month);
    let known = before["bytes_in"].as_array().expect("a column");
    assert!(
        known.len() >= 31 && known.iter().all(Value::is_null),
        "{before}"
    );
    let sent = count(&net.send(["2000", "500", "10", "1000"]), "bytes");
    monitor.settle();
    let again = monitor.json(month);
    assert_eq!(total(&again), 0, "nothing was counted then: {again}");
    let days = monitor.json("/api/stats/timeline?step=86400");
    assert_eq!(total(&days), sent, "{days}");
    for path in [
        "/api/historical/daily",
        "/api/historical/weekly",
        "/api/historical/monthly",
    ] {
        if there_is(path) {
            let told = monitor.json(path);
            assert_eq!(sum(&told["total"], "bytes"), sent, "{path}: {told}");
        }
    }
    monitor.terminate();
}

/// "Any local user could read the history."
#[test]
fn another_user_of_this_machine_learns_nothing() {
    if !root("others") {
        return;
    }
    let (net, folder) = (Net::new("others"), tempfile::tempdir().expect("a folder"));
    let monitor = Monitor::start(&net, folder.path(), &[]);
    let nobody = |program: &str| {
        let mut command = net.command("setpriv");
        command.args([
            "--reuid",
            "65534",
            "--regid",
            "65534",
            "--clear-groups",
            program,
        ]);
        command
    };
    let mut tried = 0;
    for route in netmonitor::api::routes() {
        let (method, path) = route.name.split_once(' ').expect("a method and a path");
        if route.guard == netmonitor::api::Guard::Open {
            continue;
        }
        let mut curl = nobody("curl");
        curl.args([
            "--silent",
            "--output",
            "/dev/null",
            "--write-out",
            "%{http_code}",
            "--max-time",
            "20",
        ]);
        curl.args([
            "--request",
            method,
            "--header",
            "Content-Type: application/json",
        ]);
        let address = format!("http://127.0.0.1:7500{}", path.replace(['{', '}', '*'], ""));
        let told = succeed(curl.arg(address)).stdout;
        assert_eq!(String::from_utf8_lossy(&told), "401", "{}", route.name);
        tried += 1;
    }
    assert!(tried > 10, "{tried} routes");
    for name in ["token", "history.redb", "log"] {
        let read = nobody("cat")
            .arg(folder.path().join(name))
            .output()
            .expect("cat");
        assert!(
            !read.status.success() && read.stdout.is_empty(),
            "{name} can be read"
        );
    }
    monitor.terminate();
}

/// "Host names only: no URL, path, header or payload is ever stored, shown or logged."
#[test]
fn of_what_is_said_only_the_host_is_kept() {
    let Some(scene) = Scene::new("kept") else {
        return;
    };
    let mut monitor = scene.monitor();
    scene.fetch();
    monitor.settle();
    let mut told = String::new();
    for path in [
        "/api/connections?interface=lo",
        "/api/stats/summary?interface=lo",
        "/metrics",
    ] {
        told.push_str(&monitor.ask(path));
    }
    assert!(told.contains(SITE));
    monitor.terminate();
    told.push_str(&dump(&scene.data()));
    let kept = files(&scene.data());
    assert!(
        contains(&kept, SITE.as_bytes()),
        "the history knows the site"
    );
    for secret in SECRETS {
        assert!(!told.contains(secret), "{secret} is told");
        assert!(!contains(&kept, secret.as_bytes()), "{secret} is kept");
    }
}

/// Every byte in a folder.
fn files(folder: &Path) -> Vec<u8> {
    let output = succeed(
        Command::new("find")
            .arg(folder)
            .args(["-type", "f", "-exec", "cat", "{}", "+"]),
    );
    output.stdout
}

fn contains(bytes: &[u8], word: &[u8]) -> bool {
    bytes.windows(word.len()).any(|some| some == word)
}

fn there_is(path: &str) -> bool {
    let named = |name: &str| {
        let mut parts = name.split(' ').nth(1).unwrap_or_default().split('/');
        let mut asked = path.split('/');
        parts
            .by_ref()
            .zip(asked.by_ref())
            .all(|(part, asked)| part.starts_with('{') || part == asked)
            && parts.next().is_none()
            && asked.next().is_none()
    };
    netmonitor::api::routes()
        .iter()
        .any(|route| route.name.starts_with("GET ") && named(route.name))
}

fn says_nothing(text: &str) -> bool {
    let text = text.to_ascii_lowercase();
    [
        "not implemented",
        "not yet implemented",
        "coming soon",
        "mock data",
    ]
    .iter()
    .any(|words| text.contains(words))
}

/// In and out of one thing.
fn sum(value: &Value, what: &str) -> u64 {
    let sides = ["in", "out"].map(|side| value[format!("{what}_{side}")].as_u64().unwrap_or(0));
    sides.iter().sum()
}

/// Bytes of an answer as a whole: of columns, of a total, or its own.
fn total(told: &Value) -> u64 {
    let column = |name: &str| -> u64 {
        let all = told[name].as_array().into_iter().flatten();
        all.filter_map(Value::as_u64).sum()
    };
    match told {
        _ if told["bytes_in"].is_array() => column("bytes_in") + column("bytes_out"),
        _ if told["total"].is_object() => sum(&told["total"], "bytes"),
        _ => sum(told, "bytes"),
    }
}

/// Bytes of the item that has this name.
fn bytes_of(list: &Value, name: &str) -> u64 {
    let items = list["items"].as_array().into_iter().flatten();
    let named = items.filter(|item| item["name"] == name);
    named.map(|item| sum(item, "bytes")).sum()
}
