//! The processes that Apple's captures tell: every flow is of the application that its frames are
//! told of. Held against public captures with independent truth where they are, and against one
//! made here.
#![allow(clippy::expect_used, reason = "a test fails by panicking")]

mod harness;

use netmonitor::capture::file::{File, Options};
use netmonitor::capture::{Link, Message};
use netmonitor::decode::{self, Tunnels};
use netmonitor::key::{End, Endpoint, FlowKey, InterfaceId};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// Both ends of a flow, the lower one first.
type Ends = [String; 2];

#[test]
fn flows_are_of_the_processes_that_the_truth_tells() {
    let Some(folder) = harness::corpus("apple processes") else {
        return;
    };
    let mut judged = 0;
    for entry in folder.join("dev").read_dir().expect("the captures") {
        let path = entry.expect("an entry").path();
        let truth = path.with_added_extension("truth.json");
        let Ok(truth) = std::fs::read_to_string(&truth) else {
            continue;
        };
        let truth: Value = serde_json::from_str(&truth).expect("the truth is JSON");
        if !truth["apple_process_info"]["per_frame"].is_null() {
            judged += judge(&path, &truth["apple_process_info"]);
        }
    }
    assert!(judged > 0, "no flow was judged");
}

/// Compares every flow of a capture with what is told of its frames; how many there were.
fn judge(path: &Path, truth: &Value) -> usize {
    let mut told: BTreeMap<Ends, BTreeSet<String>> = BTreeMap::new();
    let ends = ends_by_frame(path);
    for frame in truth["per_frame"].as_array().expect("frames") {
        let number = frame["frame"].as_u64().expect("a number");
        let place = frame.get("effective_pib").or(frame.get("pib"));
        let place = place.and_then(Value::as_u64).expect("a process");
        let name = &truth["process_blocks"][place as usize]["name"];
        let name = name.as_str().expect("a name").to_owned();
        if let Some(ends) = ends.get(&number) {
            told.entry(ends.clone()).or_default().insert(name);
        }
    }
    let said = harness::json(harness::netmonitor().args(["replay", "--json"]).arg(path));
    let flows = said["flows"].as_array().expect("flows");
    for flow in flows {
        let [client, server] = ["client", "server"].map(|key| shown(&flow[key]));
        let names = told.remove(&sorted([client, server])).unwrap_or_default();
        let app = flow["app"].as_str().map(str::to_owned);
        let right = app
            .as_ref()
            .map_or(names.is_empty(), |app| names.contains(app));
        assert!(right, "{}: {app:?}, told {names:?}", path.display());
    }
    assert!(told.is_empty(), "{}: no flows for {told:?}", path.display());
    flows.len()
}

/// The ends of each frame's flow.
fn ends_by_frame(path: &Path) -> BTreeMap<u64, Ends> {
    let mut links: BTreeMap<InterfaceId, Link> = BTreeMap::new();
    let mut ends = BTreeMap::new();
    for message in File::open(path, Options::default()).expect("a capture") {
        match message {
            Message::Interface(interface) => {
                links.insert(interface.id, interface.link);
            }
            Message::Batch(batch) => {
                for frame in &batch.frames {
                    let link = links[&frame.interface];
                    if let Ok(packet) = decode::frame(link, batch.bytes(frame), Tunnels::Inner) {
                        let (key, _) = FlowKey::of(&packet.tuple, frame.interface);
                        let both = [End::Low, End::High].map(|end| show(key.end(end)));
                        ends.insert(frame.number.0, sorted(both));
                    }
                }
            }
            Message::Cut(_) => {}
        }
    }
    ends
}

fn show(end: Endpoint) -> String {
    shown(&serde_json::json!([end.address, end.port]))
}

fn shown(end: &Value) -> String {
    end.to_string()
}

fn sorted(mut ends: Ends) -> Ends {
    ends.sort();
    ends
}

#[test]
fn what_a_capture_tells_is_in_all_that_is_said_of_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("trace.pcapng");
    std::fs::write(&path, capture()).expect("a file");
    let replay = |form: &str| {
        let mut command = harness::netmonitor();
        command.args(["replay", form]).arg(&path);
        command
    };
    for workers in ["1", "2"] {
        let said = harness::json(replay("--json").args(["--workers", workers]));
        let flows = said["flows"].as_array().expect("flows");
        let apps: Vec<_> = flows
            .iter()
            .map(|flow| (flow["app"].as_str(), flow["app_via"].as_str()))
            .collect();
        let browser = (Some("browser"), Some("networking"));
        assert_eq!(apps, [browser, (Some("tool"), None), (None, None)]);
    }
    let table = harness::succeed(&mut replay("--table"));
    let table = String::from_utf8_lossy(&table.stdout).into_owned();
    assert!(table.contains("browser via networking"), "{table}");
    let data = folder.path().join("data");
    harness::succeed(replay("--summary").arg("--into").arg(&data));
    let dump = harness::dump(&data);
    for app in ["browser", "tool", "unknown"] {
        assert!(dump.contains(&format!("\"{app}\"")), "no {app} in {dump}");
    }
}

