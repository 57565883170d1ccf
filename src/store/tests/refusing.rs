//! Disks that refuse: full, read-only, broken, at any operation. What was counted is kept and written
//! when the disk takes it again, the reason is told meanwhile, and what is beyond 600 s is a named gap.

use super::disk::Backend;
use super::fault::Trouble;
use super::model::{Model, open_on, times, until, workload};
use super::*;

/// Faults that are waited out at the same time: most of it is waiting for the next try.
const AT_ONCE: usize = 50;

fn seconds(count: i64) -> Vec<Arc<Delta>> {
    let one = |second: i64| {
        let rows = vec![row(1, label("curl", Site::Other), 0, traffic(1, 9, 1, 7))];
        Arc::new(delta(at(START + second, 0), rows))
    };
    (0..count).map(one).collect()
}

/// A fault at each operation of the writer, of every kind, that lasts or passes at once.
#[test]
fn a_fault_at_any_operation_costs_nothing() {
    let faults = times("NETMONITOR_DISK_FAULTS", 100);
    let model = Model::of(workload(40));
    let mut met = 0;
    let cases: Vec<usize> = (0..faults).collect();
    for some in cases.chunks(AT_ONCE) {
        met += std::thread::scope(|scope| {
            let model = &model;
            let threads: Vec<_> = some
                .iter()
                .map(|at| scope.spawn(move || outlive(model, *at)))
                .collect();
            let all = threads
                .into_iter()
                .map(|one| usize::from(one.join().unwrap()));
            all.sum::<usize>()
        });
    }
    eprintln!("{faults} faults, {met} of them told");
    assert!(
        met * 10 >= faults * 9,
        "most faults were not met: {met} of {faults}"
    );
}

/// Whether the fault was told.
fn outlive(model: &Model, operation: usize) -> bool {
    let kinds = [
        Trouble::Full,
        Trouble::ReadOnly,
        Trouble::Broken,
        Trouble::Forgetful,
    ];
    let (trouble, lasts) = (kinds[operation % 4], (operation / 4).is_multiple_of(2));
    let backend = Backend::default();
    let store = open_on(&backend, true).unwrap();
    let (clock, _) = Clock::manual(Time(START).start());
    let writer = Writer::start(store, clock, Hooks::default()).unwrap();
    let committed = writer.committed();
    let most = if lasts { usize::MAX } else { 1 };
    backend.0.lock().fault.begin(trouble, operation, most);
    let mut told = false;
    for delta in model.given() {
        writer.commit(delta.clone(), Nanos(0));
        until(|| committed.through() == Some(delta.moment) || backend.0.lock().fault.has_begun());
        if backend.0.lock().fault.has_begun() && !told {
            told = is_told(trouble, &committed, delta.moment);
        }
    }
    backend.0.lock().fault.end();
    let last = model.given().last().map(|last| last.moment);
    until(|| committed.through() == last);
    assert_eq!(committed.now().degraded, None);
    writer.stop().unwrap();
    let held = model.check(&backend, true, model.given().len());
    held.unwrap_or_else(|why| panic!("{trouble:?} at operation {operation}: {why}"));
    told
}

/// Waits until the fault is told, or the second was written all the same.
fn is_told(trouble: Trouble, committed: &Committed, moment: Moment) -> bool {
    let reason = || committed.now().degraded;
    until(|| reason().is_some() || committed.through() == Some(moment));
    let told = reason();
    assert!(
        told.iter().all(|why| why.contains(trouble.words())),
        "{trouble:?} was told as {told:?}"
    );
    told.is_some()
}

#[test]
fn a_disk_that_refuses_is_tried_again_and_nothing_is_lost() {
    let backend = Backend::default();
    let (clock, _) = Clock::manual(Time(START).start());
    let writer = Writer::start(open_on(&backend, true).unwrap(), clock, Hooks::default()).unwrap();
    let committed = writer.committed();
    let given = workload(20);
    let give = |range: std::ops::Range<usize>| {
        given[range]
            .iter()
            .for_each(|delta| writer.commit(delta.clone(), Nanos(0)));
    };
    give(0..5);
    until(|| committed.through() == Some(given[4].moment));
    backend.0.lock().fault.begin(Trouble::Broken, 0, usize::MAX);
    give(5..10);
    until(|| committed.now().degraded.is_some());
    assert_eq!(committed.through(), Some(given[4].moment));
    backend.0.lock().fault.end();
    give(10..20);
    until(|| committed.through() == Some(given[19].moment));
    assert_eq!(committed.now().degraded, None);
    writer.stop().unwrap();
    assert_eq!(Model::of(given).check(&backend, true, 20), Ok(20));
}

/// Seconds go on coming while the writer waits for its next try, more often than it tries.
#[test]
fn seconds_that_come_meanwhile_do_not_put_the_next_try_off() {
    let backend = Backend::default();
    let (clock, _) = Clock::manual(Time(START).start());
    let writer = Writer::start(open_on(&backend, true).unwrap(), clock, Hooks::default()).unwrap();
    let committed = writer.committed();
    let given = seconds(300);
    backend.0.lock().fault.begin(Trouble::Full, 0, usize::MAX);
    let mut given = given.iter();
    let mut one_more = || {
        let next = given.next();
        let next = next.expect("it was not tried again in the time of 30 tries");
        writer.commit(next.clone(), Nanos(0));
        std::thread::sleep(std::time::Duration::from_millis(100));
    };
    while committed.now().degraded.is_none() {
        one_more();
    }
    backend.0.lock().fault.end();
    while committed.now().degraded.is_some() {
        one_more();
    }
    writer.stop().unwrap();
}

#[test]
fn a_disk_that_refuses_for_long_leaves_a_named_gap() {
    let backend = Backend::default();
    let (clock, _) = Clock::manual(Time(START).start());
    let store = open_on(&backend, true).unwrap();
    let reader = store.reader();
    let writer = Writer::start(store, clock, Hooks::default()).unwrap();
    let committed = writer.committed();
    let given = seconds(700);
    backend.0.lock().fault.begin(Trouble::Broken, 0, usize::MAX);
    writer.commit(given[0].clone(), Nanos(0));
    until(|| committed.now().degraded.is_some());
    given[1..]
        .iter()
        .for_each(|delta| writer.commit(delta.clone(), Nanos(0)));
    backend.0.lock().fault.end();
    until(|| committed.through() == Some(given[699].moment));
    let gaps = reader.snapshot().unwrap().gaps(&ALWAYS).unwrap();
    assert_eq!(gaps.iter().map(|gap| gap.seconds).sum::<u32>(), 100);
    assert_eq!(
        gaps.iter()
            .map(|gap| gap.traffic.total().bytes)
            .sum::<u64>(),
        1_600
    );
    assert_eq!(gaps[0].first, given[0].moment);
    writer.stop().unwrap();
    let found = open_on(&backend, true)
        .unwrap()
        .reader()
        .snapshot()
        .unwrap();
    let mut count = 0;
    let visit = &mut |_: &Second, _: &mut dyn Iterator<Item = Row>| {
        count += 1;
        ControlFlow::Continue(())
    };
    found
        .seconds(&ALWAYS, &Amendments::default(), visit)
        .unwrap();
    assert_eq!(count, 600);
}
