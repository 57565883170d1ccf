//! However much is imported: in small jobs, and no more than a file can note.

use super::*;

#[test]
fn an_import_is_many_small_jobs() {
    let folder = in_memory();
    let interfaces = (0..300).map(|n| format!("veth{n}"));
    let all: Vec<Sum> = interfaces
        .flat_map(|name| {
            (-48..0).map(move |hour| sum(Tier::Hour, MIDNIGHT + hour * HOUR, &name, 9))
        })
        .collect();
    let (told, jobs) = std::sync::mpsc::channel();
    let hooks = Hooks {
        job: Box::new(move |_| told.send(()).unwrap()),
        ..Hooks::default()
    };
    let (clock, _) = Clock::manual(Time(START).start());
    let writer = Writer::start(open(folder.path()), clock, hooks).unwrap();
    let count = all.len() as u64;
    let done = writer.importer().run(all, PATIENCE).unwrap();
    writer.stop().unwrap();
    assert_eq!(done.taken, count);
    let jobs = jobs.try_iter().count();
    assert!(jobs > 10, "{jobs}");
}

/// A list that could not be read again is not written.
#[test]
fn hours_beyond_what_a_file_notes_do_not_fit() {
    let folder = in_memory();
    {
        let store = open(folder.path());
        let ranges = (0..65_536).map(|n| Time(n * 2 * HOUR)..Time(n * 2 * HOUR + HOUR));
        let transaction = file::begin(&store.slot.get().unwrap()).unwrap();
        crate::store::import::Hours(ranges.collect())
            .save(&transaction)
            .unwrap();
        transaction.commit().unwrap();
    }
    let all = vec![
        sum(Tier::Hour, MIDNIGHT, "eth0", 9),
        sum(Tier::Hour, 65_535 * 2 * HOUR + HOUR + 1, "eth0", 9),
    ];
    let done = import(folder.path(), all);
    assert_eq!((done.taken, done.unfit), (1, 1), "{done:?}");
    let noted = open(folder.path()).reader().snapshot().unwrap().imported();
    assert_eq!(noted.unwrap().len(), 65_536);
}
