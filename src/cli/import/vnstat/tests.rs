//! vnStat's own JSON (2.10, in Europe/Berlin) and its own totals, and version 1 as vnStat 1.18 wrote it.

use super::*;
use serde_json::{Value, json};

const REAL: &[u8] = include_bytes!("../../../../tests/cli/vnstat/2.json");

fn berlin() -> TimeZone {
    TimeZone::get("Europe/Berlin").unwrap()
}

fn sum<'a>(sums: impl Iterator<Item = &'a ImportSum>) -> Bytes {
    sums.fold((0, 0), |(rx, tx), sum| {
        (rx + sum.bytes_in, tx + sum.bytes_out)
    })
}

/// What the file says of an interface: its total, its last hour, its months without days.
fn told(name: &str) -> (Bytes, Bytes, Bytes) {
    let document: Value = serde_json::from_slice(REAL).unwrap();
    let mut all = document["interfaces"].as_array().unwrap().iter();
    let traffic = &all.find(|one| one["name"] == name).unwrap()["traffic"];
    let bytes = |one: &Value| (one["rx"].as_u64().unwrap(), one["tx"].as_u64().unwrap());
    let hour = traffic["hour"].as_array().unwrap().last().unwrap();
    assert_eq!(hour["time"]["hour"], 15, "the hour in which it was written");
    let month = &traffic["month"][0];
    let month = match month["date"]["month"].as_u64() {
        Some(1) => bytes(month),
        _ => (0, 0),
    };
    (bytes(&traffic["total"]), bytes(hour), month)
}

#[test]
fn what_is_taken_is_vnstats_total_but_for_the_hour_that_runs() {
    for months in [false, true] {
        let read = Vnstat::read(REAL, &berlin(), months).unwrap();
        assert_eq!(read.interfaces, ["eth0", "wg0"]);
        for name in ["eth0", "wg0"] {
            let (total, hour, month) = told(name);
            let taken = sum(read.sums.iter().filter(|sum| sum.interface == name));
            let month = if months { (0, 0) } else { month };
            let rest = (hour.0 + month.0, hour.1 + month.1);
            assert_eq!((taken.0 + rest.0, taken.1 + rest.1), total, "{name}");
        }
        // An hour and a day of each interface.
        assert_eq!((read.left.running, read.left.strange), (4, 0));
        assert_eq!(read.left.months, u64::from(!months));
    }
}

#[test]
fn days_end_where_hours_begin_and_none_is_in_both() {
    let read = Vnstat::read(REAL, &berlin(), false).unwrap();
    let days = read.sums.iter().filter(|sum| sum.tier == ImportTier::Day);
    let hours = read.sums.iter().filter(|sum| sum.tier == ImportTier::Hour);
    let noon = |text: &str| text.parse::<jiff::Timestamp>().unwrap().as_second();
    // The 29th has hours since 16:00 alone: it is taken as a day.
    let last = days.clone().map(|sum| sum.at_s).max().unwrap();
    let first = hours.clone().map(|sum| sum.at_s).min().unwrap();
    assert!((last - noon("2026-03-29T10:00:00Z")).abs() <= 3_600);
    assert!(first >= noon("2026-03-29T22:30:00Z"), "{first}");
    assert_eq!(days.count(), 2 * 16);
    assert!(hours.count() > 100);
}

#[test]
fn without_timestamps_the_zone_tells_when_it_was() {
    let mut document: Value = serde_json::from_slice(REAL).unwrap();
    for interface in document["interfaces"].as_array_mut().unwrap() {
        for kind in ["hour", "day", "month"] {
            for entry in interface["traffic"][kind].as_array_mut().unwrap() {
                entry.as_object_mut().unwrap().remove("timestamp");
            }
        }
    }
    let without = Vnstat::read(document.to_string().as_bytes(), &berlin(), true).unwrap();
    let with = Vnstat::read(REAL, &TimeZone::UTC, true).unwrap();
    assert_eq!(without.sums.len(), with.sums.len());
    for (one, other) in without.sums.iter().zip(&with.sums) {
        // A day's middle is an hour off where clocks are changed.
        let off = (one.at_s - other.at_s).abs();
        let most = if one.tier == ImportTier::Day {
            3_600
        } else {
            0
        };
        assert!(off <= most || one.at_s < 1_770_000_000, "{one:?} {other:?}");
    }
}

#[test]
fn version_1_counts_in_kib_and_names_hours_by_their_number() {
    let date = |day| json!({"year": 2018, "month": 5, "day": day});
    let document = json!({"vnstatversion": "1.18", "jsonversion": "1", "interfaces": [{
        "id": "eth0", "nick": "eth0", "created": {"date": date(1)},
        "updated": {"date": date(21), "time": {"hour": 2, "minutes": 5}},
        "traffic": {
            "total": {"rx": 18, "tx": 9},
            "days": [{"id": 0, "date": date(21), "rx": 7, "tx": 3},
                     {"id": 1, "date": date(20), "rx": 11, "tx": 6}],
            "months": [{"id": 0, "date": {"year": 2018, "month": 5}, "rx": 18, "tx": 9},
                       {"id": 1, "date": {"year": 2018, "month": 4}, "rx": 5, "tx": 5}],
            "tops": [],
            "hours": [{"id": 0, "date": date(21), "rx": 4, "tx": 1},
                      {"id": 1, "date": date(21), "rx": 2, "tx": 1},
                      {"id": 2, "date": date(21), "rx": 1, "tx": 1},
                      {"id": 23, "date": date(20), "rx": 1, "tx": 0}]}}]});
    let read = Vnstat::read(document.to_string().as_bytes(), &TimeZone::UTC, false).unwrap();
    let sums: Vec<_> = read
        .sums
        .iter()
        .map(|sum| (sum.tier, sum.bytes_in, sum.bytes_out))
        .collect();
    let (day, hour) = (ImportTier::Day, ImportTier::Hour);
    let kib = |n: u64| n * 1_024;
    assert_eq!(
        sums,
        [
            (day, kib(11), kib(6)),
            (hour, kib(4), kib(1)),
            (hour, kib(2), kib(1))
        ]
    );
    let at = |text: &str| text.parse::<jiff::Timestamp>().unwrap().as_second();
    assert_eq!(read.sums[1].at_s, at("2018-05-21T00:30:00Z"));
    assert_eq!(
        read.left,
        Left {
            running: 2,
            months: 1,
            strange: 0
        }
    );
}

#[test]
fn what_is_something_else_is_refused_and_what_cannot_be_is_left() {
    let read = |text: &str| Vnstat::read(text.as_bytes(), &TimeZone::UTC, false);
    assert!(matches!(read("{}"), Err(Error::Strange(_))));
    assert!(matches!(read("<xml>"), Err(Error::Strange(_))));
    let other = read(r#"{"jsonversion": "3", "interfaces": []}"#);
    assert!(matches!(other, Err(Error::Version(version)) if version == "3"));
    let date = json!({"year": 2026, "month": 2, "day": 30});
    let strange = json!({"jsonversion": 2, "interfaces": [{"name": "eth0", "traffic": {
        "hour": [{"date": date, "time": {"hour": 7}, "rx": 1, "tx": 1},
                 {"date": date, "time": {"hour": 99}, "rx": 1, "tx": 1}],
        "day": [{"date": date, "timestamp": 1_700_000_000, "rx": u64::MAX, "tx": 1}]}}]});
    let read = read(&strange.to_string()).unwrap();
    assert_eq!((read.sums.len(), read.left.strange), (0, 2));
}
