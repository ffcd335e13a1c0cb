//! Token counts in the four classes that providers bill.

use std::ops::{Add, AddAssign};

use serde::{Deserialize, Serialize};

/// What one model call read and wrote. The classes do not overlap: `input` is what was neither read from nor written to a cache.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
pub struct TokenUsage {
    /// Prompt tokens billed at the full price.
    pub input: u64,
    /// Tokens written by the model, thinking included.
    pub output: u64,
    /// Prompt tokens read from the provider's cache.
    pub cache_read: u64,
    /// Prompt tokens written to the provider's cache.
    pub cache_write: u64,
}

impl TokenUsage {
    /// All prompt tokens, however billed.
    #[must_use]
    pub const fn prompt(&self) -> u64 {
        self.input
            .saturating_add(self.cache_read)
            .saturating_add(self.cache_write)
    }

    /// All tokens of all classes.
    #[must_use]
    pub const fn total(&self) -> u64 {
        self.prompt().saturating_add(self.output)
    }
}

impl Add for TokenUsage {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self {
            input: self.input.saturating_add(other.input),
            output: self.output.saturating_add(other.output),
            cache_read: self.cache_read.saturating_add(other.cache_read),
            cache_write: self.cache_write.saturating_add(other.cache_write),
        }
    }
}

impl AddAssign for TokenUsage {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

/// Estimates the tokens of a text from above, well enough to reserve money: one for three bytes, rounded up.
#[must_use]
pub const fn estimate(bytes: usize) -> u64 {
    (bytes as u64).div_ceil(3)
}

/// Prints a count in at most four characters and a letter: `812`, `61k`, `4.1M`.
#[must_use]
pub fn short(count: u64) -> String {
    match count {
        0..1_000 => count.to_string(),
        1_000..10_000 => format!("{}.{}k", count / 1_000, count % 1_000 / 100),
        10_000..1_000_000 => format!("{}k", count / 1_000),
        1_000_000..100_000_000 => format!("{}.{}M", count / 1_000_000, count % 1_000_000 / 100_000),
        _ => format!("{}M", count / 1_000_000),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_print_short() {
        let shown: Vec<String> = [0, 999, 1_049, 61_900, 4_120_000, 250_000_000]
            .into_iter()
            .map(short)
            .collect();
        assert_eq!(shown, ["0", "999", "1.0k", "61k", "4.1M", "250M"]);
    }

    #[test]
    fn sums_keep_the_classes_apart() {
        let one = TokenUsage {
            input: 1,
            output: 2,
            cache_read: 3,
            cache_write: 4,
        };
        assert_eq!((one + one).prompt(), 16);
        assert_eq!((one + one).total(), 20);
        assert_eq!(estimate(4), 2);
    }
}
