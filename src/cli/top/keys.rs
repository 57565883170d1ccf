//! What keys do to what is shown. Pure.

use super::rows::{By, Sort};
use super::view::View;

/// What is to be done after a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Then {
    Draw,
    /// Something else is to be asked for.
    Ask,
    Quit,
}

const PAGE: usize = 10;

/// Takes in what was typed; keys that mean nothing only have it drawn again.
pub(super) fn press(view: &mut View, typed: &[u8]) -> Then {
    match typed {
        b"q" | b"Q" | b"\x03" | b"\x04" => return Then::Quit,
        b"a" => return show(view, By::App),
        b"s" => return show(view, By::Site),
        b"c" => return show(view, By::Connection),
        b"r" => view.sort = Sort::Rate,
        b"i" => view.sort = Sort::In,
        b"o" => view.sort = Sort::Out,
        b"t" => view.sort = Sort::Total,
        b"n" => view.sort = Sort::Name,
        b"e" => view.folded = !view.folded,
        b" " => view.paused = !view.paused,
        b"\x1b[A" | b"\x1bOA" | b"k" => view.above = view.above.saturating_sub(1),
        b"\x1b[B" | b"\x1bOB" | b"j" => view.above = view.above.saturating_add(1),
        b"\x1b[5~" => view.above = view.above.saturating_sub(PAGE),
        b"\x1b[6~" => view.above = view.above.saturating_add(PAGE),
        b"\x1b[H" | b"g" => view.above = 0,
        // Keys that were typed faster than they were read.
        [first, rest @ ..] if *first != 0x1b && !rest.is_empty() => {
            let then = press(view, &[*first]);
            if then == Then::Quit {
                return then;
            }
            let last = press(view, rest);
            return if last == Then::Draw { then } else { last };
        }
        _ => {}
    }
    Then::Draw
}

fn show(view: &mut View, by: By) -> Then {
    view.by = by;
    view.above = 0;
    Then::Ask
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_do_what_the_help_says() {
        let mut view = View::default();
        assert_eq!(press(&mut view, b"s"), Then::Ask);
        assert_eq!(press(&mut view, b"t"), Then::Draw);
        assert_eq!((view.by, view.sort), (By::Site, Sort::Total));
        press(&mut view, b"\x1b[B");
        press(&mut view, b"\x1b[6~");
        press(&mut view, b"k");
        assert_eq!(view.above, 10);
        press(&mut view, b"e ");
        assert!(view.folded && view.paused);
        assert_eq!(press(&mut view, b"\x1b[99x"), Then::Draw);
        assert_eq!(press(&mut view, b"ac"), Then::Ask);
        assert_eq!(press(&mut view, b"nq"), Then::Quit);
        assert_eq!(press(&mut view, b"\x03"), Then::Quit);
    }
}
