//! What counts of a span: what its interfaces counted or, where a filter chooses rows, those that
//! match, a tunnel's payload in its carrier's place.

use super::carried::{Carried, Tunnels};
use super::look::{Picked, Shown, ShownRows};
use super::sieve::{Narrowed, Ways};
use crate::units::Traffic;

pub(super) struct Amount {
    ways: Ways,
    what: What,
}

enum What {
    Counted(Traffic),
    Rows(Carried<()>),
}

impl Amount {
    pub(super) fn new(asked: Narrowed) -> Amount {
        let what = if asked.rows {
            What::Rows(Carried::default())
        } else {
            What::Counted(Traffic::default())
        };
        Amount {
            ways: asked.ways,
            what,
        }
    }

    /// Adds a second, or a bucket; its rows are read only where they are needed.
    pub(super) fn add(&mut self, picked: &Picked, rows: &mut ShownRows) {
        match &mut self.what {
            What::Counted(sum) => picked.nics.iter().for_each(|nic| *sum += nic.counted()),
            What::Rows(sums) => {
                let tunnels = Tunnels::of(picked);
                sums.add_unflowed(&tunnels, picked, false, |_, _| None);
                rows.for_each(|shown| sums.add_row(&tunnels, &shown, ()));
            }
        }
    }

    /// The same where the rows are read anyway: `each` sees them, too.
    pub(super) fn add_and(
        &mut self,
        picked: &Picked,
        rows: &mut ShownRows,
        mut each: impl FnMut(&Shown),
    ) {
        let mut seen = rows.inspect(|shown| each(shown));
        self.add(picked, &mut seen);
        seen.for_each(drop);
    }

    pub(super) fn settled(self) -> Traffic {
        self.ways.of(match self.what {
            What::Counted(sum) => sum,
            What::Rows(sums) => sums.settled().total,
        })
    }
}
