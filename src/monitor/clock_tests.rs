//! Clocks that jump, are slewed, leap and stand in 1970: the capture's intake, the workers, the tick, the
//! writer and the answers of a whole service, on a clock that is driven by hand. Every byte is in every
//! tier, no second is told twice, no rate is higher than what was sent, what was not lived through is a
//! gap, and it costs no more than a calm hour.

mod world;

use super::service::{Ground, Service};
use crate::capture::live::driven::Driven;
use crate::capture::{DirectionRule, Interface, Link, Message};
use crate::clock::Clock;
use crate::config::Config;
use crate::key::InterfaceId;
use crate::platform::Role;
use crate::query::{Ask, Query, Recent};
use crate::ring::WhenFull;
use crate::store::sample::{at, delta};
use crate::store::{self, Amendments, Committed, Hooks, Store, What, Writer};
use crate::units::{Moment, NANOS, Nanos, Second};
use std::collections::BTreeSet;
use std::io::{Read, Write};
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use world::{KINDS, Kind, POSITIONS, World};

/// How long each world is watched: long enough for minutes on both sides of the jump to be sealed.
const LENGTH_S: i64 = 320;
const TAIL: i64 = 80_000_000;
/// Turns a second, with a frame in the middle of each.
const TURNS: i64 = 10;
const FRAME: u64 = 100;
const DAY: i64 = 86_400;

#[test]
fn what_clocks_do_costs_nothing() {
    let calm = run(
        &World::of(Kind::Step(0, "calm"), world::Position::Minute),
        "calm",
    );
    let cases: Vec<_> = KINDS
        .iter()
        .flat_map(|kind| POSITIONS.map(|position| (*kind, position)))
        .collect();
    std::thread::scope(|scope| {
        for worker in 0..2 {
            let (cases, calm) = (&cases, &calm);
            scope.spawn(move || {
                for (kind, position) in cases.iter().skip(worker).step_by(2) {
                    let named = format!("{kind:?} at {position:?}");
                    let lived = run(&World::of(*kind, *position), &named);
                    lived.costs_no_more_than(calm, &named);
                }
            });
        }
    });
    assert_eq!(cases.len(), 36);
}

#[test]
fn a_wrong_clock_that_is_set_right_has_aged_nothing() {
    for position in POSITIONS {
        run(
            &World::of(Kind::Astray, position),
            &format!("astray at {position:?}"),
        );
    }
}

#[test]
fn small_steps_are_no_jumps_and_no_spikes() {
    run(&World::small_steps(), "small steps");
}

/// What one world came to.
#[derive(Debug, Default)]
struct Lived {
    /// Bytes that were sent.
    sent: u64,
    /// Seconds of the wall clock that were lived through.
    seconds: BTreeSet<i64>,
    cuts: u64,
    commits: u64,
    jobs: u64,
}

impl Lived {
    fn costs_no_more_than(&self, calm: &Lived, named: &str) {
        for (what, mine, theirs) in [
            ("seconds", self.cuts, calm.cuts),
            ("commits", self.commits, calm.commits),
            // Each epoch has minutes of its own to seal, where the calm hour has a handful.
            ("jobs", self.jobs, calm.jobs + 16),
        ] {
            assert!(
                mine <= 2 * theirs,
                "{named}: {mine} {what}, {theirs} in calm"
            );
        }
    }
}

fn run(world: &World, named: &str) -> Lived {
    let folder = tempfile::tempdir_in("/dev/shm")
        .or_else(|_| tempfile::tempdir())
        .unwrap();
    let lived = live_through(world, folder.path());
    seal_everything(world, folder.path(), &lived);
    let store = Store::open(folder.path(), kept_for_ever(world), Nanos(0)).unwrap();
    check_seconds(&store, &lived, named);
    check_tiers(&store, &lived, named);
    lived
}

