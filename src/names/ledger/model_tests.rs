//! The ledger against a plain list of all answers.

use super::*;
use proptest::prelude::*;

#[derive(Clone, Debug)]
struct Line {
    client: u8,
    name: u8,
    address: u8,
    ttl: u32,
    /// Seconds since the line before it.
    pause: i64,
}

/// An answer's client, its name and the time for which it holds, in seconds.
type Row = (u8, u8, std::ops::RangeInclusive<i64>);

fn lines() -> impl Strategy<Value = Vec<Line>> {
    let line = (0..3_u8, 0..4_u8, 0..4_u8, 0..100_u32, 0..30_i64);
    let line = line.prop_map(|(client, name, address, ttl, pause)| Line {
        client,
        name,
        address,
        ttl,
        pause,
    });
    proptest::collection::vec(line, 1..60)
}

/// The first two are the Internet's, the others this network's.
fn address(number: u8) -> IpAddr {
    if number < 2 {
        Ipv4Addr::new(8, 8, 8, number).into()
    } else {
        Ipv4Addr::new(10, 0, 1, number).into()
    }
}

fn client(number: u8) -> IpAddr {
    Ipv4Addr::new(10, 0, 0, number).into()
}

fn name(number: u8) -> Name {
    Name::of(&[b'a' + number]).unwrap()
}

/// The name that was said last of those that hold, when that was, and whether others hold too.
fn latest<'r>(rows: impl Iterator<Item = &'r Row>, at: i64) -> Option<(Name, i64, bool)> {
    let rows: Vec<&Row> = rows.collect();
    let holds = |name| {
        rows.iter()
            .any(|(_, other, held)| name == other && held.contains(&at))
    };
    let (_, last, held) = rows.iter().rev().find(|(_, name, _)| holds(name))?;
    let others = rows
        .iter()
        .any(|(_, other, _)| other != last && holds(other));
    Some((name(*last), *held.start(), others))
}

fn model(rows: &[(u8, Row)], who: u8, what: u8, at: i64) -> Option<(Name, i64, bool, bool)> {
    let of_all = || {
        rows.iter()
            .filter(|(address, _)| *address == what)
            .map(|(_, row)| row)
    };
    let own =
        latest(of_all().filter(|(client, _, _)| *client == who), at).map(|told| (told, false));
    let told = own.or_else(|| Some((latest(of_all(), at)?, true)).filter(|_| what < 2));
    told.map(|((name, start, ambiguous), other)| (name, at - start, ambiguous, other))
}

proptest! {
    #[test]
    fn it_tells_what_a_list_of_all_answers_tells(lines in lines()) {
        let (mut ledger, mut rows, mut now) = (Ledger::default(), Vec::new(), 1000);
        for line in lines {
            now += line.pause;
            let answer = Answer { address: address(line.address), name: name(line.name), ttl: line.ttl, alias: false, hint: false };
            ledger.learn(client(line.client), &answer, Nanos(now * NANOS));
            rows.push((line.address, (line.client, line.name, now..=now + i64::from(line.ttl.max(10)) + 10)));
            ledger.forget(Nanos(now * NANOS));
            for (who, what, later) in (0..3).flat_map(|a| (0..4).flat_map(move |b| [0, 15, 80].map(|c| (a, b, c)))) {
                let at = now + later;
                let told = ledger.name(client(who), address(what), Nanos(at * NANOS));
                let told = told.map(|told| (told.name, told.age.0 / NANOS, told.ambiguous, told.other_client));
                prop_assert_eq!(told, model(&rows, who, what, at));
            }
        }
    }

    #[test]
    fn no_answers_can_hurt(
        answers in proptest::collection::vec((any::<IpAddr>(), any::<IpAddr>(), any::<u32>(), any::<i64>()), 0..80),
        at in any::<i64>(),
    ) {
        let mut ledger = Ledger::new(16);
        for (client, address, ttl, at) in &answers {
            ledger.learn(*client, &Answer { address: *address, name: name(1), ttl: *ttl, alias: false, hint: false }, Nanos(*at));
            prop_assert!(ledger.len() <= 16);
        }
        for (client, address, _, learned) in answers {
            for at in [at, learned] {
                if let Some(told) = ledger.name(client, address, Nanos(at)) {
                    prop_assert!(told.age.0 >= 0);
                }
            }
        }
        ledger.forget(Nanos(at));
    }
}
