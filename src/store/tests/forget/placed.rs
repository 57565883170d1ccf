//! The file that was written anew has its place, and the old one's is gone: what is known of the file is
//! that one's, whatever the disk says then.

use super::*;
use crate::store::calendar::Calendar;
use crate::store::layout::Tier;
use crate::store::sizes;
use crate::store::tests::model::until;

/// A writer that has committed these.
fn committed(folder: &Path, deltas: &[Arc<Delta>]) -> Writer {
    let writer = writer_of(folder, deltas);
    let last = deltas.last().unwrap().moment;
    until(|| writer.committed().through() == Some(last));
    writer
}

#[test]
fn a_folder_that_cannot_be_synced_loses_no_second() {
    let folder = tempfile::tempdir().unwrap();
    let deltas = furnished(203);
    let (old, new) = deltas.split_at(200);
    let writer = committed(folder.path(), old);
    care::REFUSED.lock().push(folder.path().to_owned());
    let told = ordered(&writer, Order::Compact);
    assert!(matches!(told, Told::Compacted(_)), "{told:?}");
    let degraded = || writer.committed().now().degraded;
    assert!(degraded().unwrap().contains("cannot sync"));
    writer.commit(new[0].clone(), Nanos(0));
    until(|| writer.committed().through() == Some(new[0].moment));
    until(|| degraded().is_some_and(|why| why.contains("cannot sync")));
    care::REFUSED.lock().retain(|one| one != folder.path());
    writer.commit(new[1].clone(), Nanos(0));
    until(|| writer.committed().through() == Some(new[1].moment));
    writer.commit(new[2].clone(), Nanos(0));
    until(|| writer.committed().through() == Some(new[2].moment) && degraded().is_none());
    writer.stop().unwrap();
    let there: Vec<_> = totals(folder.path()).into_keys().collect();
    let given: Vec<_> = deltas.iter().map(|delta| delta.moment).collect();
    assert_eq!(there, given);
}

/// A flow that goes on keeps its label from second to second. What was forgotten of it stays forgotten,
/// and its name is given a new number.
#[test]
fn a_label_that_comes_again_is_not_the_one_that_was_forgotten() {
    let folder = tempfile::tempdir().unwrap();
    let kept = label(APP, Site::Name(HOST.into()));
    let second = |n: i64| {
        let rows = vec![row(1, kept.clone(), 0, traffic(1, 10, 1, 1))];
        Arc::new(delta(at(START + n, 0), rows))
    };
    let writer = committed(folder.path(), &[second(0), second(1)]);
    for (wish, n) in [
        (Wish::SiteNamed(HOST.into()), 2),
        (Wish::AppNamed(APP.into()), 3),
    ] {
        forgotten(&writer, wish);
        writer.commit(second(n), Nanos(0));
        until(|| writer.committed().through() == Some(at(START + n, 0)));
    }
    writer.stop().unwrap();
    let (_, sums) = read(folder.path());
    let told: Vec<_> = sums
        .keys()
        .map(|(_, _, app, site)| (app.as_str(), site.as_str()))
        .collect();
    let gone = "forgotten";
    assert_eq!(
        told,
        [(gone, gone), (gone, gone), (gone, HOST), (APP, HOST)]
    );
}

/// A file that grew is long, and has a hole where nothing was written yet: no room is needed for that.
#[test]
fn a_hole_in_the_file_needs_no_room() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("grown");
    let grown = std::fs::File::create(&path).unwrap();
    grown.set_len(8 << 40).unwrap();
    let path_of_full = folder.path().join("full");
    std::fs::write(&path_of_full, [7; 9_000]).unwrap();
    let full = std::fs::File::open(&path_of_full).unwrap();
    full.sync_all().unwrap();
    let needed = care::room_beside(&path).unwrap();
    assert!(needed < 1 << 20, "{needed} bytes");
    assert_eq!(care::room_beside(&path_of_full).unwrap(), 9_000);
}

