//! The writer's thread: what it waits for, what it tells, what it does between commits.

use super::*;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;

#[test]
fn quiet_seconds_wait_for_company_and_are_written_at_the_end() {
    let folder = tempfile::tempdir().unwrap();
    let (clock, hands) = Clock::manual(Time(START).start());
    let (told, commits) = mpsc::channel();
    let hooks = Hooks {
        cut_to_commit: Box::new(move |nanos| told.send(nanos).unwrap()),
        ..Hooks::default()
    };
    let writer = Writer::start(open(folder.path()), clock, hooks).unwrap();
    hands.advance(500);
    let give = |second| {
        let quiet = delta(at(START + second, 0), Vec::new());
        writer.commit(Arc::new(quiet), Nanos(100));
    };
    give(0);
    assert_eq!(
        commits.recv(),
        Ok(Nanos(400)),
        "the first is soon on record"
    );
    (1..10).for_each(give);
    assert_eq!(writer.committed().now().pending, 9);
    assert!(commits.try_recv().is_err());
    give(10);
    let waited: Vec<_> = commits.iter().take(10).collect();
    assert_eq!(waited, [Nanos(400); 10]);
    give(11);
    writer.stop().unwrap();
    assert_eq!(read(folder.path()).0.len(), 12);
}

#[test]
fn busy_seconds_wait_as_long_as_they_were_told_to() {
    let folder = tempfile::tempdir().unwrap();
    let (clock, _) = Clock::manual(Time(START).start());
    let (told, commits) = mpsc::channel();
    let hooks = Hooks {
        commit: Box::new(move |_| told.send(()).unwrap()),
        ..Hooks::default()
    };
    let mut store = open(folder.path());
    store.config.sync_s = 3;
    let writer = Writer::start(store, clock, hooks).unwrap();
    let busy = |second| {
        let rows = vec![row(1, label("curl", Site::Other), 0, traffic(1, 2, 3, 4))];
        let second = delta(at(START + second, 0), rows);
        writer.commit(Arc::new(second), Nanos(0));
    };
    busy(0);
    commits.recv().unwrap();
    for first in [1, 4] {
        (first..first + 2).for_each(busy);
        assert!(commits.try_recv().is_err());
        busy(first + 2);
        commits.recv().unwrap();
    }
    writer.stop().unwrap();
    assert!(commits.recv().is_err(), "a commit for three, and no more");
    assert_eq!(read(folder.path()).0.len(), 7);
}

#[test]
fn an_import_of_older_seconds_takes_nothing_back() {
    let folder = tempfile::tempdir().unwrap();
    let second = |second, epoch| Arc::new(delta(at(second, epoch), Vec::new()));
    write(folder.path(), &[second(START, 0)]);
    for (first, reaches) in [(START - 100, START), (START + 100, START + 101)] {
        let store = open(folder.path()).importing();
        let epoch = store.next_epoch().0;
        let (clock, _) = Clock::manual(Time(START).start());
        let writer = Writer::start(store, clock, Hooks::default()).unwrap();
        let committed = writer.committed();
        writer.commit_when_room(second(first, epoch), Nanos(0));
        writer.commit_when_room(second(first + 1, epoch), Nanos(0));
        writer.stop().unwrap();
        let through = Some(at(reaches, epoch));
        assert_eq!(committed.through(), through);
        assert_eq!(open(folder.path()).through(), through);
    }
    assert_eq!(read(folder.path()).0.len(), 5);
}

#[test]
fn a_thread_that_dies_is_told_of_and_waited_for_by_nobody() {
    let folder = tempfile::tempdir().unwrap();
    let (clock, _) = Clock::manual(Time(START).start());
    let hooks = Hooks {
        job: Box::new(|_| panic!("as a test wants it")),
        ..Hooks::default()
    };
    let writer = Writer::start(open(folder.path()), clock, hooks).unwrap();
    assert!(!writer.committed().has_died());
    writer.job(Box::new(|_| Ok(Step::Finished)));
    // More than there is room for: without a thread that takes them this would wait for ever.
    for second in 0..2 * BACKLOG_SECONDS as i64 {
        let one = delta(at(START + second, 0), Vec::new());
        writer.commit_when_room(Arc::new(one), Nanos(0));
    }
    let progress = writer.committed().now();
    assert!(progress.died && progress.degraded.is_some(), "{progress:?}");
    assert!(matches!(writer.stop(), Err(Error::Died)));
}

#[test]
fn how_long_it_is_kept_can_change_while_it_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let (clock, _) = Clock::manual(Time(START).start());
    let (told, jobs) = mpsc::channel();
    let hooks = Hooks {
        job: Box::new(move |_| told.send(()).unwrap()),
        ..Hooks::default()
    };
    let writer = Writer::start(open(folder.path()), clock, hooks).unwrap();
    let shorter = Config {
        connections_max: 2,
        ..config()
    };
    writer.kept().set(&shorter);
    let mut one = delta(at(START, 0), Vec::new());
    let ended = |flow| connection(flow, Time(START).start(), label("curl", Site::Other));
    one.ended = (1..=5).map(ended).collect();
    writer.commit(Arc::new(one), Nanos(0));
    jobs.recv().unwrap();
    writer.stop().unwrap();
    let mut left = 0;
    let count = &mut |_: Ended, _| {
        left += 1;
        ControlFlow::Continue(())
    };
    let snapshot = open(folder.path()).reader().snapshot().unwrap();
    snapshot.connections(&ALWAYS, None, count).unwrap();
    assert_eq!(left, 2);
}

#[test]
fn a_job_is_called_until_it_is_finished() {
    let folder = tempfile::tempdir().unwrap();
    let (clock, _) = Clock::manual(Time(START).start());
    let (told, slices) = mpsc::channel();
    let hooks = Hooks {
        job: Box::new(move |_| told.send(()).unwrap()),
        ..Hooks::default()
    };
    let writer = Writer::start(open(folder.path()), clock, hooks).unwrap();
    let calls = Arc::new(AtomicUsize::new(0));
    let mine = calls.clone();
    writer.job(Box::new(move |_| {
        match mine.fetch_add(1, Ordering::Relaxed) {
            2 => Ok(Step::Finished),
            _ => Ok(Step::Again),
        }
    }));
    assert_eq!(slices.iter().take(3).count(), 3);
    writer.stop().unwrap();
    assert_eq!(calls.load(Ordering::Relaxed), 3);
}
