//! Forgetting in every tier: a label that goes moves no byte, a range that goes takes its seconds and no
//! others, in whatever state the tiers are and whatever interrupts it.

use super::*;
use crate::store::forget::{Forgetting, Wish};
use crate::store::gap::Why;

/// Forgets, without a writer. With `fails`, each job is done in vain once, and then by whoever opens the
/// file next.
pub(in crate::store::tests) fn forget(
    store: &Store,
    wish: &Wish,
    fails: bool,
) -> Result<(), Error> {
    let database = store.slot.get().unwrap();
    let transaction = file::begin(&database).unwrap();
    let mut state = Forgetting::begin(&transaction, &store.calendar, wish, Time(START))?;
    transaction.commit().unwrap();
    while !state.is_swept() {
        if fails {
            let transaction = file::begin(&database).unwrap();
            state.slice(&transaction, &store.calendar).unwrap();
            transaction.abort().unwrap();
            state = Forgetting::resume(&database).unwrap().unwrap();
        }
        let transaction = file::begin(&database).unwrap();
        state.slice(&transaction, &store.calendar).unwrap();
        transaction.commit().unwrap();
    }
    Ok(())
}

/// The sums of every second and bucket that a plan reads, by interface: when it begins, how long it is.
type Buckets = BTreeMap<(Moment, u32, u32), (Traffic, Traffic)>;

fn buckets(snapshot: &Snapshot, plan: &Plan, range: &Range<Time>) -> Buckets {
    let amendments = snapshot.amendments(range).unwrap();
    let mut sums = Buckets::new();
    let visit = &mut |second: &Second, rows: &mut dyn Iterator<Item = Row>| {
        let key = |nic: NicId| (second.moment, second.span, nic.0);
        for nic in &second.nics {
            sums.entry(key(nic.nic)).or_default().1 += nic.counted();
        }
        for row in rows {
            sums.entry(key(row.nic)).or_default().0 += row.traffic;
        }
        ControlFlow::Continue(())
    };
    snapshot.planned(plan, range, &amendments, visit).unwrap();
    sums
}

/// The same with other names.
fn renamed(told: Told, app: Option<&str>, site: Option<&str>) -> Told {
    let mut rows = BTreeMap::<Key, (Traffic, u64)>::new();
    let other = |is: String, forgotten: Option<&str>| match forgotten {
        Some(name) if is == name => "forgotten".to_owned(),
        _ => is,
    };
    for ((nic, an_app, a_site, protocol, classes), (traffic, opened)) in told.rows {
        let key = (
            nic,
            other(an_app, app),
            other(a_site, site),
            protocol,
            classes,
        );
        let sum = rows.entry(key).or_default();
        sum.0 += traffic;
        sum.1 += opened;
    }
    Told { rows, ..told }
}

/// A history in some state: some of it hot, some sealed, some rolled up.
fn lived(deltas: &[Arc<Delta>], zone: &str, through: i64) -> tempfile::TempDir {
    let folder = in_memory();
    drop(store(folder.path(), zone));
    let (old, new) = deltas.split_at(deltas.len() * 2 / 3);
    write(folder.path(), old);
    seal(folder.path());
    roll_until(&store(folder.path(), zone), through, false);
    write(folder.path(), new);
    folder
}

