//! What is being forgotten, as the file remembers it until it is done: a value in `meta`. Whoever opens
//! the file in between goes on from there.

use crate::label::{App, Site};
use crate::store::care::Unused;
use crate::store::codec::{Damaged, In, Out};
use crate::store::error::Error;
use crate::store::layout::META;
use crate::store::word::{AppId, SiteId, Word};
use crate::units::Second;
use redb::{ReadableTable, WriteTransaction};
use std::collections::BTreeSet;
use std::ops::Range;

pub(in crate::store) const KEY: &str = "forget";
/// Of a mark without earlier wishes.
const FORMAT: u8 = 1;
const WITH_EARLIER: u8 = 2;

/// What is done one after the other: what rows are made of before what they are rolled up to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::store) enum Phase {
    Amendments,
    Hot,
    Sealed,
    Minutes,
    Hours,
    Days,
    Connections,
    Words,
    /// All is gone from the tables; the file is to be written anew.
    Rewrite,
}

const PHASES: [Phase; 9] = [
    Phase::Amendments,
    Phase::Hot,
    Phase::Sealed,
    Phase::Minutes,
    Phase::Hours,
    Phase::Days,
    Phase::Connections,
    Phase::Words,
    Phase::Rewrite,
];

impl Phase {
    pub(super) fn next(self) -> Phase {
        let next = PHASES.get(self as usize + 1);
        next.copied().unwrap_or(Phase::Rewrite)
    }
}

/// The mark.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::store) struct Mark {
    pub(in crate::store) phase: Phase,
    pub(in crate::store) what: What,
    /// What the new file goes without because of wishes before, after which it could not be written anew.
    pub(in crate::store) earlier: Unused,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::store) enum What {
    Words(Words),
    Span(Span),
}

/// Words whose numbers are taken back.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::store) struct Words {
    pub(super) apps: BTreeSet<AppId>,
    pub(super) sites: BTreeSet<SiteId>,
    /// What connections say of them, until these are gone too.
    pub(super) named_apps: Vec<App>,
    pub(super) named_sites: Vec<Site>,
    /// A domain: every name in it.
    pub(super) domain: Option<String>,
    /// The numbers that rows get in their place.
    pub(super) app: AppId,
    pub(super) site: SiteId,
}

/// Seconds that go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::store) struct Span {
    pub(super) range: Range<Second>,
    /// Where everything goes: the last numbers of apps, sites, interfaces and classes that go with it.
    pub(super) last: Option<[u32; 4]>,
}

impl Mark {
    /// What a file is to forget, if anything. A mark that is damaged keeps nobody from the history.
    pub(in crate::store) fn load(
        meta: &impl ReadableTable<&'static str, &'static [u8]>,
    ) -> Result<Option<Mark>, Error> {
        let Some(value) = meta.get(KEY)? else {
            return Ok(None);
        };
        let mark = Mark::decode(value.value());
        let mark = mark.inspect_err(
            |why| tracing::error!(%why, "what was being forgotten is not known any more: wish it again"),
        );
        Ok(mark.ok())
    }

    pub(in crate::store) fn save(&self, transaction: &WriteTransaction) -> Result<(), Error> {
        let mut meta = transaction.open_table(META)?;
        meta.insert(KEY, self.encode().as_slice())?;
        Ok(())
    }

    /// Which words that nothing uses the new file goes without: those that only what was forgotten
    /// has brought.
    pub(super) fn unused(&self) -> Unused {
        let of_this = match &self.what {
            What::Words(words) => Unused {
                addresses: !words.sites.is_empty(),
                seen_first: None,
            },
            // What was seen first in it is told to have been right after it.
            What::Span(span) => Unused {
                addresses: false,
                seen_first: Some(span.range.start..span.range.end.next()),
            },
        };
        of_this.and(self.earlier.clone())
    }

    pub(super) fn encode(&self) -> Vec<u8> {
        let earlier = Some(&self.earlier).filter(|one| **one != Unused::default());
        let mut out = Out::envelope(earlier.map_or(FORMAT, |_| WITH_EARLIER));
        out.byte(self.phase as u8);
        match &self.what {
            What::Words(words) => {
                out.byte(1);
                words.write(&mut out);
            }
            What::Span(span) => {
                out.byte(2);
                span.write(&mut out);
            }
        }
        if let Some(earlier) = earlier {
            write_unused(&mut out, earlier);
        }
        out.sealed()
    }

