//! Forgetting through the writer, and the file written anew: no byte of what was forgotten is in it, the
//! power may go at any moment, and the seconds that come meanwhile are all there.

mod anew;
mod cuts;
mod placed;
mod slices;

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
    for delta in deltas {
        writer.commit_when_room(delta.clone(), Nanos(0));
    }
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
