//! The power may go at any moment of forgetting.

use super::*;

/// At every sync of forgetting the power goes; whoever opens the file then goes on, and comes to the
/// same end - or to the beginning, where not even that was on the disk.
#[test]
fn what_a_power_cut_interrupts_goes_on_when_the_file_is_opened() {
    let each = times("NETMONITOR_FORGET_IMAGES", 2);
    for wish in [
        Wish::AppNamed(APP.into()),
        Wish::SiteNamed(HOST.into()),
        Wish::Range(Time(START + 30)..Time(START + 95)),
        Wish::Everything,
    ] {
        let disk = Backend::default();
        live(&disk, &furnished(150));
        let before = told_by(&open_on(&disk, false).unwrap());
        let recorded = disk.clone().record();
        forget(&open_on(&recorded, false).unwrap(), &wish, false).unwrap();
        let after = told_by(&open_on(&recorded, false).unwrap());
        assert_ne!(after, before);
        let (cuts, mut resumed) = (recorded.cuts(), 0);
        for (place, cut) in cuts.iter().enumerate() {
            for n in 0..each {
                let image = cut.image(Kind::of(n), &mut random(place * 100 + n));
                let store = open_on(&Backend::of(image), n % 2 == 0).unwrap();
                let began = finish(&store);
                resumed += usize::from(began);
                let now = told_by(&store);
                let right = if began {
                    now == after
                } else {
                    now == before || now == after
                };
                assert!(right, "{wish:?}, cut {place}, image {n}");
            }
        }
        eprintln!(
            "{wish:?}: {} cuts, {} images, {resumed} of them went on",
            cuts.len(),
            cuts.len() * each
        );
        assert!(resumed > 3, "{resumed} of {}", cuts.len());
    }
}

fn live(disk: &Backend, deltas: &[Arc<Delta>]) {
    let (clock, _) = Clock::manual(Time(START).start());
    let writer = Writer::start(open_on(disk, false).unwrap(), clock, Hooks::default()).unwrap();
    for delta in deltas {
        writer.commit_when_room(delta.clone(), Nanos(0));
    }
    writer.stop().unwrap();
    super::roll(&open_on(disk, false).unwrap());
}

/// Does what is left of forgetting; whether something was.
fn finish(store: &Store) -> bool {
    let database = store.slot.get().unwrap();
    let Some(mut state) = Forgetting::resume(&database).unwrap() else {
        return false;
    };
    while !state.is_swept() {
        let transaction = file::begin(&database).unwrap();
        state.slice(&transaction, &store.calendar).unwrap();
        transaction.commit().unwrap();
    }
    true
}

type Everything = (
    BTreeMap<(Moment, String, String), u64>,
    Vec<(u64, String)>,
    Vec<Gap>,
    Vec<u64>,
);

/// Rows by label, connections, gaps, and what each tier holds.
fn told_by(store: &Store) -> Everything {
    let snapshot = store.reader().snapshot().unwrap();
    let amendments = snapshot.amendments(&ALWAYS).unwrap();
    let mut rows = BTreeMap::new();
    let visit = &mut |second: &Second, all: &mut dyn Iterator<Item = Row>| {
        for row in all {
            let app = snapshot.word::<App>(row.label.app).unwrap().unwrap().0;
            let site = snapshot.word::<Site>(row.label.site).unwrap().unwrap().0;
            let key = (second.moment, app.name.to_string(), site.to_string());
            *rows.entry(key).or_default() += row.traffic.total().bytes;
        }
        ControlFlow::Continue(())
    };
    snapshot.seconds(&ALWAYS, &amendments, visit).unwrap();
    let mut connections = Vec::new();
    let each = &mut |one: Ended, _| {
        let app = snapshot.word::<App>(one.label.app).unwrap().unwrap().0;
        connections.push((one.flow.0, app.name.to_string()));
        ControlFlow::Continue(())
    };
    snapshot.connections(&ALWAYS, None, each).unwrap();
    let bytes = snapshot
        .held()
        .unwrap()
        .iter()
        .map(|held| held.bytes)
        .collect();
    (rows, connections, snapshot.gaps(&ALWAYS).unwrap(), bytes)
}
