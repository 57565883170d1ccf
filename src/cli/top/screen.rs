//! The terminal while `top` has it: a screen of its own, that is given back as it was whatever ends
//! this - a key, a signal, an error, a panic.

use super::super::Error;
use super::ask::{Asker, Seen};
use super::keys::{Then, press};
use super::view::View;
use crate::clock::Clock;
use crate::platform::{Keys, Typed};
use crate::units::Nanos;
use signal_hook::consts::{SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGWINCH};
use std::fmt::Write as _;
use std::io::{self, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// Another screen, no cursor; and back.
const TAKE: &[u8] = b"\x1b[?1049h\x1b[?25l\x1b[H\x1b[2J";
const GIVE_BACK: &[u8] = b"\x1b[?25h\x1b[?1049l";
/// Where the terminal does not tell its size.
const USUAL: (usize, usize) = (80, 24);

pub(super) fn watch(asker: &mut Asker, mut view: View, interval: u32) -> Result<(), Error> {
    // Where there is nobody to ask, that is said before the screen is taken.
    let mut seen = asker.ask(view.by)?;
    let signals = Signals::catch()?;
    let keys = Keys::take()?;
    let screen = Screen::take()?;
    let clock = Clock::system();
    let interval = Nanos(i64::from(interval) * crate::units::NANOS);
    let mut next = Nanos(clock.steady().0 + interval.0);
    while !signals.ended() {
        screen.draw(&view, &seen)?;
        let then = match keys.wait(until(next, clock.steady()))? {
            Typed::End => Then::Quit,
            Typed::Nothing => Then::Draw,
            Typed::Bytes(bytes) => press(&mut view, &bytes),
        };
        match then {
            Then::Quit => break,
            Then::Draw => {}
            Then::Ask => next = clock.steady(),
        }
        if clock.steady() >= next {
            next = Nanos(clock.steady().0 + interval.0);
            look(asker, &mut view, &mut seen, then);
        }
    }
    Ok(())
}

/// What cannot be asked is told, and asked again later.
fn look(asker: &mut Asker, view: &mut View, seen: &mut Seen, then: Then) {
    if view.paused && then != Then::Ask {
        return;
    }
    match asker.ask(view.by) {
        Ok(new) => {
            *seen = new;
            view.problem = None;
        }
        Err(error) => view.problem = Some(error.to_string()),
    }
}

fn until(next: Nanos, now: Nanos) -> Duration {
    Duration::from_nanos(next.0.saturating_sub(now.0).max(0) as u64)
}

struct Screen;

impl Screen {
    fn take() -> io::Result<Screen> {
        put(TAKE)?;
        Ok(Screen)
    }

    /// All of it in one go, over what was there: nothing flickers. Lines are as wide as the screen.
    #[expect(clippy::unused_self, reason = "only who has the screen may draw on it")]
    fn draw(&self, view: &View, seen: &Seen) -> io::Result<()> {
        let (width, height) = size();
        let lines = view.lines(seen, Some(width), Some(height));
        let mut page = String::new();
        for (row, line) in lines.iter().take(height).enumerate() {
            // The heads of columns stand out.
            let (on, off) = if row == 1 {
                ("\x1b[7m", "\x1b[0m")
            } else {
                ("", "")
            };
            let _ = write!(page, "\x1b[{};1H{on}{line}{off}", row + 1);
        }
        if lines.len() < height {
            let _ = write!(page, "\x1b[{};1H\x1b[J", lines.len() + 1);
        }
        put(page.as_bytes())
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        // A terminal that is gone needs nothing back.
        let _ = put(GIVE_BACK);
    }
}

fn put(bytes: &[u8]) -> io::Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(bytes)?;
    out.flush()
}

fn size() -> (usize, usize) {
    terminal_size::terminal_size().map_or(USUAL, |(width, height)| {
        (usize::from(width.0).max(1), usize::from(height.0).max(1))
    })
}

/// Signals that end it, and one that has it drawn again: it only wakes.
struct Signals(Arc<AtomicBool>);

impl Signals {
    fn catch() -> io::Result<Signals> {
        let end = Arc::new(AtomicBool::new(false));
        for signal in [SIGHUP, SIGINT, SIGQUIT, SIGTERM] {
            signal_hook::flag::register(signal, end.clone())?;
        }
        signal_hook::flag::register(SIGWINCH, Arc::new(AtomicBool::new(false)))?;
        Ok(Signals(end))
    }

    fn ended(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}
