//! Edges of periods as people wrote them down, and what holds for all of them.

use super::*;
use proptest::prelude::*;

fn second(text: &str) -> Second {
    Second(text.parse::<Timestamp>().unwrap().as_second())
}

fn edges(zone: &str, cycle: Cycle, from: &str, to: &str) -> Vec<String> {
    let range = second(from)..second(to);
    let edges = Calendar::new(zone).edges(cycle, &range, 100).unwrap();
    let text = |edge: &Second| Timestamp::from_second(edge.0).unwrap().to_string();
    edges.iter().map(text).collect()
}

#[test]
fn days_have_23_and_25_hours_in_two_zones() {
    let berlin = |from, to| edges("Europe/Berlin", Cycle::Day, from, to);
    assert_eq!(
        berlin("2026-03-28T12:00:00Z", "2026-03-30T12:00:00Z"),
        [
            "2026-03-27T23:00:00Z",
            "2026-03-28T23:00:00Z",
            "2026-03-29T22:00:00Z",
            "2026-03-30T22:00:00Z"
        ]
    );
    assert_eq!(
        berlin("2026-10-25T00:00:00Z", "2026-10-25T23:00:00Z"),
        ["2026-10-24T22:00:00Z", "2026-10-25T23:00:00Z"]
    );
    let york = |from, to| edges("America/New_York", Cycle::Day, from, to);
    assert_eq!(
        york("2026-03-08T12:00:00Z", "2026-03-09T12:00:00Z"),
        [
            "2026-03-08T05:00:00Z",
            "2026-03-09T04:00:00Z",
            "2026-03-10T04:00:00Z"
        ]
    );
    assert_eq!(
        york("2026-11-01T12:00:00Z", "2026-11-02T05:00:00Z"),
        ["2026-11-01T04:00:00Z", "2026-11-02T05:00:00Z"]
    );
}

#[test]
fn weeks_begin_on_monday_and_months_on_the_first() {
    assert_eq!(
        edges(
            "Europe/Berlin",
            Cycle::Week,
            "2026-03-25T00:00:00Z",
            "2026-03-30T00:00:00Z"
        ),
        [
            "2026-03-22T23:00:00Z",
            "2026-03-29T22:00:00Z",
            "2026-04-05T22:00:00Z"
        ]
    );
    assert_eq!(
        edges(
            "America/New_York",
            Cycle::Month,
            "2026-02-10T00:00:00Z",
            "2026-03-10T00:00:00Z"
        ),
        [
            "2026-02-01T05:00:00Z",
            "2026-03-01T05:00:00Z",
            "2026-04-01T04:00:00Z"
        ]
    );
    assert_eq!(
        edges(
            "Europe/Berlin",
            Cycle::Year,
            "2026-02-10T00:00:00Z",
            "2026-03-10T00:00:00Z"
        ),
        ["2025-12-31T23:00:00Z", "2026-12-31T23:00:00Z"]
    );
}

#[test]
fn billing_cycles_begin_on_their_day() {
    let cycle = |day, from, to| edges("Europe/Berlin", Cycle::Billing(day), from, to);
    assert_eq!(
        cycle(15, "2026-01-03T00:00:00Z", "2026-01-15T00:00:00Z"),
        [
            "2025-12-14T23:00:00Z",
            "2026-01-14T23:00:00Z",
            "2026-02-14T23:00:00Z"
        ]
    );
    assert_eq!(
        cycle(28, "2026-02-28T00:00:00Z", "2026-02-28T01:00:00Z"),
        ["2026-02-27T23:00:00Z", "2026-03-27T23:00:00Z"]
    );
    assert_eq!(
        cycle(1, "2026-10-03T00:00:00Z", "2026-10-04T00:00:00Z"),
        ["2026-09-30T22:00:00Z", "2026-10-31T23:00:00Z"]
    );
}

#[test]
fn a_period_in_which_the_zone_was_changed_is_one() {
    let since = second("2026-06-10T13:00:00Z");
    let calendar = Calendar::new("UTC");
    let calendar = calendar.changed("Europe/Berlin", second("2026-06-10T12:10:00Z"));
    let calendar = calendar.unwrap();
    let month = second("2026-06-01T00:00:00Z")..second("2026-06-30T22:00:00Z");
    for at in [
        month.start,
        Second(since.0 - 1),
        since,
        Second(month.end.0 - 1),
    ] {
        assert_eq!(calendar.period(Cycle::Month, at), month);
    }
    let day = calendar.period(Cycle::Day, since);
    assert_eq!(
        day,
        second("2026-06-10T00:00:00Z")..second("2026-06-10T22:00:00Z")
    );
    assert_eq!(
        (calendar.zone(month.start), calendar.zone(since)),
        ("UTC", "Europe/Berlin")
    );
}

#[test]
fn the_same_hour_of_a_week_before_is_what_clocks_showed() {
    let berlin = Calendar::new("Europe/Berlin");
    let after = second("2026-03-30T08:00:00Z");
    let shown = |at| berlin.shown(at).map(|(_, day, hour)| (day, hour));
    assert_eq!(shown(after), Some((0, 10)));
    let before = berlin.weeks_before(after, 1).unwrap();
    assert_eq!(before, second("2026-03-23T09:00:00Z"));
    assert_eq!(shown(before), Some((0, 10)));
    let india = Calendar::new("Asia/Kolkata").hour(second("2026-03-30T08:10:00Z"));
    assert_eq!(india.start, second("2026-03-30T07:30:00Z"));
}

proptest! {
    #[test]
    fn periods_follow_one_another_and_hold_whole_days(
        at in -3_000_000_000i64..5_000_000_000,
        zone in prop::sample::select(vec!["UTC", "Europe/Berlin", "Asia/Kolkata", "America/New_York", "Africa/Monrovia", "Pacific/Apia"]),
        other in prop::sample::select(vec!["America/St_Johns", "Pacific/Kiritimati"]),
        cycle in prop::sample::select(vec![Cycle::Hour, Cycle::Day, Cycle::Week, Cycle::Month, Cycle::Year, Cycle::Billing(17)]),
        change in any::<bool>(),
    ) {
        let calendar = Calendar::new(zone);
        let changed = calendar.clone().changed(other, Second(at - 200_000));
        let calendar = if change { changed.unwrap() } else { calendar };
        let edges = calendar.edges(cycle, &(Second(at)..Second(at + 1_000_000)), 1_000).unwrap();
        prop_assert!(edges[0].0 <= at && edges.last().unwrap().0 >= at + 1_000_000);
        prop_assert!(edges.is_sorted_by(|a, b| a < b));
        for edge in &edges {
            let tier = if cycle == Cycle::Hour { Tier::Hour } else { Tier::Day };
            prop_assert_eq!(calendar.bucket(tier, *edge).start, *edge);
            let period = calendar.period(cycle, *edge);
            prop_assert_eq!(period.start, *edge);
        }
    }
}
