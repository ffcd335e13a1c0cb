//! The quiet steps on the way to the end of a budget: at the half of it an event, later an item that waits for a person and holds
//! nothing, which rises once before the end.

use serde::{Deserialize, Serialize};

use crate::base::money::Money;

/// Percent of a budget at which it is noted, and nobody is asked.
pub const HALF: u32 = 50;
/// Percent of a budget from which on its item is among the most pressing.
pub const PRESSING: u32 = 90;
/// Percent from which on a person is asked, where a journal does not say.
pub const USUAL: u32 = 80;

/// What has been settled with people about a budget: the highest step of it. Another limit, or another day, begins anew.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Told {
    /// The limit at that time.
    pub limit: Money,
    /// The step, in percent.
    pub step: u32,
    /// For a day's budget: the day.
    pub day: Option<i64>,
}

/// The highest step that a share has reached, in percent; 0 before the first. People are asked from `ask_at` on.
#[must_use]
pub fn step(percent: u32, ask_at: u32) -> u32 {
    let ask_at = ask_at.max(1);
    let steps = [
        (HALF < ask_at).then_some(HALF),
        Some(ask_at),
        (PRESSING > ask_at).then_some(PRESSING),
    ];
    let reached = steps.into_iter().flatten().filter(|step| *step <= percent);
    reached.max().unwrap_or(0)
}

/// The step after one; none after the last.
#[must_use]
pub const fn after(step: u32) -> Option<u32> {
    if step < PRESSING {
        Some(PRESSING)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_follow_the_setting() {
        let seen = [0, 49, 50, 79, 80, 89, 90, 100, 140].map(|percent| step(percent, 80));
        assert_eq!(seen, [0, 0, 50, 50, 80, 80, 90, 90, 90]);
        let early = [29, 30, 50, 89, 90].map(|percent| step(percent, 30));
        assert_eq!(early, [0, 30, 30, 30, 90]);
        let late = [50, 90, 95, 100].map(|percent| step(percent, 95));
        assert_eq!(late, [50, 50, 95, 95]);
        assert_eq!([0, 1].map(|percent| step(percent, 0)), [0, 1]);
    }
}
