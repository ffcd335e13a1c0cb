//! A result of a conflict that a person had tested before they decided: what was chosen, and what the project's checks gave on it. Its
//! outcome belongs to these choices and to no others.

use serde::{Deserialize, Serialize};

use crate::base::id::{Digest, Oid};
use crate::domain::change::checks::{CheckResult, CheckSpec, Judgement, compare};
use crate::domain::change::clash::{Choice, name_of};
use crate::domain::sprint::{Ask, Gate, GateState, Sprint, Task};

/// Tested results that are remembered of a conflict, beside the one that is being tested.
const MOST_TRIALS: usize = 8;

/// A result that is or was tested.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trial {
    /// Counted through the task, from 1.
    pub number: u32,
    /// Names the choices.
    pub of: Digest,
    /// What is chosen, in each file; nothing more once it was tested.
    pub choices: Vec<Vec<Choice>>,
    /// How it ended, if it has.
    pub end: Option<TrialEnd>,
}

/// How a test ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum TrialEnd {
    /// The checks ran.
    Ran {
        /// On these files.
        tree: Oid,
        /// What they gave.
        results: Vec<CheckResult>,
    },
    /// They could not be run; the text says why.
    Broke(String),
}

impl Trial {
    /// One that begins.
    #[must_use]
    pub fn new(number: u32, choices: &[Vec<Choice>]) -> Self {
        Self {
            number,
            of: name_of(choices),
            choices: choices.to_vec(),
            end: None,
        }
    }

    /// Whether its result needs no other test: it is being tested, or the checks ran on it.
    #[must_use]
    pub const fn is_enough(&self) -> bool {
        !matches!(self.end, Some(TrialEnd::Broke(_)))
    }
}

impl TrialEnd {
    /// What the checks mean against those of the base; none if they did not run.
    #[must_use]
    pub fn judged(&self, sprint: &Sprint) -> Option<Judgement> {
        match self {
            Self::Ran { results, .. } => {
                let baseline = sprint.baseline.as_deref().unwrap_or_default();
                Some(compare(baseline, results))
            }
            Self::Broke(_) => None,
        }
    }
}

impl Gate {
    /// The test of these choices, as it is now.
    #[must_use]
    pub fn trial_of(&self, of: Digest) -> Option<&Trial> {
        self.trials.iter().rev().find(|trial| trial.of == of)
    }

    /// A test begins; one of other choices that was on its way is wanted no more.
    pub fn try_out(&mut self, trial: Trial) {
        self.trials
            .retain(|known| known.end.is_some() && known.of != trial.of);
        let surplus = self.trials.len().saturating_sub(MOST_TRIALS);
        self.trials.drain(..surplus);
        self.trials.push(trial);
    }

    /// A test ends.
    pub fn tried(&mut self, number: u32, end: &TrialEnd) {
        let mut trials = self.trials.iter_mut();
        if let Some(trial) = trials.find(|trial| trial.number == number) {
            trial.choices = Vec::new();
            trial.end = Some(end.clone());
        }
    }
}

/// The result of a task's conflict that is to be tested now: as long as the question is open.
#[must_use]
pub fn running<'a>(sprint: &'a Sprint, task: &Task) -> Option<&'a Trial> {
    let gate = sprint.gate(task.gate?)?;
    let is_asked = matches!(gate.ask, Ask::Conflict { .. }) && gate.state == GateState::Open;
    let mut trials = gate.trials.iter().filter(|_| is_asked);
    trials.find(|trial| trial.end.is_none())
}

/// The checks that test a result: the project's own.
#[must_use]
pub fn checks(sprint: &Sprint) -> &[CheckSpec] {
    sprint.base.as_ref().map_or(&[], |base| &base.checks)
}
