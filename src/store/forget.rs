//! Forgetting: an application or a site loses its name in every tier, and its bytes stay under
//! `forgotten`; a range, or everything, goes altogether and leaves a gap that says why. The first
//! transaction takes the words back, so that from then on nothing tells of them, and leaves a mark in
//! the file; then the tables are swept in small jobs, and the file is written anew. What a crash
//! interrupts goes on when the file is opened again. Rows that come meanwhile are new ones.

mod begin;
mod connections;
mod erase;
mod gaps;
mod mark;
mod relabel;
mod sweep;

pub(super) use mark::{KEY, Mark, Phase};

use super::calendar::Calendar;
use super::care::{Compacted, Unused};
use super::dictionary::taken;
use super::error::Error;
use super::layout::{META, STALE, Tier, stale_of};
use super::word::{AppId, ClassSet, Nic, Word};
use crate::label::{App, Site};
use crate::units::Second;
use mark::{Span, What, Words};
use redb::{Database, ReadableDatabase, WriteTransaction};
use std::ops::Range;

/// Words that one job removes.
const WORDS: usize = 4_096;

/// What is to be forgotten.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wish {
    App(AppId),
    /// Every application of this name or path, whoever ran it.
    AppNamed(String),
    /// A host name, or an address.
    SiteNamed(String),
    /// A domain with every name in it.
    Domain(String),
    Range(Range<Second>),
    Everything,
}

/// What came of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Forgotten {
    /// Words of the dictionaries that are gone.
    pub words: u64,
    /// Rows that lost a label, or that went.
    pub rows: u64,
    /// Connections that went.
    pub connections: u64,
    /// The seconds that went: more than was asked for where sums of a longer time were all that was
    /// left of some.
    pub range: Option<Range<Second>>,
    /// The file before and after it was written anew.
    pub rewritten: Option<Compacted>,
    /// Why it was not.
    pub not_rewritten: Option<String>,
}

/// Forgetting under way: a copy of it does a job, and takes its place once that is committed.
#[derive(Clone, Debug)]
pub(super) struct Forgetting {
    mark: Mark,
    /// Where the sweep of a table goes on.
    after: Option<Vec<u8>>,
    /// Entries of the tables, about, and how many were looked at.
    pub(super) total: u64,
    pub(super) done: u64,
    pub(super) forgotten: Forgotten,
}

impl Forgetting {
    /// Takes the words back and leaves the mark, in a transaction that the caller commits.
    pub(super) fn begin(
        transaction: &WriteTransaction,
        calendar: &Calendar,
        wish: &Wish,
        now: Second,
    ) -> Result<Forgetting, Error> {
        let what = begin::begin(transaction, calendar, wish, now)?;
        // An earlier wish may be in the tables no more, and in the file all the same.
        let unfinished = Mark::load(&transaction.open_table(META)?)?;
        let mark = Mark {
            phase: Phase::Amendments,
            what,
            earlier: unfinished.map_or_else(Unused::default, |mark| mark.unused()),
        };
        mark.save(transaction)?;
        Ok(Forgetting {
            total: begin::entries(transaction)?,
            ..Forgetting::of(mark)
        })
    }

    /// What the file still has to forget, if an earlier run was interrupted.
    pub(super) fn resume(database: &Database) -> Result<Option<Forgetting>, Error> {
        let transaction = database.begin_read()?;
        let mark = Mark::load(&transaction.open_table(META)?)?;
        Ok(mark.map(Forgetting::of))
    }

    fn of(mark: Mark) -> Forgetting {
        let range = match &mark.what {
            What::Words(_) => None,
            What::Span(span) => Some(span.range.clone()),
        };
        Forgetting {
            mark,
            after: None,
            total: 0,
            done: 0,
            forgotten: Forgotten {
                range,
                ..Forgotten::default()
            },
        }
    }

    /// The tables tell nothing any more; the file's free pages may.
    pub(super) fn is_swept(&self) -> bool {
        self.mark.phase == Phase::Rewrite
    }

    /// Which words that nothing uses the new file goes without: those that only what was forgotten
    /// has brought.
    pub(super) fn unused(&self) -> Unused {
        self.mark.unused()
    }

