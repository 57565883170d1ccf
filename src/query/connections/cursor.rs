//! Where a page of connections goes on.

use crate::query::ask::Ask;
use crate::query::error::Error;
use crate::query::which::State;
use crate::store::Place;

/// Where the last page ended.
pub(super) enum Cursor {
    Live(u64),
    Ended(Option<Place>),
}

pub(super) fn cursor(ask: &Ask, state: State) -> Result<Cursor, Error> {
    let wrong = || Error::Asked {
        what: "cursor",
        why: "it is not one that this list gave",
    };
    let Some(text) = &ask.cursor else {
        return Ok(match state {
            State::Ended => Cursor::Ended(None),
            State::Both | State::Live => Cursor::Live(0),
        });
    };
    match text.split_once('-') {
        None if text == "ended" => Ok(Cursor::Ended(None)),
        Some(("live", after)) => after.parse().map(Cursor::Live).map_err(|_| wrong()),
        Some(("ended", place)) => {
            let place = Place::of_text(place).ok_or_else(wrong)?;
            Ok(Cursor::Ended(Some(place)))
        }
        _ => Err(wrong()),
    }
}
