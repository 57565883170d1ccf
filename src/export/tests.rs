//! What is exported is what the history has: sums of rows are those of the statistics, whatever the
//! tier, the format and the place where an export was cut and continued; names stay names.

use super::*;
use crate::clock::Clock;
use crate::label::Site;
use crate::query::{Recent, Stretch};
use crate::store::sample::{START, any_history, at, connection, delta, label, row, traffic};
use crate::store::{Committed, Config, Hooks, Store, What as Task, Writer};
use crate::tick::Delta;
use crate::units::Nanos;
use proptest::prelude::*;
use serde_json::Value;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

const DAY: i64 = 86_400;
const PATIENCE: Duration = Duration::from_mins(2);

fn folder() -> tempfile::TempDir {
    tempfile::tempdir_in("/dev/shm")
        .or_else(|_| tempfile::tempdir())
        .unwrap()
}

/// A query over these seconds, sealed and rolled up as at `now`, and cleaned up after `config`.
fn history(folder: &tempfile::TempDir, seconds: &[Arc<Delta>], now: i64, config: &Config) -> Query {
    let config = Config {
        classes: vec!["web".into(), "dns".into()],
        zone: "UTC".into(),
        ..config.clone()
    };
    let open = || Store::open(folder.path(), config.clone(), Nanos(0)).unwrap();
    let (clock, _) = Clock::manual(Second(now).start());
    let writer = Writer::start(open(), clock, Hooks::default()).unwrap();
    for delta in seconds {
        writer.commit_when_room(delta.clone(), Nanos(0));
    }
    writer.upkeep().run(Task::Aggregate, PATIENCE).unwrap();
    writer.upkeep().run(Task::Cleanup, PATIENCE).unwrap();
    writer.stop().unwrap();
    let recent = Recent::new(Committed::new(None));
    Query::new(open().reader(), recent, Vec::new())
}

fn wish(what: What, format: Format, tier: Option<Tier>, range: &Range<Second>) -> Wish {
    let ask = Ask {
        from: Some(range.start),
        to: Some(range.end),
        ..Ask::at(range.end)
    };
    Wish {
        what,
        format,
        ask,
        by: (what == What::Top).then_some(By::Site),
        tier,
    }
}

fn written(wish: &Wish, query: &Query) -> Vec<u8> {
    let plan = wish.plan(query).unwrap();
    let mut bytes = Vec::new();
    wish.write(query, &plan, &mut |piece| {
        bytes.extend(piece);
        Ok(())
    })
    .unwrap();
    bytes
}

/// The items of an export in any format, as objects with text for values.
fn items(wish: &Wish, query: &Query) -> Vec<Value> {
    let bytes = written(wish, query);
    match wish.format {
        Format::Json => {
            let document: Value = serde_json::from_slice(&bytes).unwrap();
            let items = document["items"].as_array().unwrap().clone();
            assert_eq!(document["count"], items.len());
            items
        }
        Format::Ndjson => {
            let text = String::from_utf8(bytes).unwrap();
            let lines = text.lines().map(|line| serde_json::from_str(line).unwrap());
            lines.collect()
        }
        Format::Csv => {
            let mut reader = ::csv::Reader::from_reader(bytes.as_slice());
            let head = reader.headers().unwrap().clone();
            let object = |record: ::csv::StringRecord| {
                let cells = head.iter().zip(record.iter());
                let cells = cells.map(|(name, cell)| {
                    let value = serde_json::from_str(cell).ok();
                    let value = value.filter(|value: &Value| !value.is_string());
                    (name.to_owned(), value.unwrap_or_else(|| cell.into()))
                });
                cells.collect::<serde_json::Map<_, _>>().into()
            };
            reader.records().map(|one| object(one.unwrap())).collect()
        }
    }
}

fn sum(items: &[Value], field: &str) -> u64 {
    items.iter().map(|item| item[field].as_u64().unwrap()).sum()
}

fn stretched(deltas: &[Arc<Delta>], by: i64) -> Vec<Arc<Delta>> {
    let stretch = |delta: &Arc<Delta>| {
        let mut one = (**delta).clone();
        one.moment.second = Second(START + (one.moment.second.0 - START) * by);
        one.amendments.clear();
        Arc::new(one)
    };
    deltas.iter().map(stretch).collect()
}

fn span(deltas: &[Arc<Delta>]) -> Range<i64> {
    let seconds = || deltas.iter().map(|delta| delta.moment.second.0);
    seconds().min().unwrap() - 2..seconds().max().unwrap() + 3
}

