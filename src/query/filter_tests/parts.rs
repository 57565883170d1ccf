//! Parts and the whole: all that is told apart adds up, narrowed or not.

use super::*;
use crate::store::sample::{any_history, stretched};
use proptest::prelude::*;

/// So far apart are seconds that hours and days are over between them.
const APART: i64 = 1_313;

fn sum<'a>(items: impl Iterator<Item = &'a Counts>) -> Counts {
    items.fold(Counts::default(), |mut sum, counts| {
        sum += *counts;
        sum
    })
}

/// A few questions that are narrowed already.
fn any_narrowing() -> impl Strategy<Value = Option<(By, &'static str)>> {
    prop::sample::select(vec![
        None,
        Some((By::Application, "curl")),
        Some((By::Application, "unknown")),
        Some((By::Site, "site1.example")),
        Some((By::Domain, "site2.example")),
        Some((By::Protocol, "udp")),
        Some((By::Direction, "out")),
        Some((By::Class, "web")),
        Some((By::Class, "none")),
        Some((By::Interface, "eth0")),
    ])
}

/// Whatever is told apart, its parts are told by narrowed questions alike, and add up.
fn adds_up(query: &Query, ask: &Ask) -> Result<(), TestCaseError> {
    let whole = query.stats(ask).unwrap().counts;
    prop_assert_eq!(query.summary(ask).unwrap().total, whole);
    for by in By::ALL {
        let top = query.top(ask, by, false).unwrap();
        prop_assert_eq!(top.total, whole, "{:?}", by);
        let items = || top.items.iter().map(|item| &item.listed);
        if by != By::Class {
            let mut told = sum(items().map(|item| &item.counts));
            told += top.other;
            prop_assert_eq!(told, whole, "{:?}", by);
        }
        // Of classes, another one would be chosen in the place of that which was.
        let chosen = by == By::Class && !ask.filter.classes.is_empty();
        let tells = !matches!(by, By::Interface | By::Talk) && !chosen;
        for (item, key) in items()
            .filter_map(|item| Some((item, item.key.as_ref()?)))
            .filter(|_| tells)
        {
            let alone = query.stats(&narrowed(ask, by, key)).unwrap();
            prop_assert_eq!(alone.counts, item.counts, "{:?} {}", by, key);
        }
        let few = Ask {
            limit: Some(1),
            ..ask.clone()
        };
        let few = query.top(&few, by, false).unwrap();
        if let Some(first) = few.items.first() {
            prop_assert_eq!(&first.listed, &top.items[0].listed);
            prop_assert_eq!(few.other, whole.less(first.listed.counts), "{:?}", by);
            prop_assert_eq!(few.count, top.items.len() as u64);
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn parts_add_up_to_the_whole(
        deltas in any_history(12),
        cut: prop::sample::Index,
        narrowing in any_narrowing(),
    ) {
        let folder = in_memory();
        let (written, waiting) = deltas.split_at(cut.index(deltas.len() + 1));
        let query = query(&folder, written, waiting).with_places(places());
        let all = ask(START - 100_000, START + 100_000);
        let asked = narrowing.map_or(all.clone(), |(by, key)| narrowed(&all, by, key));
        adds_up(&query, &asked)?;
        let line = query.timeline(&Ask { step: Some(200_000.into()), ..asked.clone() }).unwrap();
        let bytes: u64 = line.bytes_in.iter().flatten().sum();
        prop_assert!(bytes <= query.stats(&all).unwrap().counts.bytes_in);
    }

    #[test]
    fn parts_add_up_in_every_tier(
        deltas in any_history(12),
        ends in (0..2_000i64, 0..2_000i64),
        narrowing in any_narrowing(),
    ) {
        let deltas = stretched(&deltas, APART);
        let folders = [in_memory(), in_memory()];
        let last = deltas.iter().map(|delta| delta.moment.second.0).max().unwrap();
        let now = last.max(START) + 3 * DAY;
        // The rolled one ends with this second.
        let mut end = (*busy(now - START, 0)).clone();
        end.moment.epoch = deltas.last().unwrap().moment.epoch;
        let whole = [&deltas[..], &[Arc::new(end)]].concat();
        let seconds = query(&folders[0], &whole, &[]);
        let query = rolled(&folders[1], &deltas, now);
        let at = |end: i64| START - 5 * DAY + end * 777;
        let part = ask(at(ends.0.min(ends.1)), at(ends.0.max(ends.1)) + 1);
        let first = START.div_euclid(DAY) * DAY;
        for all in [ask(first - 5 * DAY, first + 9 * DAY), part] {
            let asked = narrowing.map_or(all.clone(), |(by, key)| narrowed(&all, by, key));
            adds_up(&query, &asked)?;
            let counts = |query: &Query| query.stats(&asked).unwrap().counts;
            prop_assert_eq!(counts(&query), counts(&seconds), "tiers tell what seconds tell");
        }
    }
}
