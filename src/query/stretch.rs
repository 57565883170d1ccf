//! A range bit by bit, for whoever hands all of it on: each bit is one short look at what is on file,
//! cut where buckets end, so that it does not matter how far the one before came. What waits to be
//! written is not told.

mod choice;

use super::Query;
use super::asker::Asker;
use super::countries::Countries;
use super::error::Error;
use super::filter::Filter;
use super::select::Selection;
use super::shape::Span;
use super::step::DAY;
use super::words::Words;
use crate::store::{Nic, NicId, NicSecond, Piece, Plan, Row, Second, Snapshot, Tier};
use crate::units::{self, Traffic};
use choice::Choice;
use std::ops::{ControlFlow, Range};

/// Rows after which a bit is cut, where it has more than one bucket.
const ROWS: usize = 4_096;
/// A bit may be so many seconds long.
const LONGEST: i64 = 366 * DAY;
const FIRST: i64 = 60;

/// What is left of a range, and how much of it is taken at a time.
#[derive(Clone, Debug)]
pub struct Stretch {
    left: Range<units::Second>,
    /// The tier to tell it in; `None`: the finest that is left of each part.
    tier: Option<Tier>,
    filter: Filter,
    asker: Asker,
    length: i64,
}

/// A second or a bucket, or a part of one, with the rows of all that was watched.
#[derive(Clone, Debug)]
pub struct Bucket {
    pub second: Second,
    /// Interfaces in the order of the second's, and whether a total counts them.
    pub nics: Vec<(Nic, bool)>,
    pub rows: Vec<Row>,
}

/// Some buckets in the order of time, and the words of their rows.
pub struct Bit {
    pub buckets: Vec<Bucket>,
    choice: Choice,
    words: Words,
    snapshot: Snapshot,
}

impl Stretch {
    pub fn new(range: Range<units::Second>, tier: Option<Tier>) -> Stretch {
        Stretch {
            left: range,
            tier,
            filter: Filter::default(),
            asker: Asker::default(),
            length: FIRST,
        }
    }

    /// The same, of which [`Bit::shown`] and [`Bit::unflowed`] tell what matches.
    #[must_use]
    pub fn narrowed(self, filter: Filter) -> Stretch {
        Stretch { filter, ..self }
    }

    /// The same, which ends in an error once this asker has left.
    #[must_use]
    pub fn asked_by(self, asker: Asker) -> Stretch {
        Stretch { asker, ..self }
    }

    /// Up to where it was told.
    pub fn reached(&self) -> units::Second {
        self.left.start
    }

    /// The next bit that has anything; `None` at the end.
    pub fn next(&mut self, query: &Query) -> Result<Option<Bit>, Error> {
        while !self.left.is_empty() {
            self.asker.is_here()?;
            let snapshot = query.reader.snapshot()?;
            let plan = plan(&snapshot, &self.left, self.tier)?;
            let Some(piece) = plan.pieces.into_iter().next() else {
                break;
            };
            let words = Words::new(&query.class_names, std::collections::HashMap::new());
            let sieve = self.filter.sieve(&snapshot)?;
            let bit = Bit {
                buckets: Vec::new(),
                choice: Choice::new(sieve, Countries::new(query.places.clone())),
                words,
                snapshot,
            };
            if let Some(bit) = self.piece(&piece, bit)? {
                return Ok(Some(bit));
            }
        }
        self.left.start = self.left.end;
        Ok(None)
    }

    fn piece(&mut self, piece: &Piece, mut bit: Bit) -> Result<Option<Bit>, Error> {
        loop {
            let end = self.cut(piece, &bit.snapshot)?;
            let range = piece.range.start..end;
            let one = bit.snapshot.bucket(piece.tier, range.start)?.end >= end;
            let most = if one { usize::MAX } else { ROWS };
            let Some(rows) = bit.read(piece.tier, range, most)? else {
                self.length = (self.length / 2).max(1);
                continue;
            };
            if rows < ROWS / 4 {
                self.length = (self.length * 2).min(LONGEST);
            }
            self.left.start = end;
            return Ok((!bit.buckets.is_empty()).then_some(bit));
        }
    }

    /// Where a bucket ends, about as far as it shall go.
    fn cut(&self, piece: &Piece, snapshot: &Snapshot) -> Result<units::Second, Error> {
        let last = piece.range.start.0.saturating_add(self.length - 1);
        if last >= piece.range.end.0 {
            return Ok(piece.range.end);
        }
        let bucket = snapshot.bucket(piece.tier, units::Second(last))?;
        Ok(bucket.end.min(piece.range.end))
    }
}

impl Query {
    /// What of a range is not left in this tier, or in none that it can be told in.
    pub fn lacks(
        &self,
        range: &Range<units::Second>,
        tier: Option<Tier>,
    ) -> Result<Vec<Span>, Error> {
        let plan = plan(&self.reader.snapshot()?, range, tier)?;
        Ok(Span::missing(&plan))
    }

    /// Refuses a filter that means nothing.
    pub fn can_filter(&self, filter: &Filter) -> Result<(), Error> {
        filter.sieve(&self.reader.snapshot()?).map(drop)
    }

    /// Where the bucket begins that a second lies in.
    pub fn bucket_of(&self, tier: Tier, second: units::Second) -> Result<units::Second, Error> {
        Ok(self.reader.snapshot()?.bucket(tier, second)?.start)
    }

    /// The first second that is on file.
    pub fn begins(&self) -> Result<Option<units::Second>, Error> {
        Ok(self.reader.snapshot()?.first()?)
    }
}

