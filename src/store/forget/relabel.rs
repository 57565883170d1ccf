//! Stored values with some of their words replaced by `forgotten`. Rows that are alike then are merged;
//! every sum stays as it was.

use super::mark::Words;
use crate::store::amendment;
use crate::store::block::{Builder, Hot, read_hot, read_sealed};
use crate::store::coarse::{self, Part};
use crate::store::codec::Damaged;
use crate::store::seal::{RowKey, sealed_row};
use crate::store::second::{LabelId, Row, Second};
use crate::units::{Moment, Traffic};
use std::collections::BTreeMap;

/// What became of a value.
#[derive(Debug, Default)]
pub(super) struct Changed {
    /// Rows that were read.
    pub(super) rows: usize,
    /// Rows that have another label now.
    pub(super) relabelled: u64,
    /// The new value, if it is another one.
    pub(super) value: Option<Vec<u8>>,
}

impl Words {
    fn label(&self, label: &mut LabelId) -> bool {
        let (app, site) = (
            self.apps.contains(&label.app),
            self.sites.contains(&label.site),
        );
        if app {
            label.app = self.app;
        }
        if site {
            label.site = self.site;
        }
        app || site
    }

    /// Who carries tunnels.
    fn head(&self, second: &mut Second) -> bool {
        let mut changed = false;
        let carriers = second
            .nics
            .iter_mut()
            .filter_map(|nic| nic.carrier.as_mut());
        for carrier in carriers.filter(|carrier| self.apps.contains(carrier)) {
            *carrier = self.app;
            changed = true;
        }
        changed
    }
}

pub(super) fn amendments(value: &[u8], words: &Words) -> Result<Changed, Damaged> {
    let mut relabels = amendment::decode(value)?;
    let mut relabelled = 0;
    for one in &mut relabels {
        relabelled += u64::from(words.label(&mut one.label));
    }
    Ok(Changed {
        rows: relabels.len(),
        relabelled: 0,
        value: (relabelled > 0).then(|| amendment::encode(&relabels)),
    })
}

/// Rows of flows stay apart: only their labels change.
pub(super) fn hot(first: Moment, value: &[u8], words: &Words) -> Result<Changed, Damaged> {
    let mut changed = Changed::default();
    read_hot::<Damaged>(first, value, |second, rows| {
        let mut second = second.clone();
        let head = words.head(&mut second);
        let rows = rows.map(|row| {
            let mut row = row?;
            changed.rows += 1;
            changed.relabelled += u64::from(words.label(&mut row.label));
            Ok(row)
        });
        let rows = rows.collect::<Result<Vec<Row>, Damaged>>()?;
        if head || changed.relabelled > 0 {
            let mut hot = Hot::new(&second, rows.len());
            hot.rows(&rows);
            changed.value = Some(hot.finish());
        }
        Ok(())
    })?;
    Ok(changed)
}

pub(super) fn sealed(
    first: Moment,
    value: &[u8],
    scratch: &mut Vec<u8>,
    words: &Words,
) -> Result<Changed, Damaged> {
    let (mut changed, mut builder, mut heads) = (Changed::default(), Builder::new(first), false);
    read_sealed::<Damaged>(first, value, scratch, |second, rows| {
        let mut second = second.clone();
        heads |= words.head(&mut second);
        let rows = rows.collect::<Result<Vec<Row>, Damaged>>()?;
        let merged = merged(rows, words, &mut changed);
        builder.second(&second, &merged);
        Ok(())
    })?;
    if changed.relabelled > 0 || heads {
        changed.value = Some(packed(builder.finish())?);
    }
    Ok(changed)
}

pub(super) fn coarse(first: Moment, value: &[u8], words: &Words) -> Result<Changed, Damaged> {
    let (mut changed, mut heads) = (Changed::default(), false);
    let parts = coarse::decode(first.second, value)?
        .into_iter()
        .map(|part| {
            let mut second = part.second;
            heads |= words.head(&mut second);
            let rows = merged(part.rows, words, &mut changed);
            Part { second, rows }
        });
    let parts: Vec<Part> = parts.collect();
    if changed.relabelled > 0 || heads {
        changed.value = Some(packed(coarse::encode(&parts))?);
    }
    Ok(changed)
}

/// Packing writes to memory.
pub(super) fn packed(value: std::io::Result<Vec<u8>>) -> Result<Vec<u8>, Damaged> {
    value.map_err(|_| Damaged("it cannot be packed again"))
}

fn merged(rows: Vec<Row>, words: &Words, changed: &mut Changed) -> Vec<Row> {
    let mut sums = BTreeMap::<RowKey, (Traffic, u32)>::new();
    for mut row in rows {
        changed.rows += 1;
        changed.relabelled += u64::from(words.label(&mut row.label));
        let key = (row.nic, row.label, row.protocol, row.classes);
        let (traffic, opened) = sums.entry(key).or_default();
        *traffic += row.traffic;
        *opened = opened.saturating_add(row.opened);
    }
    sums.into_iter().map(sealed_row).collect()
}
