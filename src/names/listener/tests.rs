//! Flows that are listened to: what they tell, however it comes.

use super::*;
use crate::key::{End, FlowKey, InterfaceId, RawAddress, Tuple};
use crate::names::{Claim, Said};
use crate::units::{FrameNumber, NANOS};

const CLIENT: [u8; 4] = [192, 0, 2, 1];
const SERVER: [u8; 4] = [198, 51, 100, 7];
const REQUEST: &[u8] = b"GET / HTTP/1.1\r\nUser-Agent: x\r\nHost: www.site.example\r\n\r\n";

/// A flow from the client, and its worker's ear.
struct Scene {
    listener: Listener,
    hearing: Hearing,
    who: Who,
    client: End,
    frame: u64,
    at: i64,
}

impl Scene {
    fn new(protocol: Protocol, port: u16) -> Scene {
        Scene::with(&Config::default(), protocol, port)
    }

    fn with(config: &Config, protocol: Protocol, port: u16) -> Scene {
        let tuple = Tuple {
            source: RawAddress::v4(CLIENT),
            destination: RawAddress::v4(SERVER),
            ports: Some((50_000, port)),
            protocol,
            six: false,
        };
        let (key, client) = FlowKey::of(&tuple, InterfaceId(0));
        let listener = Listener::new(config, 1);
        Scene {
            hearing: listener.begin(&key),
            listener,
            who: Who {
                key,
                flow: FrameNumber(1),
                local: client,
            },
            client,
            frame: 1,
            at: 0,
        }
    }

    fn says(&mut self, from: End, sequence: u32, payload: &[u8]) {
        self.frame += 1;
        if !self.hearing.is_on() {
            return;
        }
        let speech = Speech {
            from,
            at: Nanos(self.at),
            frame: FrameNumber(self.frame),
            sequence,
            payload,
        };
        self.listener.hear(&mut self.hearing, self.who, speech);
    }

    fn client(&mut self, sequence: u32, payload: &[u8]) {
        self.says(self.client, sequence, payload);
    }

    fn server(&mut self, sequence: u32, payload: &[u8]) {
        self.says(self.client.other(), sequence, payload);
    }

    /// The claims that were heard since this was last asked.
    fn claims(&mut self) -> Vec<String> {
        let heard = self.listener.take().into_iter();
        let claim = |heard: Heard| match heard.said {
            Said::Claim(Claim { source, name, .. }) => Some(format!("{} {name}", source.word())),
            _ => None,
        };
        heard.filter_map(claim).collect()
    }
}

#[test]
fn a_request_is_heard_in_one_segment_or_in_many() {
    for size in [1, 2, 7, 1000] {
        let mut scene = Scene::new(Protocol::TCP, 80);
        scene.hearing.begins(scene.client, 99);
        // Pieces that bring nothing to an end are counted: there may not be too many of them.
        let size = size.max(REQUEST.len() / 12);
        for (index, piece) in REQUEST.chunks(size).enumerate() {
            scene.client(100 + (index * size) as u32, piece);
        }
        assert_eq!(scene.claims(), ["http-host www.site.example"], "{size}");
        assert!(!scene.hearing.is_on(), "nothing more is asked of it");
    }
}

#[test]
fn segments_may_come_in_any_order_once_the_start_is_known() {
    let mut scene = Scene::new(Protocol::TCP, 80);
    scene.hearing.begins(scene.client, 99);
    scene.client(120, &REQUEST[20..]);
    scene.client(100, &REQUEST[..10]);
    scene.client(100, &REQUEST[..10]);
    assert!(scene.claims().is_empty());
    scene.client(108, &REQUEST[8..25]);
    assert_eq!(scene.claims(), ["http-host www.site.example"]);
}

#[test]
fn behind_a_banner_and_a_connect_the_client_is_still_heard() {
    let mut scene = Scene::new(Protocol::TCP, 3128);
    let connect = b"CONNECT other.example:80 HTTP/1.1\r\nHost: other.example:80\r\n\r\n";
    scene.client(0, connect);
    scene.server(0, b"HTTP/1.1 200 Connection established\r\n\r\n");
    scene.client(connect.len() as u32, REQUEST);
    let expected = [
        "http-host other.example",
        "connect other.example",
        "http-host www.site.example",
    ];
    assert_eq!(scene.claims(), expected);
    let mut scene = Scene::new(Protocol::TCP, 22);
    scene.server(0, b"SSH-2.0-server\r\n");
    assert!(scene.hearing.is_on());
    scene.client(0, b"SSH-2.0-client\r\n");
    assert!(!scene.hearing.is_on());
}

#[test]
fn the_middle_of_a_stream_is_given_up_soon() {
    let mut scene = Scene::new(Protocol::TCP, 443);
    for at in 0..IDLE_SEGMENTS {
        assert!(scene.hearing.is_on());
        scene.server(u32::from(at) * 100, &[0x17, 3, 3, 0, 99, 1, 2, 3]);
    }
    assert!(!scene.hearing.is_on());
}

#[test]
fn what_does_not_come_whole_in_time_is_given_up() {
    let mut scene = Scene::new(Protocol::TCP, 80);
    scene.client(0, &REQUEST[..20]);
    assert!(scene.listener.effort().kept_bytes > 0);
    scene.listener.expire(Nanos(4 * NANOS), false);
    assert_eq!(scene.listener.effort().kept_bytes, 0);
    scene.client(20, &REQUEST[20..]);
    assert!(scene.claims().is_empty() && !scene.hearing.is_on());
}

