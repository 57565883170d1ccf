//! Commands that ask the running service, where there is none, and where its token lies.

use super::Place;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use std::io::{BufRead, BufReader, ErrorKind};
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::process::{Child, ExitStatus, Stdio};

const TOKEN: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

#[test]
fn a_service_that_is_not_there_is_69() {
    let place = Place::new();
    let nobody = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
    let port = nobody.local_addr().expect("its number").port().to_string();
    drop(nobody);
    let said = place.run(&["status", "--port", &port]);
    said.fails(69, &["127.0.0.1", &port, "refused", "`netmonitor run`"]);
    for command in [&["token"][..], &["open", "--port", &port]] {
        place
            .run(command)
            .fails(69, &["no access token", "--data-dir"]);
    }
    let words = ["no netmonitor runs with", "`netmonitor run`", "--port"];
    for command in ["open", "status", "top"] {
        place.run(&[command]).fails(69, &words);
    }
}

#[test]
fn something_else_on_the_port_is_no_service() {
    let place = Place::new();
    let other = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
    let port = other.local_addr().expect("its number").port().to_string();
    let hangs_up = std::thread::Builder::new().spawn(move || other.accept().map(drop));
    let said = place.run(&["status", "--port", &port]);
    said.fails(69, &["no netmonitor answers"]);
    let served = hangs_up.expect("a thread").join().expect("its end");
    served.expect("a connection");
}

#[test]
fn the_token_is_printed_from_its_file() {
    let place = Place::new();
    place.file("token", format!("{TOKEN}\n"));
    assert_eq!(place.run(&["token"]).succeeds(), format!("{TOKEN}\n"));
    let url = place.run(&["open", "--port", "7654"]).succeeds();
    assert_eq!(
        url,
        format!("http://127.0.0.1:7654/dashboard/#token={TOKEN}\n")
    );
    assert!(
        !place.folder.path().join("open.html").exists(),
        "no display, no browser"
    );
    place.file("token", "nonsense");
    place.run(&["token"]).fails(1, &["holds no access token"]);
}

/// `run` on a port that the system chooses; killed when dropped.
pub(super) struct Service {
    child: Child,
    /// The dashboard's address, as it was printed.
    address: String,
}

impl Service {
    pub(super) fn start(place: &Place) -> Service {
        let mut command = place.command();
        command.args(["run", "--interface", "lo", "--port", "0"]);
        command.stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().expect("netmonitor");
        let said = child.stdout.take().expect("its output");
        let mut service = Service {
            child,
            address: String::new(),
        };
        let read = BufReader::new(said).read_line(&mut service.address);
        read.expect("an address");
        service
    }