/// A whole service on this world's clock.
fn live_through(world: &World, folder: &Path) -> Lived {
    let (clock, hands) = Clock::manual(world.wall(0));
    let ground = Ground::lay(config(world, folder), clock.clone()).unwrap();
    let mut source = Driven::new(clock, ground.epoch());
    let mut service = ground.build(source.home(), WhenFull::Wait).unwrap();
    source.describe(interface());
    let mut lived = Lived::default();
    for turn in 1..=LENGTH_S * TURNS {
        let step = NANOS / TURNS;
        let stamped = world.wall(turn * step - step / 2);
        hands.advance(step);
        hands.set_wall(world.wall(turn * step));
        for wall in [stamped, world.wall(turn * step)] {
            lived.seconds.insert(wall.second().0);
        }
        lived.sent += FRAME;
        lived.cuts += hand_on(&mut service, source.turn(&[(stamped, frame(turn))]));
        if turn % (5 * TURNS) == 0 {
            rates_are_sane(&service);
        }
    }
    // In the midst of a second: one without a length would have none to tell.
    let end = LENGTH_S * NANOS + TAIL;
    hands.advance(TAIL);
    hands.set_wall(world.wall(end));
    lived.seconds.insert(world.wall(end).second().0);
    lived.sent += FRAME;
    lived.cuts += hand_on(
        &mut service,
        source.turn(&[(world.wall(end - 1), frame(1))]),
    );
    lived.cuts += hand_on(&mut service, source.end());
    caught_up(&service, 0);
    let latency = ask(&service, "/api/latency");
    (lived.commits, lived.jobs) = (count(&latency, "commit"), count(&latency, "job"));
    service.finish().unwrap();
    lived
}

/// How many seconds were cut.
fn hand_on(service: &mut Service, messages: Vec<Message>) -> u64 {
    let mut cuts = 0;
    for message in messages {
        cuts += u64::from(matches!(message, Message::Cut(_)));
        service.send(message).unwrap();
    }
    caught_up(service, 60);
    cuts
}

/// Waits for the writer, which real time would not be in want of.
fn caught_up(service: &Service, behind: usize) {
    let committed = service.reporter.recent.committed();
    // Quiet seconds wait for company: the last of all are written at the end.
    while committed.now().pending > behind.max(12) {
        std::thread::sleep(Duration::from_micros(100));
    }
}

fn rates_are_sane(service: &Service) {
    let told = ask(service, "/api/stats/bandwidth");
    for name in ["bytes_in_per_s", "bytes_out_per_s"] {
        // A window has at most one frame more than its length says.
        let rate = told[name].as_f64().unwrap_or(0.0);
        let window = told["window_s"].as_f64().unwrap();
        let most = (TURNS as f64 * window + 1.0) * FRAME as f64;
        assert!(rate >= 0.0 && rate * window <= most + 0.01, "{told}");
    }
}

/// A later run: what was still hot is sealed, and everything rolled up.
fn seal_everything(world: &World, folder: &Path, lived: &Lived) {
    let end = Second(lived.seconds.last().unwrap() + 3 * DAY);
    let store = Store::open(folder, kept_for_ever(world), end.start()).unwrap();
    let epoch = store.next_epoch().0;
    let (clock, _) = Clock::manual(end.start());
    let writer = Writer::start(store, clock, Hooks::default()).unwrap();
    writer.commit(Arc::new(delta(at(end.0, epoch), Vec::new())), Nanos(0));
    let patience = Duration::from_mins(1);
    writer.upkeep().run(What::Aggregate, patience).unwrap();
    writer.stop().unwrap();
}

/// Each second by itself.
fn check_seconds(store: &Store, lived: &Lived, named: &str) {
    let (mut moments, mut sent, mut width) = (BTreeSet::<Moment>::new(), 0, 0);
    let end = *lived.seconds.last().unwrap() + 1;
    let all = Second(0)..Second(end);
    let snapshot = store.reader().snapshot().unwrap();
    let visit = &mut |second: &store::Second, rows: &mut dyn Iterator<Item = store::Row>| {
        let bytes: u64 = rows.map(|row| row.traffic.total().bytes).sum();
        let lasted = second.width.0;
        assert!(lasted > 0, "{named}: {:?} lasted {lasted}", second.moment);
        let most = ((lasted * TURNS + NANOS - 1) / NANOS + 1) as u64 * FRAME;
        assert!(
            bytes <= most,
            "{named}: {bytes} bytes in {lasted} ns of {:?}",
            second.moment
        );
        assert!(
            moments.insert(second.moment),
            "{named}: {:?} twice",
            second.moment
        );
        (sent, width) = (sent + bytes, width + lasted);
        ControlFlow::Continue(())
    };
    snapshot
        .seconds(&all, &Amendments::default(), visit)
        .unwrap();
    assert_eq!(sent, lived.sent, "{named}: bytes by the second");
    assert_eq!(
        width,
        LENGTH_S * NANOS + TAIL,
        "{named}: the seconds' widths"
    );
    let seconds: BTreeSet<i64> = moments.iter().map(|moment| moment.second.0).collect();
    let odd: Vec<_> = seconds.symmetric_difference(&lived.seconds).collect();
    assert!(
        odd.is_empty(),
        "{named}: {odd:?} were not lived through, or are not there"
    );
}

