//! Answers over a history of which one part is on file and the rest still waits: nothing missed,
//! nothing counted twice, gaps as gaps, `other` exact.

use super::*;
use crate::clock::Clock;
use crate::decode::Reason;
use crate::label::{Label, OwnerSource, Site};
use crate::names::places;
use crate::platform::Role;
use crate::store::sample::{
    START, any_history, at, connection, delta, interface, label, row, traffic,
};
use crate::store::{Committed, Config, Hooks, Store, Writer};
use crate::tick::Delta;
use crate::units::{Nanos, Traffic};
use proptest::prelude::*;

pub(super) fn classes() -> Vec<Class> {
    let class = |name: &str| Class {
        name: name.into(),
        expression: format!("expression of {name}").into(),
    };
    vec![class("web"), class("dns")]
}

/// A query over a file that holds `written`, with `waiting` beside it. Every second is pushed, so
/// that some are both on file and waiting.
pub(super) fn query(
    folder: &tempfile::TempDir,
    written: &[Arc<Delta>],
    waiting: &[Arc<Delta>],
) -> Query {
    let config = Config {
        classes: vec!["web".into(), "dns".into()],
        ..Config::default()
    };
    let open = || Store::open(folder.path(), config.clone(), Nanos(0)).unwrap();
    let (clock, _) = Clock::manual(Second(START).start());
    let writer = Writer::start(open(), clock, Hooks::default()).unwrap();
    for delta in written {
        writer.commit_when_room(delta.clone(), Nanos(0));
    }
    writer.stop().unwrap();
    // The query is told nothing of commits: it must find out by itself what is on file.
    let recent = Recent::new(Committed::new(None));
    for delta in written.iter().chain(waiting) {
        recent.push(delta.clone(), None);
    }
    Query::new(open().reader(), recent, classes())
}

pub(super) fn ask(from: i64, to: i64) -> Ask {
    Ask {
        from: Some(Second(from)),
        to: Some(Second(to)),
        limit: Some(1_000),
        ..Ask::at(Second(to))
    }
}

fn counted(deltas: &[Arc<Delta>], names: &[&str]) -> Counts {
    let interfaces = deltas.iter().flat_map(|delta| &delta.interfaces);
    let chosen = interfaces.filter(|one| names.contains(&&*one.name));
    let mut sum = Traffic::default();
    chosen.for_each(|one| sum += one.counted());
    sum.into()
}

pub(super) fn total<T>(top: &Top<T>, counts: impl Fn(&T) -> Counts) -> Counts {
    let mut sum = top.other;
    top.items.iter().for_each(|item| sum += counts(item));
    sum
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    #[test]
    fn every_answer_adds_up(deltas in any_history(24), cut: prop::sample::Index, limit in 1..4usize) {
        let folder = tempfile::tempdir().unwrap();
        let (written, waiting) = deltas.split_at(cut.index(deltas.len() + 1));
        let query = query(&folder, written, waiting);
        let all = ask(START - 100_000, START + 100_000);
        let sum = counted(&deltas, &["eth0", "wlan0"]);
        let stats = query.stats(&all).unwrap();
        prop_assert_eq!(stats.counts, sum);
        prop_assert_eq!(&stats.interfaces, &["eth0", "wlan0"]);
        let rows = deltas.iter().flat_map(|delta| &delta.rows).filter(|row| row.interface.0 < 2);
        let opened: u64 = rows.map(|row| u64::from(row.opened)).sum();
        prop_assert_eq!(stats.flows_opened, opened);
        let asked = Ask { interfaces: vec!["eth0".into()], ..all.clone() };
        prop_assert_eq!(query.stats(&asked).unwrap().counts, counted(&deltas, &["eth0"]));
        let summary = query.summary(&Ask { limit: Some(limit), ..all.clone() }).unwrap();
        prop_assert_eq!(summary.total, sum);
        prop_assert_eq!(total(&summary.applications, |item| item.counts), sum);
        prop_assert_eq!(total(&summary.sites, |item| item.counts), sum);
        prop_assert_eq!(total(&summary.protocols, |item| item.counts), sum);
        prop_assert!(summary.sites.items.iter().all(|item| item.name != "other"));
        for tunnel in &summary.tunnels {
            prop_assert_eq!((&*tunnel.interface, &*tunnel.carrier), ("tun0", "curl"));
            prop_assert_eq!(tunnel.payload, counted(&deltas, &["tun0"]));
        }
        let timeline = query.timeline(&Ask { step: Some(60.into()), ..all }).unwrap();
        let bytes: u64 = timeline.bytes_in.iter().flatten().sum();
        prop_assert_eq!(bytes, sum.bytes_in);
    }

    #[test]
    fn late_labels_count_the_same_on_file_and_waiting(deltas in any_history(16), cut: prop::sample::Index) {
        let all = ask(START - 100_000, START + 100_000);
        let folders = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
        let (written, waiting) = deltas.split_at(cut.index(deltas.len() + 1));
        let whole = query(&folders[0], &deltas, &[]).summary(&all).unwrap();
        let split = query(&folders[1], written, waiting).summary(&all).unwrap();
        let sites = |summary: &Summary| {
            let mut sites: Vec<_> = summary.sites.items.iter().map(|one| (one.name.clone(), one.source, one.counts)).collect();
            sites.sort_by(|a, b| a.0.cmp(&b.0));
            sites
        };
        prop_assert_eq!(sites(&whole), sites(&split));
    }
}

