//! From when age is measured. A clock that leaps ahead may be wrong, and is mostly set right within
//! minutes: what a leap makes too old goes only once an hour was lived through after it, in whatever
//! runs. So the file remembers it.

use super::codec::{Damaged, In, Out};
use super::error::Error;
use super::layout::META;
use crate::units::Second;
use redb::{ReadableTable, WriteTransaction};

const KEY: &str = "age";
const FORMAT: u8 = 1;

/// More than a suspended night: a leap.
const LEAP: i64 = 86_400;
/// Seconds after which a leap is believed.
const BELIEVED: u32 = 3_600;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Age {
    now: Option<Second>,
    /// Seconds since the clock leapt.
    since_leap: u32,
}

impl Age {
    /// What a file remembers; one that does not is believed as far as it reaches.
    pub(super) fn load(
        meta: &impl ReadableTable<&'static str, &'static [u8]>,
        through: Option<Second>,
    ) -> Result<Age, Error> {
        let value = meta.get(KEY)?;
        let age = value.map(|value| Age::decode(value.value()));
        let age = age.transpose().unwrap_or_else(|why| {
            tracing::error!(%why, "age is measured from the last second");
            None
        });
        Ok(age.unwrap_or_else(|| Age::since(through)))
    }

    pub(super) fn save(self, transaction: &WriteTransaction) -> Result<(), Error> {
        if let Some(value) = self.encode() {
            let mut meta = transaction.open_table(META)?;
            meta.insert(KEY, value.as_slice())?;
        }
        Ok(())
    }

    fn encode(self) -> Option<Vec<u8>> {
        let mut out = Out::envelope(FORMAT);
        out.signed(self.now?.0);
        out.number(self.since_leap.into());
        Some(out.sealed())
    }

    fn decode(value: &[u8]) -> Result<Age, Damaged> {
        let mut input = In::envelope(value, FORMAT)?;
        let age = Age {
            now: Some(Second(input.signed()?)),
            since_leap: input.small()?,
        };
        input.end()?;
        Ok(age)
    }

    /// Goes on from here.
    pub(super) fn since(through: Option<Second>) -> Age {
        Age {
            now: through,
            since_leap: 0,
        }
    }

    /// A second was lived through.
    pub(super) fn note(&mut self, second: Second) {
        let leapt = self
            .now
            .is_some_and(|now| second.0.saturating_sub(now.0) > LEAP);
        self.since_leap = if leapt {
            self.since_leap.saturating_add(1)
        } else {
            0
        };
        if !leapt || self.since_leap >= BELIEVED {
            self.now = Some(second);
            self.since_leap = 0;
        }
    }

    /// Age is measured from here, at most.
    pub(super) fn now(&self) -> Option<Second> {
        self.now
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const YEAR: i64 = 365 * 86_400;

    fn lived(age: &mut Age, seconds: std::ops::Range<i64>) -> Option<i64> {
        seconds.for_each(|second| age.note(Second(second)));
        age.now().map(|now| now.0)
    }

    #[test]
    fn a_leap_is_believed_after_an_hour() {
        let mut age = Age::since(Some(Second(1_000)));
        assert_eq!(lived(&mut age, YEAR..YEAR + 3_599), Some(1_000));
        assert_eq!(
            lived(&mut age, YEAR + 3_599..YEAR + 3_600),
            Some(YEAR + 3_599)
        );
        assert_eq!(
            lived(&mut age, YEAR + 3_600..YEAR + 3_700),
            Some(YEAR + 3_699)
        );
    }

    #[test]
    fn a_clock_that_is_set_right_has_aged_nothing() {
        let mut age = Age::since(None);
        assert_eq!(lived(&mut age, 0..100), Some(99));
        assert_eq!(lived(&mut age, YEAR..YEAR + 600), Some(99));
        assert_eq!(lived(&mut age, 700..800), Some(799));
        assert_eq!(lived(&mut age, YEAR..YEAR + 3_500), Some(799));
        // A night of sleep is no leap, and a clock that goes back is followed.
        assert_eq!(lived(&mut age, 40_000..40_001), Some(40_000));
        assert_eq!(lived(&mut age, 500..501), Some(500));
    }
}
