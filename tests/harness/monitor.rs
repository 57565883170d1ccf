//! `netmonitor run` in a namespace: started, asked, and ended in the ways that a test wants.

use super::net::{Net, WATCHED};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::{Child, ExitStatus, Stdio};
use std::time::Duration;

/// Where it listens: the namespace is its own, so the port is always free.
const PORT: u16 = 7500;
/// Hangs are what this guards against; no test judges by it.
const PATIENCE: Duration = Duration::from_mins(1);
const STEP: Duration = Duration::from_millis(10);

/// A running netmonitor that watches one interface; killed when dropped.
pub struct Monitor<'a> {
    net: &'a Net,
    child: Child,
    log: PathBuf,
}

impl<'a> Monitor<'a> {
    /// Starts it on the watched end and waits until it captures.
    pub fn start(net: &'a Net, data: &Path, arguments: &[&str]) -> Monitor<'a> {
        let mut command = net.command(env!("CARGO_BIN_EXE_netmonitor"));
        command
            .args(["run", "--interface", WATCHED, "--data-dir"])
            .arg(data);
        command.args(["--port", &PORT.to_string()]).args(arguments);
        let path = data.join("log");
        let log = std::fs::File::options()
            .append(true)
            .create(true)
            .open(&path);
        command
            .stdout(Stdio::null())
            .stderr(log.expect("a log file"));
        let child = command.spawn().expect("netmonitor");
        let mut monitor = Monitor {
            net,
            child,
            log: path,
        };
        monitor.wait_until("it captures and answers", |monitor| {
            monitor.captures() && monitor.health().is_some()
        });
        monitor
    }

    /// What `/health` says, if it answers.
    pub fn health(&self) -> Option<Value> {
        let (_, body) = self.net.get(PORT, "/health", None).ok()?;
        serde_json::from_str(&body).ok()
    }

    /// What it answers to whoever has its token.
    pub fn ask(&self, path: &str) -> String {
        let (status, body) = self.request(&format!("GET {path}"), "");
        assert_eq!(status, 200, "{path}: {body}");
        body
    }

    /// The same as JSON.
    pub fn json(&self, path: &str) -> Value {
        let body = self.ask(path);
        serde_json::from_str(&body).unwrap_or_else(|error| panic!("{path}: {error}: {body}"))
    }

    /// The status and the body that whoever has its token gets for a method and a path.
    pub fn request(&self, what: &str, body: &str) -> (u16, String) {
        let token = std::fs::read_to_string(self.log.with_file_name("token"));
        let token = token.expect("its token");
        let answer = self.net.ask(PORT, what, Some(token.trim()), body);
        answer.unwrap_or_else(|error| panic!("{what}: {error}"))
    }

    /// Waits until everything that was sent until now is committed.
    pub fn settle(&mut self) {
        let now = netmonitor::clock::Clock::system().now().wall.second().0;
        self.wait_until("it has written what was sent", |monitor| {
            monitor.committed().is_some_and(|through| through > now)
        });
    }

    /// The last second that is said to survive a crash.
    pub fn committed(&self) -> Option<i64> {
        let health = self.health()?;
        let text = health["committed_through"].as_str()?;
        let at: jiff::Timestamp = text.parse().expect("committed_through is RFC 3339");
        Some(at.as_second())
    }

    /// Asks it to end, waits until it has, and fails with what it said if it failed.
    pub fn terminate(mut self) {
        self.signal(Signal::SIGTERM);
        self.wait_until("it ends", |monitor| monitor.ended().is_some());
        let status = self.ended().expect("it has ended");
        assert!(status.success(), "{status}:\n{}", self.said());
    }

    /// Ends it as a crash would.
    pub fn kill(mut self) {
        self.signal(Signal::SIGKILL);
        let _ = self.child.wait();
    }

    /// Waits until something holds, or fails: it hangs, or it has ended.
    pub fn wait_until(&mut self, what: &str, mut holds: impl FnMut(&mut Self) -> bool) {
        for _ in 0..PATIENCE.as_millis() / STEP.as_millis() {
            if holds(self) {
                return;
            }
            let ended = self.ended();
            assert!(
                ended.is_none(),
                "waiting until {what}: netmonitor ended with {ended:?}:\n{}",
                self.said()
            );
            std::thread::sleep(STEP);
        }
        panic!(
            "netmonitor hangs: waited {PATIENCE:?} until {what}:\n{}",
            self.said()
        );
    }

    /// Whether a packet socket of its namespace is bound and running, by the kernel's own table.
    fn captures(&self) -> bool {
        let table = std::fs::read_to_string(format!("/proc/{}/net/packet", self.child.id()));
        table.is_ok_and(|table| {
            table.lines().skip(1).any(|line| {
                let fields: Vec<_> = line.split_whitespace().collect();
                matches!(fields.as_slice(), [_, _, _, _, interface, "1", ..] if *interface != "0")
            })
        })
    }

    /// What it has logged.
    pub fn said(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap_or_default()
    }

    fn ended(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().expect("the child's status")
    }

    pub fn signal(&self, signal: Signal) {
        kill(Pid::from_raw(self.child.id() as i32), signal).expect("a signal");
    }
}

impl Drop for Monitor<'_> {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
