//! Whoever asked for a range may leave while nothing of it is handed on: it ends there.

use super::*;
use crate::query::Filter;
use std::cell::Cell;

/// A range of which nothing matches, by an asker who leaves after so many bits, and how it ends.
fn of_nobody(what: What, query: &Query, range: &Range<Second>) -> Wish {
    let nobody = |kind: &str| match kind {
        "application" => vec!["nobody".to_owned()],
        _ => Vec::new(),
    };
    let mut wish = wish(what, Format::Ndjson, None, range);
    wish.ask.filter = Filter::read(nobody);
    assert!(items(&wish, query).is_empty());
    wish
}

#[test]
fn a_range_of_which_nothing_matches_ends_when_its_asker_leaves() {
    let folder = folder();
    let seconds: Vec<_> = (START..START + 600).map(second).collect();
    let query = history(&folder, &seconds, START + 600, &Config::default());
    let range = Second(START)..Second(START + 600);
    for what in [What::Rows, What::Connections] {
        let wish = of_nobody(what, &query, &range);
        let plan = wish.plan(&query).unwrap();
        wish.ask.asker.leave();
        let given = Cell::new(0);
        let mut give = |_| {
            given.set(given.get() + 1);
            Ok(())
        };
        let ended = wish.write(&query, &plan, &mut give);
        assert!(matches!(ended, Err(Error::Gone)), "{what:?}: {ended:?}");
        assert_eq!(given.get(), 0, "{what:?}");
    }
}
