//! `netmonitor run` in this namespace, with its helper, asked over its API; and programs with names of
//! their own to be found.

use crate::harness::{self, succeed};
use crate::scene::{Elsewhere, Program};
use netmonitor::query::Counts;
use serde_json::Value;
use std::fs::File;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// The namespace is the test's own, so that the port is always free.
const PORT: u16 = 7500;
/// Hangs are what this guards against; no test judges by it.
const PATIENCE: Duration = Duration::from_mins(2);
const STEP: Duration = Duration::from_millis(50);
const GROUPS: &str = "/sys/fs/cgroup";
/// Everything that the tests send has room in the rings, so that no machine is too slow.
const CONFIG: &str = "[capture]\nring_uplink_mib = 30\nring_other_mib = 30\nring_total_mib = 120\n";

/// A running netmonitor; killed when dropped.
pub(crate) struct Service {
    child: Child,
    folder: tempfile::TempDir,
}

impl Service {
    /// Watches these interfaces by the kernel's own word, and says when it does.
    pub(crate) fn start(interfaces: &[&str]) -> Service {
        control_groups();
        let folder = tempfile::tempdir().unwrap();
        let config = folder.path().join("netmonitor.toml");
        std::fs::write(&config, CONFIG).unwrap();
        let mut command = harness::netmonitor();
        command.args(["run", "--port", &PORT.to_string(), "--config"]);
        command.arg(&config).arg("--data-dir").arg(folder.path());
        command.args(interfaces.iter().flat_map(|name| ["--interface", name]));
        let log = File::create(folder.path().join("log")).unwrap();
        let child = command.stdout(Stdio::null()).stderr(log).spawn().unwrap();
        let mut service = Service { child, folder };
        service.wait_until("the kernel tells owners", |service| {
            let owners = service.get("/api/owners");
            owners.is_some_and(|owners| owners["rung"] == "kernel")
        });
        service.settle();
        service
    }

    /// Waits until the history has what was sent until now.
    pub(crate) fn settle(&mut self) {
        let now = jiff::Timestamp::now();
        self.wait_until("it has written what was sent", |service| {
            let health = service.get("/health");
            let through = health.and_then(|it| it["committed_through"].as_str()?.parse().ok());
            through.is_some_and(|through: jiff::Timestamp| through > now)
        });
    }

    /// The summary of all that was seen, once no flow of it waits for its owner.
    pub(crate) fn summary(&mut self, interfaces: &[&str]) -> Value {
        self.settle();
        let names = interfaces.iter().map(|name| format!("&interface={name}"));
        let path = format!("/api/stats/summary?limit=1000{}", names.collect::<String>());
        self.wait_until("every flow has its owner", |service| {
            service
                .get(&path)
                .is_some_and(|summary| app(&summary, "unknown").bytes() == 0)
        });
        self.get(&path).unwrap()
    }

    /// The connections that an interface saw, with what is found out about them late.
    pub(crate) fn connections(&self, interface: &str) -> Vec<Value> {
        let path = format!("/api/connections?limit=1000&interface={interface}");
        let page = self.get(&path).unwrap_or_default();
        page["items"].as_array().cloned().unwrap_or_default()
    }

    /// Waits until a tunnel's carrier is the one with this name.
    pub(crate) fn wait_for_carrier(&mut self, tunnel: &str, carrier: &str) {
        self.wait_until(carrier, |service| {
            let page = service.get("/api/interfaces").unwrap_or_default();
            let mut all = page["items"].as_array().into_iter().flatten();
            all.any(|nic| nic["name"] == tunnel && nic["carrier"] == carrier)
        });
        // The carrier counts from the next second on.
        self.settle();
    }

    pub(crate) fn wait_until(&mut self, what: &str, mut holds: impl FnMut(&Service) -> bool) {
        for _ in 0..PATIENCE.as_millis() / STEP.as_millis() {
            if holds(self) {
                return;
            }
            let ended = self.child.try_wait().unwrap();
            assert_eq!(ended, None, "waiting until {what}: {}", self.said());
            std::thread::sleep(STEP);
        }
        panic!("waited until {what}: {}", self.said());
    }

