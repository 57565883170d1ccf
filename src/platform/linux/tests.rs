//! How Linux's own tables are read, and what threads leave each other of the heap.

use super::*;
use super::{ports, routes, usage};
use parking_lot::Mutex;
use std::ffi::OsString;
use std::process::Command;
use std::sync::Barrier;
use std::time::Duration;

#[test]
fn the_kernels_table_of_counters_is_read() {
    let row = "  eth0: 1500 10 0 0 0 0 0 0 700 7 0 0 0 0 0 0";
    let (name, traffic) = counted(row).unwrap();
    assert_eq!(name, "eth0");
    assert_eq!((traffic.inbound.bytes, traffic.inbound.packets), (1500, 10));
    assert_eq!((traffic.outbound.bytes, traffic.outbound.packets), (700, 7));
    assert!(counted("Inter-|   Receive  |  Transmit").is_none());
    assert!(counted(" face |bytes packets errs|bytes packets").is_none());
}

#[test]
fn default_routes_are_told_from_others() {
    let row = "eth0\t00000000\t0100000A\t0003\t0\t0\t0\t00000000\t0\t0\t0";
    assert_eq!(routes::default_route(row).as_deref(), Some("eth0"));
    let net = "eth0\t0000000A\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0";
    assert_eq!(routes::default_route(net), None);
    let refused = "lo\t00000000\t00000000\t0200\t0\t0\t0\t00000000\t0\t0\t0";
    assert_eq!(routes::default_route(refused), None);
    let zeros = "0".repeat(32);
    let six = format!("{zeros} 00 {zeros} 00 fe80 00000400 1 0 00000003 wlan0");
    assert_eq!(routes::default_route6(&six).as_deref(), Some("wlan0"));
    let refused = format!("{zeros} 00 {zeros} 00 {zeros} ffffffff 1 0 00200200 lo");
    assert_eq!(routes::default_route6(&refused), None);
}

#[test]
fn only_sockets_count_as_rings() {
    let maps = "7f0000000000-7f0000200000 rw-s 00000000 00:08 4242  socket:[4242]\n\
                7f0000300000-7f0000301000 r-xp 00000000 08:01 17    /usr/lib/libpcap.so\n";
    assert_eq!(usage::rings(maps), 2 << 20);
}

/// Takes 8 MiB in small pieces and frees all but the last, which keeps the heap from shrinking.
fn churn() -> Option<Vec<u8>> {
    let mut pieces: Vec<_> = (0..2048).map(|_| vec![1; 4096]).collect();
    pieces.pop()
}

/// Names the one test that this process runs.
const ALONE: &str = "NETMONITOR_TEST_ALONE";

/// Whether this test has a process to itself; if not, it is run in one and has to pass there.
fn is_alone(test: &str) -> bool {
    let (_, module) = module_path!().split_once("::").unwrap();
    let test = format!("{module}::{test}");
    if std::env::var_os(ALONE).is_some_and(|alone| *alone == *test) {
        return true;
    }
    let mut again = Command::new(std::env::current_exe().unwrap());
    again.args(["--exact", &test, "--test-threads=1", "--nocapture"]);
    let output = again.env(ALONE, &test).output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success() && said.contains("1 passed"),
        "{said}{}",
        String::from_utf8_lossy(&output.stderr)
    );
    false
}

/// Returns when the test runner's thread, the only other one, sleeps until the test has ended.
fn wait_for_the_runner() {
    let threads = std::fs::read_dir("/proc/self/task").unwrap();
    assert_eq!(threads.count(), 2);
    let sleeps = || {
        let first = std::fs::read_to_string("/proc/self/stat").unwrap();
        first.rsplit_once(") ").unwrap().1.starts_with('S')
    };
    while !sleeps() {
        std::thread::sleep(Duration::from_millis(1));
    }
}

#[test]
fn what_one_thread_frees_serves_the_next() {
    if !is_alone("what_one_thread_frees_serves_the_next") {
        return;
    }
    wait_for_the_runner();
    share_heap();
    let resident = || usage::usage().unwrap().resident;
    let before = resident();
    let (turn, end) = (Mutex::new(before), Barrier::new(8));
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                let mut most = turn.lock();
                let kept = churn();
                *most = resident().max(*most);
                drop(most);
                // A thread that is gone would leave what it had to the next in any case.
                end.wait();
                drop(kept);
            });
        }
    });
    let most = *turn.lock() - before;
    assert!(most < 40 << 20, "{most} bytes for 8 threads of 8 MiB each");
}

#[test]
fn a_listener_is_told_from_a_connection() {
    let row = "0: 0100007F:1D4C 00000000:0000 0A 0:0 00:0 0 0 0 9911 1";
    assert_eq!(ports::listener(row, 7500), Some(9911));
    assert_eq!(ports::listener(row, 7501), None);
    let connected = "0: 0100007F:1D4C 0100007F:9999 01 0:0 00:0 0 0 0 9911 1";
    assert_eq!(ports::listener(connected, 7500), None);
}

#[test]
fn a_service_a_root_and_a_user_have_places_of_their_own() {
    let none = |_: &str| None;
    let home = Path::new("/home/ada");
    assert_eq!(
        data_folder(true, home, &none),
        Path::new("/var/lib/netmonitor")
    );
    assert_eq!(
        data_folder(false, home, &none),
        Path::new("/home/ada/.local/share/netmonitor")
    );
    assert_eq!(
        config_file(false, home, &none),
        Path::new("/home/ada/.config/netmonitor/config.toml")
    );
    let service =
        |name: &str| (name == "STATE_DIRECTORY").then(|| OsString::from("/var/lib/elsewhere"));
    assert_eq!(
        data_folder(true, home, &service),
        Path::new("/var/lib/elsewhere")
    );
    let relative = |name: &str| (name == "XDG_DATA_HOME").then(|| OsString::from("here"));
    assert_eq!(
        data_folder(false, home, &relative),
        Path::new("/home/ada/.local/share/netmonitor")
    );
}
