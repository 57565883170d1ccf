//! Forgetting through the writer, and the file written anew: no byte of what was forgotten is in it, the
//! power may go at any moment, and the seconds that come meanwhile are all there.

use super::super::care::{self, Target, Unused};
use super::super::forget::{Forgetting, Wish};
use super::cut::{Kind, random};
use super::disk::Backend;
use super::model::{open_on, times};
use super::tiers::forgetting::forget;
use super::*;
use crate::label::{Marks, SiteSource};
use crate::names::{Claim, Name};
use crate::owners::{Parent, Process};
use crate::platform::Run;
use crate::tick::Facts;
use std::path::Path;

const HOST: &str = "wombat-hoard.example";
const ADDRESS: [u8; 4] = [203, 0, 113, 77];
const APP: &str = "zebrafinch";

fn process(app: &str, parent: &str) -> Arc<Process> {
    Arc::new(Process {
        run: Run { pid: 77, since: 5 },
        started: None,
        app: label(app, Site::Other).app.clone(),
        via: None,
        container: None,
        unit: None,
        parents: vec![Parent {
            pid: 7,
            name: parent.into(),
        }],
    })
}

/// Minutes in which an application talks to a site, whose name becomes known late, while others do too.
fn furnished(seconds: i64) -> Vec<Arc<Delta>> {
    let second = |n: i64| {
        let flow = n as u64 * 3 + 1;
        let rows = vec![
            row(
                flow,
                label(APP, Site::Address(ADDRESS.into())),
                1,
                traffic(1, 100, 2, 50),
            ),
            row(
                flow + 1,
                label(APP, Site::Name("other.example".into())),
                0,
                traffic(1, 10, 2, 5),
            ),
            row(
                flow + 2,
                label("ssh", Site::Name(HOST.into())),
                0,
                traffic(1, 7, 2, 3),
            ),
        ];
        let mut one = delta(at(START + n, 0), rows);
        let last = one.moment.second.start();
        let mut ended = connection(flow, last, label(APP, Site::Name(HOST.into())));
        ended.remote.address = ADDRESS.into();
        ended.facts = Some(Arc::new(Facts {
            claims: vec![Claim {
                source: SiteSource::Sni,
                marks: Marks::default(),
                name: Name::of(HOST.as_bytes()).unwrap(),
            }],
            owner: Some(process(APP, "sh")),
            ..Facts::default()
        }));
        let mut other = connection(
            flow + 1,
            last,
            label("ssh", Site::Name("third.example".into())),
        );
        other.facts = Some(Arc::new(Facts {
            owner: Some(process("ssh", APP)),
            ..Facts::default()
        }));
        one.ended = vec![ended, other];
        one.interfaces[0].carrier = Some(label(APP, Site::Other).app.clone());
        one.amendments = vec![Amendment {
            flow: FrameNumber(flow),
            since: one.moment,
            label: label(APP, Site::Name(HOST.into())),
        }];
        Arc::new(one)
    };
    (0..seconds).map(second).collect()
}

fn holds(path: &Path, needle: &[u8]) -> bool {
    let bytes = std::fs::read(path).unwrap();
    bytes.windows(needle.len()).any(|window| window == needle)
}

/// A writer that has written these.
fn writer_of(folder: &Path, deltas: &[Arc<Delta>]) -> Writer {
    let newest = deltas
        .iter()
        .map(|delta| delta.moment.second)
        .max()
        .unwrap();
    let (clock, _) = Clock::manual(newest.start());
    let writer = Writer::start(open(folder), clock, Hooks::default()).unwrap();
    deltas
        .iter()
        .for_each(|delta| writer.commit_when_room(delta.clone(), Nanos(0)));
    writer
}

fn ordered(writer: &Writer, order: Order) -> Told {
    let waiting = writer.orders().give(order).unwrap();
    loop {
        match waiting.next() {
            Told::Progress(..) => {}
            last => return last,
        }
    }
}

fn forgotten(writer: &Writer, wish: Wish) -> Forgotten {
    match ordered(writer, Order::Forget(wish)) {
        Told::Forgotten(forgotten) => forgotten,
        other => panic!("{other:?}"),
    }
}

/// Bytes of each second, whatever they are called.
fn totals(folder: &Path) -> BTreeMap<Moment, Traffic> {
    let mut totals = BTreeMap::new();
    for ((moment, ..), traffic) in read(folder).1 {
        *totals.entry(moment).or_insert_with(Traffic::default) += traffic;
    }
    totals
}

