//! Narrowed questions: whatever they are narrowed to and however traffic is told apart, the parts add
//! up to the whole, in every tier and through tunnels.

use super::tests::{ask, busy, query, total};
use super::tier_tests::{in_memory, rolled};
use super::*;
use crate::label::{OwnerSource, Site, SiteSource};
use crate::names::{Ja4, Protocol, places};
use crate::owners::Process;
use crate::platform::Run;
use crate::store::sample::{START, any_history, at, connection, delta, label, row, traffic};
use crate::tick::{Delta, Facts};
use proptest::prelude::*;

const DAY: i64 = 86_400;

/// The same question, narrowed to one of a kind.
fn narrowed(ask: &Ask, by: By, key: &str) -> Ask {
    let mut ask = ask.clone();
    let filter = &mut ask.filter;
    let values = match by {
        By::Application => &mut filter.applications,
        By::Site => &mut filter.sites,
        By::Domain => &mut filter.domains,
        By::Protocol => &mut filter.protocols,
        By::Direction => &mut filter.directions,
        By::User => &mut filter.users,
        By::Class => &mut filter.classes,
        By::Country => &mut filter.countries,
        By::Interface => &mut ask.interfaces,
        By::Talk => panic!("talks have no parameter"),
    };
    *values = vec![key.to_owned()];
    ask
}

fn sum<'a>(items: impl Iterator<Item = &'a Counts>) -> Counts {
    items.fold(Counts::default(), |mut sum, counts| {
        sum += *counts;
        sum
    })
}

/// A few questions that are narrowed already.
fn any_narrowing() -> impl Strategy<Value = Option<(By, &'static str)>> {
    prop::sample::select(vec![
        None,
        Some((By::Application, "curl")),
        Some((By::Application, "unknown")),
        Some((By::Site, "site1.example")),
        Some((By::Domain, "site2.example")),
        Some((By::Protocol, "udp")),
        Some((By::Direction, "out")),
        Some((By::Class, "web")),
        Some((By::Class, "none")),
        Some((By::Interface, "eth0")),
    ])
}

/// Whatever is told apart, its parts are told by narrowed questions alike, and add up.
fn adds_up(query: &Query, ask: &Ask) -> Result<(), TestCaseError> {
    let whole = query.stats(ask).unwrap().counts;
    prop_assert_eq!(query.summary(ask).unwrap().total, whole);
    for by in By::ALL {
        let top = query.top(ask, by, false).unwrap();
        prop_assert_eq!(top.total, whole, "{:?}", by);
        let items = || top.items.iter().map(|item| &item.listed);
        if by != By::Class {
            let mut told = sum(items().map(|item| &item.counts));
            told += top.other;
            prop_assert_eq!(told, whole, "{:?}", by);
        }
        // Of classes, another one would be chosen in the place of that which was.
        let chosen = by == By::Class && !ask.filter.classes.is_empty();
        let tells = !matches!(by, By::Interface | By::Talk) && !chosen;
        for (item, key) in items()
            .filter_map(|item| Some((item, item.key.as_ref()?)))
            .filter(|_| tells)
        {
            let alone = query.stats(&narrowed(ask, by, key)).unwrap();
            prop_assert_eq!(alone.counts, item.counts, "{:?} {}", by, key);
        }
        let few = Ask {
            limit: Some(1),
            ..ask.clone()
        };
        let few = query.top(&few, by, false).unwrap();
        if let Some(first) = few.items.first() {
            prop_assert_eq!(&first.listed, &top.items[0].listed);
            prop_assert_eq!(few.other, whole.less(first.listed.counts), "{:?}", by);
            prop_assert_eq!(few.count, top.items.len() as u64);
        }
    }
    Ok(())
}

/// Where addresses are: 192.0.2.1 is in Germany.
fn places() -> Arc<Places> {
    let config = places::Config {
        asn: std::path::PathBuf::new(),
        city: concat!(env!("CARGO_MANIFEST_DIR"), "/tests/geo/city.mmdb").into(),
    };
    Arc::new(Places::open(&config).unwrap())
}