#[test]
fn memory_is_bounded_and_what_is_refused_is_told() {
    let config = Config {
        memory_mib: 1,
        ..Config::default()
    };
    let mut scene = Scene::with(&config, Protocol::TCP, 80);
    let mut refused = 0;
    for flow in 1..10_000 {
        scene.hearing = scene.listener.begin(&scene.who.key);
        scene.who.flow = FrameNumber(flow);
        scene.client(0, &[b"GET /".as_slice(), &[b'a'; 1400]].concat());
        let effort = scene.listener.effort();
        assert!(effort.kept_bytes <= 1 << 20);
        refused += effort.given_up;
    }
    assert!(refused > 9_000, "{refused}");
}

#[test]
fn nothing_is_heard_when_names_are_off() {
    let config = Config {
        enabled: false,
        ..Config::default()
    };
    for protocol in [Protocol::TCP, Protocol::UDP] {
        assert!(!Scene::with(&config, protocol, 53).hearing.is_on());
    }
    assert!(!Scene::new(Protocol::ICMP, 0).hearing.is_on());
}

#[test]
fn a_question_that_is_repeated_is_told_once() {
    let question = |name: &str| {
        let mut message = vec![0, 7, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0];
        for label in name.split('.') {
            message.push(label.len() as u8);
            message.extend(label.as_bytes());
        }
        message.extend([0, 0, 1, 0, 1]);
        message
    };
    let mut scene = Scene::new(Protocol::UDP, 53);
    scene.client(0, &question("a.example"));
    scene.client(0, &question("a.example"));
    scene.client(0, &question("b.example"));
    assert_eq!(scene.claims(), ["dns a.example", "dns b.example"]);
    for _ in 0..70 {
        scene.client(0, b"?");
    }
    assert!(!scene.hearing.is_on(), "somebody else uses the port");
}

#[test]
fn a_length_goes_before_messages_over_tcp() {
    let mut message = vec![0, 7, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 1, b'x', 0, 0, 1, 0, 1];
    message.splice(0..0, [0, message.len() as u8]);
    let mut scene = Scene::new(Protocol::TCP, 53);
    scene.client(0, &message[..9]);
    scene.client(9, &message[9..]);
    scene.client(message.len() as u32, &message);
    assert_eq!(scene.claims(), ["dns x", "dns x"]);
    assert!(scene.hearing.is_on());
}

#[test]
fn chunks_that_tell_nothing_are_given_up_within_a_packet_too() {
    let chunk = |data: &[u8]| {
        let length = (16 + data.len()) as u16;
        let mut chunk = [&[0, 3][..], &length.to_be_bytes(), &[0; 12], data].concat();
        chunk.resize(chunk.len().next_multiple_of(4), 0);
        chunk
    };
    let most = usize::from(IDLE_DATAGRAMS);
    let host = &["http-host www.site.example"][..];
    for (count, heard) in [(most - 1, host), (most, &[])] {
        let mut scene = Scene::new(Protocol::SCTP, 80);
        scene.client(
            0,
            &[chunk(b"nothing").repeat(count), chunk(REQUEST)].concat(),
        );
        assert_eq!(scene.claims(), heard, "{count}");
        assert!(!scene.hearing.is_on());
    }
}

#[test]
fn a_cut_lags_behind_its_frames_and_gives_nothing_up_early() {
    let mut scene = Scene::new(Protocol::TCP, 80);
    scene.at = 5 * NANOS + NANOS / 2;
    scene.client(0, &REQUEST[..20]);
    scene.listener.expire(Nanos(4 * NANOS), false);
    scene.at = 6 * NANOS;
    scene.client(20, &REQUEST[20..]);
    assert_eq!(scene.claims(), ["http-host www.site.example"]);
}

#[test]
fn a_probe_before_the_beginning_silences_nobody() {
    let mut scene = Scene::new(Protocol::TCP, 80);
    scene.hearing.begins(scene.client, 99);
    scene.client(99, b"?");
    scene.client(98, &[b"??", REQUEST].concat());
    assert_eq!(scene.claims(), ["http-host www.site.example"]);
}

#[test]
fn a_connection_of_connects_is_given_up() {
    let mut scene = Scene::new(Protocol::TCP, 3128);
    let connect = b"CONNECT other.example:80 HTTP/1.1\r\nHost: other.example:80\r\n\r\n";
    let mut at = 0;
    for _ in 0..50 {
        scene.client(at, connect);
        at += connect.len() as u32;
    }
    assert!(!scene.hearing.is_on());
    assert!(scene.claims().len() < 50);
}

#[test]
fn bare_auth_is_a_question_of_mail() {
    let mut scene = Scene::new(Protocol::TCP, 110);
    scene.server(0, b"+OK ready\r\n");
    scene.client(0, b"AUTH\r\n");
    scene.server(11, b"-ERR\r\n");
    scene.client(6, b"CAPA\r\n");
    scene.client(12, b"STLS\r\n");
    assert!(scene.hearing.is_on(), "TLS may follow");
}