/// Every tier tells the same, and what was not lived through is a gap.
fn check_tiers(store: &Store, lived: &Lived, named: &str) {
    let query = Query::new(
        store.reader(),
        Recent::new(Committed::new(None)),
        Vec::new(),
    );
    let asked = |from, to, step| Ask {
        from: Some(Second(from)),
        to: Some(Second(to)),
        step,
        ..Ask::at(Second(to))
    };
    let days: BTreeSet<i64> = lived
        .seconds
        .iter()
        .map(|second| second.div_euclid(DAY))
        .collect();
    for (step, tier) in [(60, "minute"), (3_600, "hour"), (DAY, "day")] {
        let mut sent = 0;
        for day in apart(&days) {
            let (from, to) = ((day.start - 1) * DAY, (day.end + 1) * DAY);
            if tier == "day" {
                let told = query.stats(&asked(from, to, None)).unwrap();
                assert_eq!((told.tier, told.missing.len()), (tier, 0), "{named}");
                sent += told.counts.bytes_in + told.counts.bytes_out;
                continue;
            }
            let told = query.timeline(&asked(from, to, Some(step.into()))).unwrap();
            assert_eq!((told.tier, told.missing.len()), (tier, 0), "{named}");
            sent += told
                .bytes_in
                .iter()
                .chain(&told.bytes_out)
                .flatten()
                .sum::<u64>();
        }
        assert_eq!(sent, lived.sent, "{named}: bytes by the {tier}");
    }
    let (first, end) = (
        *lived.seconds.first().unwrap(),
        lived.seconds.last().unwrap() + 1,
    );
    let whole = query.stats(&asked(first, end, None)).unwrap();
    let gap = (end - first) as u64 - lived.seconds.len() as u64;
    assert_eq!(
        whole.counts.bytes_in + whole.counts.bytes_out,
        lived.sent,
        "{named}"
    );
    assert_eq!(
        whole.loss.gap_ms,
        gap * 1_000,
        "{named}: what was not lived through"
    );
}

/// Days that follow each other as one range.
fn apart(days: &BTreeSet<i64>) -> Vec<std::ops::Range<i64>> {
    let mut ranges: Vec<std::ops::Range<i64>> = Vec::new();
    for day in days {
        match ranges.last_mut() {
            Some(last) if last.end + 2 >= *day => last.end = day + 1,
            _ => ranges.push(*day..day + 1),
        }
    }
    ranges
}

fn config(world: &World, folder: &Path) -> Config {
    let mut config = Config {
        data_dir: folder.to_owned(),
        workers: 1,
        ..Config::default()
    };
    config.serve.port = 0;
    config.store.zone = world.zone.into();
    config
}

fn kept_for_ever(world: &World) -> store::Config {
    store::Config {
        seconds_days: 100_000,
        minutes_days: 100_000,
        hours_days: 100_000,
        connections_days: 100_000,
        zone: world.zone.into(),
        ..store::Config::default()
    }
}

fn interface() -> Arc<Interface> {
    Arc::new(Interface {
        id: InterfaceId(0),
        name: "eth0".into(),
        link: Link::Ethernet,
        role: Role::Uplink,
        snaplen: 256,
        direction: DirectionRule::Hardware([2; 6]),
    })
}

/// UDP, from a few ports that stay and some that do not.
fn frame(turn: i64) -> Vec<u8> {
    let port = if turn % 7 == 0 {
        20_000 + turn as u16
    } else {
        10_000 + turn as u16 % 3
    };
    let mut frame = [&[4; 6][..], &[2; 6], &[8, 0, 0x45, 0, 0, 86]].concat();
    frame.extend([0, 0, 0, 0, 64, 17, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2]);
    frame.extend([port.to_be_bytes(), 443u16.to_be_bytes(), [0, 66], [0, 0]].concat());
    frame.resize(FRAME as usize, 0);
    frame
}

/// What the service answers to whoever has its token.
fn ask(service: &Service, path: &str) -> serde_json::Value {
    let address = service.ready.url.strip_prefix("http://").unwrap();
    let address = address.split('/').next().unwrap();
    let token = &service.ready.token;
    let mut stream = std::net::TcpStream::connect(address).unwrap();
    let head = format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {token}");
    write!(stream, "{head}\r\nConnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (_, body) = answer.split_once("\r\n\r\n").unwrap();
    serde_json::from_str(body).unwrap_or_else(|error| panic!("{error}: {answer}"))
}

/// How often a stage was passed.
fn count(latency: &serde_json::Value, stage: &str) -> u64 {
    let stages = latency["stages"].as_array().unwrap();
    let found = stages.iter().find(|one| one["name"] == stage);
    found.map_or(0, |one| one["start"]["count"].as_u64().unwrap_or(0))
}
