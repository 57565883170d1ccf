//! A network namespace for one test: the test runs itself again inside it.

use pcap::{Active, Capture};
use std::process::Command;
use std::sync::Mutex;

const INSIDE: &str = "NMLIVE_INSIDE";

/// Runs `test` in a namespace of its own, with loopback up and IPv6 off.
pub(crate) fn inside(name: &str, test: impl FnOnce()) {
    enter(name, &[], test);
}

/// The same without the right to capture.
pub(crate) fn inside_without_capture(name: &str, test: impl FnOnce()) {
    enter(name, &["setpriv", "--bounding-set", "-net_raw"], test);
}

/// Two ends of a cable, both up.
pub(crate) fn pair(one: &str, other: &str) {
    ip(&format!("link add {one} type veth peer name {other}"));
    ip(&format!("link set {one} up"));
    ip(&format!("link set {other} up"));
}

pub(crate) fn ip(arguments: &str) {
    assert!(ip_may_fail(arguments), "ip {arguments}");
}

pub(crate) fn ip_may_fail(arguments: &str) -> bool {
    let arguments = arguments.split_whitespace();
    Command::new("ip")
        .args(arguments)
        .status()
        .unwrap()
        .success()
}

/// Puts frames on an interface.
pub(crate) struct Sender(Mutex<Capture<Active>>);

impl Sender {
    pub(crate) fn on(name: &str) -> Sender {
        let inactive = Capture::from_device(name).unwrap().snaplen(64).timeout(100);
        Sender(Mutex::new(inactive.open().unwrap()))
    }

    /// Sends `count` frames of `size` bytes; the kernel has taken all of them when this returns.
    pub(crate) fn send(&self, count: u64, size: usize) {
        let mut frame = vec![0; size];
        frame[..14].copy_from_slice(&[2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 0x88, 0xb5]);
        self.send_frames(&frame, count);
    }

    /// Sends the same frame `count` times.
    pub(crate) fn send_frames(&self, frame: &[u8], count: u64) {
        let mut capture = self.0.lock().unwrap();
        for _ in 0..count {
            capture.sendpacket(frame).unwrap();
        }
    }
}

fn enter(name: &str, before: &[&str], test: impl FnOnce()) {
    if std::env::var(INSIDE).is_ok() {
        return test();
    }
    if !netmonitor::platform::is_root() {
        eprintln!("skipped: network namespaces take root");
        return;
    }
    let namespace = Namespace::new(&format!("nmlive-{name}-{}", std::process::id()));
    let this = std::thread::current().name().unwrap().to_owned();
    let program = std::env::current_exe().unwrap();
    let status = Command::new("ip")
        .args(["netns", "exec", &namespace.0])
        .args(before)
        .arg(program)
        .args(["--exact", &this, "--nocapture", "--test-threads=1"])
        .env(INSIDE, "1")
        .status()
        .unwrap();
    assert!(status.success(), "{this} failed inside {}", namespace.0);
}

struct Namespace(String);

impl Namespace {
    fn new(name: &str) -> Namespace {
        let namespace = Namespace(name.to_owned());
        ip(&format!("netns add {name}"));
        namespace.run("link set lo up");
        for kind in ["all", "default"] {
            let setting = format!("net.ipv6.conf.{kind}.disable_ipv6=1");
            let arguments = ["netns", "exec", name, "sysctl", "-q", "-w", &setting];
            assert!(
                Command::new("ip")
                    .args(arguments)
                    .status()
                    .unwrap()
                    .success()
            );
        }
        namespace
    }

    fn run(&self, arguments: &str) {
        ip(&format!("-n {} {arguments}", self.0));
    }
}

impl Drop for Namespace {
    fn drop(&mut self) {
        ip_may_fail(&format!("netns del {}", self.0));
    }
}