fn any_tier() -> impl Strategy<Value = Option<Tier>> {
    prop_oneof![
        Just(None),
        prop::sample::select(Tier::ALL.to_vec()).prop_map(Some)
    ]
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
        let query = history(&folder, &deltas, place(rolled), &Config::default());
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

    #[test]
    fn an_export_that_was_cut_anywhere_goes_on_to_the_same_bytes(
        deltas in any_history(16),
        by in prop::sample::select(vec![1i64, 977]),
        tier in any_tier(),
        what in prop::sample::select(vec![What::Rows, What::Totals, What::Connections]),
        format in prop::sample::select(vec![Format::Csv, Format::Ndjson]),
        cuts in prop::collection::vec(any::<prop::sample::Index>(), 24),
    ) {
        let mut deltas = stretched(&deltas, by);
        for (place, delta) in deltas.iter_mut().enumerate() {
            let mut one = (**delta).clone();
            let last = Nanos(one.moment.second.start().0 + 5);
            one.ended = vec![connection(place as u64 + 1, last, label("a \"b\",\nc", Site::Other)); 2];
            one.ended[1].flow.0 += 1_000;
            *delta = Arc::new(one);
        }
        let folder = folder();
        let all = span(&deltas);
        let query = history(&folder, &deltas, all.end, &Config::default());
        let range = Second(all.start)..Second(all.end);
        let tier = tier.filter(|_| what != What::Connections);
        let wish = wish(what, format, tier, &range);
        let whole = written(&wish, &query);
        let head = match format {
            Format::Csv => whole.windows(2).position(|two| two == b"\r\n").unwrap() + 2,
            _ => 0,
        };
        for cut in cuts {
            let cut = cut.index(whole.len() + 1);
            let ended = resume(&wish, 0, "it", &whole[..cut]);
            if cut < head {
                prop_assert!(ended.is_err() || ended.unwrap().from.is_none());
                continue;
            }
            let ended = ended.unwrap();
            let mut again = whole[..ended.bytes as usize].to_vec();
            prop_assert!(ended.from.is_some() || again.len() == head);
            let plan = wish.plan(&query).unwrap();
            let mut give = |piece: Vec<u8>| {
                again.extend(piece);
                Ok(())
            };
            if ended.from.is_none() {
                continue;
            }
            wish.write_from(&query, &plan, ended.from, &mut give).unwrap();
            prop_assert_eq!(String::from_utf8_lossy(&again), String::from_utf8_lossy(&whole));
        }
    }
}

/// A second in which connections are written that had their last frame so many seconds after the start.
fn ended(second: i64, last: &[(u64, i64)]) -> Arc<Delta> {
    let mut one = delta(at(START + second, 0), Vec::new());
    let of = |(flow, last): &(u64, i64)| {
        let last = Nanos(Second(START + last).start().0 + 5);
        connection(*flow, last, label("curl", Site::Other))
    };
    one.ended = last.iter().map(of).collect();
    Arc::new(one)
}

#[test]
fn a_second_may_have_more_connections_than_a_look_may_see() {
    let last: Vec<_> = (1..=100_300).map(|flow| (flow, 7)).collect();
    let folder = folder();
    let query = history(&folder, &[ended(9, &last)], START + 900, &Config::default());
    let range = Second(START)..Second(START + 60);
    let all = wish(What::Connections, Format::Ndjson, None, &range);
    let plan = all.plan(&query).unwrap();
    let (mut text, mut most) = (Vec::new(), 0);
    let mut give = |piece: Vec<u8>| {
        most = most.max(piece.len());
        text.extend(piece);
        Ok(())
    };
    assert_eq!(all.write(&query, &plan, &mut give).unwrap(), 100_300);
    assert!(most <= 64 << 10);
    let ids = text
        .split(|byte| *byte == b'\n')
        .filter(|line| !line.is_empty());
    let ids = ids.map(|line| serde_json::from_slice::<Value>(line).unwrap()["id"].as_u64());
    assert!(ids.eq((1..=100_300).map(Some)));
    // Nothing is listed of all that is looked at: it ends, too.
    let mut none = all;
    none.ask.interfaces = vec!["none".into()];
    assert!(written(&none, &query).is_empty());
}