#[test]
fn a_site_is_in_the_country_of_the_address_that_it_had_last() {
    let folder = tempfile::tempdir().unwrap();
    let site = |name: &str| label("curl", Site::Name(name.into()));
    let rows = ["a.example", "b.example", "c.example"];
    let rows = rows
        .iter()
        .zip(1..)
        .map(|(name, flow)| row(flow, site(name), 1, traffic(1, 10 * flow, 0, 0)));
    let mut second = delta(at(START, 0), rows.collect());
    let last = Second(START).start();
    let ended = |flow, name: &str, address: &str| {
        let mut one = connection(flow, last, site(name));
        one.remote.address = address.parse().unwrap();
        one
    };
    // The second connection is of the same hour: an address is noted once in it.
    second.ended = vec![
        ended(1, "a.example", "192.0.2.1"),
        ended(2, "a.example", "2001:db8::9"),
        ended(3, "b.example", "10.0.0.1"),
    ];
    let mut later = delta(at(START + 3_600, 0), Vec::new());
    later.ended = vec![ended(4, "b.example", "192.0.2.1")];
    let seconds = [Arc::new(second), Arc::new(later)];
    for (written, expected) in [
        (1, vec![("unknown", 50), ("DE", 10)]),
        (2, vec![("unknown", 30), ("DE", 30)]),
    ] {
        let folder = tempfile::tempdir_in(&folder).unwrap();
        let query = query(&folder, &seconds[..written], &[]).with_places(places());
        let top = query
            .top(&ask(START, START + 9), By::Country, false)
            .unwrap();
        let told = top
            .items
            .iter()
            .map(|item| (&*item.listed.name, item.listed.counts.bytes_in));
        let mut told: Vec<_> = told.collect();
        told.sort_by_key(|(name, _)| std::cmp::Reverse(*name));
        assert_eq!(told, expected);
        let german = narrowed(&ask(START, START + 9_000), By::Country, "de");
        assert_eq!(query.stats(&german).unwrap().counts.bytes_in, expected[1].1);
        let ended = query.connections(&german, State::Ended, Vec::new).unwrap();
        assert_eq!(
            ended.items.len(),
            written,
            "a connection is where its own remote end is"
        );
    }
}

#[test]
fn coverage_of_any_range_is_that_of_its_seconds_in_every_tier() {
    let folders = [in_memory(), in_memory()];
    let first = START.div_euclid(DAY) * DAY;
    let seconds: Vec<_> = (0..96)
        .map(|n| busy(first + 900 * n + 7 - START, 100 + n as u64))
        .collect();
    let plain = query(&folders[0], &seconds, &[]);
    let rolled = rolled(&folders[1], &seconds, first + 3 * DAY);
    let day = ask(first, first + DAY);
    let told = rolled.covered_in(&day).unwrap();
    assert_eq!((told.tier, told.missing.len()), ("day", 0));
    assert_ne!(
        plain.covered_in(&day).unwrap().tier,
        "day",
        "it is not over"
    );
    let one = |query: &Query, ask: &Ask| query.covered_in(ask).unwrap().covered;
    let mut seconds = one(&plain, &day);
    let bytes = (0..96).map(|n| 100 + n + 10).sum::<u64>();
    assert_eq!(
        (told.covered.counted_bytes, told.covered.interface_bytes),
        (bytes, bytes)
    );
    assert_eq!(
        (told.covered.by_owner["exact"], told.covered.owned_ratio),
        (bytes, Some(1.0))
    );
    // What comes after the last second is not known in the one, and a gap in the other.
    assert_eq!(told.covered.gap_ms, (DAY as u64 - 7 - 96) * 1_000);
    seconds.gap_ms = told.covered.gap_ms;
    assert_eq!(told.covered, seconds);
    let part = ask(first + 1_000, first + 50_000);
    assert_eq!(one(&rolled, &part), one(&plain, &part));
}