    pub(super) fn end(&mut self, signal: Signal) -> ExitStatus {
        let process = Pid::from_raw(self.child.id().try_into().expect("an id"));
        kill(process, signal).expect("a signal");
        self.child.wait().expect("an end")
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn a_port_that_the_system_chose_is_found_by_the_data_folder() {
    let linux = cfg!(target_os = "linux");
    if !linux || !super::harness::root("a port of the system's choice") {
        return;
    }
    let place = Place::new();
    let file = place.folder.path().join("port");
    let mut service = Service::start(&place);
    let url = place.run(&["open"]).succeeds();
    assert!(
        url.starts_with(&format!("{}#token=", service.address.trim_end())),
        "{url}"
    );
    let status = place.run(&["status", "--json"]).succeeds();
    let status: serde_json::Value = serde_json::from_str(&status).expect("JSON");
    assert_eq!(status["daemon"]["pid"], service.child.id());
    let mode = file.metadata().expect("the file").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    // Another port that is asked for is asked.
    place
        .run(&["status", "--port", "1"])
        .fails(69, &["127.0.0.1:1:"]);
    assert!(service.end(Signal::SIGTERM).success());
    assert!(!file.exists(), "a clean end leaves nothing");
}

#[test]
fn a_port_that_a_crash_left_behind_is_not_believed() {
    let linux = cfg!(target_os = "linux");
    if !linux || !super::harness::root("a crash") {
        return;
    }
    let (place, stranger) = std::iter::repeat_with(crashed)
        .take(10)
        .find_map(|(place, port)| Some((place, Stranger::at(port)?)))
        .expect("each port was taken by others before the stranger had it");
    nobody_is_told(&place, &stranger);
    let again = Service::start(&place);
    let url = place.run(&["open"]).succeeds();
    assert!(url.starts_with(again.address.trim_end()), "{url}");
}

#[test]
fn a_port_that_is_only_set_is_not_believed() {
    let place = Place::new();
    let stranger = Stranger::on(0);
    place.file("token", format!("{TOKEN}\n"));
    place.file(
        "config.toml",
        format!("[serve]\nport = {}\n", stranger.port),
    );
    nobody_is_told(&place, &stranger);
    place.file("port", format!("{}\n", stranger.port));
    nobody_is_told(&place, &stranger);
    // Whom the user names is asked.
    let port = stranger.port.to_string();
    let url = place.run(&["open", "--port", &port]).succeeds();
    assert!(url.contains(&format!(":{port}/")), "{url}");
}

/// Another program, on a port that a service had or could have had.
struct Stranger {
    listener: TcpListener,
    port: u16,
}

impl Stranger {
    fn on(port: u16) -> Stranger {
        Stranger::at(port).expect("the port")
    }

    /// `None` if somebody else has the port.
    fn at(port: u16) -> Option<Stranger> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).ok()?;
        listener.set_nonblocking(true).expect("no waiting");
        let port = listener.local_addr().expect("its number").port();
        Some(Stranger { listener, port })
    }
}

/// A place that a service crashed in, and the port that it had.
fn crashed() -> (Place, u16) {
    let place = Place::new();
    Service::start(&place).end(Signal::SIGKILL);
    let left = std::fs::read_to_string(place.folder.path().join("port")).expect("the file");
    let port = left.trim_end().parse().expect("a port");
    (place, port)
}

/// `open` prints no address and `status` says that nothing runs; the stranger was not even called.
fn nobody_is_told(place: &Place, stranger: &Stranger) {
    let words = ["no netmonitor runs with", "`netmonitor run`"];
    for command in [&["open"][..], &["status"], &["status", "--port", "0"]] {
        place.run(command).fails(69, &words);
    }
    let called = stranger.listener.accept().map(drop);
    let nobody = called.expect_err("somebody called the stranger");
    assert_eq!(nobody.kind(), ErrorKind::WouldBlock);
}

#[test]
fn a_browser_is_led_to_the_address_by_a_private_page() {
    let linux = cfg!(target_os = "linux");
    if !linux || !super::harness::root("a browser") {
        return;
    }
    let place = Place::new();
    let folder = place.folder.path();
    let argument = folder.join("argument");
    place.file("token", TOKEN);
    let browser = format!(
        "#!/bin/sh\necho \"$@\" > {0}.new; mv {0}.new {0}\n",
        argument.display()
    );
    place.file("xdg-open", browser);
    let binary = super::run::for_nobody(&place);
    let open = |user: u32| {
        let mut command = std::process::Command::new(&binary);
        let path = format!("{}:/usr/bin:/bin", folder.display());
        command
            .env_clear()
            .env("DISPLAY", ":0")
            .env("PATH", path)
            .uid(user)
            .gid(user);
        let output = command
            .args(["open", "--port", "7654", "--data-dir"])
            .arg(folder)
            .output();
        super::Said::of(&output.expect("netmonitor")).succeeds()
    };
    assert!(open(super::run::NOBODY).contains(TOKEN));
    let page = folder.join("open.html");
    let told = (0..1_000).find_map(|_| {
        std::thread::sleep(std::time::Duration::from_millis(10));
        std::fs::read_to_string(&argument).ok()
    });
    assert_eq!(
        told.expect("the browser was started"),
        format!("{}\n", page.display())
    );
    assert!(
        std::fs::read_to_string(&page)
            .expect("the page")
            .contains(TOKEN)
    );
    let mode = page.metadata().expect("the page").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}