#[test]
fn no_byte_of_what_was_forgotten_is_in_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(FILE);
    let deltas = furnished(400);
    write(folder.path(), &deltas);
    roll(&open(folder.path()));
    let before = totals(folder.path());
    let path_of_app = format!("/usr/bin/{APP}");
    for needle in [
        HOST.as_bytes(),
        &ADDRESS,
        APP.as_bytes(),
        path_of_app.as_bytes(),
    ] {
        assert!(holds(&path, needle), "{needle:?} is there at first");
    }
    let writer = writer_of(
        folder.path(),
        &[Arc::new(delta(at(START + 400, 1), Vec::new()))],
    );
    let told = forgotten(&writer, Wish::SiteNamed(HOST.into()));
    assert_eq!((told.words, told.connections), (1, 400));
    assert!(told.rows > 400 && told.rewritten.is_some(), "{told:?}");
    assert!(!holds(&path, HOST.as_bytes()) && !holds(&path, &ADDRESS));
    assert!(holds(&path, APP.as_bytes()) && holds(&path, b"third.example"));
    let told = forgotten(&writer, Wish::AppNamed(APP.into()));
    assert_eq!((told.words, told.connections), (1, 0));
    assert!(matches!(
        ordered(&writer, Order::Forget(Wish::AppNamed(APP.into()))),
        Told::Failed(Error::Nothing(_))
    ));
    writer.stop().unwrap();
    assert!(!holds(&path, APP.as_bytes()) && !holds(&path, path_of_app.as_bytes()));
    assert!(holds(&path, b"third.example") && holds(&path, b"forgotten"));
    let mut after = totals(folder.path());
    after.retain(|moment, _| before.contains_key(moment));
    assert_eq!(after, before);
    let (_, sums) = read(folder.path());
    assert!(
        sums.keys()
            .any(|(_, _, app, site)| app == "forgotten" && site == "other.example")
    );
    let store = open(folder.path());
    let mark = Forgetting::resume(&store.slot.get().unwrap()).unwrap();
    assert!(mark.is_none(), "it is done");
    drop(store);
    let report = care::check_file(&path, &mut |_, _| Ok(())).unwrap();
    assert_eq!(report.damages, []);
    let left = std::fs::read_dir(folder.path()).unwrap().count();
    assert_eq!(left, 1, "nothing lies beside it");
}

#[test]
fn a_domain_goes_with_every_name_in_it() {
    let folder = tempfile::tempdir().unwrap();
    let rows = [
        "a.fern.example",
        "fern.example",
        "fern.example.org",
        "xfern.example",
    ];
    let rows = rows.iter().zip(1..).map(|(name, flow)| {
        row(
            flow,
            label("curl", Site::Name((*name).into())),
            0,
            traffic(1, 10, 1, 1),
        )
    });
    write(
        folder.path(),
        &[Arc::new(delta(at(START, 0), rows.collect()))],
    );
    let store = open(folder.path());
    forget(&store, &Wish::Domain("Fern.example.".into()), false).unwrap();
    drop(store);
    let (_, sums) = read(folder.path());
    let sites: Vec<_> = sums.keys().map(|(_, _, _, site)| site.as_str()).collect();
    assert_eq!(sites, ["fern.example.org", "forgotten", "xfern.example"]);
}

#[test]
fn a_range_leaves_no_word_that_only_it_brought() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(FILE);
    let mut deltas = furnished(300);
    let site = label("curl", Site::Name("only-then.example".into()));
    let rows = vec![row(9_000, site.clone(), 0, traffic(1, 1, 1, 1))];
    let mut evening = delta(at(START + 300, 0), rows);
    evening.ended = vec![connection(9_000, evening.moment.second.start(), site)];
    deltas.push(Arc::new(evening));
    for delta in &mut deltas[280..300] {
        let site = label("ssh", Site::Name("until-then.example".into()));
        let delta = Arc::make_mut(delta);
        delta.rows.push(row(8_000, site, 0, traffic(1, 1, 1, 1)));
    }
    deltas.extend((301..700).map(|n| {
        let names = if n < 305 {
            &[HOST][..]
        } else {
            &[HOST, "since-then.example"]
        };
        let rows = names.iter().zip(n * 2..).map(|(name, flow)| {
            let site = label("ssh", Site::Name((*name).into()));
            row(flow, site, 0, traffic(1, 1, 1, 1))
        });
        Arc::new(delta(at(START + n as i64, 0), rows.collect()))
    }));
    let writer = writer_of(folder.path(), &deltas);
    super::model::until(|| {
        writer.committed().through().map(|at| at.second) == Some(Time(START + 699))
    });
    let told = forgotten(&writer, Wish::Range(Time(START + 290)..Time(START + 310)));
    assert_eq!(told.range, Some(Time(START + 290)..Time(START + 310)));
    // Those that ended in it, and that which lived into it.
    assert!(told.connections >= 21, "{told:?}");
    writer.stop().unwrap();
    assert!(!holds(&path, b"only-then.example") && !holds(&path, b"curl"));
    assert!(holds(&path, HOST.as_bytes()));
    {
        let snapshot = open(folder.path()).reader().snapshot().unwrap();
        let seen = |name: &str| {
            let id = snapshot.number(&Site::Name(name.into())).unwrap().unwrap();
            snapshot.word::<Site>(id).unwrap().unwrap().1
        };
        let (until, since) = (seen("until-then.example"), seen("since-then.example"));
        assert_eq!((until.first.0, until.last.0), (START + 280, START + 289));
        assert_eq!(since.first.0, START + 310);
    }
    let there: Vec<_> = totals(folder.path())
        .into_keys()
        .map(|at| at.second.0 - START)
        .collect();
    let left: Vec<_> = (0..290).chain(310..700).collect();
    assert_eq!(there, left);
    assert_eq!(
        care::check_file(&path, &mut |_, _| Ok(())).unwrap().damages,
        []
    );
}