/// Seconds that lie so far apart that hours and days are over between them.
fn spread(deltas: &[Arc<Delta>]) -> Vec<Arc<Delta>> {
    let spread = deltas.iter().map(|delta| {
        let mut one = (**delta).clone();
        one.moment.second.0 = START + (one.moment.second.0 - START) * 1_313;
        one.amendments.clear();
        Arc::new(one)
    });
    spread.collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn parts_add_up_to_the_whole(
        deltas in any_history(12),
        cut: prop::sample::Index,
        narrowing in any_narrowing(),
    ) {
        let folder = in_memory();
        let (written, waiting) = deltas.split_at(cut.index(deltas.len() + 1));
        let query = query(&folder, written, waiting).with_places(places());
        let all = ask(START - 100_000, START + 100_000);
        let asked = narrowing.map_or(all.clone(), |(by, key)| narrowed(&all, by, key));
        adds_up(&query, &asked)?;
        let line = query.timeline(&Ask { step: Some(200_000.into()), ..asked.clone() }).unwrap();
        let bytes: u64 = line.bytes_in.iter().flatten().sum();
        prop_assert!(bytes <= query.stats(&all).unwrap().counts.bytes_in);
    }

    #[test]
    fn parts_add_up_in_every_tier(
        deltas in any_history(12),
        ends in (0..2_000i64, 0..2_000i64),
        narrowing in any_narrowing(),
    ) {
        let deltas = spread(&deltas);
        let folders = [in_memory(), in_memory()];
        let last = deltas.iter().map(|delta| delta.moment.second.0).max().unwrap();
        let now = last.max(START) + 3 * DAY;
        // The rolled one ends with this second.
        let mut end = (*busy(now - START, 0)).clone();
        end.moment.epoch = deltas.last().unwrap().moment.epoch;
        let whole = [&deltas[..], &[Arc::new(end)]].concat();
        let seconds = query(&folders[0], &whole, &[]);
        let query = rolled(&folders[1], &deltas, now);
        let at = |end: i64| START - 5 * DAY + end * 777;
        let part = ask(at(ends.0.min(ends.1)), at(ends.0.max(ends.1)) + 1);
        let first = START.div_euclid(DAY) * DAY;
        for all in [ask(first - 5 * DAY, first + 9 * DAY), part] {
            let asked = narrowing.map_or(all.clone(), |(by, key)| narrowed(&all, by, key));
            adds_up(&query, &asked)?;
            let counts = |query: &Query| query.stats(&asked).unwrap().counts;
            prop_assert_eq!(counts(&query), counts(&seconds), "tiers tell what seconds tell");
        }
    }
}

#[test]
fn what_was_before_is_told_beside_what_is_now() {
    let folder = tempfile::tempdir().unwrap();
    let site = |name: &str| label("curl", Site::Name(name.into()));
    let second = |second: i64, rows: &[(&str, u64)]| {
        let rows = rows.iter().zip(1..);
        let rows =
            rows.map(|((name, bytes), flow)| row(flow, site(name), 1, traffic(1, *bytes, 0, 0)));
        Arc::new(delta(at(START + second, 0), rows.collect()))
    };
    let seconds = [
        second(0, &[("a.example", 100), ("b.example", 7), ("c.example", 1)]),
        second(10, &[("a.example", 40), ("b.example", 9), ("d.example", 2)]),
    ];
    // What is compared may be on file, or wait.
    for cut in 0..=2 {
        let folder = folder.path().join(cut.to_string());
        std::fs::create_dir(&folder).unwrap();
        let folder = tempfile::tempdir_in(folder).unwrap();
        let query = query(&folder, &seconds[..cut], &seconds[cut..]);
        let asked = Ask {
            limit: Some(2),
            ..ask(START + 10, START + 20)
        };
        let top = query.top(&asked, By::Site, true).unwrap();
        let told = top.items.iter().map(|item| {
            let before = item.before.unwrap().bytes_in;
            (
                &*item.listed.name,
                item.listed.counts.bytes_in,
                before,
                item.change_bytes.unwrap(),
            )
        });
        let expected = [("a.example", 40, 100, -60), ("b.example", 9, 7, 2)];
        assert_eq!(told.collect::<Vec<_>>(), expected);
        assert_eq!(
            (top.other.bytes_in, top.total.bytes_in, top.count),
            (2, 51, 3)
        );
        let previous = top.previous.unwrap();
        assert_eq!((previous.total.bytes_in, previous.other.bytes_in), (108, 1));
        assert_eq!(
            (&*previous.from, &*previous.to),
            (&*time(Second(START)), &*time(Second(START + 10)))
        );
        assert_eq!(query.top(&asked, By::Site, false).unwrap().previous, None);
    }
}

