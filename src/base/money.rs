//! Money as integers. Sums are kept in nano-dollars; prices, which reach 0.003625 dollars a million tokens, in pico-dollars
//! a token. A float never holds money.

use std::fmt;
use std::iter::Sum;
use std::ops::{Add, AddAssign, Sub};
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// An amount in nano-dollars (10⁻⁹ USD). Arithmetic saturates.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Money(pub i64);

/// A text that is not an amount.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an amount such as \"5.00\": {0}")]
pub struct BadAmount(pub String);

impl Money {
    /// Nothing.
    pub const ZERO: Self = Self(0);

    /// Whole cents.
    #[must_use]
    pub const fn cents(cents: i64) -> Self {
        Self(cents.saturating_mul(10_000_000))
    }

    /// Whole dollars.
    #[must_use]
    pub const fn dollars(dollars: i64) -> Self {
        Self(dollars.saturating_mul(1_000_000_000))
    }

    /// How many percent of `whole` this is, rounded down; 0 of nothing is 0, anything else of nothing is 100.
    #[must_use]
    pub fn percent_of(self, whole: Self) -> u32 {
        if whole.0 <= 0 {
            return if self.0 > 0 { 100 } else { 0 };
        }
        let percent = i128::from(self.0.max(0)).saturating_mul(100) / i128::from(whole.0);
        u32::try_from(percent).unwrap_or(u32::MAX)
    }

    /// With six digits behind the point, for ledgers and machine output: `0.001250`.
    #[must_use]
    pub fn exact(self) -> String {
        let sign = if self.0 < 0 { "-" } else { "" };
        let nano = self.0.unsigned_abs();
        format!("{sign}{}.{:09}", nano / 1_000_000_000, nano % 1_000_000_000)
    }
}

/// `$7.42`: two digits below a hundred dollars, none above; a positive amount under half a cent is `<$0.01`.
impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let nano = self.0.unsigned_abs();
        if nano > 0 && nano < 5_000_000 {
            return f.pad(&format!("{sign}<$0.01"));
        }
        let cents = nano.saturating_add(5_000_000) / 10_000_000;
        if cents >= 10_000 {
            return f.pad(&format!("{sign}${}", cents.saturating_add(50) / 100));
        }
        f.pad(&format!("{sign}${}.{:02}", cents / 100, cents % 100))
    }
}

/// Scales decimal text by `10^digits`; digits beyond that must be zero.
fn scaled(text: &str, digits: usize) -> Option<i64> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let all_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty()
        || !all_digits(whole)
        || !all_digits(fraction)
        || (text.contains('.') && fraction.is_empty())
    {
        return None;
    }
    let kept: String = fraction
        .chars()
        .chain(std::iter::repeat('0'))
        .take(digits)
        .collect();
    if fraction.chars().skip(digits).any(|digit| digit != '0') {
        return None;
    }
    format!("{whole}{kept}").parse().ok()
}

/// Reads dollars: `5`, `5.00`, `$0.5`.
impl FromStr for Money {
    type Err = BadAmount;
    fn from_str(text: &str) -> Result<Self, BadAmount> {
        scaled(text.strip_prefix('$').unwrap_or(text), 9)
            .map(Self)
            .ok_or_else(|| BadAmount(text.chars().take(40).collect()))
    }
}

impl Add for Money {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl Sub for Money {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }
}

impl AddAssign for Money {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl Sum for Money {
    fn sum<I: Iterator<Item = Self>>(iter: I) -> Self {
        iter.fold(Self::ZERO, Add::add)
    }
}

/// A price in pico-dollars (10⁻¹² USD) a token. One dollar a million tokens is 1,000,000 pico-dollars a token.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct TokenPrice(pub u64);

impl TokenPrice {
    /// Reads decimal dollars a million tokens, such as `0.003625`.
    ///
    /// # Errors
    /// The text is not a decimal number of at most six digits behind the point.
    pub fn per_million(text: &str) -> Result<Self, BadAmount> {
        let pico = scaled(text, 6).and_then(|pico| u64::try_from(pico).ok());
        pico.map(Self)
            .ok_or_else(|| BadAmount(text.chars().take(40).collect()))
    }

    /// The exact price of `count` tokens, in pico-dollars.
    #[must_use]
    pub fn times(self, count: u64) -> u128 {
        u128::from(self.0).saturating_mul(u128::from(count))
    }
}

/// Rounds a sum of pico-dollars to nano-dollars once, half up.
#[must_use]
pub fn round_pico(pico: u128) -> Money {
    let nano = pico.saturating_add(500) / 1000;
    Money(i64::try_from(nano).unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_read_and_print() {
        assert_eq!("5".parse::<Money>().unwrap(), Money::dollars(5));
        assert_eq!("$0.000000001".parse::<Money>().unwrap(), Money(1));
        assert_eq!(Money::cents(742).to_string(), "$7.42");
        assert_eq!(Money(4_999_999).to_string(), "<$0.01");
        assert_eq!(Money::ZERO.to_string(), "$0.00");
        assert_eq!(Money::cents(12_350).to_string(), "$124");
        assert_eq!(Money(-1).exact(), "-0.000000001");
        for text in [
            "",
            "1.",
            ".5",
            "1,00",
            "-1",
            "1e3",
            "0.0000000001",
            "99999999999999",
        ] {
            assert!(text.parse::<Money>().is_err(), "{text:?} was taken");
        }
    }

    #[test]
    fn a_price_keeps_its_digits_and_rounds_once() {
        let price = TokenPrice::per_million("0.003625").unwrap();
        assert_eq!(price, TokenPrice(3625));
        assert_eq!(round_pico(price.times(1)), Money(4));
        assert_eq!(round_pico(price.times(1_000_000)), Money(3_625_000));
    }

    #[test]
    fn percentages_round_down_and_survive_nothing() {
        assert_eq!(Money::cents(799).percent_of(Money::cents(1000)), 79);
        assert_eq!(Money::cents(1).percent_of(Money::ZERO), 100);
        assert_eq!(Money::ZERO.percent_of(Money::ZERO), 0);
    }
}
