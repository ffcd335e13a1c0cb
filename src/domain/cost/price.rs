//! The price of a model's tokens and the cost of a call.

use serde::{Deserialize, Serialize};

use crate::base::money::{Money, TokenPrice, round_pico};
use crate::base::tokens::TokenUsage;

/// A model's price a token, by class.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Price {
    /// Prompt tokens at the full price.
    pub input: TokenPrice,
    /// Written tokens.
    pub output: TokenPrice,
    /// Prompt tokens read from the cache.
    pub cache_read: TokenPrice,
    /// Prompt tokens written to the cache.
    pub cache_write: TokenPrice,
}

impl Price {
    /// What `usage` costs: the exact sum over the classes, rounded once, half up.
    #[must_use]
    pub fn cost(&self, usage: &TokenUsage) -> Money {
        let classes = [
            self.input.times(usage.input),
            self.output.times(usage.output),
            self.cache_read.times(usage.cache_read),
            self.cache_write.times(usage.cache_write),
        ];
        round_pico(classes.into_iter().fold(0, u128::saturating_add))
    }

    /// The most that a call can cost whose prompt has at most `prompt` tokens and which may write `max_output`: every prompt token at
    /// the dearest prompt class.
    #[must_use]
    pub fn worst_case(&self, prompt: u64, max_output: u64) -> Money {
        let dearest = self.input.max(self.cache_write).max(self.cache_read);
        round_pico(
            dearest
                .times(prompt)
                .saturating_add(self.output.times(max_output)),
        )
    }

    /// The dearer of two prices, class by class: what an unknown model is counted at.
    #[must_use]
    pub fn dearer(self, other: Self) -> Self {
        Self {
            input: self.input.max(other.input),
            output: self.output.max(other.output),
            cache_read: self.cache_read.max(other.cache_read),
            cache_write: self.cache_write.max(other.cache_write),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn price() -> Price {
        let price = |text| TokenPrice::per_million(text).unwrap();
        Price {
            input: price("3"),
            output: price("15"),
            cache_read: price("0.3"),
            cache_write: price("3.75"),
        }
    }

    #[test]
    fn classes_are_summed_before_rounding() {
        let usage = TokenUsage {
            input: 1000,
            output: 200,
            cache_read: 10_000,
            cache_write: 100,
        };
        assert_eq!(
            price().cost(&usage),
            Money(3_000_000 + 3_000_000 + 3_000_000 + 375_000)
        );
    }

    #[test]
    fn a_reservation_is_never_less_than_the_cost() {
        let usage = TokenUsage {
            input: 10,
            output: 50,
            cache_read: 30,
            cache_write: 60,
        };
        assert!(price().worst_case(usage.prompt(), 50) >= price().cost(&usage));
    }
}