/// Frames of what `tcpdump -i pktap` writes: every one has a header that tells whose it is. The
/// browser's is told by what it receives alone, the server's by a frame that it sends second, and
/// the two ends within this host are each told of by their own.
#[test]
fn headers_before_frames_tell_it_too() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("trace.pcap");
    let (here, there, home) = ([10, 0, 0, 1], [10, 0, 0, 2], [127, 0, 0, 1]);
    let (browser, nobody) = ([(500, "networking"), (600, "browser")], [(-1, ""); 2]);
    let [server, client] = [[(80, "server"), (-1, "")], [(81, "client"), (-1, "")]];
    let unasked = [(0, ""), (0, "")];
    let frames = [
        (true, (here, 1), (there, 53), nobody),
        (false, (there, 53), (here, 1), browser),
        (false, (there, 2), (here, 53), nobody),
        (true, (here, 53), (there, 2), server),
        (true, (here, 3), (there, 53), unasked),
        (false, (there, 53), (here, 3), nobody),
        (true, (home, 4), (home, 53), client),
        (false, (home, 4), (home, 53), server),
        (true, (home, 53), (home, 4), server),
        (false, (home, 53), (home, 4), client),
    ];
    for link in [149u32, 258] {
        let mut file = words(&[0xa1b2_c3d4, 2 | 4 << 16, 0, 0, 65_535, link]);
        for (sent, from, to, [own, effective]) in frames {
            let frame = [pktap(sent, own, effective), datagram(from, to)].concat();
            let length = frame.len() as u32;
            file.extend(words(&[7, 0, length, length]));
            file.extend(frame);
        }
        std::fs::write(&path, file).expect("a file");
        for workers in ["1", "2"] {
            let mut command = harness::netmonitor();
            command.args(["replay", "--json", "--workers", workers]);
            let said = harness::json(command.arg(&path));
            let flows = said["flows"].as_array().expect("flows");
            let apps: BTreeMap<_, _> = flows
                .iter()
                .map(|flow| {
                    let told = (flow["app"].as_str(), flow["app_via"].as_str());
                    (flow["client"][1].as_u64(), told)
                })
                .collect();
            let expected = BTreeMap::from([
                (Some(1), (Some("browser"), Some("networking"))),
                (Some(2), (Some("server"), None)),
                (Some(3), (None, None)),
                (Some(4), (Some("client"), None)),
            ]);
            assert_eq!(apps, expected, "link type {link}");
        }
    }
}

/// PKTAP's header before a frame of raw IP (`struct pktap_header` of a 64-bit host).
fn pktap(sent: bool, own: (i32, &str), effective: (i32, &str)) -> Vec<u8> {
    let name = |name: &str, whole: usize| -> Vec<u8> {
        name.bytes()
            .chain(std::iter::repeat(0))
            .take(whole)
            .collect()
    };
    let mut head = words(&[156, 1, 12]);
    head.extend(name("en0", 24));
    head.extend(words(&[if sent { 2 } else { 1 }, 2, 0, 0]));
    for (at, (pid, called)) in [(52, own), (84, effective)] {
        head.resize(at, 0);
        head.extend(pid.to_le_bytes());
        head.extend(name(called, 17));
    }
    head.resize(156, 0);
    head
}

/// Raw IPv4 with an empty UDP datagram.
fn datagram(from: ([u8; 4], u8), to: ([u8; 4], u8)) -> Vec<u8> {
    let mut frame = vec![0x45, 0, 0, 28, 0, 0, 0, 0, 64, 17, 0, 0];
    frame.extend(from.0);
    frame.extend(to.0);
    frame.extend([0, from.1, 0, to.1, 0, 8, 0, 0]);
    frame
}

/// Three flows of UDP, of which the second is told a process by its second frame only, and the
/// third none.
fn capture() -> Vec<u8> {
    let mut file = Vec::new();
    let section = words(&[0x1a2b_3c4d, 1, u32::MAX, u32::MAX]);
    block(&mut file, 0x0a0d_0d0a, &section);
    block(&mut file, 1, &words(&[101, 0]));
    for (pid, name) in [
        (500, b"networking\0\0"),
        (600, b"browser\0\0\0\0\0"),
        (7, b"tool\0\0\0\0\0\0\0\0"),
    ] {
        let option = words(&[2 | 12 << 16]);
        block(
            &mut file,
            0x8000_0001,
            &[words(&[pid]), option, name.to_vec(), words(&[0])].concat(),
        );
    }
    let process = |place| words(&[0x8001 | 4 << 16, place]);
    let effective = words(&[0x8003 | 4 << 16, 1]);
    packet(&mut file, 1, &[process(0), effective].concat());
    packet(&mut file, 2, &[]);
    packet(&mut file, 3, &[]);
    packet(&mut file, 2, &process(2));
    packet(&mut file, 1, &process(0));
    file
}

/// A frame of raw IPv4 with an empty UDP datagram from this port, and its options.
fn packet(file: &mut Vec<u8>, port: u8, options: &[u8]) {
    let frame = datagram(([10, 0, 0, 1], port), ([10, 0, 0, 2], 53));
    let length = frame.len() as u32;
    let head = words(&[0, 0, 7_000_000, length, length]);
    block(file, 6, &[&head, &frame, options].concat());
}

fn words(words: &[u32]) -> Vec<u8> {
    words.iter().flat_map(|word| word.to_le_bytes()).collect()
}

fn block(file: &mut Vec<u8>, kind: u32, body: &[u8]) {
    let length = body.len() as u32 + 12;
    file.extend(words(&[kind, length]));
    file.extend(body);
    file.extend(words(&[length]));
}
