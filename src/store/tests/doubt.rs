//! What readers find concerns the writer: it verifies the file, goes on if that is sound, and begins a
//! new one if it is not.

use super::model::until;
use super::*;
use std::os::unix::fs::FileExt;

fn second(offset: i64) -> Arc<Delta> {
    let site = Site::Name(format!("site{offset}.example").into());
    let rows =
        (1..40).map(|flow| row(flow, label("curl", site.clone()), 0, traffic(1, flow, 1, 1)));
    Arc::new(delta(at(START + offset, 0), rows.collect()))
}

/// A writer at work, and a way to read; nothing of the file is kept in memory.
fn running(folder: &Path) -> (Writer, Reader) {
    let config = Config {
        cache_bytes: 0,
        ..config()
    };
    let store = Store::open(folder, config, Nanos(0)).unwrap();
    let reader = store.reader();
    let (clock, _) = Clock::manual(Time(START).start());
    (
        Writer::start(store, clock, Hooks::default()).unwrap(),
        reader,
    )
}

fn give(writer: &Writer, offset: i64) {
    let (one, committed) = (second(offset), writer.committed());
    writer.commit(one.clone(), Nanos(0));
    until(|| committed.through() == Some(one.moment));
}

fn look(reader: &Reader) -> Result<usize, Error> {
    let mut count = 0;
    let visit = &mut |_: &Second, rows: &mut dyn Iterator<Item = Row>| {
        rows.for_each(drop);
        count += 1;
        ControlFlow::Continue(())
    };
    let snapshot = reader.snapshot()?;
    snapshot.seconds(&ALWAYS, &Amendments::default(), visit)?;
    Ok(count)
}

/// Turns a bit of each page that holds this value, where the page says of which kind it is.
fn spoil(path: &Path, value: &[u8]) {
    let bytes = std::fs::read(path).unwrap();
    let file = std::fs::OpenOptions::new().write(true).open(path).unwrap();
    let places = bytes.windows(value.len()).enumerate();
    let places = places.filter(|(_, bytes)| *bytes == value);
    let pages: Vec<_> = places.map(|(place, _)| place / 4_096 * 4_096).collect();
    assert!(!pages.is_empty());
    for page in pages {
        file.write_all_at(&[bytes[page] ^ 0x55], page as u64)
            .unwrap();
    }
}

fn asides(folder: &Path) -> usize {
    let names = std::fs::read_dir(folder).unwrap();
    let names = names.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names.filter(|name| name.contains(".corrupt-")).count()
}

#[test]
fn a_page_that_only_a_reader_met_has_the_file_set_aside() {
    let folder = in_memory();
    write(folder.path(), &(0..300).map(second).collect::<Vec<_>>());
    let (_, oldest) = values(folder.path(), SEALED).swap_remove(0);
    let (writer, reader) = running(folder.path());
    give(&writer, 300);
    assert_eq!(look(&reader).unwrap(), 301);
    // All jobs are done: nothing but the reader will look at old minutes.
    let patience = std::time::Duration::from_mins(1);
    writer.upkeep().run(What::Cleanup, patience).unwrap();
    spoil(&folder.path().join(FILE), &oldest);
    assert!(look(&reader).unwrap_err().is_corruption());
    // This second goes to either file: the writer hears of it before or after.
    writer.commit(second(301), Nanos(0));
    until(|| asides(folder.path()) == 1);
    give(&writer, 302);
    writer.stop().unwrap();
    assert!(look(&open(folder.path()).reader()).unwrap() <= 2);
}

/// The flows are the same, whatever became of the file.
#[test]
fn what_was_forgotten_is_not_told_to_the_next_file() {
    let folder = in_memory();
    write(folder.path(), &(0..300).map(second).collect::<Vec<_>>());
    let (_, newest) = values(folder.path(), SEALED).pop().unwrap();
    let (writer, reader) = running(folder.path());
    let wish = Wish::Range(Time(START)..Time(START + 60));
    let waiting = writer.orders().give(Order::Forget(wish)).unwrap();
    while matches!(waiting.next(), Told::Progress(..)) {}
    let patience = std::time::Duration::from_mins(1);
    writer.upkeep().run(What::Cleanup, patience).unwrap();
    spoil(&folder.path().join(FILE), &newest);
    assert!(look(&reader).unwrap_err().is_corruption());
    writer.commit(second(301), Nanos(0));
    until(|| asides(folder.path()) == 1);
    let mut last = second(302);
    let site = || label("curl", Site::Name("example.org".into()));
    let mut lived = connection(1, Time(START + 302).start(), site());
    lived.first = Time(START + 30).start();
    let later = connection(2, Time(START + 302).start(), site());
    Arc::make_mut(&mut last).ended = vec![lived, later];
    writer.commit(last, Nanos(0));
    writer.stop().unwrap();
    let mut told = Vec::new();
    let take = &mut |ended: Ended, _| {
        told.push(ended.flow);
        ControlFlow::Continue(())
    };
    let snapshot = open(folder.path()).reader().snapshot().unwrap();
    snapshot.connections(&ALWAYS, None, take).unwrap();
    assert_eq!(told, [FrameNumber(2)]);
}

#[test]
fn a_sound_file_is_not_given_up_for_what_a_reader_says() {
    let folder = in_memory();
    write(folder.path(), &[second(0)]);
    let (writer, reader) = running(folder.path());
    let before = Arc::downgrade(&reader.0.get().unwrap());
    for round in 1..=5 {
        let told = reader
            .0
            .looked(|| -> Result<(), Error> { panic!("as a test wants it") });
        assert!(told.unwrap_err().is_corruption());
        give(&writer, round);
        if round == 1 {
            assert!(before.upgrade().is_none(), "it was not opened again");
        }
    }
    writer.stop().unwrap();
    assert_eq!(asides(folder.path()), 0);
    assert_eq!(look(&open(folder.path()).reader()).unwrap(), 6);
}