#[test]
fn a_connection_that_ends_late_gets_into_an_export_that_is_continued() {
    let config = Config::default();
    let early = [
        ended(5, &[(1, 3)]),
        ended(4_100, &[(2, 4_000)]),
        ended(4_200, &[(4, 4_150)]),
    ];
    // One that is silent since long before, and over only now.
    let late = [&early[..], &[ended(7_700, &[(3, 4_100)])]].concat();
    let folders = [folder(), folder()];
    let [before, after] = [(0, &early[..]), (1, &late)]
        .map(|(place, all): (usize, _)| history(&folders[place], all, START + 8_000, &config));
    let range = Second(START)..Second(START + 8_000);
    for format in [Format::Csv, Format::Ndjson] {
        let wish = wish(What::Connections, format, None, &range);
        let (old, new) = (written(&wish, &before), written(&wish, &after));
        let continued = |late| {
            let ended = resume(&wish, late, "it", old.as_slice()).unwrap();
            let plan = wish.plan_from(&after, ended.from).unwrap();
            let mut bytes = old[..ended.bytes as usize].to_vec();
            let mut give = |piece: Vec<u8>| {
                bytes.extend(piece);
                Ok(())
            };
            wish.write_from(&after, &plan, ended.from, &mut give)
                .unwrap();
            (ended, bytes)
        };
        let (ended, bytes) = continued(3_600);
        assert_eq!(ended.from, Some(Second(START + 550)));
        assert_eq!(ended.again, Some(Second(START + 4_000)));
        assert_eq!(String::from_utf8(bytes), String::from_utf8(new.clone()));
        assert_ne!(continued(0).1, new);
    }
}

#[test]
fn what_is_no_such_export_is_not_continued() {
    let range = Second(START)..Second(START + 9);
    let rows = |format| wish(What::Rows, format, None, &range);
    let refused = |wish: &Wish, text: &str| resume(wish, 0, "it", text.as_bytes()).is_err();
    assert!(refused(&rows(Format::Csv), "a,b\r\n1,2\r\n"));
    assert!(refused(&rows(Format::Csv), ""));
    assert!(refused(&rows(Format::Json), "{\"items\":["));
    assert!(refused(&rows(Format::Ndjson), "{\"at\":\"soon\"}\n"));
    let back = "{\"at\":\"2026-01-02T03:04:06Z\"}\n{\"at\":\"2026-01-02T03:04:05Z\"}\n";
    assert!(refused(&rows(Format::Ndjson), back));
    let talks = wish(What::Talks, Format::Csv, None, &range);
    assert!(refused(&talks, "application\r\n"));
    let empty = resume(&rows(Format::Ndjson), 0, "it", &b""[..]).unwrap();
    assert_eq!((empty.bytes, empty.from), (0, None));
}

#[test]
fn each_part_is_told_in_the_finest_tier_that_is_left() {
    let config = Config {
        seconds_days: 1,
        minutes_days: 3,
        hours_days: 6,
        ..Config::default()
    };
    let start = START - START % DAY;
    let second = |second| {
        let rows = vec![row(
            1,
            label("curl", Site::Other),
            0,
            traffic(1, 100, 1, 10),
        )];
        Arc::new(delta(at(second, 0), rows))
    };
    let seconds: Vec<_> = (start..start + 12 * DAY)
        .step_by(1_800)
        .map(second)
        .collect();
    let folder = folder();
    let query = history(&folder, &seconds, start + 12 * DAY, &config);
    let range = Second(start)..Second(start + 12 * DAY);
    let rows = items(&wish(What::Rows, Format::Ndjson, None, &range), &query);
    let spans: BTreeSet<_> = rows
        .iter()
        .map(|row| row["span_s"].as_u64().unwrap())
        .collect();
    assert_eq!(spans, BTreeSet::from([1, 60, 3_600, 86_400]));
    assert_eq!(sum(&rows, "bytes_in"), 100 * seconds.len() as u64);
    // In one tier alone, what it does not have is told to be missing.
    let by_second = wish(What::Rows, Format::Ndjson, Some(Tier::Second), &range);
    let missing = by_second.plan(&query).unwrap().missing;
    assert_eq!(missing[0].from, time(range.start));
    assert!(items(&by_second, &query).len() < rows.len() * 2);
    let part = Second(start + 60)..range.end;
    let cut = wish(What::Rows, Format::Csv, None, &part)
        .plan(&query)
        .unwrap();
    assert_eq!(cut.missing.len(), 1);
}

