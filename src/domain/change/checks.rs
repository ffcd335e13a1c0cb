//! The project's own checks and what they gave. How they are found and run is the engine's business.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::base::id::Digest;

/// What a check is for; they run in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CheckKind {
    /// It builds.
    Build,
    /// It is tidy.
    Lint,
    /// It works.
    Test,
    /// A task's criterion is met.
    Proof,
}

impl fmt::Display for CheckKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Build => "build",
            Self::Lint => "lint",
            Self::Test => "test",
            Self::Proof => "proof",
        })
    }
}

/// One command that proves something by its exit code.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct CheckSpec {
    /// What for.
    pub kind: CheckKind,
    /// Run by `/bin/sh -c` at the top of the worktree.
    pub command: String,
    /// Seconds until it is killed.
    pub timeout_s: u32,
    /// Why it is believed to be a check: `Cargo.toml`, `checks.test in .aios/config.toml`, `c2`.
    pub source: String,
}

/// What one check gave.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckResult {
    /// Which.
    pub spec: CheckSpec,
    /// 0 is green; 128 + n for a signal, 124 when time ran out.
    pub exit: i32,
    /// How long it took.
    pub wall_ms: u64,
    /// Its whole output as a blob.
    pub output: Option<Digest>,
    /// The end of its output, at most 2 KiB, displayable.
    pub tail: String,
}

impl CheckResult {
    /// Exit code 0.
    #[must_use]
    pub const fn passed(&self) -> bool {
        self.exit == 0
    }
}

/// What a run of all checks means against the baseline.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Judgement {
    /// There is nothing to run.
    NothingToCheck,
    /// Nothing that was green is red.
    Passed {
        /// Checks that are red, as they were on the base.
        known_red: usize,
    },
    /// These were green on the base, or new, and are red.
    Failed(Vec<CheckResult>),
}

/// Compares `results` with the `baseline`: a check that was red there may stay red.
#[must_use]
pub fn compare(baseline: &[CheckResult], results: &[CheckResult]) -> Judgement {
    if results.is_empty() {
        return Judgement::NothingToCheck;
    }
    let was_red = |result: &CheckResult| {
        baseline.iter().any(|known| {
            known.spec.command == result.spec.command
                && known.spec.kind == result.spec.kind
                && !known.passed()
        })
    };
    let (known, new): (Vec<_>, Vec<_>) = results
        .iter()
        .filter(|result| !result.passed())
        .cloned()
        .partition(was_red);
    if new.is_empty() {
        Judgement::Passed {
            known_red: known.len(),
        }
    } else {
        Judgement::Failed(new)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn result(command: &str, exit: i32) -> CheckResult {
        let spec = CheckSpec {
            kind: CheckKind::Test,
            command: command.to_owned(),
            timeout_s: 60,
            source: "Makefile".to_owned(),
        };
        CheckResult {
            spec,
            exit,
            wall_ms: 1,
            output: None,
            tail: String::new(),
        }
    }

    #[test]
    fn only_what_was_green_can_fail() {
        let baseline = [result("a", 0), result("b", 1)];
        assert_eq!(
            compare(&baseline, &[result("a", 0), result("b", 1)]),
            Judgement::Passed { known_red: 1 }
        );
        assert_eq!(
            compare(&baseline, &[result("a", 1), result("b", 0)]),
            Judgement::Failed(vec![result("a", 1)])
        );
        assert_eq!(
            compare(&baseline, &[result("new", 2)]),
            Judgement::Failed(vec![result("new", 2)])
        );
        assert_eq!(compare(&baseline, &[]), Judgement::NothingToCheck);
    }
}
