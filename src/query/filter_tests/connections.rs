//! Which connections are listed, live and ended alike, and how far one page looks for them.

use super::*;
use crate::label::{OwnerSource, SiteSource};
use crate::names::{Ja4, Protocol};
use crate::owners::Process;
use crate::platform::Run;
use crate::tick::Facts;

#[test]
fn a_page_looks_at_so_many_connections_and_goes_on_from_there() {
    let folder = in_memory();
    let (many, rare) = (label("many", Site::Other), label("rare", Site::Other));
    let mut one = (*busy(0, 1)).clone();
    let last = one.moment.second.start();
    let flow = |flow| {
        connection(
            flow,
            last,
            if flow == 7 {
                rare.clone()
            } else {
                many.clone()
            },
        )
    };
    one.ended = (1..=100_020).map(flow).collect();
    let query = query(&folder, &[Arc::new(one)], &[]);
    let mut asked = narrowed(&ask(START, START + 60), By::Application, "rare");
    let first = query.connections(&asked, State::Ended, Vec::new).unwrap();
    assert_eq!(first.items.len(), 0, "the latest are the others'");
    asked.cursor = first.next;
    assert!(asked.cursor.is_some());
    let second = query.connections(&asked, State::Ended, Vec::new).unwrap();
    assert_eq!(
        (second.items.len(), second.items[0].id, second.next),
        (1, 7, None)
    );
}

#[test]
fn connections_are_chosen_alike_live_and_ended() {
    let folder = tempfile::tempdir().unwrap();
    let site = || Site::Name("a.example".into());
    let mut second = (*busy(0, 1)).clone();
    let last = second.moment.second.start();
    second.ended = vec![
        connection(10, last, label("curl", site())),
        connection(11, last, label("ssh", site())),
    ];
    let query = query(&folder, &[Arc::new(second)], &[]);
    let live = || {
        let one = |flow, app| LiveConnection {
            nic: crate::store::Nic {
                name: "eth0".into(),
                role: crate::platform::Role::Uplink,
            },
            connection: connection(flow, last, label(app, site())),
        };
        vec![one(20, "curl"), one(21, "ssh")]
    };
    let found = |asked: &Ask, which: Which| {
        let page = query.connections(asked, which, live).unwrap();
        page.items.iter().map(|item| item.id).collect::<Vec<_>>()
    };
    let all = ask(START, START + 60);
    for (by, key) in [
        (By::Application, "curl"),
        (By::Application, "/usr/bin/curl"),
    ] {
        assert_eq!(
            found(&narrowed(&all, by, key), State::Both.into()),
            [20, 10]
        );
    }
    for (by, key) in [
        (By::Site, "a.example"),
        (By::Protocol, "tcp"),
        (By::Class, "web"),
        (By::User, "1000"),
    ] {
        assert_eq!(
            found(&narrowed(&all, by, key), State::Both.into()).len(),
            4,
            "{key}"
        );
    }
    for (by, key) in [
        (By::Domain, "b.example"),
        (By::Protocol, "udp"),
        (By::Class, "dns"),
        (By::User, "unknown"),
    ] {
        assert!(
            found(&narrowed(&all, by, key), State::Both.into()).is_empty(),
            "{key}"
        );
    }
    let which = |change: fn(&mut Which)| {
        let mut which = Which::default();
        change(&mut which);
        found(&all, which).len()
    };
    assert_eq!(which(|which| which.ports = vec![443]), 4);
    assert_eq!(which(|which| which.ports = vec![50_000, 1]), 4);
    assert_eq!(which(|which| which.ports = vec![1]), 0);
    assert_eq!(
        which(|which| which.remotes = vec!["2001:db8::7".parse().unwrap()]),
        4
    );
    assert_eq!(
        which(|which| which.remotes = vec!["192.0.2.9".parse().unwrap()]),
        0
    );
    assert_eq!(which(|which| which.processes = vec![1]), 0);
    assert_eq!(
        which(|which| which.endings = vec![crate::flow::Ending::Closed]),
        2,
        "no live one has ended"
    );
}

#[test]
fn connections_are_chosen_by_how_they_are_known_live_and_ended() {
    let folder = tempfile::tempdir().unwrap();
    let known = label("curl", Site::Name("a.example".into()));
    let ja4 = "t".repeat(36);
    let mut second = (*busy(0, 1)).clone();
    let last = second.moment.second.start();
    // Half of them speak SSH to the port of TLS, of a process in a container.
    let one = |flow, told: bool| {
        let mut one = connection(flow, last, known.clone());
        one.facts = told.then(|| {
            let owner = Process {
                run: Run { pid: 7, since: 1 },
                started: None,
                app: known.app.clone(),
                via: None,
                container: Some("box".into()),
                unit: Some("web.service".into()),
                parents: Vec::new(),
            };
            Arc::new(Facts {
                spoke: Some(Protocol::Ssh),
                fingerprint: Ja4::of_text(&ja4),
                owner: Some(Arc::new(owner)),
                ..Facts::default()
            })
        });
        one
    };
    second.ended = vec![one(10, true), one(11, false)];
    let query = query(&folder, &[Arc::new(second)], &[]);
    let live = || {
        let nic = crate::store::Nic {
            name: "eth0".into(),
            role: crate::platform::Role::Uplink,
        };
        let live = |(flow, told)| LiveConnection {
            nic: nic.clone(),
            connection: one(flow, told),
        };
        [(20, true), (21, false)].map(live).to_vec()
    };
    let found = |which: Which| {
        let page = query.connections(&ask(START, START + 60), which, live);
        let ids = page.unwrap().items.into_iter().map(|item| item.id);
        ids.collect::<Vec<_>>()
    };
    let (all, told, others) = (vec![20, 21, 11, 10], vec![20, 10], vec![21, 11]);
    let address = |text: &str| vec![text.parse().unwrap()];
    let text = |text: &str| vec![text.to_owned()];
    let by = |change: &dyn Fn(&mut Which)| {
        let mut which = Which::default();
        change(&mut which);
        found(which)
    };
    assert_eq!(by(&|which| which.locals = address("192.0.2.9")), all);
    assert!(by(&|which| which.locals = address("2001:db8::7")).is_empty());
    for source in OwnerSource::ALL {
        let found = by(&|which| which.owner_sources = vec![source]);
        assert_eq!(found == all, source == known.app_source, "{source:?}");
    }
    for source in SiteSource::ALL {
        let found = by(&|which| which.site_sources = vec![source]);
        assert_eq!(found == all, source == known.site_source, "{source:?}");
    }
    assert_eq!(by(&|which| which.speaks = vec![Protocol::Ssh]), told);
    assert_eq!(by(&|which| which.speaks = vec![Protocol::Tls]), others);
    assert_eq!(by(&|which| which.ja4s = text(&ja4)), told);
    assert!(by(&|which| which.ja4s = text("t13d")).is_empty());
    assert_eq!(by(&|which| which.units = text("web.service")), told);
    assert!(by(&|which| which.units = text("box")).is_empty());
    assert_eq!(by(&|which| which.containers = text("box")), told);
    assert!(by(&|which| which.containers = text("web.service")).is_empty());
}