#[test]
fn a_tier_ends_with_its_last_whole_bucket_and_misses_what_comes_after_it_goes_on() {
    let config = Config {
        seconds_days: 1,
        minutes_days: 3,
        hours_days: 6,
        ..Config::default()
    };
    let start = START - START % DAY;
    let second = |second| {
        let word = label("curl", Site::Other);
        Arc::new(delta(
            at(second, 0),
            vec![row(1, word, 0, traffic(1, 100, 1, 10))],
        ))
    };
    let now = start + 12 * DAY + 5_000;
    let seconds: Vec<_> = (start + 3_000..now).step_by(1_800).map(second).collect();
    let folder = folder();
    let query = history(&folder, &seconds, now, &config);
    let wish = |tier| Wish {
        what: What::Totals,
        format: Format::Ndjson,
        ask: Ask::at(Second(now)),
        by: None,
        tier: Some(tier),
    };
    let days = wish(Tier::Day).plan(&query).unwrap();
    assert_eq!(days.range, Second(start)..Second(start + 12 * DAY));
    let told = items(&wish(Tier::Day), &query);
    assert!(told.iter().all(|day| day["span_s"] == DAY));
    assert_eq!(told.last().unwrap()["at"], time(Second(start + 11 * DAY)));
    // Of the first day a part is asked for, and nothing finer is left: whoever has it knows.
    let missing = |from| {
        let mut part = wish(Tier::Day);
        part.ask.from = Some(Second(start + 3_000));
        part.plan_from(&query, from).unwrap().missing.len()
    };
    let later = Some(Second(start + DAY));
    assert_eq!((missing(None), missing(later)), (1, 0));
    // Hours that are gone when an export of them goes on are told.
    let hours = |from| {
        wish(Tier::Hour)
            .plan_from(&query, Some(Second(from)))
            .unwrap()
    };
    let gone = hours(start + DAY);
    assert_eq!(gone.missing[0].from, time(Second(start + DAY)));
    assert_eq!(gone.range.end, Second(start + 12 * DAY + 3_600));
    assert!(hours(start + 11 * DAY).missing.is_empty());
    // What begins in the bucket that is not over is nothing yet.
    let mut today = wish(Tier::Day);
    today.ask.from = Some(Second(now - 60));
    assert!(items(&today, &query).is_empty());
}

