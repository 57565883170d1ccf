//! Rows, totals and the parts of interfaces add up to what the statistics say.

use super::*;

fn kept_for_ever() -> Config {
    let days = 36_500;
    Config {
        seconds_days: days,
        minutes_days: days,
        hours_days: days,
        ..Config::default()
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    #[test]
    fn rows_and_totals_are_what_the_statistics_say(
        deltas in any_history(24),
        by in prop::sample::select(vec![1i64, 241, 5_003]),
        rolled: prop::sample::Index,
        ends in prop::collection::vec((any::<prop::sample::Index>(), any::<prop::sample::Index>()), 4),
        tier in any_tier(),
        format in prop::sample::select(Format::ALL.to_vec()),
    ) {
        let deltas = stretched(&deltas, by);
        let folder = folder();
        let all = span(&deltas);
        let place = |index: prop::sample::Index| all.start + index.index((all.end - all.start) as usize) as i64;
        // A tier that is asked for has all of it.
        let config = if tier.is_some() { kept_for_ever() } else { Config::default() };
        let query = history(&folder, &deltas, place(rolled), &config);
        for (one, other) in ends {
            let (one, other) = (place(one), place(other));
            let range = Second(one.min(other))..Second(one.max(other) + 1);
            let stats = query.stats(&wish(What::Rows, format, tier, &range).ask).unwrap();
            let mut rows = items(&wish(What::Rows, format, tier, &range), &query);
            let totals = items(&wish(What::Totals, format, tier, &range), &query);
            let mut parts = items(&wish(What::Interfaces, format, tier, &range), &query);
            let times: Vec<_> = rows.iter().map(|row| row["at"].as_str().unwrap().to_owned()).collect();
            prop_assert!(times.is_sorted());
            rows.retain(|row| row["counted"] == true);
            parts.retain(|part| part["counted"] == true);
            for told in [&rows, &totals, &parts] {
                let counts = ["bytes_in", "bytes_out", "packets_in", "packets_out"].map(|name| sum(told, name));
                let stats = stats.counts;
                prop_assert_eq!(counts, [stats.bytes_in, stats.bytes_out, stats.packets_in, stats.packets_out]);
            }
            prop_assert_eq!(sum(&rows, "flows_opened"), stats.flows_opened);
            prop_assert_eq!(sum(&totals, "flows_opened"), stats.flows_opened);
        }
    }
}

#[test]
fn what_was_imported_between_is_told_beside_what_was_counted() {
    let folder = folder();
    let start = START - START % DAY;
    let own = [start..start + 7_200, start + 10_800..start + 2 * DAY];
    let own: Vec<_> = own
        .into_iter()
        .flat_map(|one| one.step_by(900))
        .map(second)
        .collect();
    drop(history(&folder, &own, start + 2 * DAY, &Config::default()));
    let config = Config {
        zone: "UTC".into(),
        ..Config::default()
    };
    let store = Store::open(folder.path(), config, Nanos(0)).unwrap();
    let (clock, _) = Clock::manual(Second(start + 2 * DAY).start());
    let writer = Writer::start(store, clock, Hooks::default()).unwrap();
    let sums = (-3..4).map(|hour| crate::store::Sum {
        tier: Tier::Hour,
        at: Second(start + hour * 3_600 + 1_800),
        interface: "eth0".into(),
        role: crate::platform::Role::Uplink,
        bytes_in: 5_000,
        bytes_out: 50,
    });
    // Three hours before what was counted, and the one between.
    let done = writer.importer().run(sums.collect(), PATIENCE).unwrap();
    writer.stop().unwrap();
    assert_eq!((done.taken, done.covered), (4, 3));
    let query = history(&folder, &[], start + 2 * DAY, &Config::default());
    for (from, to) in [
        (start - DAY, start + 2 * DAY),
        (start + 100, start + 14_500),
    ] {
        let range = Second(from)..Second(to);
        for tier in [None, Some(Tier::Hour), Some(Tier::Day)] {
            let wish = wish(What::Rows, Format::Csv, tier, &range);
            let rows = items(&wish, &query);
            let stats = query.stats(&wish.ask).unwrap();
            assert_eq!(sum(&rows, "bytes_in"), stats.counts.bytes_in, "{tier:?}");
            let mut imported = rows;
            imported.retain(|row| row["classes"] == "(imported)");
            let hours = if from < start { 4 } else { 1 };
            assert_eq!(sum(&imported, "bytes_in"), hours * 5_000);
        }
    }
}