    /// What it answers, if it answers; a refusal fails the test.
    pub(crate) fn get(&self, path: &str) -> Option<Value> {
        let token = std::fs::read_to_string(self.folder.path().join("token")).ok()?;
        let request = format!(
            "GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{PORT}\r\nAuthorization: Bearer {}\r\n\
             Connection: close\r\n\r\n",
            token.trim()
        );
        let mut stream = TcpStream::connect(("127.0.0.1", PORT)).ok()?;
        stream.set_read_timeout(Some(PATIENCE)).ok()?;
        stream.write_all(request.as_bytes()).ok()?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).ok()?;
        let (head, body) = answer.split_once("\r\n\r\n")?;
        assert!(head.contains(" 200 "), "{path}: {answer}");
        serde_json::from_str(body).ok()
    }

    fn said(&self) -> String {
        let log = std::fs::read_to_string(self.folder.path().join("log"));
        let owners = self.get("/api/owners").unwrap_or_default();
        let seen = self.get("/api/stats/summary").unwrap_or_default();
        format!("{owners}\n{seen}\n{}", log.unwrap_or_default())
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What an application has in a summary.
pub(crate) fn app(summary: &Value, name: &str) -> Counts {
    let mut items = summary["applications"]["items"]
        .as_array()
        .into_iter()
        .flatten();
    let found = items.find(|item| item["name"] == name);
    found.map(counts).unwrap_or_default()
}

/// What all applications have.
pub(crate) fn all_apps(summary: &Value) -> Counts {
    let mut sum = counts(&summary["applications"]["other"]);
    for item in summary["applications"]["items"]
        .as_array()
        .into_iter()
        .flatten()
    {
        sum += counts(item);
    }
    sum
}

pub(crate) fn counts(value: &Value) -> Counts {
    let figure = |key: &str| value[key].as_u64().unwrap();
    Counts {
        bytes_in: figure("bytes_in"),
        bytes_out: figure("bytes_out"),
        packets_in: figure("packets_in"),
        packets_out: figure("packets_out"),
    }
}

/// Copies of tools under names of their own.
pub(crate) struct Programs(tempfile::TempDir);

impl Programs {
    pub(crate) fn new() -> Programs {
        Programs(tempfile::tempdir().unwrap())
    }

    pub(crate) fn copy(&self, tool: &str, name: &str) -> PathBuf {
        let path = self.0.path().join(name);
        std::fs::copy(harness::tool(tool), &path).unwrap();
        path
    }
}

/// A control group such as a container has, named as Docker names them under systemd.
pub(crate) struct Group(PathBuf);

impl Group {
    pub(crate) const CONTAINER: &'static str = "c0ffee00c0ff";

    pub(crate) fn new() -> Group {
        control_groups();
        let slice = format!("nmtun-{}.slice", std::process::id());
        let scope = format!("docker-{}{}.scope", Group::CONTAINER, "e".repeat(52));
        let path = Path::new(GROUPS).join(slice).join(scope);
        std::fs::create_dir_all(&path).unwrap();
        Group(path)
    }

    /// A program that a shell in this group starts in another namespace.
    pub(crate) fn command(&self, place: &Elsewhere, program: &Path) -> Command {
        self.joined("ip netns exec \"$@\"; exit $?", place, program)
    }

    /// A program that is the shell no more once it is started.
    pub(crate) fn serve(&self, place: &Elsewhere, program: &Path, what: &[&str]) -> Program {
        let mut command = self.joined("exec ip netns exec \"$@\"", place, program);
        Program::start(command.args(what))
    }

    fn joined(&self, then: &str, place: &Elsewhere, program: &Path) -> Command {
        let mut command = Command::new("sh");
        let script = format!("echo $$ > \"$1\" && shift && {then}");
        command.args(["-c", &script, "join"]);
        command.arg(self.0.join("cgroup.procs")).arg(place.name());
        command.arg(program);
        command
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        for path in [Some(&*self.0), self.0.parent()].into_iter().flatten() {
            // It is busy for a moment after its last process has ended.
            let gone = (0..100).any(|_| {
                let gone = std::fs::remove_dir(path).is_ok();
                std::thread::sleep(Duration::from_millis(if gone { 0 } else { 20 }));
                gone
            });
            drop(gone);
        }
    }
}

/// Whoever enters a network namespace by `ip` gets a fresh `/sys`, without control groups.
fn control_groups() {
    if !Path::new(GROUPS).join("cgroup.procs").exists() {
        succeed(Command::new("mount").args(["-t", "cgroup2", "none", GROUPS]));
    }
}