#[test]
fn what_was_imported_between_is_told_beside_what_was_counted() {
    let folder = folder();
    let start = START - START % DAY;
    let second = |second| {
        let rows = vec![row(
            1,
            label("curl", Site::Other),
            0,
            traffic(1, 100, 1, 10),
        )];
        Arc::new(delta(at(second, 0), rows))
    };
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

/// Names of the kinds that hurt: formulas, quotes, line ends, other letters.
fn names(count: usize) -> Vec<String> {
    let begins = [
        "=",
        "+",
        "-",
        "@",
        "\t",
        "\r",
        "\0",
        "'",
        "\"",
        ",",
        "\n",
        "a",
        "\u{fc}",
        "=cmd|' /C calc'!A0",
    ];
    let inside = [
        "", ",", "\"", "\r\n", "\"\"", ";", "'", "=1+1", "\u{202e}", " ",
    ];
    let name = |n: usize| {
        let begin = begins[n % begins.len()];
        let inside = inside[n / begins.len() % inside.len()];
        format!("{begin}{inside}{n}")
    };
    (0..count).map(name).collect()
}

#[test]
fn ten_thousand_hostile_names_come_back_and_none_is_a_formula() {
    let names = names(10_000);
    let seconds: Vec<_> = names
        .chunks(1_000)
        .enumerate()
        .map(|(second, names)| {
            let rows = names.iter().enumerate().map(|(flow, name)| {
                let word = label(name, Site::Name(name.as_str().into()));
                row(flow as u64 + 1, word, 0, traffic(1, 100, 1, 10))
            });
            Arc::new(delta(at(START + second as i64, 0), rows.collect()))
        })
        .collect();
    let folder = folder();
    let query = history(&folder, &seconds, START + 600, &Config::default());
    let range = Second(START)..Second(START + 600);
    let bytes = written(&wish(What::Rows, Format::Csv, None, &range), &query);
    let mut reader = ::csv::Reader::from_reader(bytes.as_slice());
    let mut told = BTreeSet::new();
    for record in reader.records() {
        let record = record.unwrap();
        let triggers = ['=', '+', '-', '@', '\t', '\r', '\0'];
        assert!(
            record.iter().all(|cell| !cell.starts_with(triggers)),
            "{record:?}"
        );
        for cell in [&record[5], &record[8]] {
            told.insert(cell.strip_prefix('\'').unwrap_or(cell).to_owned());
        }
    }
    let names: BTreeSet<_> = names.into_iter().collect();
    let lost: Vec<_> = names.symmetric_difference(&told).take(9).collect();
    assert!(lost.is_empty() && told.len() == 10_000, "{lost:?}");
}

#[test]
fn what_is_held_at_a_time_does_not_grow_with_the_range() {
    let seconds: Vec<_> = (0..400)
        .map(|second| {
            let rows = (0..200).map(|flow| {
                let word = label("curl", Site::Address([10, 0, 0, flow as u8].into()));
                row(flow + 1, word, 0, traffic(1, 100, 1, 10))
            });
            Arc::new(delta(at(START + second, 0), rows.collect()))
        })
        .collect();
    let folder = folder();
    let query = history(&folder, &seconds, START + 900, &Config::default());
    let range = Second(START)..Second(START + 900);
    let mut stretch = Stretch::new(range.clone(), None);
    let (mut rows, mut bits) = (0, 0);
    while let Some(bit) = stretch.next(&query).unwrap() {
        let count: usize = bit.buckets.iter().map(|bucket| bucket.rows.len()).sum();
        assert!(count <= 4_096, "{count}");
        (rows, bits) = (rows + count, bits + 1);
    }
    assert_eq!(rows, 80_000);
    assert!(bits >= 20);
    let wish = wish(What::Rows, Format::Json, None, &range);
    let (plan, mut total) = (wish.plan(&query).unwrap(), 0);
    let mut give = |piece: Vec<u8>| {
        assert!(piece.len() <= 64 << 10);
        total += piece.len();
        Ok(())
    };
    assert_eq!(wish.write(&query, &plan, &mut give).unwrap(), 80_000);
    assert!(total > 16 << 20, "{total}");
    // Whoever wants no more gets no more.
    let mut pieces = 0;
    let mut leave = |_| {
        pieces += 1;
        if pieces < 3 { Ok(()) } else { Err(Error::Gone) }
    };
    let left = wish.write(&query, &plan, &mut leave);
    assert!(matches!(left, Err(Error::Gone)));
    assert_eq!(pieces, 3);
}

#[test]
fn every_column_of_a_list_has_a_place_in_its_items() {
    let mut one = delta(
        at(START, 0),
        vec![row(
            1,
            label("curl", Site::Name("a.example".into())),
            1,
            traffic(1, 9, 1, 9),
        )],
    );
    one.ended = vec![connection(
        1,
        Nanos(Second(START).start().0 + 5),
        one.rows[0].label.clone(),
    )];
    let folder = folder();
    let query = history(&folder, &[Arc::new(one)], START + 900, &Config::default());
    let range = Second(START)..Second(START + 1);
    for what in What::ALL {
        let json = items(&wish(what, Format::Json, None, &range), &query);
        let csv = items(&wish(what, Format::Csv, None, &range), &query);
        assert_eq!((json.len(), csv.len()), (1, 1), "{what:?}");
        assert_eq!(
            json,
            items(&wish(what, Format::Ndjson, None, &range), &query)
        );
        for (name, place) in lists::columns(what) {
            // Of nobody's process nothing is told.
            let place = if place.starts_with("/process/") {
                "/process"
            } else {
                place
            };
            assert!(json[0].pointer(place).is_some(), "{what:?} {name}");
        }
        assert_eq!(csv[0]["bytes_in"], json[0]["bytes_in"], "{what:?}");
    }
}

#[test]
fn what_does_not_go_together_is_refused() {
    let range = Second(START)..Second(START + 1);
    let folder = folder();
    let query = history(&folder, &[], START, &Config::default());
    let refused = |change: &dyn Fn(&mut Wish)| {
        let mut wish = wish(What::Rows, Format::Csv, None, &range);
        change(&mut wish);
        wish.plan(&query).unwrap_err().to_string()
    };
    let step = refused(&|wish| wish.ask.step = Some(1.into()));
    assert_eq!(step, "`step` does not go with what is asked for");
    assert!(refused(&|wish| wish.ask.limit = Some(1)).contains("`limit`"));
    assert!(refused(&|wish| wish.by = Some(By::User)).contains("`by`"));
    let top = refused(&|wish| wish.what = What::Top);
    assert!(top.starts_with("`top` needs `by`: one of application, site"));
    for what in [What::Totals, What::Interfaces] {
        let narrowed = refused(&|wish| {
            wish.what = what;
            wish.ask.filter.sites = vec!["a.example".into()];
        });
        assert!(narrowed.starts_with("`site` narrows lists and series"));
    }
    let tier = refused(&|wish| (wish.what, wish.tier) = (What::Connections, Some(Tier::Day)));
    assert!(tier.contains("`tier`"));
    assert!(refused(&|wish| wish.ask.to = Some(Second(START - 9))).contains("before `to`"));
}
