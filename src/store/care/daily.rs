//! The check that a running service makes of its history once a day: every value is read and its
//! references looked up, in small pieces with rests in between, on a thread of its own that keeps nobody
//! waiting. When it was, and what it found, is kept in the file.

use super::check::{self, Piece, Report};
use crate::clock::Clock;
use crate::store::codec::{Damaged, In, Out};
use crate::store::error::Error;
use crate::store::layout::META;
use crate::store::order::Orders;
use crate::store::progress::Committed;
use crate::store::reader::Reader;
use crate::store::writer::Step;
use crate::units::Second;
use parking_lot::{Condvar, Mutex};
use redb::{ReadableTable, WriteTransaction};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

const KEY: &str = "checked";
const FORMAT: u8 = 1;
const DAY: i64 = 86_400;
/// A service that has just started has better to do.
const FIRST: Duration = Duration::from_mins(10);
const AGAIN: Duration = Duration::from_hours(1);
/// After each piece: what is read takes a few milliseconds.
const REST: Duration = Duration::from_millis(100);
const PIECE: Piece = Piece {
    entries: 64,
    bytes: 256 << 10,
};

/// When a history was checked, and what was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Checked {
    pub at: Second,
    pub values: u64,
    pub damaged: u64,
}

impl Checked {
    /// What the file tells of the last check, if there was one; what is damaged tells of none.
    pub(in crate::store) fn load(
        meta: &impl ReadableTable<&'static str, &'static [u8]>,
    ) -> Result<Option<Checked>, Error> {
        let value = meta.get(KEY)?;
        Ok(value.and_then(|value| Checked::decode(value.value()).ok()))
    }

    fn save(&self, transaction: &WriteTransaction) -> Result<(), Error> {
        let mut out = Out::envelope(FORMAT);
        out.signed(self.at.0);
        out.number(self.values);
        out.number(self.damaged);
        let mut meta = transaction.open_table(META)?;
        meta.insert(KEY, out.sealed().as_slice())?;
        Ok(())
    }

    fn decode(value: &[u8]) -> Result<Checked, Damaged> {
        let mut input = In::envelope(value, FORMAT)?;
        let checked = Checked {
            at: Second(input.signed()?),
            values: input.number()?,
            damaged: input.number()?,
        };
        input.end()?;
        Ok(checked)
    }
}

/// The thread.
pub struct Daily {
    ends: Ends,
    thread: JoinHandle<()>,
}

/// What the check is made with.
pub struct Means {
    pub reader: Reader,
    pub orders: Orders,
    pub committed: Committed,
    pub clock: Clock,
}

impl Daily {
    pub fn start(means: Means) -> Result<Daily, Error> {
        let ends = Ends::default();
        let seen = ends.clone();
        let work = move || means.work(&seen);
        let thread = std::thread::Builder::new().name("store-check".into());
        let thread = thread.spawn(work).map_err(Error::Thread)?;
        Ok(Daily { ends, thread })
    }

    /// Ends what is being checked.
    pub fn stop(self) {
        self.ends.now();
        // What a thread that died would have found is found another time.
        let _ = self.thread.join();
    }
}

impl Means {
    fn work(&self, ends: &Ends) {
        let mut wait = FIRST;
        while ends.rest(wait) {
            wait = AGAIN;
            if self.is_due() {
                self.check(&mut || {
                    if ends.rest(REST) {
                        Ok(())
                    } else {
                        Err(Error::Gone)
                    }
                });
            }
        }
    }

    fn is_due(&self) -> bool {
        let last = self.committed.now().checked;
        let now = self.clock.now().wall.second();
        // A clock that went back must not put it off for ever.
        last.is_none_or(|last| now.0 >= last.at.0.saturating_add(DAY) || now < last.at)
    }

    /// Checks everything; `rest` is called after each piece and may end it.
    pub(in crate::store) fn check(&self, rest: &mut dyn FnMut() -> Result<(), Error>) {
        let mut report = Report::default();
        let checked = check::in_pieces(&self.reader, &mut report, &PIECE, &mut |_, _| rest());
        match checked {
            Ok(()) => self.note(&report),
            Err(Error::Gone) => {}
            Err(error) => tracing::warn!(%error, "the daily check of the history was not finished"),
        }
    }

    fn note(&self, report: &Report) {
        let checked = Checked {
            at: self.clock.now().wall.second(),
            values: report.values,
            damaged: report.damaged,
        };
        for one in &report.damages {
            let table = one.table.as_deref().unwrap_or_default();
            tracing::error!(
                table,
                why = one.why,
                "the daily check found the history damaged"
            );
        }
        self.committed.checked(checked);
        self.orders.0.job(Box::new(move |transaction| {
            checked.save(transaction)?;
            Ok(Step::Finished)
        }));
    }
}

/// Whether the thread is to end.
#[derive(Clone, Default)]
struct Ends(Arc<(Mutex<bool>, Condvar)>);

impl Ends {
    fn now(&self) {
        *self.0.0.lock() = true;
        self.0.1.notify_all();
    }

    /// Waits so long; `false` if the end came.
    fn rest(&self, time: Duration) -> bool {
        let mut ended = self.0.0.lock();
        while !*ended && !self.0.1.wait_for(&mut ended, time).timed_out() {}
        !*ended
    }
}