#[test]
fn classes_that_overlap_leave_what_is_in_none_of_those_listed() {
    let folder = tempfile::tempdir().unwrap();
    let site = || label("curl", Site::Other);
    // Both classes, web alone, none.
    let rows = [(0b11, 100), (0b01, 10), (0, 1)];
    let rows = rows
        .iter()
        .map(|(bits, bytes)| row(*bits, site(), *bits as u32, traffic(1, *bytes, 0, 0)));
    let query = query(
        &folder,
        &[Arc::new(delta(at(START, 0), rows.collect()))],
        &[],
    );
    let top = |limit| {
        let asked = Ask {
            limit: Some(limit),
            ..ask(START, START + 1)
        };
        let top = query.top(&asked, By::Class, false).unwrap();
        let items = top
            .items
            .into_iter()
            .map(|item| (item.listed.name, item.listed.counts.bytes_in));
        (items.collect::<Vec<_>>(), top.other.bytes_in)
    };
    let all = [
        ("web".to_owned(), 110),
        ("dns".to_owned(), 100),
        ("none".to_owned(), 1),
    ];
    assert_eq!(top(3), (all.to_vec(), 0));
    assert_eq!(top(2), (all[..2].to_vec(), 1));
    assert_eq!(top(1), (all[..1].to_vec(), 1));
}

#[test]
fn applications_and_domains_come_in_pages_of_one_range() {
    let folder = tempfile::tempdir().unwrap();
    let rows = (1..=25u64).map(|n| {
        let site = Site::Name(format!("www.d{}.example", n % 7).into());
        row(
            n,
            label(&format!("app{n}"), site),
            1,
            traffic(1, 1_000 - n, 1, 10),
        )
    });
    let old = Arc::new(delta(at(START - 7_200, 0), rows.clone().take(3).collect()));
    let now = Arc::new(delta(at(START, 0), rows.collect()));
    let query = query(&folder, &[old, now], &[busy(5, 5)]);
    let mut asked = Ask {
        to: None,
        limit: Some(4),
        ..Ask::at(Second(START))
    };
    let (mut names, mut counts) = (Vec::new(), Counts::default());
    loop {
        let page = query.applications(&asked).unwrap();
        assert_eq!((page.count, page.total.bytes_in), (25, page.total.bytes_in));
        for item in page.items {
            assert!(item.first_seen.is_some() && item.id.is_some());
            let is_old = ["app1", "app2", "app3"].contains(&&*item.name);
            let first = time(Second(if is_old { START - 7_200 } else { START }));
            assert_eq!(
                (item.first_seen, item.last_seen.unwrap().as_str() >= &*first),
                (Some(first), true)
            );
            counts += item.counts;
            names.push(item.name);
        }
        // Time goes on; the pages stay those of their range.
        asked.now = Second(asked.now.0 + 3_600);
        asked.cursor = page.next;
        if asked.cursor.is_none() {
            assert_eq!(counts, page.total);
            break;
        }
    }
    assert_eq!(
        names,
        (1..=25).map(|n| format!("app{n}")).collect::<Vec<_>>()
    );
    let domains = query.domains(&ask(START, START + 1)).unwrap();
    assert_eq!((domains.count, domains.items.len()), (7, 7));
    let one = domains
        .items
        .iter()
        .find(|item| item.id == "d2.example")
        .unwrap();
    assert_eq!(one.first_seen, Some(time(Second(START - 7_200))));
    let page = query.domain(&ask(START, START + 1), "D2.example").unwrap();
    assert_eq!((page.total, page.sites.items.len()), (one.counts, 1));
    assert_eq!(total(&page.applications, |item| item.counts), page.total);
    assert_eq!(page.first_seen, one.first_seen);
    // Its one site is as old, and so is an application of the first hour.
    let (site, user) = (&page.sites.items[0], &page.applications.items);
    assert_eq!(site.first_seen, one.first_seen);
    assert!(site.last_seen.is_some() && site.last_seen >= site.first_seen);
    let app2 = user.iter().find(|item| item.name == "app2").unwrap();
    assert_eq!(app2.first_seen, one.first_seen);
    let app = query.application(&ask(START, START + 1), 1).unwrap();
    assert_eq!(
        (&*app.name, &*app.sites.items[0].name),
        ("app1", "www.d1.example")
    );
    assert_eq!(total(&app.protocols, |item| item.counts), app.total);
    assert!(matches!(
        query.domain(&ask(START, START + 1), "d9.example"),
        Err(Error::Nothing(_))
    ));
    assert!(matches!(
        query.application(&asked, 99),
        Err(Error::Nothing(_))
    ));
    asked.cursor = Some("1_2_x".into());
    assert!(query.applications(&asked).is_err());
}

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
