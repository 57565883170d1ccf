//! The rows of a whole block, label by label: a label is told once, then in which seconds (or buckets)
//! it has rows, and what these counted. What is alike lies side by side, and packs well. Read all at
//! once, when the first row is asked for, and given second by second.

use super::block::{pack, unpack};
use super::bounds;
use super::codec::{Damaged, In, Out};
use super::codes::{how, sources};
use super::second::{LabelId, Row};
use super::sheet::{self, Four};
use super::word::{AppId, ClassesId, NicId, SiteId};
use crate::key::Protocol;
use crate::units::Traffic;

const COLUMNS: usize = 13;

/// Of each label, and of each of its rows.
#[derive(Debug, Default)]
struct Columns<T> {
    nic: T,
    protocol: T,
    app: T,
    /// The difference to the label before: they are sorted.
    site: T,
    how: T,
    classes: T,
    rows: T,

    /// The difference to the row before: which of the block's seconds it is of.
    place: T,
    opened: T,
    counts: Four<T>,
}

impl<T> Columns<T> {
    #[rustfmt::skip]
    fn list(self) -> [T; COLUMNS] {
        let [a, b, c, d] = self.counts.0;
        [
            self.nic, self.protocol, self.app, self.site, self.how, self.classes, self.rows,
            self.place, self.opened, a, b, c, d,
        ]
    }

    #[rustfmt::skip]
    fn of(list: [T; COLUMNS]) -> Columns<T> {
        let [nic, protocol, app, site, how, classes, rows, place, opened, a, b, c, d] = list;
        let counts = Four([a, b, c, d]);
        Columns { nic, protocol, app, site, how, classes, rows, place, opened, counts }
    }
}

/// Rows being gathered, and the place of their second in the block.
#[derive(Debug, Default)]
pub(super) struct Gathered {
    rows: Vec<(u32, Row)>,
    places: u32,
}

impl Gathered {
    /// The rows of the next second.
    pub(super) fn add(&mut self, rows: &[Row]) {
        let place = self.places;
        self.rows.extend(rows.iter().map(|row| (place, *row)));
        self.places += 1;
    }

    pub(super) fn count(&self) -> usize {
        self.rows.len()
    }

    /// Appends them, compressed.
    pub(super) fn write(mut self, out: Out) -> std::io::Result<Out> {
        self.rows.sort_by_key(|(place, row)| (row.key(), *place));
        let mut columns = Columns::<Out>::default();
        let mut site = 0;
        for group in self.rows.chunk_by(|(_, a), (_, b)| a.key() == b.key()) {
            if let Some((_, first)) = group.first() {
                columns.label(first, group.len(), &mut site);
            }
            let mut before = 0;
            for (place, row) in group {
                columns.row(place - before, row);
                before = *place;
            }
        }
        let mut body = Out::default();
        sheet::write(&mut body, &columns.list());
        pack(out, &body.0)
    }
}

impl Columns<Out> {
    fn label(&mut self, row: &Row, rows: usize, site: &mut u32) {
        self.nic.number(row.nic.0.into());
        self.protocol.byte(row.protocol.0);
        self.app.number(row.label.app.0.into());
        let moved = i64::from(row.label.site.0) - i64::from(*site);
        self.site.signed(moved);
        let known = how(row.label.owner_source, row.label.site_source);
        self.how.byte(known);
        self.classes.number(row.classes.0.into());
        self.rows.number(rows as u64);
        *site = row.label.site.0;
    }

    fn row(&mut self, place: u32, row: &Row) {
        self.place.number(place.into());
        self.opened.number(row.opened.into());
        self.counts.put(row.traffic);
    }
}

/// The rows of a block, on request.
#[derive(Debug)]
pub(super) struct ByLabel<'a> {
    packed: In<'a>,
    /// Seconds of the block.
    places: usize,
    told: Told,
    /// Tried once: what cannot be unpacked is not tried again for each second.
    unpacked: Option<Result<Unpacked, Damaged>>,
    /// What is asked for next.
    next: std::ops::Range<usize>,
    place: usize,
    begun: bool,
}

/// How many rows a block says it has.
#[derive(Clone, Copy, Debug)]
pub(super) enum Told {
    Exactly(u64),
    AtMost(u64),
}

impl Told {
    fn most(self) -> u64 {
        match self {
            Told::Exactly(rows) | Told::AtMost(rows) => rows,
        }
    }

    fn holds(self, rows: u64) -> bool {
        match self {
            Told::Exactly(told) => rows == told,
            Told::AtMost(told) => rows <= told,
        }
    }
}

#[derive(Debug, Default)]
struct Unpacked {
    /// What all rows of a label have in common.
    labels: Vec<Row>,
    counts: Vec<Counts>,
    /// The rows in the order of their seconds, and where each second's end.
    order: Vec<u32>,
    ends: Vec<u32>,
}

#[derive(Debug)]
struct Counts {
    place: u32,
    label: u32,
    opened: u32,
    traffic: Traffic,
}

