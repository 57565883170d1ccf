//! What is done in small pieces: the daily check, and forgetting itself.

use super::*;

#[test]
fn a_history_is_checked_once_a_day_and_what_is_found_is_told() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), &furnished(200));
    roll(&open(folder.path()));
    let checked = |folder: &Path| {
        let store = open(folder);
        let beside = store.reader();
        let (clock, _) = Clock::manual(Time(START + 1_000).start());
        let writer = Writer::start(store, clock.clone(), Hooks::default()).unwrap();
        let means = care::Means {
            reader: beside.clone(),
            orders: writer.orders(),
            committed: writer.committed(),
            clock,
        };
        let mut pieces = 0;
        means.check(&mut || {
            pieces += 1;
            Ok(())
        });
        assert!(pieces > 5);
        let found = writer.committed().now().checked.unwrap();
        let stored = || care::stats(&beside).unwrap().checked == Some(found);
        super::model::until(stored);
        writer.stop().unwrap();
        found
    };
    let found = checked(folder.path());
    assert_eq!((found.at, found.damaged), (Time(START + 1_000), 0));
    let stats = care::stats(&open(folder.path()).reader()).unwrap();
    assert_eq!(stats.checked, Some(found));
    // A checksum that is right tells nothing of what is in it.
    let store = open(folder.path());
    let transaction = file::begin(&store.slot.get().unwrap()).unwrap();
    let mut minutes = transaction.open_table(Tier::Minute.table()).unwrap();
    let (key, value) = minutes
        .pop_first()
        .unwrap()
        .map(|(key, value)| (*key.value(), value.value().to_vec()))
        .unwrap();
    let short = codec::Out(value[..value.len() - 9].to_vec()).sealed();
    minutes.insert(&key, short.as_slice()).unwrap();
    drop(minutes);
    transaction.commit().unwrap();
    drop(store);
    assert_eq!(checked(folder.path()).damaged, 1);
}

/// A job reads no more than sealing one does; how long each takes is told, not judged.
#[test]
fn forgetting_is_done_in_small_jobs() {
    let folder = tempfile::tempdir().unwrap();
    let seconds = (0..20).map(|second| {
        let rows = (1..=4_096).map(|flow| {
            let site = Site::Name(format!("site{flow}.example").into());
            row(flow, label(APP, site), 0, traffic(1, flow, 0, 0))
        });
        Arc::new(delta(at(START + second, 0), rows.collect()))
    });
    let seconds: Vec<_> = seconds.collect();
    write(folder.path(), &seconds);
    let (store, clock) = (open(folder.path()), Clock::system());
    let database = store.slot.get().unwrap();
    let (mut sealing, mut forgetting) = (Vec::new(), Vec::new());
    let mut finished = false;
    while !finished {
        let begun = clock.steady();
        let transaction = file::begin(&database).unwrap();
        finished = seal::seal_block(&transaction, at(START, 0))
            .unwrap()
            .finished;
        transaction.commit().unwrap();
        sealing.push(clock.steady().0 - begun.0);
    }
    super::roll(&store);
    let transaction = file::begin(&database).unwrap();
    let wish = Wish::AppNamed(APP.into());
    let state = Forgetting::begin(&transaction, &store.calendar, &wish, Time(START));
    transaction.commit().unwrap();
    let mut state = state.unwrap();
    let mut most = 0;
    while !state.is_swept() {
        let (begun, rows) = (clock.steady(), state.forgotten.rows);
        let transaction = file::begin(&database).unwrap();
        state.slice(&transaction, &store.calendar).unwrap();
        transaction.commit().unwrap();
        forgetting.push(clock.steady().0 - begun.0);
        most = most.max(state.forgotten.rows - rows);
    }
    assert!(
        state.forgotten.rows > 80_000 && most <= 32_768 + 4_096,
        "{most}"
    );
    let longest = |jobs: &[i64]| jobs.iter().max().copied().unwrap_or_default() as f64 / 1e6;
    eprintln!(
        "{} jobs of sealing, the longest {:.1} ms; {} of forgetting {} rows, the longest {:.1} ms",
        sealing.len(),
        longest(&sealing),
        forgetting.len(),
        state.forgotten.rows,
        longest(&forgetting),
    );
}
