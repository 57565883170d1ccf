//! What is written is read again; nothing that can be read hurts; sizes never change.

use super::*;
use crate::label::App;
use crate::owners::{PARENTS, Parent};
use crate::platform::Run;
use proptest::prelude::*;

fn end(text: &str, port: Option<u16>) -> Endpoint {
    Endpoint {
        address: text.parse().unwrap(),
        port,
    }
}

fn process(length: usize) -> Process {
    let text = |kind: &str| -> std::sync::Arc<str> { kind.repeat(length).into() };
    Process {
        run: Run {
            pid: 7,
            since: 1 << 60,
        },
        started: None,
        app: App {
            name: text("n"),
            path: Some(text("/p")),
            user: Some(1_000),
        },
        via: Some(text("v")),
        container: None,
        unit: Some(text("\u{fc}")),
        parents: vec![
            Parent {
                pid: 1,
                name: text("i"),
            };
            PARENTS
        ],
    }
}

fn told() -> Vec<Told> {
    let rung = Rung::fails("not permitted: CAP_BPF is missing");
    vec![
        Told::Hello(VERSION),
        Told::Process(Number(3), process(10)),
        Told::Answer(Answer {
            flow: FrameNumber(9),
            at: Nanos(-5),
            remote: "2001:db8::1".parse().unwrap(),
            source: OwnerSource::Wildcard,
            process: Some(Number(3)),
            peer: None,
        }),
        Told::Carrier("tun0".into(), Some(Number(3))),
        Told::Carrier("tun0".into(), None),
        Told::Heard,
        Told::Status(Status {
            kernel: rung,
            sockets: Rung::works(),
            lost: 4,
            refused: 5,
            pending: 6,
            ..Status::default()
        }),
    ]
}

#[test]
fn what_is_told_is_read_again() {
    for told in told() {
        let mut bytes = Vec::new();
        told.write(&mut bytes);
        assert_eq!(bytes.len(), Told::length(bytes[0]).unwrap(), "{told:?}");
        assert_eq!(Told::read(&bytes), Ok(told));
    }
}

#[test]
fn questions_are_read_again() {
    let question = Question {
        flow: FrameNumber(u64::MAX),
        at: Nanos(i64::MIN),
        sent: true,
        protocol: Protocol::UDP,
        local: end("10.0.0.1", Some(0)),
        remote: end("2001:db8::2", None),
    };
    let mut bytes = Vec::new();
    question.write(&mut bytes);
    assert_eq!(bytes.len(), QUESTION);
    assert_eq!(Question::read(&bytes), Ok(question));
}

#[test]
fn texts_that_are_too_long_are_cut_and_the_record_keeps_its_size() {
    let mut bytes = Vec::new();
    Told::Process(Number(1), process(5_000)).write(&mut bytes);
    assert_eq!(bytes.len(), LONG);
    let Told::Process(_, read) = Told::read(&bytes).unwrap() else {
        panic!("another kind");
    };
    assert_eq!((read.app.name.len(), read.parents.len()), (64, PARENTS));
    assert_eq!(read.app.path.unwrap().len(), 1_024);
}

proptest! {
    #[test]
    fn no_bytes_can_hurt(bytes in prop::collection::vec(any::<u8>(), 0..LONG)) {
        let _ = Told::read(&bytes);
        let _ = Question::read(&bytes);
    }

    #[test]
    fn a_byte_that_differs_is_read_or_refused(which in 0usize..6, at in 0usize..LONG, byte: u8) {
        let mut bytes = Vec::new();
        told()[which].write(&mut bytes);
        if let Some(place) = bytes.get_mut(at) {
            *place = byte;
        }
        let _ = Told::read(&bytes);
    }
}