impl<'a> ByLabel<'a> {
    pub(super) fn new(packed: In<'a>, places: usize, told: Told) -> ByLabel<'a> {
        ByLabel {
            packed,
            places,
            told,
            unpacked: None,
            next: 0..0,
            place: 0,
            begun: false,
        }
    }

    /// The rows of this second are to be read.
    pub(super) fn begin(&mut self, place: usize) {
        self.place = place;
        self.begun = false;
    }

    pub(super) fn row(&mut self) -> Option<Result<Row, Damaged>> {
        if !self.begun {
            self.begun = true;
            match self.rows_of_place() {
                Ok(rows) => self.next = rows,
                Err(why) => {
                    self.next = 0..0;
                    return Some(Err(why));
                }
            }
        }
        let unpacked = self.unpacked.as_ref()?.as_ref().ok()?;
        let at = *unpacked.order.get(self.next.next()?)?;
        let counts = unpacked.counts.get(at as usize)?;
        let label = unpacked.labels.get(counts.label as usize)?;
        Some(Ok(Row {
            opened: counts.opened,
            traffic: counts.traffic,
            ..*label
        }))
    }

    fn rows_of_place(&mut self) -> Result<std::ops::Range<usize>, Damaged> {
        let (packed, places, told) = (self.packed, self.places, self.told);
        let unpacked = self
            .unpacked
            .get_or_insert_with(|| Unpacked::new(packed, places, told));
        let ends = &unpacked.as_ref().map_err(|why| *why)?.ends;
        let end = |place: usize| ends.get(place).copied();
        let start = self.place.checked_sub(1).map_or(Some(0), end).unwrap_or(0);
        Ok(start as usize..end(self.place).unwrap_or(start) as usize)
    }
}

impl Unpacked {
    fn new(packed: In, places: usize, told: Told) -> Result<Unpacked, Damaged> {
        bounds::in_block(told.most())?;
        let mut body = Vec::new();
        unpack(packed, &mut body)?;
        let mut unpacked = Unpacked {
            ends: vec![0; places],
            ..Unpacked::default()
        };
        unpacked.read(In(&body), told)?;
        unpacked.sort();
        Ok(unpacked)
    }

    /// Takes no more in than is told.
    fn read(&mut self, body: In, told: Told) -> Result<(), Damaged> {
        let mut columns = Columns::of(sheet::read(body)?);
        let mut site = 0;
        while !columns.nic.0.is_empty() {
            let rows = self.label(&mut columns, &mut site)?;
            let left = told.most().saturating_sub(self.counts.len() as u64);
            if !(1..=left).contains(&rows) {
                return Err(Damaged("a label without rows, or more rows than are told"));
            }
            self.rows(&mut columns, rows)?;
        }
        columns.list().iter().try_for_each(In::end)?;
        if !told.holds(self.counts.len() as u64) {
            return Err(Damaged("fewer rows than are told"));
        }
        Ok(())
    }

    /// Reads a label, and says how many rows it has.
    fn label(&mut self, columns: &mut Columns<In>, site: &mut u32) -> Result<u64, Damaged> {
        let (owner_source, site_source) = sources(columns.how.byte()?)?;
        let moved = i64::from(*site).checked_add(columns.site.signed()?);
        let moved = moved.and_then(|site| u32::try_from(site).ok());
        *site = moved.ok_or(Damaged("a number that is out of range"))?;
        self.labels.push(Row {
            flow: None,
            nic: NicId(columns.nic.small()?),
            protocol: Protocol(columns.protocol.byte()?),
            label: LabelId {
                app: AppId(columns.app.small()?),
                site: SiteId(*site),
                owner_source,
                site_source,
            },
            classes: ClassesId(columns.classes.small()?),
            opened: 0,
            traffic: Traffic::default(),
        });
        columns.rows.number()
    }

    fn rows(&mut self, columns: &mut Columns<In>, rows: u64) -> Result<(), Damaged> {
        let label = self.labels.len().saturating_sub(1) as u32;
        let mut place = 0_u32;
        for _ in 0..rows {
            place = place.saturating_add(columns.place.small()?);
            let here = self.ends.get_mut(place as usize);
            *here.ok_or(Damaged("a row of no second"))? += 1;
            self.counts.push(Counts {
                place,
                label,
                opened: columns.opened.small()?,
                traffic: columns.counts.take()?,
            });
        }
        Ok(())
    }

    /// Puts the rows in the order of their seconds; within one they stay in that of their labels.
    fn sort(&mut self) {
        let mut before = 0;
        for end in &mut self.ends {
            before += std::mem::replace(end, before);
        }
        // `ends` are starts now; each moves to its end as rows find their places.
        self.order = vec![0; self.counts.len()];
        for (at, counts) in self.counts.iter().enumerate() {
            let Some(end) = self.ends.get_mut(counts.place as usize) else {
                continue;
            };
            if let Some(free) = self.order.get_mut(*end as usize) {
                *free = at as u32;
            }
            *end += 1;
        }
    }
}

#[cfg(test)]
mod tests;
