//! The loop brake: signs in an agent's own calls that it gets nowhere.

use serde::{Deserialize, Serialize};

use crate::base::id::Digest;
use crate::domain::agent::RoleKind;

/// The same call may fail this often in a row.
const SAME_FAILURES: u32 = 3;
/// A worker may make this many calls without a changed file or a new proof.
const IDLE_CALLS: u32 = 12;
/// An attempt may make this many calls in all.
const ALL_CALLS: u32 = 40;
/// An attempt may ask the person this often.
const ASKS: u32 = 3;

/// Which sign was seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Looping {
    /// The same call failed three times.
    SameFailure,
    /// Twelve calls changed nothing and proved nothing.
    Idle,
    /// Forty calls.
    TooManyCalls,
    /// More than three questions.
    TooManyQuestions,
}

impl Looping {
    /// The sign in words, as evidence for the agent and the person.
    #[must_use]
    pub const fn evidence(self) -> &'static str {
        match self {
            Self::SameFailure => "the same call failed 3 times",
            Self::Idle => "12 calls changed no file and ran no command",
            Self::TooManyCalls => "40 calls in one attempt",
            Self::TooManyQuestions => "more than 3 questions in one attempt",
        }
    }
}

/// What is counted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Brake {
    /// The last call that failed, and how often in a row.
    failing: Option<(Digest, u32)>,
    /// Calls since the last change or command.
    idle: u32,
    /// All calls.
    calls: u32,
    /// Questions to the person.
    asks: u32,
}

impl Brake {
    /// Counts an answered call: `same` identifies the call with its arguments; `advanced` says that it changed a file or ran a command.
    pub fn answered(&mut self, same: Digest, is_error: bool, advanced: bool) {
        self.calls += 1;
        self.idle = if advanced { 0 } else { self.idle + 1 };
        self.failing = match (&self.failing, is_error) {
            (Some((known, count)), true) if *known == same => Some((same, count + 1)),
            (_, true) => Some((same, 1)),
            (kept, false) => kept.filter(|(known, _)| *known != same),
        };
    }

    /// Counts a question.
    pub fn asked(&mut self) {
        self.asks += 1;
    }

    /// Begins again after the agent was shown the evidence. The counts of calls and questions go on at half, so that a second
    /// trip comes sooner.
    pub fn reset(&mut self) {
        *self = Self {
            calls: self.calls / 2,
            asks: self.asks.min(ASKS),
            ..Self::default()
        };
    }

    /// The sign that is seen now, if any.
    #[must_use]
    pub fn tripped(&self, kind: RoleKind) -> Option<Looping> {
        let failures = self.failing.map_or(0, |(_, count)| count);
        if failures >= SAME_FAILURES {
            Some(Looping::SameFailure)
        } else if kind == RoleKind::Worker && self.idle >= IDLE_CALLS {
            Some(Looping::Idle)
        } else if self.calls >= ALL_CALLS {
            Some(Looping::TooManyCalls)
        } else if self.asks > ASKS {
            Some(Looping::TooManyQuestions)
        } else {
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(calls: &[(&str, bool, bool)]) -> Brake {
        let mut brake = Brake::default();
        for (call, is_error, advanced) in calls {
            brake.answered(Digest::of(call.as_bytes()), *is_error, *advanced);
        }
        brake
    }

    #[test]
    fn the_same_failure_three_times_is_a_loop() {
        let failing = ("a", true, false);
        assert_eq!(after(&[failing, failing]).tripped(RoleKind::Judge), None);
        assert_eq!(
            after(&[failing, failing, failing]).tripped(RoleKind::Judge),
            Some(Looping::SameFailure)
        );
        assert_eq!(
            after(&[failing, failing, ("b", true, false), failing]).tripped(RoleKind::Judge),
            None
        );
    }

    #[test]
    fn only_workers_must_change_something() {
        let reads = vec![("r", false, false); 12];
        assert_eq!(after(&reads).tripped(RoleKind::Worker), Some(Looping::Idle));
        assert_eq!(after(&reads).tripped(RoleKind::Planner), None);
        assert_eq!(
            after(&vec![("w", false, true); 40]).tripped(RoleKind::Worker),
            Some(Looping::TooManyCalls)
        );
    }

    #[test]
    fn after_the_evidence_the_count_begins_again() {
        let mut brake = after(&vec![("r", false, false); 12]);
        brake.reset();
        assert_eq!(brake.tripped(RoleKind::Worker), None);
    }
}