    /// Does a small job, in a transaction that the caller commits.
    pub(super) fn slice(
        &mut self,
        transaction: &WriteTransaction,
        calendar: &Calendar,
    ) -> Result<(), Error> {
        let finished = match self.mark.phase {
            Phase::Rewrite => return Ok(()),
            Phase::Words => self.words(transaction, calendar)?,
            _ => self.sweep(transaction, calendar)?,
        };
        if finished {
            self.after = None;
            self.mark.phase = self.mark.phase.next();
            if let (Phase::Words, What::Words(words)) = (self.mark.phase, &mut self.mark.what) {
                words.without_texts();
            }
            self.mark.save(transaction)?;
        }
        Ok(())
    }

    /// Numbers that nothing has any more.
    fn words(
        &mut self,
        transaction: &WriteTransaction,
        calendar: &Calendar,
    ) -> Result<bool, Error> {
        let (removed, finished) = match &self.mark.what {
            What::Words(words) => {
                let after = self.after.take();
                let (removed, after) = retired(transaction, words, after.as_deref())?;
                self.after = after;
                (removed, self.after.is_none())
            }
            What::Span(Span { range, last: None }) => {
                let after = self.after.take();
                self.after = unseen(transaction, range, after.as_deref())?;
                (0, self.after.is_none())
            }
            What::Span(span) => of_span(transaction, calendar, span)?,
        };
        self.forgotten.words += removed;
        Ok(finished)
    }
}

/// Removes some words' numbers: how many, and where to go on, if that is not all: how many are done.
fn retired(
    transaction: &WriteTransaction,
    words: &Words,
    after: Option<&[u8]>,
) -> Result<(u64, Option<Vec<u8>>), Error> {
    let done = after.and_then(|done| done.try_into().ok());
    let done = done.map_or(0, u64::from_be_bytes) as usize;
    let apps = words.apps.iter().skip(done).take(WORDS);
    let room = WORDS - apps.len();
    let passed = done.saturating_sub(words.apps.len());
    let sites = words.sites.iter().skip(passed).take(room);
    let all = apps.len() + sites.len();
    let apps = apps.map(|id| App::number(*id));
    let sites = sites.map(|id| Site::number(*id));
    let removed =
        taken::remove::<App>(transaction, apps)? + taken::remove::<Site>(transaction, sites)?;
    let more = (all == WORDS).then(|| ((done + all) as u64).to_be_bytes().to_vec());
    Ok((removed, more))
}

/// Words do not tell that they were seen in these seconds. Where to go on, if that is not all: a byte for
/// the dictionary, then a number.
fn unseen(
    transaction: &WriteTransaction,
    range: &Range<Second>,
    after: Option<&[u8]>,
) -> Result<Option<Vec<u8>>, Error> {
    let (mut of, mut number) = match after {
        Some([of, number @ ..]) => (*of, number.try_into().map_or(0, u32::from_be_bytes)),
        _ => (0, 0),
    };
    let mut left = WORDS;
    while left > 0 {
        let looked = match of {
            0 => taken::unsee::<App>(transaction, range, &mut number, left)?,
            1 => taken::unsee::<Site>(transaction, range, &mut number, left)?,
            2 => taken::unsee::<Nic>(transaction, range, &mut number, left)?,
            3 => taken::unsee::<ClassSet>(transaction, range, &mut number, left)?,
            _ => return Ok(None),
        };
        if looked < left {
            (of, number) = (of + 1, 0);
        }
        left -= looked;
    }
    Ok(Some([&[of][..], &number.to_be_bytes()].concat()))
}

/// Where everything goes, all words that were there; and marks of buckets that are not there.
fn of_span(
    transaction: &WriteTransaction,
    calendar: &Calendar,
    span: &Span,
) -> Result<(u64, bool), Error> {
    let Some([apps, sites, nics, classes]) = span.last else {
        return Ok((0, true));
    };
    let removed = [
        taken::remove_through::<App>(transaction, apps, WORDS)?,
        taken::remove_through::<Site>(transaction, sites, WORDS)?,
        taken::remove_through::<Nic>(transaction, nics, WORDS)?,
        taken::remove_through::<ClassSet>(transaction, classes, WORDS)?,
    ];
    let finished = removed.iter().all(|count| *count < WORDS as u64);
    if finished {
        let mut stale = transaction.open_table(STALE)?;
        // What was sealed meanwhile may be of a bucket that reaches past it: that is to be made.
        stale.retain(|key, ()| {
            let start = stale_of(key);
            let tier = Tier::COARSE.into_iter().find(|tier| *tier as u8 == key[0]);
            let end = tier.map_or(start, |tier| calendar.bucket(tier, start).end);
            !span.range.contains(&start) || end > span.range.end
        })?;
    }
    Ok((removed.iter().sum(), finished))
}
