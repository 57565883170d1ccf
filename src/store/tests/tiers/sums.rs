//! Every tier tells the sums of the input, in whatever order things are done, to the byte.

use super::super::super::stale;
use super::*;

/// Seconds as a whole, and the same again in a later epoch: an import.
fn as_import(deltas: &[Arc<Delta>], epoch: u32) -> Vec<Arc<Delta>> {
    let later = |moment: Moment| Moment {
        epoch: crate::units::Epoch(moment.epoch.0 + epoch),
        ..moment
    };
    let import = |delta: &Arc<Delta>| {
        let mut one = (**delta).clone();
        one.moment = later(one.moment);
        for amendment in &mut one.amendments {
            amendment.since = later(amendment.since);
        }
        Arc::new(one)
    };
    deltas.iter().map(import).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn every_tier_tells_what_was_put_in(
        deltas in any_history(30),
        by in prop::sample::select(vec![1i64, 7, 241, 977, 5_003]),
        zone in any_zone(),
        from: prop::sample::Index,
        to: prop::sample::Index,
        through: prop::sample::Index,
    ) {
        let deltas = stretched(&deltas, by);
        let folder = in_memory();
        drop(store(folder.path(), zone));
        write(folder.path(), &deltas);
        seal(folder.path());
        let low = deltas.iter().map(|delta| delta.moment.second.0).min().unwrap() - 2;
        let high = deltas.iter().map(|delta| delta.moment.second.0).max().unwrap() + 3;
        let place = |index: prop::sample::Index| low + index.index((high - low) as usize) as i64;
        let store = store(folder.path(), zone);
        roll_until(&store, place(through), false);
        let (one, other) = (place(from), place(to));
        let range = Time(one.min(other))..Time(one.max(other) + 1);
        let snapshot = store.reader().snapshot().unwrap();
        let seconds = told(&snapshot, &Plan::seconds(&range), &range);
        prop_assert_eq!(by_label(&seconds), given(&deltas, &range));
        for tier in Tier::ALL {
            let plan = snapshot.plan(&range, tier).unwrap();
            prop_assert!(plan.missing.is_empty());
            prop_assert!(plan.pieces.windows(2).all(|two| two[0].range.end == two[1].range.start));
            prop_assert_eq!(&told(&snapshot, &plan, &range), &seconds, "{:?} {:?}", tier, plan);
        }
    }

    #[test]
    fn nothing_counts_twice_or_is_lost_in_whatever_order_it_is_done(
        deltas in any_history(24),
        by in prop::sample::select(vec![13i64, 977, 5_003]),
        zone in any_zone(),
        steps in prop::collection::vec((0..5u8, any::<prop::sample::Index>(), any::<bool>()), 1..8),
    ) {
        let all = stretched(&deltas, by);
        let folder = in_memory();
        drop(store(folder.path(), zone));
        let high = all.iter().map(|delta| delta.moment.second.0).max().unwrap();
        let mut put = Vec::new();
        for (place, (step, index, fails)) in steps.iter().enumerate() {
            match step {
                0 | 1 => {
                    let some = as_import(&all[index.index(all.len())..], 1_000 * (place as u32 + 1));
                    write(folder.path(), &some);
                    seal(folder.path());
                    put.push(some);
                }
                2 | 3 => {
                    let until = high - index.index(3 * DAY as usize) as i64;
                    roll_until(&store(folder.path(), zone), until, *fails);
                }
                _ => {
                    let now = high + index.index(4 * DAY as usize) as i64;
                    remove(&store(folder.path(), zone), now, [1, 2, 3], 1_024);
                }
            }
        }
        let store = store(folder.path(), zone);
        roll_until(&store, i64::MAX, false);
        let snapshot = store.reader().snapshot().unwrap();
        let range = store.calendar.bucket(Tier::Day, Time(START - 2 * DAY)).start
            ..store.calendar.bucket(Tier::Day, Time(high + DAY)).start;
        let plan = snapshot.plan(&range, Tier::Day).unwrap();
        let mut sums = BTreeMap::new();
        for (key, traffic) in put.iter().flat_map(|some| given(some, &range)) {
            *sums.entry(key).or_insert_with(Traffic::default) += traffic;
        }
        prop_assert_eq!(by_label(&told(&snapshot, &plan, &range)), sums);
    }

    #[test]
    fn rolled_up_again_it_is_the_same_to_the_byte(deltas in any_history(20), zone in any_zone()) {
        let deltas = stretched(&deltas, 977);
        let folder = in_memory();
        drop(store(folder.path(), zone));
        write(folder.path(), &deltas);
        seal(folder.path());
        roll_until(&store(folder.path(), zone), i64::MAX, false);
        let before = Tier::COARSE.map(|tier| values(folder.path(), tier.table()));
        {
            let store = store(folder.path(), zone);
            let database = store.slot.get().unwrap();
            let transaction = file::begin(&database).unwrap();
            for delta in &deltas {
                stale::mark_above(&transaction, &store.calendar, Tier::Second, delta.moment.second).unwrap();
            }
            transaction.commit().unwrap();
            roll_until(&store, i64::MAX, true);
        }
        prop_assert_eq!(before, Tier::COARSE.map(|tier| values(folder.path(), tier.table())));
    }
}
