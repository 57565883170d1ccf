//! A network namespace of a test's own with a veth pair in it on which nothing else speaks: no
//! address, IPv6 off. Frames sent on [`SENDER`] arrive at [`WATCHED`].

use super::capture::{LOCAL_MAC, REMOTE_MAC};
use super::{count, json, succeed, tool};
use serde_json::Value;
use std::fs::File;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::Command;
use std::time::Duration;

/// The end that frames are put in at.
pub const SENDER: &str = "nmxa";
/// The end that is watched.
pub const WATCHED: &str = "nmxb";

/// Where the kernel is busy, frames arrive a little after they were sent.
const LOOK: Duration = Duration::from_millis(20);
const LOOKS: u32 = 500;

/// The namespace; gone when dropped.
pub struct Net {
    name: String,
}

impl Net {
    pub fn new(test: &str) -> Net {
        let net = Net {
            name: format!("nmx-{test}-{}", std::process::id()),
        };
        ip(&["netns", "add", &net.name]);
        let off = ["all", "default"].map(|which| format!("net.ipv6.conf.{which}.disable_ipv6=1"));
        succeed(net.command("sysctl").arg("-qw").args(off));
        let (sender, watched) = (mac(REMOTE_MAC), mac(LOCAL_MAC));
        ip(&[
            "-n", &net.name, "link", "add", SENDER, "address", &sender, "type", "veth", "peer",
        ]
        .into_iter()
        .chain(["name", WATCHED, "address", &watched])
        .collect::<Vec<_>>());
        for link in ["lo", SENDER, WATCHED] {
            ip(&["-n", &net.name, "link", "set", link, "up"]);
        }
        net
    }

    /// A command that runs inside; the process that is started becomes the program itself.
    pub fn command(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut command = Command::new("ip");
        command.args(["netns", "exec", &self.name]).arg(program);
        command
    }

    /// The sender with what it shall send; it prints its counts when it is done.
    pub fn sender<'a>(&self, what: impl IntoIterator<Item = &'a str>) -> Command {
        let mut command = self.command(tool("send"));
        command.arg(SENDER).args(what);
        command
    }

    /// Sends and gives the sender's counts, having made sure that the pair lost none of it.
    pub fn send<'a>(&self, what: impl IntoIterator<Item = &'a str>) -> Value {
        let before = self.arrived();
        let sent = json(&mut self.sender(what));
        let count = count(&sent, "packets");
        let mut arrived = self.arrived() - before;
        for _ in 0..LOOKS {
            if arrived >= count {
                break;
            }
            std::thread::sleep(LOOK);
            arrived = self.arrived() - before;
        }
        assert_eq!(arrived, count, "the pair itself lost frames");
        sent
    }

    /// One HTTP request inside, with no more headers than these: the status and the body.
    pub fn get(
        &self,
        port: u16,
        path: &str,
        token: Option<&str>,
    ) -> std::io::Result<(u16, String)> {
        self.ask(port, &format!("GET {path}"), token, "")
    }

    /// One HTTP request inside, of this method and path, with this JSON if any.
    pub fn ask(
        &self,
        port: u16,
        what: &str,
        token: Option<&str>,
        body: &str,
    ) -> std::io::Result<(u16, String)> {
        let bearer = token.map(|token| format!("Authorization: Bearer {token}\r\n"));
        let kind = "Content-Type: application/json";
        let content = format!("{kind}\r\nContent-Length: {}\r\n", body.len());
        let request = format!(
            "{what} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n{}{}Connection: close\r\n\r\n{body}",
            bearer.unwrap_or_default(),
            if what.starts_with("GET") {
                ""
            } else {
                &content
            },
        );
        let answer = self.inside(move || exchange(port, &request))?;
        let status = answer.split(' ').nth(1).and_then(|word| word.parse().ok());
        let body = answer
            .split_once("\r\n\r\n")
            .map(|(_, body)| body.to_owned());
        status
            .zip(body)
            .ok_or_else(|| std::io::Error::other(format!("no HTTP: {answer}")))
    }

    /// Runs a function on a thread that has entered the namespace.
    fn inside<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> T {
        let namespace = File::open(format!("/run/netns/{}", self.name)).expect("the namespace");
        let enter = move || {
            nix::sched::setns(namespace, nix::sched::CloneFlags::CLONE_NEWNET).expect("setns");
            work()
        };
        let thread = std::thread::Builder::new()
            .name("inside".into())
            .spawn(enter);
        thread.expect("a thread").join().expect("the work inside")
    }

    /// Frames that the watched end has received since it was made.
    fn arrived(&self) -> u64 {
        self.counter("rx_packets")
    }

    /// What the kernel counted at the watched end.
    pub fn counter(&self, name: &str) -> u64 {
        let path = format!("/sys/class/net/{WATCHED}/statistics/{name}");
        let output = succeed(self.command("cat").arg(path));
        String::from_utf8_lossy(&output.stdout)
            .trim()
            .parse()
            .expect("a counter")
    }
}

impl Drop for Net {
    fn drop(&mut self) {
        let _ = Command::new("ip")
            .args(["netns", "del", &self.name])
            .status();
    }
}

fn exchange(port: u16, request: &str) -> std::io::Result<String> {
    let mut stream = TcpStream::connect(("127.0.0.1", port))?;
    stream.set_read_timeout(Some(Duration::from_mins(1)))?;
    stream.write_all(request.as_bytes())?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer)?;
    // A copy of the history is no text.
    Ok(String::from_utf8_lossy(&answer).into_owned())
}

fn ip(words: &[&str]) {
    succeed(Command::new("ip").args(words));
}

fn mac(bytes: [u8; 6]) -> String {
    bytes.map(|byte| format!("{byte:02x}")).join(":")
}
