//! What flows are called, second by second.

use super::*;
use crate::capture::{Cut, Slot};
use crate::flow::Part;
use crate::key::{InterfaceId, Protocol, RawAddress, Tuple};
use crate::label::{App, Classes, Marks, OwnerSource, Site, SiteSource};
use crate::names::{Answer, Claim, Name};
use crate::owners::{Owned, Process};
use crate::platform::Run;
use crate::tick::Gather;
use crate::units::{Epoch, Traffic};
use std::net::IpAddr;

const CLIENT: [u8; 4] = [192, 0, 2, 1];
const SERVER: [u8; 4] = [203, 0, 113, 7];

fn key(port: u16) -> (FlowKey, End) {
    let tuple = Tuple {
        source: RawAddress::v4(CLIENT),
        destination: RawAddress::v4(SERVER),
        ports: Some((port, 443)),
        protocol: Protocol::TCP,
        six: false,
    };
    FlowKey::of(&tuple, InterfaceId(0))
}

/// A flow is known by its first frame's number; its port is that, too.
fn row(flow: u64, second: i64, opened: bool) -> Row {
    let (key, local) = key(flow as u16);
    let at = Second(second).start();
    Row {
        key,
        flow: FrameNumber(flow),
        first: at,
        last: at,
        traffic: Traffic::default(),
        classes: Classes::default(),
        local,
        opened,
        listening: false,
    }
}

fn heard(flow: u64, frame: u64, said: Said) -> Heard {
    let (key, local) = key(flow as u16);
    Heard {
        key,
        flow: FrameNumber(flow),
        frame: FrameNumber(frame),
        at: Nanos(0),
        from: local,
        local,
        said,
    }
}

fn claim(source: SiteSource, name: &str) -> Said {
    marked(source, name, Marks::default())
}

fn marked(source: SiteSource, name: &str, marks: Marks) -> Said {
    let name = Name::of(name.as_bytes()).unwrap();
    Said::Claim(Claim {
        source,
        name,
        marks,
    })
}

/// An answer to the client: this name is at the server's address.
fn answer(flow: u64, frame: u64, name: &str) -> Heard {
    let answer = Answer {
        address: IpAddr::from(SERVER),
        name: Name::of(name.as_bytes()).unwrap(),
        ttl: 300,
        alias: false,
        hint: false,
    };
    let answers = Answers {
        asked: None,
        failed: None,
        truncated: false,
        addresses: vec![answer],
    };
    let mut heard = heard(flow, frame, Said::Answers(Box::new(answers)));
    heard.from = heard.from.other();
    heard
}

fn second(at: i64, rows: Vec<Row>, heard: Vec<Heard>) -> Merged {
    let moment = Moment {
        second: Second(at),
        epoch: Epoch(1),
    };
    let cut = Arc::new(Cut {
        moment,
        slot: Slot(0),
        open: None,
        width: Nanos(NANOS),
        facts: Vec::new(),
        last: false,
        sent: Nanos(0),
    });
    let part = Part {
        rows,
        heard,
        ..Part::empty(cut)
    };
    Gather::new(1).add(part).unwrap()
}

fn labels() -> Labels {
    Labels::new(&Config::default(), 100)
}

fn said(label: &Label) -> (String, SiteSource) {
    (label.site.to_string(), label.site_source)
}

#[test]
fn the_better_source_names_a_flow_whatever_came_first() {
    let mut labels = labels();
    let heard = vec![
        heard(7, 9, claim(SiteSource::Sni, "inside.example")),
        heard(7, 8, claim(SiteSource::Connect, "proxied.example")),
        heard(7, 10, claim(SiteSource::Sni, "second.example")),
    ];
    let row = row(7, 100, true);
    labels.learn(&mut second(100, vec![row], heard));
    let label = labels.of_row(&row);
    assert_eq!(said(&label), ("inside.example".into(), SiteSource::Sni));
}

#[test]
fn a_name_that_comes_late_amends_the_last_minute() {
    let mut labels = labels();
    let mut first = second(100, vec![row(7, 100, true)], vec![]);
    labels.learn(&mut first);
    assert!(first.amendments.is_empty());
    assert_eq!(
        labels.of_row(&row(7, 100, true)).site,
        Site::Address(SERVER.into())
    );
    let late = vec![heard(7, 30, claim(SiteSource::Sni, "late.example"))];
    let mut next = second(101, vec![row(7, 101, false)], late);
    labels.learn(&mut next);
    let [amendment] = next.amendments.as_slice() else {
        panic!("{:?}", next.amendments);
    };
    assert_eq!(amendment.flow, FrameNumber(7));
    assert_eq!(amendment.since.second, Second(41));
    assert_eq!(
        said(&amendment.label),
        ("late.example".into(), SiteSource::Sni)
    );
    let mut after = second(102, vec![row(7, 102, false)], vec![]);
    labels.learn(&mut after);
    assert!(after.amendments.is_empty(), "told once");
}

#[test]
fn a_name_within_the_first_second_amends_nothing() {
    let mut labels = labels();
    let heard = vec![heard(7, 8, claim(SiteSource::Sni, "now.example"))];
    let mut only = second(100, vec![row(7, 100, true)], heard);
    labels.learn(&mut only);
    assert!(only.amendments.is_empty());
}

#[test]
fn what_was_asked_for_an_address_names_flows_to_it() {
    let mut labels = labels();
    labels.learn(&mut second(
        100,
        vec![],
        vec![answer(1, 2, "asked.example")],
    ));
    let row = row(7, 100, true);
    labels.learn(&mut second(101, vec![row], vec![]));
    let label = labels.of_row(&row);
    assert_eq!(
        said(&label),
        ("asked.example".into(), SiteSource::DnsAnswer)
    );
    assert_eq!(label.marks, Marks::default());
}

