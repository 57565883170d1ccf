//! What is imported is told in every tier, once.

use super::*;

#[test]
fn what_is_imported_is_told_in_every_tier_and_only_once() {
    let folder = in_memory();
    let all = sums();
    let first = import(folder.path(), all.clone());
    assert_eq!(first.taken, all.len() as u64);
    assert_eq!(
        first.bytes_in,
        all.iter().map(|sum| sum.bytes_in).sum::<u64>()
    );
    assert_eq!((first.had, first.covered, first.unfit), (0, 0, 0));
    let before = std::fs::read(folder.path().join(FILE)).unwrap().len();
    for _ in 0..2 {
        let again = import(folder.path(), all.clone());
        assert_eq!((again.taken, again.had), (0, all.len() as u64), "{again:?}");
    }
    assert!(before > 0);
    let whole = MIDNIGHT - 14 * DAY..MIDNIGHT;
    let hours = MIDNIGHT - 3 * DAY..MIDNIGHT;
    for interface in ["eth0", "lo"] {
        let tell = |range: &Range<i64>, tier| told(folder.path(), range.clone(), tier, interface);
        assert_eq!(
            tell(&whole, Tier::Day),
            expected(&all, interface, whole.clone())
        );
        for tier in [Tier::Hour, Tier::Day] {
            assert_eq!(tell(&hours, tier), expected(&all, interface, hours.clone()));
        }
        let some = MIDNIGHT - 50 * HOUR..MIDNIGHT - 7 * HOUR;
        assert_eq!(
            tell(&some, Tier::Day),
            expected(&all, interface, some.clone())
        );
    }
    let noted = open(folder.path())
        .reader()
        .snapshot()
        .unwrap()
        .imported()
        .unwrap();
    assert_eq!(noted, [Time(hours.start)..Time(hours.end)]);
    // A part of a day that is kept as a whole is told to be missing.
    let part = Time(MIDNIGHT - 5 * DAY)..Time(MIDNIGHT - 5 * DAY + HOUR);
    let snapshot = open(folder.path()).reader().snapshot().unwrap();
    assert_eq!(snapshot.plan(&part, Tier::Day).unwrap().missing, [part]);
}

#[test]
fn interfaces_that_come_one_after_the_other_are_told_together() {
    let folder = in_memory();
    for interface in ["eth0", "lo"] {
        let mut some = sums();
        some.retain(|sum| *sum.interface == *interface);
        let wanted = some.len() as u64;
        assert_eq!(import(folder.path(), some).taken, wanted);
    }
    let snapshot = open(folder.path()).reader().snapshot().unwrap();
    let range = Time(MIDNIGHT - HOUR)..Time(MIDNIGHT);
    let plan = snapshot.plan(&range, Tier::Hour).unwrap();
    let mut nics = Vec::new();
    let visit = &mut |second: &Second, _: &mut dyn Iterator<Item = Row>| {
        nics.push(second.nics.len());
        ControlFlow::Continue(())
    };
    let none = Amendments::default();
    snapshot.planned(&plan, &range, &none, visit).unwrap();
    // So that a total does not count loopback where the uplink was there.
    assert_eq!(nics, [2]);
}
