//! Blocks of buckets as bytes.

use super::*;

proptest! {
    #[test]
    fn any_block_of_buckets_is_read_or_refused(body: Vec<u8>, second: i64, before: bool) {
        let format = if before { 5 } else { 7 };
        let value = codec::Out([vec![format], body].concat()).sealed();
        let _ = coarse::decode(Time(second), &value);
        let _ = coarse::entries(Time(second), &value);
    }

    #[test]
    fn a_block_of_buckets_comes_back(rows in prop::collection::vec((0..9u32, 0..9u32, 0..1u64 << 56), 0..20), spans in prop::collection::vec(1..90_000u32, 1..9)) {
        let mut rows: Vec<Row> = rows.into_iter().map(|(app, site, bytes)| Row {
            flow: None,
            nic: NicId(1),
            protocol: Protocol::TCP,
            label: LabelId {
                app: AppId(app),
                site: SiteId(site),
                owner_source: crate::label::OwnerSource::Exact,
                site_source: crate::label::SiteSource::Sni,
            },
            classes: ClassesId(2),
            opened: 3,
            traffic: traffic(1, bytes, 2, 5),
        }).collect();
        rows.sort_by_key(Row::key);
        rows.dedup_by_key(|row| row.key());
        let mut start = START;
        let parts: Vec<_> = spans.iter().map(|span| {
            let second = Second {
                moment: at(start, 0),
                span: *span,
                width: Nanos(5),
                cost: crate::tick::Cost::default(),
                nics: Vec::new(),
            };
            start += i64::from(*span);
            coarse::Part { second, rows: rows.clone() }
        }).collect();
        let value = coarse::encode(&parts).unwrap();
        prop_assert_eq!(coarse::decode(Time(START), &value).unwrap(), parts);
    }
}

#[test]
fn no_zone_is_made_up() {
    assert!(calendar::is_zone("") && calendar::is_zone("Europe/Berlin"));
    assert!(!calendar::is_zone("Europe/Atlantis"));
}

/// Whoever sums what blocks say of themselves need not fear for the sum.
#[test]
fn a_block_that_says_it_has_more_rows_than_there_are_is_refused() {
    let value = |rows: u64| {
        let mut out = codec::Out::envelope(7);
        for number in [2, 0, 60, rows, 60, 60, rows] {
            out.number(number);
        }
        out.sealed()
    };
    assert!(coarse::entries(Time(START), &value(u64::from(u32::MAX))).is_ok());
    assert!(coarse::entries(Time(START), &value(u64::MAX)).is_err());
}
