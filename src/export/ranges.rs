//! Whole ranges, in the order of time.

use super::error::Error;
use super::items::{InterfaceItem, RowItem, TotalItem};
use super::lists::Listed;
use super::sheet::Sheet;
use super::{What, Wish};
use crate::query::{Bit, Bucket, Query, Stretch, time};
use crate::units::Second;
use std::ops::Range;

/// Connections of one look.
const CONNECTIONS: usize = 1_024;

pub(super) fn write(
    wish: &Wish,
    query: &Query,
    range: Range<Second>,
    sheet: &mut Sheet,
) -> Result<(), Error> {
    if wish.what == What::Connections {
        return connections(wish, query, range, sheet);
    }
    let mut stretch = Stretch::new(range, wish.tier)
        .narrowed(wish.ask.filter.clone())
        .asked_by(wish.ask.asker.clone());
    while let Some(mut bit) = stretch.next(query)? {
        match wish.what {
            What::Rows => rows(wish, &mut bit, sheet)?,
            What::Interfaces => interfaces(wish, &bit, sheet)?,
            _ => totals(wish, &bit, sheet)?,
        }
        drop(bit);
        sheet.leave()?;
    }
    Ok(())
}

/// Whether an interface was asked for; all are if none was named.
fn is_asked(wish: &Wish, name: &str) -> bool {
    let names = &wish.ask.interfaces;
    names.is_empty() || names.iter().any(|one| one == name)
}

fn rows(wish: &Wish, bit: &mut Bit, sheet: &mut Sheet) -> Result<(), Error> {
    let buckets = std::mem::take(&mut bit.buckets);
    for Bucket { second, nics, rows } in &buckets {
        let at = time(second.moment.second);
        let mut asked = second
            .nics
            .iter()
            .zip(nics)
            .filter(|(_, nic)| is_asked(wish, &nic.0.name));
        for row in rows {
            let nic = asked.clone().find(|(facts, _)| facts.nic == row.nic);
            let Some((_, nic)) = nic else {
                continue;
            };
            let Some(row) = bit.shown(row)? else {
                continue;
            };
            let words = bit.words(&row)?;
            sheet.item(&RowItem::of(&at, second.span, nic, &row, &words))?;
        }
        asked.try_for_each(|(facts, nic)| {
            facts.unflowed.iter().try_for_each(|(reason, traffic)| {
                let traffic = bit.unflowed(*traffic);
                let item =
                    traffic.map(|some| RowItem::unflowed(&at, second.span, nic, *reason, some));
                item.map_or(Ok(()), |item| sheet.item(&item))
            })
        })?;
    }
    Ok(())
}

fn interfaces(wish: &Wish, bit: &Bit, sheet: &mut Sheet) -> Result<(), Error> {
    for Bucket { second, nics, .. } in &bit.buckets {
        let at = time(second.moment.second);
        for (facts, nic) in second.nics.iter().zip(nics) {
            if is_asked(wish, &nic.0.name) {
                sheet.item(&InterfaceItem::of(&at, second.span, nic, facts))?;
            }
        }
    }
    Ok(())
}

fn totals(wish: &Wish, bit: &Bit, sheet: &mut Sheet) -> Result<(), Error> {
    let mut last: Option<TotalItem> = None;
    for bucket in &bit.buckets {
        let named = !wish.ask.interfaces.is_empty();
        let counts = |place: usize| {
            let nic = bucket.nics.get(place);
            nic.is_some_and(|(nic, counted)| {
                let asked = named && is_asked(wish, &nic.name);
                asked || !named && *counted
            })
        };
        let part = TotalItem::of(bucket, counts);
        match &mut last {
            Some(total) if total.is_at(&part) => total.and(&part),
            _ => {
                if let Some(total) = last.replace(part) {
                    sheet.item(&total)?;
                }
            }
        }
    }
    last.map_or(Ok(()), |total| sheet.item(&total))
}

fn connections(
    wish: &Wish,
    query: &Query,
    range: Range<Second>,
    sheet: &mut Sheet,
) -> Result<(), Error> {
    let mut after = None;
    loop {
        let (page, more) = query.ended_after(&range, &wish.ask, after, CONNECTIONS)?;
        for one in &page {
            sheet.item(&Listed::of(one, What::Connections)?)?;
        }
        sheet.leave()?;
        if more.is_none() {
            return Ok(());
        }
        after = more;
    }
}
