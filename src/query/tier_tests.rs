//! Long ranges: answered from coarser tiers as from seconds, and what these cannot tell is said.

pub(super) use super::upkept::in_memory;

use super::tests::{ask, busy, total};
use super::upkept::upkept;
use super::*;
use crate::platform::Role;
use crate::store::sample::{START, interface, traffic};
use crate::store::{Config, What};
use crate::tick::Delta;

/// A busy second each quarter of an hour for days, all but the last day of it in coarser tiers alone.
pub(super) fn quarters(folder: &tempfile::TempDir, days: i64) -> (Query, i64) {
    let start = START.div_euclid(DAY) * DAY;
    let config = Config {
        seconds_days: 1,
        minutes_days: 2,
        hours_days: 3,
        zone: "UTC".into(),
        ..Config::default()
    };
    let end = start + days * DAY;
    let quarters = (start + 7..end).step_by(900);
    let seconds = quarters.map(|second| busy(second - START, 1_000));
    let seconds = seconds.chain([busy(end - 1 - START, 0)]);
    let tasks = [What::Aggregate, What::Cleanup];
    (upkept(folder, &config, seconds, end, &tasks), start)
}

const DAY: i64 = 86_400;

#[test]
fn long_ranges_are_answered_from_coarser_tiers() {
    let folder = in_memory();
    let (query, start) = quarters(&folder, 12);
    let end = start + 12 * DAY;
    // From the middle of the first day: of that, hours are gone, and half a day is no day.
    let cut = ask(start + DAY / 2, end);
    let summary = query.summary(&cut).unwrap();
    assert_eq!(summary.tier, "day");
    assert_eq!(summary.missing.len(), 1);
    assert_eq!(
        summary.missing[0].to,
        crate::query::time(Second(start + DAY))
    );
    assert_eq!(summary.total.bytes_in, 11 * 96_000);
    assert_eq!(
        total(&summary.applications, |item| item.counts),
        summary.total
    );
    assert_eq!(summary.sites.items[0].counts.bytes_in, 11 * 96_000);
    let gaps = query.stats(&cut).unwrap().loss.gap_ms;
    assert_eq!(
        gaps,
        (11 * DAY as u64 - 11 * 96 - 1) * 1_000,
        "what is missing is no gap"
    );
    let whole = ask(start, end);
    let stats = query.stats(&whole).unwrap();
    assert_eq!(
        (stats.counts.bytes_in, stats.missing.len()),
        (12 * 96_000, 0)
    );
    // A second in each quarter of an hour was watched, and the last of all.
    let watched = 12 * 96 + 1;
    assert_eq!(stats.loss.gap_ms, (12 * DAY as u64 - watched) * 1_000);
}

#[test]
fn what_counts_is_decided_for_each_second_in_every_tier() {
    let folder = in_memory();
    let hour = START.div_euclid(3_600) * 3_600;
    let second = |offset: i64, roles: &[(&str, Role)]| {
        let mut one = (*busy(hour + offset - START, 100)).clone();
        let mut loopback = one.rows[0].clone();
        loopback.interface = crate::key::InterfaceId(1);
        loopback.traffic = traffic(1, 7, 0, 0);
        one.rows.push(loopback);
        let ids = roles.iter().map(|(name, role)| {
            let id = u16::from(*name == "lo");
            interface(id, name, *role, &one.rows)
        });
        one.interfaces = ids.collect();
        one.rows.retain(|row| {
            roles
                .iter()
                .any(|(name, _)| u16::from(*name == "lo") == row.interface.0)
        });
        Arc::new(one)
    };
    let both = [("eth0", Role::Uplink), ("lo", Role::Loopback)];
    // Where the uplink is gone, loopback is all there is, and counts.
    let seconds: Vec<_> = (0..3_600)
        .step_by(10)
        .map(|offset| second(offset, if offset % 100 < 50 { &both } else { &both[1..] }))
        .collect();
    let query = rolled(&folder, &seconds, hour + 86_400);
    let whole = ask(hour, hour + 3_600);
    let odd = ask(hour - 1, hour + 3_599);
    let told = [&whole, &odd].map(|asked| query.summary(asked).unwrap());
    assert_eq!((told[0].tier, told[1].tier), ("hour", "minute"));
    for summary in told {
        assert_eq!(summary.total.bytes_in, 180 * 100 + 180 * 7);
        assert_eq!(summary.applications.items[0].counts.bytes_in, 180 * 107);
    }
    let stats = query.stats(&whole).unwrap();
    assert_eq!(stats.loss.gap_ms, (3_600 - 360) * 1_000);
}

/// A query over a history that is rolled up.
pub(super) fn rolled(folder: &tempfile::TempDir, seconds: &[Arc<Delta>], now: i64) -> Query {
    let config = Config {
        classes: vec!["web".into(), "dns".into()],
        zone: "UTC".into(),
        ..Config::default()
    };
    let seconds = seconds.iter().cloned().chain([busy(now - START, 0)]);
    upkept(folder, &config, seconds, now, &[What::Aggregate])
}

#[test]
fn a_series_has_the_steps_that_its_tiers_can_tell() {
    let folder = in_memory();
    let (query, start) = quarters(&folder, 12);
    let end = start + 12 * DAY;
    let asked = |from, to, step: i64| {
        let asked = Ask {
            step: Some(step.into()),
            ..ask(from, to)
        };
        query.timeline(&asked).unwrap()
    };
    let days = asked(start, end, DAY);
    assert_eq!((days.tier, days.missing.len()), ("day", 0));
    assert_eq!(days.bytes_in, [Some(96_000); 12]);
    let hours = asked(end - 3 * DAY, end, 3_600);
    assert_eq!((hours.tier, hours.missing.len()), ("hour", 0));
    assert_eq!(hours.bytes_in, [Some(4_000); 72]);
    assert_eq!(hours.gap_ms[1], (3_600 - 4) * 1_000);
    let minutes = asked(end - 2 * DAY, end, 900);
    assert_eq!((minutes.tier, minutes.bytes_in.len()), ("minute", 192));
    assert!(minutes.bytes_in.iter().all(|bytes| *bytes == Some(1_000)));
    let gone = asked(end - 3 * DAY, end - 3 * DAY + 3_600, 60);
    assert_eq!((gone.missing.len(), gone.bytes_in[0]), (1, None));
}