#[test]
fn seconds_that_come_while_the_file_is_written_anew_are_all_there() {
    let folder = tempfile::tempdir().unwrap();
    let deltas = furnished(500);
    let (old, new) = deltas.split_at(250);
    let (last, new) = new.split_last().unwrap();
    let store = open(folder.path());
    let reader = store.reader();
    let (clock, _) = Clock::manual(Time(START).start());
    let writer = Writer::start(store, clock, Hooks::default()).unwrap();
    old.iter()
        .for_each(|delta| writer.commit_when_room(delta.clone(), Nanos(0)));
    let reached = old.last().unwrap().moment;
    super::model::until(|| writer.committed().through() == Some(reached));
    let held = reader.snapshot().unwrap();
    let orders = writer.orders();
    let first = orders.give(Order::Compact).unwrap();
    let second = orders
        .give(Order::Forget(Wish::AppNamed("ssh".into())))
        .unwrap();
    let third = orders.give(Order::Compact).unwrap();
    new.iter()
        .for_each(|delta| writer.commit_when_room(delta.clone(), Nanos(0)));
    for waiting in [first, second, third] {
        let last = loop {
            match waiting.next() {
                Told::Progress(..) => {}
                last => break last,
            }
        };
        assert!(
            matches!(last, Told::Compacted(_) | Told::Forgotten(_)),
            "{last:?}"
        );
    }
    // What comes then is in the new file.
    writer.commit(last.clone(), Nanos(0));
    // Whoever was reading reads on, in the file that was.
    assert!(held.through().unwrap().is_some());
    drop(held);
    writer.stop().unwrap();
    let there: Vec<_> = totals(folder.path()).into_keys().collect();
    let given: Vec<_> = deltas.iter().map(|delta| delta.moment).collect();
    assert_eq!(there, given);
}

/// Whoever is not waited for any more: the file stays as it was, and nothing lies beside it.
#[test]
fn a_file_whose_rewriting_ends_early_is_the_old_one() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), &furnished(200));
    let (path, before) = (folder.path().join(FILE), read(folder.path()));
    let target = Target {
        path: path.clone(),
        replace: true,
    };
    let store = open(folder.path());
    let mut seen = 0;
    let refused = care::rewrite(&store.reader(), &target, Unused::Stays, &mut |_, _| {
        // What a crash here would leave, is opened.
        let crashed = tempfile::tempdir().unwrap();
        for file in std::fs::read_dir(folder.path()).unwrap() {
            let file = file.unwrap();
            std::fs::copy(file.path(), crashed.path().join(file.file_name())).unwrap();
        }
        assert_eq!(read(crashed.path()), before);
        let names = std::fs::read_dir(crashed.path()).unwrap().count();
        assert_eq!(names, 1, "what lay beside it is removed");
        seen += 1;
        if seen > 2 { Err(Error::Gone) } else { Ok(()) }
    });
    assert!(matches!(refused, Err(Error::Gone)) && seen == 3);
    drop(store);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    assert_eq!(read(folder.path()), before);
}

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
        assert!(resumed > 3, "{resumed} of {}", cuts.len());
    }
}

fn live(disk: &Backend, deltas: &[Arc<Delta>]) {
    let (clock, _) = Clock::manual(Time(START).start());
    let writer = Writer::start(open_on(disk, false).unwrap(), clock, Hooks::default()).unwrap();
    deltas
        .iter()
        .for_each(|delta| writer.commit_when_room(delta.clone(), Nanos(0)));
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

/// An address is a site of its own; it lies beside names, too.
#[test]
fn an_address_goes_from_wherever_it_stands() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(FILE);
    write(folder.path(), &furnished(100));
    let writer = writer_of(
        folder.path(),
        &[Arc::new(delta(at(START + 400, 1), Vec::new()))],
    );
    assert_eq!(
        forgotten(&writer, Wish::SiteNamed("203.0.113.77".into())).connections,
        100
    );
    writer.stop().unwrap();
    assert!(!holds(&path, &ADDRESS) && holds(&path, HOST.as_bytes()));
}
