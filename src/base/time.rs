//! Moments and how they are shown. There is no clock here: moments are handed in from outside.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Milliseconds of a day.
pub const DAY_MS: i64 = 86_400_000;

/// A moment in milliseconds since 1970-01-01 UTC.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Timestamp(pub i64);

impl Timestamp {
    /// This moment and `ms` milliseconds.
    #[must_use]
    pub const fn plus_ms(self, ms: i64) -> Self {
        Self(self.0.saturating_add(ms))
    }

    /// Milliseconds from `earlier` to this; 0 if a clock was set back.
    #[must_use]
    pub const fn since(self, earlier: Self) -> i64 {
        let ms = self.0.saturating_sub(earlier.0);
        if ms < 0 { 0 } else { ms }
    }

    /// Year, month and day in UTC. Source: Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms", `civil_from_days`.
    #[must_use]
    pub const fn date(self) -> (i64, u32, u32) {
        let days = self.0.div_euclid(86_400_000) + 719_468;
        let era = days.div_euclid(146_097);
        let day_of_era = days.rem_euclid(146_097);
        let year_of_era =
            (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let shifted = (5 * day_of_year + 2) / 153;
        let day = day_of_year - (153 * shifted + 2) / 5 + 1;
        let month = if shifted < 10 {
            shifted + 3
        } else {
            shifted - 9
        };
        let year = year_of_era + era * 400 + if month <= 2 { 1 } else { 0 };
        (year, month as u32, day as u32)
    }

    /// `10:42:05` at an offset of `offset_s` seconds from UTC.
    #[must_use]
    pub fn clock(self, offset_s: i64) -> String {
        let seconds = (self.0.div_euclid(1000).saturating_add(offset_s)).rem_euclid(86_400);
        format!(
            "{:02}:{:02}:{:02}",
            seconds / 3_600,
            seconds % 3_600 / 60,
            seconds % 60
        )
    }
}

/// ISO 8601 in UTC with milliseconds: `2026-11-22T10:42:05.120Z`.
impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = self.date();
        write!(
            f,
            "{year:04}-{month:02}-{day:02}T{}.{:03}Z",
            self.clock(0),
            self.0.rem_euclid(1000)
        )
    }
}

/// Whole minutes of a length of time, the one that has begun counted.
#[must_use]
pub const fn minutes(ms: i64) -> i64 {
    (ms + 59_999) / 60_000
}

/// A length of time as an age: `12s`, `3m`, `2h`, `4d`.
#[must_use]
pub fn age(ms: i64) -> String {
    let seconds = ms.max(0) / 1000;
    match seconds {
        0..60 => format!("{seconds}s"),
        60..3_600 => format!("{}m", seconds / 60),
        3_600..86_400 => format!("{}h", seconds / 3_600),
        _ => format!("{}d", seconds / 86_400),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_print_in_iso() {
        assert_eq!(Timestamp(0).to_string(), "1970-01-01T00:00:00.000Z");
        assert_eq!(
            Timestamp(951_782_400_123).to_string(),
            "2000-02-29T00:00:00.123Z"
        );
        assert_eq!(Timestamp(-1).to_string(), "1969-12-31T23:59:59.999Z");
    }

    #[test]
    fn a_clock_set_back_gives_no_negative_age() {
        assert_eq!(Timestamp(5).since(Timestamp(9)), 0);
        assert_eq!(
            [
                age(-5),
                age(59_999),
                age(60_000),
                age(7_200_000),
                age(400_000_000)
            ],
            ["0s", "59s", "1m", "2h", "4d"]
        );
    }
}
