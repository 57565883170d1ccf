//! A narrowed range is the whole one without what does not match, and is continued only as it was begun.

use super::super::narrowed::narrowed;
use super::*;
use crate::names::places::Places;
use crate::query::Filter;

const RANGE: Range<i64> = START - 10_000..START + 3 * 86_400;

/// A query over these seconds, sealed and rolled up as they are long after.
fn narrowable(folder: &tempfile::TempDir, seconds: &[Arc<Delta>]) -> Query {
    history(folder, seconds, RANGE.end, &Config::default())
}

fn wish(what: What, format: Format, filter: &[(&str, &str)]) -> Wish {
    let values = |kind: &str| {
        let of = filter.iter().filter(|(name, _)| *name == kind);
        of.map(|(_, value)| (*value).to_owned()).collect()
    };
    Wish {
        what,
        format,
        ask: Ask {
            from: Some(Second(RANGE.start)),
            to: Some(Second(RANGE.end)),
            interfaces: values("interface"),
            filter: Filter::read(values),
            ..Ask::at(Second(RANGE.end))
        },
        by: None,
        tier: None,
    }
}

/// The countries of what has an address, as the registries have it.
fn country(item: &Value) -> Option<String> {
    let place = item
        .get("remote")
        .map_or(&item["site"], |end| &end["address"]);
    let address = place.as_str()?.parse().ok()?;
    let country = Places::default().of(address).country;
    Some(country.map_or("unknown".to_owned(), |one| one.code().to_owned()))
}

/// Whether an item of the whole range matches, by what it says itself.
fn matches(item: &Value, (kind, value): (&str, &str)) -> bool {
    let is = |field: &str| item[field] == value;
    let classes = item["classes"].as_array().unwrap();
    match kind {
        "application" | "site" | "protocol" | "interface" => is(kind),
        "domain" => {
            let site = item["site"].as_str();
            site.is_some_and(|site| site.ends_with(value))
        }
        "class" if value == "none" => classes.is_empty() && !item["application"].is_null(),
        "class" => classes.iter().any(|class| class == value),
        "user" if value == "unknown" => item["user"].is_null() && !item["application"].is_null(),
        "user" => item["user"].as_u64() == value.parse().ok(),
        "country" => country(item).is_some_and(|country| country == value),
        _ => panic!("{kind} is not chosen by rows"),
    }
}

/// One way of an item, if anything went it.
fn one_way(mut item: Value, way: &str) -> Option<Value> {
    let other = if way == "in" { "out" } else { "in" };
    for field in ["bytes", "packets"] {
        item[format!("{field}_{other}")] = 0.into();
    }
    let some = |field: &str| item[format!("{field}_{way}")] != 0;
    (some("bytes") || some("packets")).then_some(item)
}

/// The whole export, filtered by hand.
fn by_hand(whole: &[Value], filter: &[(&str, &str)]) -> Vec<Value> {
    let (ways, kinds): (Vec<_>, Vec<_>) = filter.iter().partition(|(kind, _)| *kind == "direction");
    let chosen = |item: &&Value| kinds.iter().all(|one| matches(item, *one));
    let chosen = whole.iter().filter(chosen).cloned();
    let chosen = chosen.filter_map(|item| {
        let one = ways
            .iter()
            .try_fold(item, |item, (_, way)| one_way(item, way));
        one.filter(|_| ways.len() < 2)
    });
    chosen.collect()
}

/// Items without the word of what they were narrowed to, which they all have.
fn without_word(mut items: Vec<Value>, word: &str) -> Vec<Value> {
    for item in &mut items {
        let removed = item.as_object_mut().unwrap().remove("narrowed");
        assert_eq!(removed, Some(word.into()));
    }
    items
}

