//! What the formats tell alike: hostile names, and every column; and what cannot be asked for.

use super::*;
use std::collections::BTreeSet;

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
