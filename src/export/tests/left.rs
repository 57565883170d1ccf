//! Whoever asked for a range may leave while nothing of it is handed on: it ends there.

use super::*;
use crate::query::{Asker, Filter, Stretch};

/// Minutes of seconds, in each of which a connection ended.
fn minutes(folder: &tempfile::TempDir) -> (Query, Range<Second>) {
    let seconds = (START..START + 600).map(|at| {
        let mut one = (*second(at)).clone();
        one.ended = vec![connection(
            at as u64,
            Second(at).start(),
            label("curl", Site::Other),
        )];
        Arc::new(one)
    });
    let seconds: Vec<_> = seconds.collect();
    let query = history(folder, &seconds, START + 600, &Config::default());
    (query, Second(START)..Second(START + 600))
}

#[test]
fn a_range_of_which_nothing_matches_ends_when_its_asker_leaves() {
    let folder = folder();
    let (query, range) = minutes(&folder);
    for what in [What::Rows, What::Connections] {
        let mut wish = wish(what, Format::Ndjson, None, &range);
        wish.ask.filter = Filter::read(|kind| match kind {
            "application" => vec!["nobody".to_owned()],
            _ => Vec::new(),
        });
        assert!(items(&wish, &query).is_empty());
        let plan = wish.plan(&query).unwrap();
        wish.ask.asker.leave();
        let mut give = |_| panic!("nothing is handed on");
        let ended = wish.write(&query, &plan, &mut give);
        assert!(matches!(ended, Err(Error::Gone)), "{what:?}: {ended:?}");
    }
}

#[test]
fn an_asker_may_leave_between_two_bits() {
    let folder = folder();
    let (query, range) = minutes(&folder);
    let asker = Asker::default();
    let mut stretch = Stretch::new(range.clone(), None).asked_by(asker.clone());
    assert!(stretch.next(&query).unwrap().is_some());
    let ask = Ask {
        asker: asker.clone(),
        ..Ask::at(range.end)
    };
    let (page, more) = query.ended_after(&range, &ask, None, 5).unwrap();
    assert!(page.len() == 5 && more.is_some());
    asker.leave();
    assert!(stretch.next(&query).is_err() && stretch.reached() < range.end);
    assert!(query.ended_after(&range, &ask, more, 5).is_err());
}