pub(super) fn busy(second: i64, bytes: u64) -> Arc<Delta> {
    let site = Site::Name("example.org".into());
    let rows = vec![row(1, label("curl", site), 0b01, traffic(1, bytes, 1, 10))];
    Arc::new(delta(at(START + second, 0), rows))
}

#[test]
fn a_gap_is_null_and_told_but_never_zero() {
    let folder = tempfile::tempdir().unwrap();
    let mut down = delta(at(START + 3, 0), Vec::new());
    down.interfaces[0].facts.gap_ms = 1_000;
    let idle = Arc::new(delta(at(START + 1, 0), Vec::new()));
    // Second 2 is missing, in 3 the interface was down, 5 is still to come.
    let seconds = [busy(0, 100), idle, Arc::new(down), busy(4, 400)];
    let query = query(&folder, &seconds[..2], &seconds[2..]);
    let one = Ask {
        step: Some(1.into()),
        ..ask(START, START + 6)
    };
    let timeline = query.timeline(&one).unwrap();
    assert_eq!(
        timeline.bytes_in,
        [Some(100), Some(0), None, None, Some(400), None]
    );
    assert_eq!(timeline.gap_ms, [0, 0, 1_000, 1_000, 0, 0]);
    assert_eq!(timeline.at_s[0], START);
    let stats = query.stats(&one).unwrap();
    assert_eq!((stats.loss.gap_ms, stats.counts.bytes_in), (2_000, 500));
    let two = Ask {
        step: Some(2.into()),
        ..ask(START, START + 6)
    };
    let timeline = query.timeline(&two).unwrap();
    assert_eq!(timeline.bytes_in, [Some(100), None, Some(400)]);
}

