//! The first step: which words, or which seconds. From this transaction on nobody is told of them, and
//! nothing that comes later gets their numbers.

use super::Wish;
use super::connections::is_in;
use super::gaps::leave_gap;
use super::mark::{Span, What, Words};
use crate::label::{App, Site};
use crate::store::block::read_sealed;
use crate::store::calendar::Calendar;
use crate::store::coarse;
use crate::store::codec::Damaged;
use crate::store::dictionary::taken::{matching, take_all_back, take_back, take_from};
use crate::store::dictionary::{lookup_now, number_now};
use crate::store::error::{Error, in_table};
use crate::store::file::THROUGH_KEY;
use crate::store::import::Hours;
use crate::store::layout::{self, AMENDMENTS, CONNECTIONS, HOT, META, Tier, read_moment};
use crate::store::sizes::Sizes;
use crate::store::word::{AppId, ClassSet, Nic, SiteId, Word};
use crate::units::{Moment, Second};
use redb::{ReadableTable, ReadableTableMetadata, WriteTransaction};
use std::net::IpAddr;
use std::ops::Range;

pub(super) fn begin(
    transaction: &WriteTransaction,
    calendar: &Calendar,
    wish: &Wish,
    now: Second,
) -> Result<What, Error> {
    let at = transaction;
    match wish {
        Wish::App(id) => {
            let found = by_number::<App>(at, *id)?;
            apps(at, now, &format!("application {}", id.0), found)
        }
        Wish::AppNamed(name) => {
            let named = |app: &App, _| *app.name == **name || app.path.as_deref() == Some(name);
            let found = matching::<App>(at, named)?;
            apps(at, now, &format!("the application {name}"), found)
        }
        Wish::SiteNamed(name) => {
            let site = site(name);
            let found = matching::<Site>(at, |one, _| *one == site)?;
            sites(at, now, &format!("the site {name}"), None, found)
        }
        Wish::Domain(name) => {
            let domain = tidy(name);
            let within = |one: &Site, _| matches!(one, Site::Name(name) if is_in(name, &domain));
            let found = matching::<Site>(at, within)?;
            sites(at, now, &format!("the domain {name}"), Some(&domain), found)
        }
        Wish::Range(range) => span(transaction, calendar, range, false),
        Wish::Everything => span(
            transaction,
            calendar,
            &(Second(i64::MIN)..Second(i64::MAX)),
            true,
        ),
    }
}

/// A host name or an address, as it is numbered.
fn site(name: &str) -> Site {
    match name.parse::<IpAddr>() {
        Ok(address) => Site::Address(address),
        Err(_) => Site::Name(tidy(name).into()),
    }
}

fn tidy(name: &str) -> String {
    name.trim_matches('.').to_ascii_lowercase()
}

fn by_number<W: Word>(transaction: &WriteTransaction, id: W::Id) -> Result<Vec<(W, W::Id)>, Error>
where
    W::Id: Copy,
{
    let word = lookup_now::<W>(transaction, id)?;
    Ok(word.into_iter().map(|word| (word, id)).collect())
}

fn apps(
    transaction: &WriteTransaction,
    now: Second,
    named: &str,
    mut found: Vec<(App, AppId)>,
) -> Result<What, Error> {
    let forgotten = App::forgotten();
    let nobody = |app: &App| *app == forgotten || *app == App::unknown();
    found.retain(|(app, _)| !nobody(app));
    if found.is_empty() {
        return Err(Error::Nothing(named.to_owned()));
    }
    take_back(transaction, &found, &forgotten, now)?;
    Ok(What::Words(Words {
        app: number_now(transaction, &forgotten, now)?,
        apps: found.iter().map(|(_, id)| *id).collect(),
        named_apps: found.into_iter().map(|(app, _)| app).collect(),
        ..Words::default()
    }))
}

fn sites(
    transaction: &WriteTransaction,
    now: Second,
    named: &str,
    domain: Option<&str>,
    mut found: Vec<(Site, SiteId)>,
) -> Result<What, Error> {
    let nothing = |site: &Site| matches!(site, Site::Other | Site::Forgotten);
    found.retain(|(site, _)| !nothing(site));
    if found.is_empty() {
        return Err(Error::Nothing(named.to_owned()));
    }
    take_back(transaction, &found, &Site::Forgotten, now)?;
    let addresses = found.iter().filter_map(|(site, _)| match site {
        Site::Address(address) => Some(*address),
        _ => None,
    });
    let addresses: Vec<IpAddr> = addresses.collect();
    if !addresses.is_empty() {
        take_from(transaction, &addresses)?;
    }
    Ok(What::Words(Words {
        site: number_now(transaction, &Site::Forgotten, now)?,
        sites: found.iter().map(|(_, id)| *id).collect(),
        // A domain tells of all its names.
        named_sites: match domain {
            Some(_) => Vec::new(),
            None => found.into_iter().map(|(site, _)| site).collect(),
        },
        domain: domain.map(Into::into),
        ..Words::default()
    }))
}