/// A zone that the file was given meanwhile is that of its days.
#[test]
fn the_calendar_is_that_of_the_file_that_is_open() {
    let folder = tempfile::tempdir().unwrap();
    let midnight = START - START % 86_400;
    // In India a day ends at 18:30 here.
    let second = |n| Arc::new(delta(at(midnight + 18 * 3_600 + n, 0), Vec::new()));
    let writer = committed(folder.path(), &[second(600), second(601)]);
    let (tell, told) = std::sync::mpsc::channel();
    writer.job(Box::new(move |transaction| {
        tell.send(()).unwrap();
        Calendar::set(transaction, "Asia/Kolkata", Time(midnight))?;
        sizes::cut(transaction, Tier::Second, Time(midnight + 86_400))?;
        sizes::cut(transaction, Tier::Minute, Time(midnight + 86_400))?;
        Ok(Step::Finished)
    }));
    told.recv().unwrap();
    let told = ordered(&writer, Order::Compact);
    assert!(matches!(told, Told::Compacted(_)), "{told:?}");
    let wish = Wish::Range(Time(midnight + 18 * 3_600 + 600)..Time(midnight + 18 * 3_600 + 602));
    let told = forgotten(&writer, wish);
    let half = Time(midnight + 18 * 3_600)..Time(midnight + 18 * 3_600 + 1_800);
    assert_eq!(told.range, Some(half));
    writer.stop().unwrap();
}

/// Where there was no room for a new file, the next one goes without what that was to go without.
#[test]
fn what_an_earlier_wish_left_in_the_file_goes_with_the_next() {
    let next = [
        Order::Compact,
        Order::Forget(Wish::AppNamed("ssh".into())),
        Order::Forget(Wish::Range(Time(START)..Time(START + 2))),
    ];
    for order in next {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(FILE);
        let mut deltas = furnished(60);
        let site = label("curl", Site::Name("only-then.example".into()));
        let rows = vec![row(9_000, site, 0, traffic(1, 1, 1, 1))];
        deltas[30] = Arc::new(delta(at(START + 30, 0), rows));
        let writer = committed(folder.path(), &deltas);
        let name = format!(".{FILE}.{}.new", std::process::id());
        let blocked = folder.path().join(name);
        std::fs::create_dir(&blocked).unwrap();
        let told = forgotten(&writer, Wish::Range(Time(START + 30)..Time(START + 31)));
        assert!(told.not_rewritten.is_some(), "{told:?}");
        assert!(holds(&path, b"only-then.example"));
        std::fs::remove_dir(&blocked).unwrap();
        let told = ordered(&writer, order.clone());
        assert!(
            matches!(told, Told::Compacted(_) | Told::Forgotten(_)),
            "{told:?}"
        );
        writer.stop().unwrap();
        assert!(!holds(&path, b"only-then.example"), "{order:?}");
    }
}

/// What was open in a forgotten time and still is, is not told when it ends.
#[test]
fn a_connection_that_outlives_a_forgotten_time_is_not_told() {
    let folder = tempfile::tempdir().unwrap();
    let writer = committed(folder.path(), &furnished(20));
    forgotten(&writer, Wish::Range(Time(START + 5)..Time(START + 10)));
    let mut later = delta(at(START + 20, 0), Vec::new());
    let last = later.moment.second.start();
    let label = |name: &str| label(APP, Site::Name(name.into()));
    let mut open = connection(7_000, last, label("open-then.example"));
    open.first = Time(START + 7).start();
    let mut new = connection(7_001, last, label("begun-since.example"));
    new.first = Time(START + 12).start();
    later.ended = vec![open, new];
    writer.commit(Arc::new(later), Nanos(0));
    writer.stop().unwrap();
    let path = folder.path().join(FILE);
    assert!(!holds(&path, b"open-then.example") && holds(&path, b"begun-since.example"));
}
