//! Power cuts: the writer does all it ever does on a recorded disk. At every sync the power may go,
//! and again while what it left is opened and written on: whatever was acknowledged is there, once,
//! with its totals, and nothing else is.

use super::cut::{Cut, Kind, random};
use super::disk::Backend;
use super::model::{Model, open_on, times, until, workload};
use super::*;
use std::sync::atomic::{AtomicUsize, Ordering};

/// One in so many images is opened on a recorded disk, whose power is cut again.
const TWICE: usize = 19;
const WORKERS: usize = 2;

#[derive(Default)]
struct Figures {
    images: AtomicUsize,
    twice: AtomicUsize,
    syncs: AtomicUsize,
    /// Files of which not even the beginning was there: set aside, a new one is begun.
    unborn: AtomicUsize,
}

#[test]
fn what_was_acknowledged_survives_any_power_cut_and_another_in_the_repair() {
    let each = times("NETMONITOR_CRASH_IMAGES", 3);
    let model = Model::of(workload(times("NETMONITOR_CRASH_SECONDS", 60)));
    let disk = Backend::default().record();
    let born = live_through(&disk, model.given());
    let (cuts, figures) = (disk.cuts(), Figures::default());
    let last = cuts.last().unwrap();
    assert_eq!(
        last.told,
        model.given().len(),
        "all was acknowledged in the end"
    );
    std::thread::scope(|scope| {
        for worker in 0..WORKERS {
            let (cuts, model, figures) = (&cuts, &model, &figures);
            scope.spawn(move || {
                let mine = cuts.iter().enumerate().skip(worker).step_by(WORKERS);
                mine.for_each(|(place, cut)| {
                    cut_here((place, place < born), cut, each, model, figures);
                });
            });
        }
    });
    let Figures {
        images,
        twice,
        syncs,
        unborn,
    } = &figures;
    let [images, twice, syncs, unborn] =
        [images, twice, syncs, unborn].map(|figure| figure.load(Ordering::Relaxed));
    eprintln!(
        "{} cuts, {images} images; {twice} repairs cut at {syncs} syncs of theirs; {unborn} files not yet made",
        cuts.len()
    );
    assert!(images >= cuts.len() * each && twice > 0 && syncs > twice);
}

/// The store's writer, given these seconds one or a few at a time; how many cuts came before the
/// file was made.
fn live_through(disk: &Backend, given: &[Arc<Delta>]) -> usize {
    let store = open_on(disk, true).unwrap();
    let born = disk.cuts().len() - 1;
    let writer = start(disk, store, given);
    let committed = writer.committed();
    let mut random = random(given.len());
    let mut rest = given;
    while let Some((some, others)) = rest.split_at_checked((1 + random() % 3).min(rest.len())) {
        let Some(last) = some.last() else { break };
        for delta in some {
            writer.commit(delta.clone(), Nanos(0));
        }
        until(|| committed.through() == Some(last.moment));
        rest = others;
    }
    writer.stop().unwrap();
    born
}

fn start(disk: &Backend, store: Store, given: &[Arc<Delta>]) -> Writer {
    let newest = given.iter().map(|delta| delta.moment.second).max().unwrap();
    let (clock, _) = Clock::manual(newest.start());
    let disk = disk.clone();
    let hooks = Hooks {
        cut_to_commit: Box::new(move |_| disk.tell()),
        ..Hooks::default()
    };
    Writer::start(store, clock, hooks).unwrap()
}

fn cut_here(
    (place, young): (usize, bool),
    cut: &Cut,
    each: usize,
    model: &Model,
    figures: &Figures,
) {
    for n in 0..each.max(2) {
        let mut random = random(place * 1_000 + n);
        let image = cut.image(Kind::of(n), &mut random);
        // Large files are opened without a look at each page.
        let check = (place + n) % 2 == 0;
        figures.images.fetch_add(1, Ordering::Relaxed);
        if young && is_unborn(&image, check) {
            figures.unborn.fetch_add(1, Ordering::Relaxed);
            begins_anew(&image, &format!("cut {place}, image {n}"));
            continue;
        }
        let named = format!("cut {place}, image {n}");
        let reached = judged(model, &image, check, cut.told, &named);
        if !young && (place * each + n).is_multiple_of(TWICE) {
            cut_again(&image, check, reached, model, figures);
        }
    }
}

/// Opens the image and writes on; at every sync of that the power goes.
fn cut_again(image: &[u8], check: bool, reached: usize, model: &Model, figures: &Figures) {
    let disk = Backend::of(image.to_vec()).record();
    let store = open_on(&disk, check).unwrap();
    let last = model.given()[..reached]
        .last()
        .map_or(START, |last| last.moment.second.0);
    let rows = vec![row(3, label("next", Site::Other), 0, traffic(1, 5, 1, 6))];
    let another = Arc::new(delta(at(last + 1, store.next_epoch().0), rows));
    let model = model.with(reached, another.clone());
    let writer = start(&disk, store, model.given());
    writer.commit(another, Nanos(0));
    writer.stop().unwrap();
    figures.twice.fetch_add(1, Ordering::Relaxed);
    for (place, cut) in disk.cuts().iter().enumerate() {
        let mut random = random(reached * 1_000 + place);
        let image = cut.image(Kind::of(random() % 5), &mut random);
        let named = format!("the repair's cut {place} after {reached} seconds");
        judged(&model, &image, place % 2 == 0, reached + cut.told, &named);
        figures.syncs.fetch_add(1, Ordering::Relaxed);
    }
}

/// Not a file of redb yet: the power went while the first one was made.
fn is_unborn(image: &[u8], check: bool) -> bool {
    let opened = open_on(&Backend::of(image.to_vec()), check);
    opened.err().is_some_and(|error| error.is_corruption())
}

/// What the service does with it: the file goes aside as it is, and a new history works.
fn begins_anew(image: &[u8], named: &str) {
    let folder = in_memory();
    std::fs::write(folder.path().join(FILE), image).unwrap();
    let store = open(folder.path());
    let aside = store.set_aside().map(Path::to_owned);
    let aside = aside.unwrap_or_else(|| panic!("{named}: it was opened as if it were whole"));
    assert_eq!(std::fs::read(aside).unwrap(), image, "{named}");
    drop(store);
    let given = workload(1);
    write(folder.path(), &given);
    assert_eq!(read(folder.path()).1, expected(&given), "{named}");
}

/// Compares; an image that fails is kept.
fn judged(model: &Model, image: &[u8], check: bool, told: usize, named: &str) -> usize {
    let held = model.check(&Backend::of(image.to_vec()), check, told);
    held.unwrap_or_else(|why| {
        let kept = std::env::temp_dir().join(format!("{FILE}.failed-{}", std::process::id()));
        std::fs::write(&kept, image).unwrap();
        panic!(
            "{named} (checked: {check}): {why}\nthe image is {}",
            kept.display()
        );
    })
}

/// The comparison sees what it is for.
#[test]
fn a_disk_that_lies_about_its_syncs_is_found_out() {
    let model = Model::of(workload(12));
    let disk = Backend::default().record();
    live_through(&disk, model.given());
    let cuts = disk.cuts();
    let (early, last) = (&cuts[cuts.len() / 2], cuts.last().unwrap());
    assert!(early.told < last.told);
    let image = Backend::of(early.image(Kind::None, &mut random(0)));
    assert!(model.check(&image, true, early.told).is_ok());
    let refused = model.check(&image, true, last.told).unwrap_err();
    assert!(refused.contains("acknowledged"), "{refused}");
}