fn span(
    transaction: &WriteTransaction,
    calendar: &Calendar,
    asked: &Range<Second>,
    everything: bool,
) -> Result<What, Error> {
    let nothing = || Error::Nothing("these seconds".to_owned());
    let held = held(transaction)?.ok_or_else(nothing)?;
    let range = asked.start.max(held.start)..asked.end.min(held.end);
    if range.is_empty() {
        return Err(nothing());
    }
    let sizes = Sizes::load(&transaction.open_table(META)?)?;
    let hours = Hours::load(&transaction.open_table(META)?)?;
    let range = widened(&sizes, calendar, &hours, range);
    let forgotten = if everything { asked } else { &range };
    Hours::forget(transaction, forgotten)?;
    leave_gap(transaction, &range)?;
    let last = if everything {
        Some([
            take_all_back::<App>(transaction)?,
            take_all_back::<Site>(transaction)?,
            take_all_back::<Nic>(transaction)?,
            take_all_back::<ClassSet>(transaction)?,
        ])
    } else {
        None
    };
    Ok(What::Span(Span { range, last }))
}

/// From the first to the last second of which anything is held.
fn held(transaction: &WriteTransaction) -> Result<Option<Range<Second>>, Error> {
    let mut ends = Vec::new();
    for tier in Tier::ALL {
        let table = transaction.open_table(tier.table())?;
        if let Some((first, _)) = table.first()? {
            ends.push(layout::moment(first.value()).second);
        }
        if let Some((last, value)) = table.last()? {
            let last = layout::moment(last.value());
            ends.push(end_of(tier, last, value.value()));
        }
    }
    let hot = transaction.open_table(HOT)?;
    for entry in [hot.first()?, hot.last()?].into_iter().flatten() {
        let at = layout::moment(entry.0.value()).second;
        ends.extend([at, at.next()]);
    }
    let connections = transaction.open_table(CONNECTIONS)?;
    for entry in [connections.first()?, connections.last()?]
        .into_iter()
        .flatten()
    {
        let at = layout::connection_of(entry.0.value()).0.second;
        ends.extend([at, at.next()]);
    }
    let meta = transaction.open_table(META)?;
    if let Some(through) = meta.get(THROUGH_KEY)? {
        let through = read_moment(through.value()).map_err(in_table("meta"))?;
        ends.push(through.second.next());
    }
    let first = ends.iter().min().copied();
    Ok(first
        .zip(ends.into_iter().max())
        .map(|(first, end)| first..end))
}

/// The end of a block's last second or bucket; one that cannot be read ends where it begins.
fn end_of(tier: Tier, first: Moment, value: &[u8]) -> Second {
    if tier == Tier::Second {
        let mut end = first.second.next();
        // What was read until it went wrong counts.
        let _ = read_sealed::<Damaged>(first, value, &mut Vec::new(), |second, _| {
            end = end.max(second.moment.second.next());
            Ok(())
        });
        return end;
    }
    let first = first.second;
    let entries = coarse::entries(first, value);
    let last = entries
        .ok()
        .and_then(|(entries, _)| entries.iter().map(coarse::Entry::end).max());
    last.unwrap_or(first.next())
}

/// A bucket that lies partly in the range is made again from the finer tier; where that is not there
/// any more, or never was, as where it was imported, the range takes all of it.
fn widened(
    sizes: &Sizes,
    calendar: &Calendar,
    imported: &Hours,
    mut range: Range<Second>,
) -> Range<Second> {
    let last = Second(range.end.0.saturating_sub(1));
    if imported.has(range.start) {
        range.start = calendar.bucket(Tier::Hour, range.start).start;
    }
    if imported.has(last) {
        range.end = calendar.bucket(Tier::Hour, last).end;
    }
    for tier in Tier::COARSE {
        let finer = tier.finer().unwrap_or(Tier::Second);
        let from = sizes.of(finer).from;
        let first = calendar.bucket(tier, range.start);
        if first.start < from {
            range.start = range.start.min(first.start);
        }
        let last = calendar.bucket(tier, Second(range.end.0.saturating_sub(1)));
        if last.start < from {
            range.end = range.end.max(last.end);
        }
    }
    range
}

/// How many entries there are to look at, about.
pub(super) fn entries(transaction: &WriteTransaction) -> Result<u64, Error> {
    let mut count = transaction.open_table(CONNECTIONS)?.len()?;
    for table in [HOT, AMENDMENTS]
        .into_iter()
        .chain(Tier::ALL.map(Tier::table))
    {
        count += transaction.open_table(table)?.len()?;
    }
    Ok(count)
}
