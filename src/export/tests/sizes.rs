//! However much there is to export, it is all written, and little of it is held at a time.

use super::resuming::ended;
use super::*;
use crate::query::Stretch;

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