#[test]
fn two_names_for_an_address_are_ambiguous() {
    let mut labels = labels();
    let answers = vec![answer(1, 2, "one.example"), answer(1, 3, "two.example")];
    labels.learn(&mut second(100, vec![], answers));
    let row = row(7, 100, true);
    labels.learn(&mut second(101, vec![row], vec![]));
    assert_eq!(labels.of_row(&row).marks, Marks::AMBIGUOUS);
}

#[test]
fn an_outer_name_gives_way_to_the_one_that_was_asked() {
    let mut labels = labels();
    let row = row(7, 100, true);
    let heard = vec![
        answer(1, 2, "asked.example"),
        heard(
            7,
            8,
            marked(SiteSource::Sni, "provider.example", Marks::ECH_OUTER),
        ),
    ];
    labels.learn(&mut second(100, vec![row], heard));
    let label = labels.of_row(&row);
    assert_eq!(
        said(&label),
        ("asked.example".into(), SiteSource::DnsAnswer)
    );
}

#[test]
fn an_outer_name_that_was_asked_for_stays_and_says_so() {
    let mut labels = labels();
    let row = row(7, 100, true);
    let heard = vec![
        answer(1, 2, "site.example"),
        heard(
            7,
            8,
            marked(SiteSource::Sni, "site.example", Marks::ECH_OUTER),
        ),
    ];
    labels.learn(&mut second(100, vec![row], heard));
    let label = labels.of_row(&row);
    assert_eq!(said(&label), ("site.example".into(), SiteSource::Sni));
    assert_eq!(label.marks, Marks::ECH_OUTER);
}

#[test]
fn a_flow_of_several_questions_is_ambiguous() {
    let mut labels = labels();
    let row = row(7, 100, true);
    let heard = vec![
        heard(7, 8, claim(SiteSource::Dns, "first.example")),
        heard(7, 9, claim(SiteSource::Dns, "second.example")),
    ];
    labels.learn(&mut second(100, vec![row], heard));
    let label = labels.of_row(&row);
    assert_eq!(said(&label), ("first.example".into(), SiteSource::Dns));
    assert_eq!(label.marks, Marks::AMBIGUOUS);
}

#[test]
fn no_more_flows_are_remembered_than_there_may_be() {
    let mut labels = labels();
    let heard = (1..10_000).map(|flow| heard(flow, flow, claim(SiteSource::Sni, "many.example")));
    labels.learn(&mut second(100, vec![], heard.collect()));
    assert!(labels.sizes().0 <= 200, "{:?}", labels.sizes());
    let last = row(9_999, 100, false);
    assert_eq!(labels.of_row(&last).site_source, SiteSource::Sni);
}

#[test]
fn the_order_of_workers_does_not_matter() {
    let parts = [
        vec![heard(7, 9, claim(SiteSource::Sni, "b.example"))],
        vec![heard(7, 8, claim(SiteSource::Sni, "a.example"))],
    ];
    for order in [[0, 1], [1, 0]] {
        let mut labels = labels();
        let heard = order.iter().flat_map(|part| parts[*part].clone()).collect();
        let row = row(7, 100, true);
        labels.learn(&mut second(100, vec![row], heard));
        assert_eq!(labels.of_row(&row).site.to_string(), "a.example");
    }
}

/// Whose a flow is, as it was found out.
fn owned(flow: u64) -> Owned {
    Owned {
        flow: FrameNumber(flow),
        at: Nanos(0),
        remote: IpAddr::from(SERVER),
        source: OwnerSource::Exact,
        process: Some(Arc::new(Process {
            run: Run { pid: 7, since: 0 },
            started: None,
            app: App {
                name: "curl".into(),
                path: None,
                user: None,
            },
            via: None,
            container: None,
            unit: None,
            parents: Vec::new(),
        })),
        peer: None,
    }
}

fn ended(flow: u64) -> Ended {
    let row = row(flow, 100, false);
    Ended {
        key: row.key,
        flow: row.flow,
        local: row.local,
        first: row.first,
        last: row.last,
        traffic: row.traffic,
        classes: row.classes,
        ending: crate::flow::Ending::Idle,
        client: row.local,
        sent: [crate::units::Tally::default(); 2],
        encapsulations: crate::decode::Encapsulations::default(),
    }
}

#[test]
fn an_owner_that_is_found_after_the_end_leaves_the_name() {
    let mut labels = labels();
    labels.expect_owners();
    let tls = heard(1, 1, claim(SiteSource::Sni, "a.example"));
    let mut first = second(100, vec![row(1, 100, true), row(2, 100, true)], vec![tls]);
    first.owned = vec![owned(2)];
    labels.learn(&mut first);
    labels.of_ended(&ended(1));
    labels.of_ended(&ended(2));
    for at in 101..140 {
        labels.learn(&mut second(at, Vec::new(), Vec::new()));
    }
    assert_eq!(labels.sizes().0, 1, "who has an owner is forgotten at once");
    let mut late = second(140, Vec::new(), Vec::new());
    late.owned = vec![owned(1)];
    labels.learn(&mut late);
    let label = &late.amendments[0].label;
    assert_eq!(&*label.app.name, "curl");
    assert_eq!(said(label), ("a.example".into(), SiteSource::Sni));
    for at in [200, 201] {
        labels.learn(&mut second(at, Vec::new(), Vec::new()));
    }
    assert_eq!(labels.sizes().0, 0);
}