fn any_filter() -> impl Strategy<Value = Vec<(&'static str, &'static str)>> {
    let one = prop::sample::select(vec![
        ("application", "curl"),
        ("application", "unknown"),
        ("site", "site1.example"),
        ("site", "192.0.2.1"),
        ("domain", "site2.example"),
        ("protocol", "udp"),
        ("class", "web"),
        ("class", "none"),
        ("user", "1000"),
        ("user", "unknown"),
        ("interface", "eth0"),
        ("interface", "lo"),
        ("direction", "out"),
        ("direction", "in"),
    ]);
    prop::collection::vec(one, 1..3).prop_map(|mut filter| {
        // One value of a kind: two match either.
        filter.sort_unstable();
        filter.dedup_by_key(|(kind, _)| *kind);
        filter
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn narrowed_rows_are_those_that_match(deltas in any_history(24), filter in any_filter()) {
        let folder = folder();
        let query = narrowable(&folder, &deltas);
        for tier in [None, Some(Tier::Minute), Some(Tier::Day)] {
            let of = |filter: &[_]| Wish { tier, ..wish(What::Rows, Format::Ndjson, filter) };
            let told = items(&of(&filter), &query);
            let expected = by_hand(&items(&of(&[]), &query), &filter);
            let word: Vec<_> = filter.iter().map(|(kind, value)| format!("{kind}={value}")).collect();
            prop_assert_eq!(without_word(told, &word.join("&")), expected, "{:?}", filter);
        }
    }

    #[test]
    fn a_narrowed_export_that_broke_off_is_continued(
        deltas in any_history(16),
        filter in any_filter(),
        cut: prop::sample::Index,
    ) {
        let folder = folder();
        let query = narrowable(&folder, &deltas);
        for format in [Format::Csv, Format::Ndjson] {
            let wish = wish(What::Rows, format, &filter);
            let whole = written(&wish, &query);
            let part = &whole[..cut.index(whole.len() + 1)];
            // Without its first line CSV is not known for what it is.
            let Ok(ended) = resume(&wish, 0, "x", part) else {
                prop_assert!(!part.contains(&b'\n'));
                continue;
            };
            let mut put = part[..if ended.from.is_some() { ended.bytes as usize } else { 0 }].to_vec();
            put.extend(written_from(&wish, &query, ended.from));
            prop_assert_eq!(put, whole);
        }
    }
}

/// Seconds of two applications, each with connections to a name and to two countries.
fn two_apps(folder: &tempfile::TempDir) -> Query {
    let seconds = (0..4u64).map(|n| {
        let app = ["curl", "ssh"][n as usize % 2];
        let site = Site::Address(["8.8.8.8", "193.0.6.139"][n as usize / 2].parse().unwrap());
        let label = label(app, site.clone());
        let bytes = traffic(1, 100 + n, 1, 10);
        let second = START + 10 * n as i64;
        let mut one = delta(at(second, 0), vec![row(n + 1, label.clone(), 1, bytes)]);
        let mut ended = connection(n + 1, Nanos(Second(second).start().0 + 5), label);
        if let Site::Address(address) = site {
            ended.remote.address = address;
        }
        one.ended = vec![ended];
        Arc::new(one)
    });
    narrowable(folder, &seconds.collect::<Vec<_>>())
}

#[test]
fn connections_are_narrowed_as_rows_are() {
    let folder = folder();
    let query = two_apps(&folder);
    let at_hand = [
        vec![("application", "curl")],
        vec![("application", "ssh"), ("country", "US")],
        vec![("country", "NL")],
        vec![("site", "8.8.8.8")],
        vec![("class", "web"), ("interface", "eth0")],
        vec![("protocol", "udp")],
        vec![("country", "unknown")],
    ];
    let expected = [2, 1, 2, 2, 4, 0, 0];
    for (filter, count) in at_hand.iter().zip(expected) {
        for what in [What::Rows, What::Connections] {
            let told = items(&wish(what, Format::Ndjson, filter), &query);
            let whole = items(&wish(what, Format::Ndjson, &[]), &query);
            assert_eq!(told.len(), count, "{what:?} {filter:?}");
            let word: Vec<_> = filter
                .iter()
                .map(|(kind, value)| format!("{kind}={value}"))
                .collect();
            assert_eq!(
                without_word(told, &word.join("&")),
                by_hand(&whole, filter),
                "{what:?}"
            );
        }
    }
    let refused = |what, filter: &[_]| wish(what, Format::Csv, filter).plan(&query).unwrap_err();
    let told = refused(What::Connections, &[("direction", "in")]).to_string();
    assert_eq!(told, "`direction` does not go with what is asked for");
    let nonsense = refused(What::Rows, &[("country", "nowhere")]);
    assert!(nonsense.to_string().contains("two letters"), "{nonsense}");
}

#[test]
fn a_file_is_continued_only_with_its_own_filter() {
    let folder = folder();
    let query = two_apps(&folder);
    let curl = [("application", "curl")];
    let with = [("application", "curl"), ("country", "US")];
    let [none, all]: [&[_]; 2] = [&[], &with];
    for (what, format) in [
        (What::Rows, Format::Csv),
        (What::Rows, Format::Ndjson),
        (What::Connections, Format::Csv),
        (What::Connections, Format::Ndjson),
    ] {
        let bytes = |filter| written(&wish(what, format, filter), &query);
        let resumed = |file: &[u8], filter| resume(&wish(what, format, filter), 9, "x", file);
        for was in [none, &curl, all] {
            for is in [none, &curl, all] {
                let told = resumed(&bytes(was), is);
                assert_eq!(told.is_ok(), was == is, "{what:?} {was:?} {is:?} {told:?}");
            }
        }
        let told = resumed(&bytes(&curl), none).unwrap_err().to_string();
        let expected = "x cannot be continued: it was written with the filter `application=curl`, and it \
                        is to be continued with no filter";
        assert_eq!(told, expected);
        // The order in which it is asked is no other filter.
        let turned = [with[1], with[0], with[0]];
        assert!(resumed(&bytes(all), &turned).is_ok());
        // Nothing is in it yet: it is begun again.
        let nobody = [("application", "nobody")];
        let empty = resumed(&bytes(&nobody), &curl).unwrap();
        assert_eq!((empty.from, empty.again), (None, None));
    }
}

#[test]
fn what_a_file_is_narrowed_to_stands_in_it() {
    let folder = folder();
    let query = two_apps(&folder);
    let filter = [("application", "curl"), ("site", "=1, \"x\"\r\n&")];
    let text = |filter: &[_], what| {
        let bytes = written(&wish(what, Format::Csv, filter), &query);
        String::from_utf8(bytes).unwrap()
    };
    assert_eq!(
        narrowed(&wish(What::Rows, Format::Csv, &filter)).unwrap(),
        "application=curl&site=%3D1%2C+%22x%22%0D%0A%26"
    );
    let rows = text(&filter[..1], What::Rows);
    let mut lines = rows.lines();
    assert!(lines.next().unwrap().ends_with(",packets_out,narrowed"));
    assert!(lines.all(|line| line.ends_with(",application=curl")));
    assert!(!text(&[], What::Rows).contains("narrowed"));
    // A list is not continued, and has its usual columns.
    assert!(!text(&filter[..1], What::Talks).contains("narrowed"));
    let totals = text(&[("interface", "eth0")], What::Totals);
    assert!(
        totals
            .lines()
            .all(|line| line.ends_with("narrowed") || line.ends_with("interface=eth0"))
    );
    assert_eq!(totals.lines().count(), 5);
}