#[test]
fn totals_count_uplinks_unless_asked() {
    let folder = tempfile::tempdir().unwrap();
    let mut one = (*busy(0, 100)).clone();
    let site = label("unknown", Site::Other);
    let mut loopback = row(2, site, 0, traffic(7, 700, 0, 0));
    loopback.interface = crate::key::InterfaceId(1);
    one.rows.push(loopback);
    one.interfaces
        .push(interface(1, "lo", Role::Loopback, &one.rows));
    one.interfaces[0].unflowed = vec![(Reason::Arp, traffic(1, 60, 0, 0))];
    let query = query(&folder, &[Arc::new(one)], &[]);
    let range = ask(START, START + 1);
    let summary = query.summary(&range).unwrap();
    assert_eq!(summary.total.bytes_in, 160);
    let names = summary.protocols.items.iter().map(|item| &*item.name);
    assert_eq!(names.collect::<Vec<_>>(), ["tcp", "arp"]);
    assert_eq!(summary.applications.other.bytes_in, 60);
    let curl = &summary.applications.items[0];
    assert_eq!(
        (curl.name.as_str(), curl.path.as_deref()),
        ("curl", Some("/usr/bin/curl"))
    );
    let talks = query.talks(&range).unwrap();
    let told = &talks.talks.items[0];
    assert_eq!(
        (told.application.as_str(), told.counts.bytes_in),
        ("curl", 100)
    );
    assert_eq!(
        (told.owner_source, told.site_source.word()),
        (OwnerSource::Exact, "sni")
    );
    assert_eq!((talks.pairs, talks.talks.other.bytes_in), (1, 60));
    assert_eq!(talks.total, summary.total);
    let lo = Ask {
        interfaces: vec!["lo".into()],
        ..range.clone()
    };
    assert_eq!(query.stats(&lo).unwrap().counts.bytes_in, 700);
    let classes = query.classes(&range).unwrap().items;
    let told: Vec<_> = classes
        .iter()
        .map(|one| (one.name.as_str(), one.counts.bytes_in))
        .collect();
    assert_eq!(told, [("web", 100), ("dns", 0)]);
    let coverage = query.coverage(Second(START + 1), None).unwrap();
    let [minute, hour, day] = [coverage.minute, coverage.hour, coverage.day].map(|one| one.covered);
    assert_eq!(minute.by_owner, [("exact", 110)].into());
    assert_eq!(minute.by_name, [("sni", 110)].into());
    assert_eq!((minute.counted_bytes, minute.interface_bytes), (170, 110));
    assert_eq!((day.counted_bytes, day.gap_ms), (170, 0));
    let part = 110.0 / 170.0;
    for covered in [&minute, &hour, &day] {
        assert_eq!(covered.unflowed_bytes, 60);
        assert_eq!(covered.owned_ratio, Some(part));
        assert_eq!(covered.named_ratio, Some(part));
        assert_eq!(covered.owner_ratios, [("exact", part)].into());
        assert_eq!(covered.name_ratios, [("sni", part)].into());
    }
    let lately = query.covered_lately(Second(START + 1)).unwrap();
    assert_eq!(lately, minute);
}

#[test]
fn what_has_neither_owner_nor_name_is_covered_by_nobody() {
    let folder = tempfile::tempdir().unwrap();
    let mut second = (*busy(0, 1_000)).clone();
    for row in &mut second.rows {
        row.label = Arc::new(Label::of_address("192.0.2.1".parse().unwrap()));
    }
    let query = query(&folder, &[], &[Arc::new(second)]);
    let minute = query.covered_lately(Second(START + 1)).unwrap();
    assert_eq!(
        (minute.owned_ratio, minute.named_ratio),
        (Some(0.0), Some(0.0))
    );
    assert!(minute.by_owner["unknown"] > 0 && minute.by_name["address"] > 0);
    let before = query.covered_lately(Second(START - 1_000)).unwrap();
    assert_eq!((before.owned_ratio, before.named_ratio), (None, None));
}

#[test]
fn loopback_counts_where_nothing_else_is_watched() {
    let folder = tempfile::tempdir().unwrap();
    let mut one = (*busy(0, 100)).clone();
    one.interfaces = vec![interface(0, "lo", Role::Loopback, &one.rows)];
    let query = query(&folder, &[], &[Arc::new(one)]);
    let stats = query.stats(&ask(START, START + 1)).unwrap();
    assert_eq!(
        (stats.counts.bytes_in, &*stats.interfaces),
        (100, &["lo".to_owned()][..])
    );
}

#[test]
fn a_reading_that_was_missed_is_in_the_next_one() {
    let folder = tempfile::tempdir().unwrap();
    let mut seconds = [0, 1].map(|second| (*busy(second, 1_000)).clone());
    seconds[0].interfaces[0].facts.counters = None;
    seconds[1].interfaces[0].facts.counters = Some(traffic(2, 2_000, 2, 20));
    let query = query(&folder, &[], &seconds.map(Arc::new));
    let hour = query
        .coverage(Second(START + 2), None)
        .unwrap()
        .hour
        .covered;
    assert_eq!((hour.interface_bytes, hour.ratio), (2_020, Some(1.0)));
}

