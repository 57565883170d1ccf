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

/// A zone that the file was given meanwhile is that of its days.
#[test]
fn the_calendar_is_that_of_the_file_that_is_open() {
    let folder = tempfile::tempdir().unwrap();
    let midnight = START - START % 86_400;
    // In India a day ends at 18:30 here.
    let second = |n| Arc::new(delta(at(midnight + 18 * 3_600 + n, 0), Vec::new()));
    let writer = committed(folder.path(), &[second(600), second(601)]);
    writer.job(Box::new(move |transaction| {
        Calendar::set(transaction, "Asia/Kolkata", Time(midnight))?;
        sizes::cut(transaction, Tier::Second, Time(midnight + 86_400))?;
        sizes::cut(transaction, Tier::Minute, Time(midnight + 86_400))?;
        Ok(Step::Finished)
    }));
    let told = ordered(&writer, Order::Compact);
    assert!(matches!(told, Told::Compacted(_)), "{told:?}");
    let wish = Wish::Range(Time(midnight + 18 * 3_600 + 600)..Time(midnight + 18 * 3_600 + 602));
    let told = forgotten(&writer, wish);
    let half = Time(midnight + 18 * 3_600)..Time(midnight + 18 * 3_600 + 1_800);
    assert_eq!(told.range, Some(half));
    writer.stop().unwrap();
}
