//! Times as a person types them, read alike by every subcommand.

use crate::units::{NANOS, Second};
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

/// RFC 3339, seconds since 1970, or a day with or without a time as it is here.
pub(super) fn time(text: &str) -> Result<Second, String> {
    let second = text.parse::<i64>().ok();
    let second = second.or_else(|| Some(text.parse::<Timestamp>().ok()?.as_second()));
    let here = || {
        let civil: DateTime = text.parse().ok()?;
        let zoned = civil.to_zoned(TimeZone::system()).ok()?;
        Some(zoned.timestamp().as_second())
    };
    second
        .or_else(here)
        .filter(|second| second.checked_mul(NANOS).is_some())
        .map(Second)
        .ok_or("RFC 3339, seconds since 1970, or `2026-11-29 20:00` was expected".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_as_they_are_written() {
        let at = |text: &str| time(text).map(|second| second.0);
        assert_eq!(at("1767322800"), Ok(1_767_322_800));
        assert_eq!(at("2026-01-02T03:00:00Z"), Ok(1_767_322_800));
        assert_eq!(at("2026-01-02T04:00:00+01:00"), Ok(1_767_322_800));
        let day = at("2026-01-02").unwrap();
        assert_eq!(at("2026-01-02 00:00"), Ok(day));
        assert_eq!(at("2026-01-02 20:30"), Ok(day + 20 * 3_600 + 1_800));
        for text in ["soon", "", "9223372036854775807", "2026-13-01"] {
            assert!(at(text).is_err(), "{text}");
        }
    }
}