#[test]
fn rates_divide_by_the_time_that_passed() {
    let folder = tempfile::tempdir().unwrap();
    let mut seconds: Vec<_> = (0..7).map(|second| busy(second, 1_000)).collect();
    let mut wide = (*busy(7, 1_000)).clone();
    wide.width = Nanos(6_000_000_000);
    seconds.push(Arc::new(wide));
    let query = query(&folder, &[], &seconds);
    let rates = query.bandwidth(&Ask::at(Second(START)));
    assert_eq!((rates.window_s, rates.bytes_in_per_s), (10.0, Some(500.0)));
    assert!(rates.provisional);
    assert_eq!(rates.as_of.as_deref(), Some("2026-01-02T03:00:08Z"));
    let nowhere = Ask {
        interfaces: vec!["none0".into()],
        ..Ask::default()
    };
    assert_eq!(query.bandwidth(&nowhere).bytes_in_per_s, None);
}

#[test]
fn live_events_come_once_each() {
    let folder = tempfile::tempdir().unwrap();
    let query = query(&folder, &[], &[busy(0, 1), busy(1, 2)]);
    let mut told = query.recent().subscribe();
    assert_eq!(*told.borrow_and_update(), 2);
    let events = query.live_after(1, &[], 5);
    assert_eq!(events.len(), 1);
    let (sequence, event) = &events[0];
    assert_eq!((*sequence, event.at_s, event.flows), (2, START + 1, 5));
    assert_eq!((event.total.bytes_in, event.provisional), (2, true));
    assert_eq!(
        (
            event.classes[0].name.as_str(),
            event.classes[0].counts.bytes_in
        ),
        ("web", 2)
    );
    query.recent().push(busy(2, 3), None);
    assert!(told.has_changed().unwrap());
    assert_eq!(query.live_after(*sequence, &[], 5).len(), 1);
}

#[test]
fn connections_are_paged_live_first_and_each_is_told_once() {
    let folder = tempfile::tempdir().unwrap();
    let site = label("curl", Site::Name("example.org".into()));
    let ended = (0..5).map(|second| {
        let mut one = (*busy(second, 1)).clone();
        let last = one.moment.second.start();
        one.ended = vec![connection(10 + second as u64, last, site.clone())];
        Arc::new(one)
    });
    let query = query(&folder, &ended.collect::<Vec<_>>(), &[]);
    let live = || {
        let one = |flow| LiveConnection {
            nic: crate::store::Nic {
                name: "eth0".into(),
                role: Role::Uplink,
            },
            connection: connection(flow, Second(START).start(), site.clone()),
        };
        vec![one(23), one(21), one(22)]
    };
    let mut asked = Ask {
        limit: Some(2),
        ..ask(START, START + 60)
    };
    let mut seen = Vec::new();
    loop {
        let page = query.connections(&asked, State::Both, live).unwrap();
        seen.extend(page.items.iter().map(|item| (item.id, item.state)));
        asked.cursor = page.next;
        if asked.cursor.is_none() {
            break;
        }
    }
    let live_then_ended = [21, 22, 23].map(|id| (id, "live")).into_iter();
    let expected = live_then_ended.chain([14, 13, 12, 11, 10].map(|id| (id, "ended")));
    assert_eq!(seen, expected.collect::<Vec<_>>());
    asked.cursor = Some("ended-xyz".into());
    assert!(query.connections(&asked, State::Both, live).is_err());
}

