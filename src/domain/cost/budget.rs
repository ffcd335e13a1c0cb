//! Budgets: the worst case of a call is reserved before it is made and settled afterwards, so that no fall-back, retry or crash can
//! spend past a limit.

use serde::{Deserialize, Serialize};

use crate::base::money::Money;

/// Why a reservation does not fit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refused {
    /// What was asked for.
    pub asked: Money,
    /// What is left of the limit.
    pub left: Money,
    /// The limit.
    pub limit: Money,
}

/// One budget: a limit, what is spent, and what is promised to calls in flight.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// No limit if none.
    pub limit: Option<Money>,
    /// Settled calls.
    pub spent: Money,
    /// Reservations of calls that have begun and not ended.
    pub reserved: Money,
}

impl Account {
    /// What could still be reserved; none without a limit.
    #[must_use]
    pub fn left(&self) -> Option<Money> {
        self.limit
            .map(|limit| (limit - self.spent - self.reserved).max(Money::ZERO))
    }

    /// Whether a reservation fits.
    ///
    /// # Errors
    /// It does not; the figures say by how much.
    pub fn check(&self, asked: Money) -> Result<(), Refused> {
        match (self.limit, self.left()) {
            (Some(limit), Some(left)) if asked > left => Err(Refused { asked, left, limit }),
            _ => Ok(()),
        }
    }

    /// Promises `amount` to a call.
    pub fn reserve(&mut self, amount: Money) {
        self.reserved += amount;
    }

    /// Ends a reservation with what the call cost in the end.
    pub fn settle(&mut self, reserved: Money, cost: Money) {
        self.reserved = self.reserved - reserved;
        self.spent += cost;
    }

    /// Percent of the limit that is spent; none without a limit.
    #[must_use]
    pub fn percent(&self) -> Option<u32> {
        self.limit.map(|limit| self.spent.percent_of(limit))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reservations_count_before_they_are_spent() {
        let mut account = Account {
            limit: Some(Money(100)),
            ..Account::default()
        };
        account.check(Money(60)).unwrap();
        account.reserve(Money(60));
        assert_eq!(
            account.check(Money(50)),
            Err(Refused {
                asked: Money(50),
                left: Money(40),
                limit: Money(100)
            })
        );
        account.settle(Money(60), Money(10));
        assert_eq!(
            (account.left(), account.percent()),
            (Some(Money(90)), Some(10))
        );
        assert!(account.check(Money(90)).is_ok());
    }

    #[test]
    fn without_a_limit_everything_fits() {
        assert!(Account::default().check(Money(i64::MAX)).is_ok());
    }
}