fn all_of(deltas: &[Arc<Delta>]) -> Range<Time> {
    let seconds = || deltas.iter().map(|delta| delta.moment.second.0);
    Time(seconds().min().unwrap() - 2 * DAY)..Time(seconds().max().unwrap() + 2 * DAY)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    #[test]
    fn a_label_that_goes_moves_no_byte(
        deltas in any_history(30),
        by in prop::sample::select(vec![1i64, 7, 241, 977]),
        zone in any_zone(),
        through: prop::sample::Index,
        which in 0..4u8,
        fails: bool,
    ) {
        let deltas = stretched(&deltas, by);
        let range = all_of(&deltas);
        let through = range.start.0 + through.index((range.end.0 - range.start.0) as usize) as i64;
        let folder = lived(&deltas, zone, through);
        let store = store(folder.path(), zone);
        let (app, site, wish) = match which {
            0 => (Some("curl"), None, Wish::AppNamed("curl".into())),
            1 => (Some("ssh"), None, Wish::AppNamed("/usr/bin/ssh".into())),
            2 => (None, Some("site1.example"), Wish::SiteNamed("Site1.example".into())),
            _ => (None, Some("192.0.2.2"), Wish::SiteNamed("192.0.2.2".into())),
        };
        let look = || {
            let snapshot = store.reader().snapshot().unwrap();
            Tier::ALL.map(|tier| {
                let plan = snapshot.plan(&range, tier).unwrap();
                (told(&snapshot, &plan, &range), buckets(&snapshot, &plan, &range))
            })
        };
        let before = look();
        match forget(&store, &wish, fails) {
            Err(Error::Nothing(_)) => return Ok(()),
            done => done.unwrap(),
        }
        for ((before, sums), (after, now)) in before.into_iter().zip(look()) {
            prop_assert_eq!(renamed(before, app, site), after);
            prop_assert_eq!(sums, now);
        }
        roll_until(&store, i64::MAX, false);
        let snapshot = store.reader().snapshot().unwrap();
        let seconds = told(&snapshot, &Plan::seconds(&range), &range);
        for tier in Tier::ALL {
            let plan = snapshot.plan(&range, tier).unwrap();
            prop_assert_eq!(&told(&snapshot, &plan, &range), &seconds);
        }
    }

    #[test]
    fn a_range_that_goes_takes_its_seconds_and_no_others(
        deltas in any_history(30),
        by in prop::sample::select(vec![1i64, 7, 241, 977]),
        zone in any_zone(),
        through: prop::sample::Index,
        from: prop::sample::Index,
        to: prop::sample::Index,
        fails: bool,
    ) {
        let deltas = stretched(&deltas, by);
        let range = all_of(&deltas);
        let place = |index: prop::sample::Index| {
            range.start.0 + index.index((range.end.0 - range.start.0) as usize) as i64
        };
        let folder = lived(&deltas, zone, place(through));
        // Labels that came for what was sealed already came too late.
        let (_, sums) = read(folder.path());
        let store = store(folder.path(), zone);
        let gone = Time(place(from).min(place(to)))..Time(place(from).max(place(to)) + 1);
        match forget(&store, &Wish::Range(gone.clone()), fails) {
            Err(Error::Nothing(_)) => {
                prop_assert!(!deltas.iter().any(|delta| gone.contains(&delta.moment.second)));
                return Ok(());
            }
            done => done.unwrap(),
        }
        let mut left = BTreeMap::new();
        for ((moment, nic, app, site), traffic) in sums {
            if !gone.contains(&moment.second) {
                *left.entry((nic, app, site)).or_insert_with(Traffic::default) += traffic;
            }
        }
        for rolled in [false, true] {
            if rolled {
                roll_until(&store, i64::MAX, false);
            }
            let snapshot = store.reader().snapshot().unwrap();
            for tier in Tier::ALL {
                let plan = snapshot.plan(&range, tier).unwrap();
                prop_assert_eq!(&by_label(&told(&snapshot, &plan, &range)), &left, "{:?} {}", tier, rolled);
            }
        }
        let snapshot = store.reader().snapshot().unwrap();
        let gaps = snapshot.gaps(&range).unwrap();
        prop_assert!(gaps.iter().all(|gap| gap.why == Why::Forgotten));
        let told = |second: Time| gaps.iter().any(|gap| gap.first.second <= second && second < gap.end());
        for second in deltas.iter().map(|delta| delta.moment.second) {
            prop_assert_eq!(told(second), gone.contains(&second), "{:?}", second);
        }
    }
}