#[test]
fn connections_tell_domain_and_place_of_who_is_remote() {
    let folder = tempfile::tempdir().unwrap();
    let site = label("curl", Site::Name("www.xn--bcher-kva.co.uk".into()));
    let mut flow = connection(7, Second(START).start(), site);
    flow.remote.address = [192, 0, 2, 1].into();
    let ended = Delta {
        ended: vec![flow.clone()],
        ..(*busy(0, 1)).clone()
    };
    let databases = places::Config {
        asn: concat!(env!("CARGO_MANIFEST_DIR"), "/tests/geo/asn.mmdb").into(),
        city: concat!(env!("CARGO_MANIFEST_DIR"), "/tests/geo/city.mmdb").into(),
    };
    let places = Places::open(&databases).unwrap();
    let query = query(&folder, &[Arc::new(ended)], &[]).with_places(Arc::new(places));
    let live = || {
        vec![LiveConnection {
            nic: crate::store::Nic {
                name: "eth0".into(),
                role: Role::Uplink,
            },
            connection: flow.clone(),
        }]
    };
    let page = query.connections(&ask(START, START + 60), State::Both, live);
    let items = page.unwrap().items;
    assert_eq!(items.len(), 2);
    for item in items {
        assert_eq!(item.site, "www.xn--bcher-kva.co.uk");
        assert_eq!(item.site_shown, "www.b\u{fc}cher.co.uk");
        assert_eq!(item.domain.as_deref(), Some("xn--bcher-kva.co.uk"));
        let place = item.place;
        assert_eq!(place.country.as_deref(), Some("DE"));
        assert_eq!(
            (place.country_source, place.asn),
            (Some("city"), Some(64496))
        );
        assert_eq!(place.organisation.as_deref(), Some("Example Networks"));
        assert_eq!(place.city.as_deref(), Some("Berlin"));
    }
}

#[test]
fn the_shapes_are_those_of_the_page() {
    let folder = tempfile::tempdir().unwrap();
    let site = Site::Name("xn--bcher-kva.example".into());
    let rows = vec![row(1, label("curl", site), 0b01, traffic(1, 100, 1, 10))];
    let query = query(&folder, &[Arc::new(delta(at(START, 0), rows))], &[]);
    let summary = query.summary(&ask(START, START + 1)).unwrap();
    let item = &serde_json::to_value(&summary).unwrap()["applications"]["items"][0];
    assert_eq!(
        *item,
        serde_json::json!({"id": 1, "name": "curl", "path": "/usr/bin/curl",
            "overhead": null, "bytes_in": 100, "bytes_out": 10, "packets_in": 1, "packets_out": 1})
    );
    let site = &serde_json::to_value(&summary).unwrap()["sites"]["items"][0];
    assert_eq!(
        *site,
        serde_json::json!({"id": 1, "name": "xn--bcher-kva.example", "shown": "b\u{fc}cher.example",
            "source": "sni", "bytes_in": 100, "bytes_out": 10, "packets_in": 1, "packets_out": 1})
    );
    let stats = serde_json::to_value(query.stats(&ask(START, START + 1)).unwrap()).unwrap();
    assert_eq!(stats["from"], "2026-01-02T03:00:00Z");
    assert_eq!(stats["loss"]["gap_ms"], 0);
    assert_eq!(stats["tier"], "second");
}

#[test]
fn absurd_questions_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let query = query(&folder, &[], &[]);
    assert!(query.stats(&ask(START, START)).is_err());
    assert!(query.stats(&ask(0, i64::MAX)).is_err());
    assert!(query.stats(&ask(i64::MIN, i64::MIN + 5)).is_err());
    let wrong = |change: fn(&mut Ask)| {
        let mut asked = ask(START, START + 86_400);
        change(&mut asked);
        query.timeline(&asked).is_err()
    };
    assert!(wrong(|ask| ask.step = Some(0.into())));
    assert!(wrong(|ask| ask.step = Some(1.into())));
    assert!(wrong(|ask| ask.step = Some(i64::MAX.into())));
    assert!(wrong(|ask| ask.step = Some((366 * 86_400 + 1).into())));
    assert!(!wrong(|ask| ask.step = Some((366 * 86_400).into())));
    assert!(!wrong(|ask| ask.step = None));
    // A point begins at a multiple of the step: a long one must not draw the range out for ages.
    let mut long = ask(-100, 0);
    long.step = Some(4_000_000_000_000_000_000.into());
    assert!(query.timeline(&long).is_err());
}
