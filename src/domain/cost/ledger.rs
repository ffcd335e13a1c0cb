//! The ledger: one entry a model call, kept as totals so that the world stays small. The entries themselves are events.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::base::money::Money;
use crate::base::text::SafeText;
use crate::base::tokens::TokenUsage;
use crate::domain::cost::Price;
use crate::domain::llm::{Route, Tier};

/// How sure the cost of a call is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Settlement {
    /// The provider counted; the price is known.
    Exact,
    /// The call was lost with a process or a line: its reservation counts as spent.
    Lost,
    /// The model has no known price: counted at the dearest one known.
    Unpriced,
}

/// What one call cost.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Who answered.
    pub route: Route,
    /// As what tier it was asked.
    pub tier: Tier,
    /// Tokens by class.
    pub usage: TokenUsage,
    /// The price at that time, so that a later price list changes no history.
    pub price: Price,
    /// What it cost.
    pub cost: Money,
    /// What the same tokens would have cost at the baseline's price, uncached: an estimate.
    pub baseline: Money,
    /// How sure `cost` is.
    pub settlement: Settlement,
    /// Milliseconds from the request to the end of the answer.
    pub latency_ms: u64,
}

/// Sums over entries.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Totals {
    /// How many calls.
    pub calls: u64,
    /// How many of them were lost.
    pub lost: u64,
    /// How many had no known price.
    pub unpriced: u64,
    /// Tokens of the calls that were counted.
    pub usage: TokenUsage,
    /// What they cost.
    pub cost: Money,
    /// What they would have cost on the baseline.
    pub baseline: Money,
}

impl std::ops::AddAssign<&Self> for Totals {
    fn add_assign(&mut self, more: &Self) {
        self.calls += more.calls;
        self.lost += more.lost;
        self.unpriced += more.unpriced;
        self.usage += more.usage;
        self.cost += more.cost;
        self.baseline += more.baseline;
    }
}

impl Totals {
    /// What follows the name in the first row of sums as comma-separated values (RFC 4180).
    pub const CSV_HEAD: &str =
        "calls,input,output,cache_read,cache_write,cost_usd,baseline_usd,lost,unpriced";

    /// A row of sums as comma-separated values, money as exact dollars.
    #[must_use]
    pub fn csv(&self, name: &SafeText) -> String {
        let usage = self.usage;
        format!(
            "\"{}\",{},{},{},{},{},{},{},{},{}\r\n",
            name.as_str().replace('"', "\"\""),
            self.calls,
            usage.input,
            usage.output,
            usage.cache_read,
            usage.cache_write,
            self.cost.exact(),
            self.baseline.exact(),
            self.lost,
            self.unpriced
        )
    }

    /// Adds one call.
    pub fn add(&mut self, entry: &Entry) {
        self.calls += 1;
        self.lost += u64::from(entry.settlement == Settlement::Lost);
        self.unpriced += u64::from(entry.settlement == Settlement::Unpriced);
        self.usage += entry.usage;
        self.cost += entry.cost;
        self.baseline += entry.baseline;
    }

    /// Saved against the baseline; never below zero.
    #[must_use]
    pub fn saved(&self) -> Money {
        (self.baseline - self.cost).max(Money::ZERO)
    }

    /// Percent of prompt tokens that came from a cache.
    #[must_use]
    pub fn cached_percent(&self) -> u64 {
        self.usage
            .cache_read
            .saturating_mul(100)
            .checked_div(self.usage.prompt())
            .unwrap_or(0)
    }
}

/// All calls of a sprint, summed in the ways in which people look at them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ledger {
    /// Everything.
    pub all: Totals,
    /// By the printed route.
    pub by_model: BTreeMap<String, Totals>,
    /// By the agent's role key.
    pub by_role: BTreeMap<String, Totals>,
    /// By the printed work (`s1.t2`, `s1.plan`).
    pub by_work: BTreeMap<String, Totals>,
    /// By tier.
    pub by_tier: BTreeMap<Tier, Totals>,
    /// By day in UTC as days since 1970-01-01.
    pub by_day: BTreeMap<i64, Totals>,
}

impl Ledger {
    /// Adds one call made by `role` for `work` on `day`.
    pub fn add(&mut self, entry: &Entry, role: &str, work: &str, day: i64) {
        self.all.add(entry);
        self.by_model
            .entry(entry.route.to_string())
            .or_default()
            .add(entry);
        self.by_role.entry(role.to_owned()).or_default().add(entry);
        self.by_work.entry(work.to_owned()).or_default().add(entry);
        self.by_tier.entry(entry.tier).or_default().add(entry);
        self.by_day.entry(day).or_default().add(entry);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(settlement: Settlement) -> Entry {
        Entry {
            route: "sim/m".parse().unwrap(),
            tier: Tier::Standard,
            usage: TokenUsage {
                input: 25,
                output: 10,
                cache_read: 75,
                cache_write: 0,
            },
            price: Price::default(),
            cost: Money(10),
            baseline: Money(30),
            settlement,
            latency_ms: 5,
        }
    }

    #[test]
    fn every_view_has_the_same_sum() {
        let mut ledger = Ledger::default();
        ledger.add(&entry(Settlement::Exact), "cto", "s1.plan", 0);
        ledger.add(&entry(Settlement::Lost), "qa", "s1.t1", 1);
        for totals in [&ledger.by_model, &ledger.by_role, &ledger.by_work] {
            assert_eq!(
                totals.values().map(|totals| totals.cost).sum::<Money>(),
                ledger.all.cost
            );
        }
        assert_eq!(ledger.by_day.len(), 2);
        assert_eq!(
            (
                ledger.all.lost,
                ledger.all.saved(),
                ledger.all.cached_percent()
            ),
            (1, Money(40), 75)
        );
    }
}