/// From where a range is told.
fn plan(
    snapshot: &Snapshot,
    range: &Range<units::Second>,
    tier: Option<Tier>,
) -> Result<Plan, Error> {
    if let Some(tier) = tier {
        return Ok(snapshot.plan(range, tier)?);
    }
    let mut plan = snapshot.plan(range, Tier::Second)?;
    for coarser in [Tier::Minute, Tier::Hour, Tier::Day] {
        for range in std::mem::take(&mut plan.missing) {
            let more = snapshot.plan(&range, coarser)?;
            plan.pieces.extend(more.pieces);
            plan.missing.extend(more.missing);
        }
    }
    let imported = snapshot.imported()?;
    let pieces = std::mem::take(&mut plan.pieces);
    for piece in pieces {
        plan.pieces.extend(by_hour(snapshot, piece, &imported)?);
    }
    plan.pieces.sort_by_key(|piece| piece.range.start);
    Ok(plan)
}

/// The same piece with hours in the place of what is finer, where something was imported into them.
fn by_hour(
    snapshot: &Snapshot,
    piece: Piece,
    imported: &[Range<units::Second>],
) -> Result<Vec<Piece>, Error> {
    if piece.tier >= Tier::Hour {
        return Ok(vec![piece]);
    }
    let Piece { tier, range } = piece;
    let (mut pieces, mut from) = (Vec::new(), range.start);
    let finer = |range: Range<units::Second>, pieces: &mut Vec<Piece>| {
        if !range.is_empty() {
            pieces.push(Piece { tier, range });
        }
    };
    for hours in imported {
        let hours = hours.start.max(from)..hours.end.min(range.end);
        if !hours.is_empty() {
            finer(from..hours.start, &mut pieces);
            from = hours.end;
            pieces.extend(snapshot.plan(&hours, Tier::Hour)?.pieces);
        }
    }
    finer(from..range.end, &mut pieces);
    Ok(pieces)
}

impl Bit {
    /// Reads buckets, and says how many rows they have; `None` if there are more than `most`.
    fn read(
        &mut self,
        tier: Tier,
        range: Range<units::Second>,
        most: usize,
    ) -> Result<Option<usize>, Error> {
        let (mut found, mut count) = (Vec::new(), 0);
        let plan = Plan {
            pieces: vec![Piece {
                tier,
                range: range.clone(),
            }],
            ..Plan::default()
        };
        let amendments = self.snapshot.amendments(&range)?;
        self.snapshot
            .planned(&plan, &range, &amendments, &mut |second, rows| {
                let rows = merged(rows.collect());
                count += rows.len().max(1);
                found.push((second.clone(), rows));
                if count > most {
                    return ControlFlow::Break(());
                }
                ControlFlow::Continue(())
            })?;
        if count > most {
            return Ok(None);
        }
        for (mut second, rows) in found {
            self.place(tier, &mut second)?;
            let nics = self.nics(&second.nics)?;
            self.buckets.push(Bucket { second, nics, rows });
        }
        self.buckets
            .sort_by_key(|bucket| bucket.second.moment.second);
        Ok(Some(count))
    }

    /// A second that is not rolled up yet is a part of the bucket that it will be in.
    fn place(&self, tier: Tier, second: &mut Second) -> Result<(), Error> {
        if tier != Tier::Second && second.span == 1 {
            let bucket = self.snapshot.bucket(tier, second.moment.second)?;
            second.moment.second = bucket.start;
            second.span = u32::try_from(bucket.end.0 - bucket.start.0).unwrap_or(u32::MAX);
        }
        Ok(())
    }

    fn nics(&mut self, nics: &[NicSecond]) -> Result<Vec<(Nic, bool)>, Error> {
        let words = nics.iter().map(|one| self.nic(one.nic));
        let words = words.collect::<Result<Vec<_>, _>>()?;
        let counted = Selection::default().counted(words.iter());
        Ok(words.into_iter().zip(counted).collect())
    }

    fn nic(&mut self, id: NicId) -> Result<Nic, Error> {
        Ok(self.words.nic(&self.snapshot, id)?)
    }

    /// What is told of a row; `None` where it does not match.
    pub fn shown(&mut self, row: &Row) -> Result<Option<Row>, Error> {
        self.choice.row(row, &mut self.words, &self.snapshot)
    }

    /// The same of what is in no flow.
    pub fn unflowed(&self, traffic: Traffic) -> Option<Traffic> {
        self.choice.unflowed(traffic)
    }

    /// The words of a row: its application, its site, its classes.
    pub fn words(&mut self, row: &Row) -> Result<RowWords, Error> {
        let (words, snapshot) = (&mut self.words, &self.snapshot);
        Ok(RowWords {
            app: words.app(snapshot, row.label.app)?,
            site: words.site(snapshot, row.label.site)?,
            classes: words.class_set(snapshot, row.classes)?,
        })
    }
}

/// What a row's numbers mean.
#[derive(Clone, Debug)]
pub struct RowWords {
    pub app: crate::label::App,
    pub site: crate::label::Site,
    pub classes: crate::store::ClassSet,
}

/// Rows by label, whether they are by flow still or not: both are told alike.
fn merged(mut rows: Vec<Row>) -> Vec<Row> {
    let key = |row: &Row| (row.nic, row.label, row.protocol, row.classes);
    rows.sort_by_key(key);
    rows.dedup_by(|more, row| {
        let same = key(more) == key(row);
        if same {
            row.traffic += more.traffic;
            row.opened = row.opened.saturating_add(more.opened);
        }
        same
    });
    rows
}
