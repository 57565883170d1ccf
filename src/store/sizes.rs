//! How much each tier holds, kept in the transactions that change it: counting the file's pages would
//! read all of it.

use super::codec::{Damaged, In, Out};
use super::error::{Error, in_table};
use super::layout::{META, Tier};
use crate::units::Second;
use redb::{ReadableTable, WriteTransaction};

pub(super) const KEY: &str = "tiers";
const FORMAT: u8 = 1;

/// One tier's blocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Held {
    /// Bytes of their values.
    pub bytes: u64,
    /// What begins before this was removed: it is in coarser tiers alone.
    pub from: Second,
}

impl Default for Held {
    fn default() -> Held {
        Held {
            bytes: 0,
            from: Second(i64::MIN),
        }
    }
}

/// The finest tier first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Sizes(pub(super) [Held; 4]);

impl Sizes {
    pub(super) fn load(
        meta: &impl ReadableTable<&'static str, &'static [u8]>,
    ) -> Result<Sizes, Error> {
        let value = meta.get(KEY)?;
        let sizes = value.map(|value| Sizes::decode(value.value()));
        let sizes = sizes.transpose().map_err(in_table("meta"))?;
        Ok(sizes.unwrap_or_default())
    }

    pub(super) fn of(&self, tier: Tier) -> Held {
        let [second, minute, hour, day] = self.0;
        match tier {
            Tier::Second => second,
            Tier::Minute => minute,
            Tier::Hour => hour,
            Tier::Day => day,
        }
    }

    fn held(&mut self, tier: Tier) -> &mut Held {
        let [second, minute, hour, day] = &mut self.0;
        match tier {
            Tier::Second => second,
            Tier::Minute => minute,
            Tier::Hour => hour,
            Tier::Day => day,
        }
    }

    pub(super) fn save(&self, transaction: &WriteTransaction) -> Result<(), Error> {
        let mut out = Out::envelope(FORMAT);
        for held in self.0 {
            out.number(held.bytes);
            out.signed(held.from.0);
        }
        let mut meta = transaction.open_table(META)?;
        meta.insert(KEY, out.sealed().as_slice())?;
        Ok(())
    }

    fn decode(value: &[u8]) -> Result<Sizes, Damaged> {
        let mut input = In::envelope(value, FORMAT)?;
        let mut sizes = Sizes::default();
        for held in &mut sizes.0 {
            held.bytes = input.number()?;
            held.from = Second(input.signed()?);
        }
        input.end()?;
        Ok(sizes)
    }
}

/// Blocks of this tier came and went.
pub(super) fn changed(
    transaction: &WriteTransaction,
    tier: Tier,
    came: usize,
    went: usize,
) -> Result<(), Error> {
    let mut sizes = Sizes::load(&transaction.open_table(META)?)?;
    let held = sizes.held(tier);
    held.bytes = held.bytes.saturating_add(came as u64);
    held.bytes = held.bytes.saturating_sub(went as u64);
    sizes.save(transaction)
}

/// Everything of this tier before `from` was removed.
pub(super) fn cut(transaction: &WriteTransaction, tier: Tier, from: Second) -> Result<(), Error> {
    let mut sizes = Sizes::load(&transaction.open_table(META)?)?;
    let held = sizes.held(tier);
    held.from = held.from.max(from);
    sizes.save(transaction)
}