    pub(super) fn decode(value: &[u8]) -> Result<Mark, Damaged> {
        let (mut input, format) = In::either(value, &[FORMAT, WITH_EARLIER])?;
        let phase = PHASES.get(usize::from(input.byte()?)).copied();
        let mark = Mark {
            phase: phase.ok_or(Damaged("a step of forgetting that is not known here"))?,
            what: match input.byte()? {
                1 => What::Words(Words::read(&mut input)?),
                2 => What::Span(Span::read(&mut input)?),
                _ => return Err(Damaged("a wish that is not known here")),
            },
            earlier: match format {
                WITH_EARLIER => read_unused(&mut input)?,
                _ => Unused::default(),
            },
        };
        input.end()?;
        Ok(mark)
    }
}

impl Words {
    fn write(&self, out: &mut Out) {
        out.number(self.app.0.into());
        out.number(self.site.0.into());
        numbers(out, self.apps.iter().map(|id| id.0));
        numbers(out, self.sites.iter().map(|id| id.0));
        texts(out, &self.named_apps);
        texts(out, &self.named_sites);
        out.bytes(self.domain.as_deref().unwrap_or_default().as_bytes());
    }

    fn read(input: &mut In) -> Result<Words, Damaged> {
        Ok(Words {
            app: AppId(input.small()?),
            site: SiteId(input.small()?),
            apps: read_numbers(input, AppId)?,
            sites: read_numbers(input, SiteId)?,
            named_apps: read_texts(input)?,
            named_sites: read_texts(input)?,
            domain: Some(input.text()?.to_owned()).filter(|domain| !domain.is_empty()),
        })
    }

    /// The connections are gone: what they were known by need not be kept.
    pub(super) fn without_texts(&mut self) {
        self.named_apps.clear();
        self.named_sites.clear();
        self.domain = None;
    }
}

impl Span {
    fn write(&self, out: &mut Out) {
        out.signed(self.range.start.0);
        out.signed(self.range.end.0);
        numbers(out, self.last.iter().flatten().copied());
    }

    fn read(input: &mut In) -> Result<Span, Damaged> {
        let range = Second(input.signed()?)..Second(input.signed()?);
        let last: u8 = input.small()?;
        let last = match last {
            0 => None,
            4 => Some([
                input.small()?,
                input.small()?,
                input.small()?,
                input.small()?,
            ]),
            _ => return Err(Damaged("other dictionaries than there are")),
        };
        Ok(Span { range, last })
    }
}

fn write_unused(out: &mut Out, unused: &Unused) {
    out.byte(unused.addresses.into());
    out.byte(unused.seen_first.is_some().into());
    if let Some(range) = &unused.seen_first {
        out.signed(range.start.0);
        out.signed(range.end.0);
    }
}

fn read_unused(input: &mut In) -> Result<Unused, Damaged> {
    let addresses = input.byte()? != 0;
    let seen_first = match input.byte()? {
        0 => None,
        _ => Some(Second(input.signed()?)..Second(input.signed()?)),
    };
    Ok(Unused {
        addresses,
        seen_first,
    })
}

fn numbers(out: &mut Out, all: impl Iterator<Item = u32> + Clone) {
    out.number(all.clone().count() as u64);
    all.for_each(|one| out.number(one.into()));
}

fn read_numbers<T: Ord>(input: &mut In, of: fn(u32) -> T) -> Result<BTreeSet<T>, Damaged> {
    let count: u32 = input.small()?;
    (0..count).map(|_| Ok(of(input.small()?))).collect()
}

fn texts<W: Word>(out: &mut Out, words: &[W]) {
    out.number(words.len() as u64);
    for word in words {
        out.bytes(&word.encode());
    }
}

fn read_texts<W: Word>(input: &mut In) -> Result<Vec<W>, Damaged> {
    let count: u32 = input.small()?;
    (0..count).map(|_| W::decode(input.bytes()?)).collect()
}
