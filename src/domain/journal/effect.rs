//! The names of effects: deterministic, ordered, never used for two different things.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::base::id::{AttemptId, GateId, SprintId, TaskId};

/// Names one effect. The order is the order in which effects are started.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum EffectKey {
    /// Looks up the base and makes the sprint's branch.
    Open(SprintId),
    /// Runs the project's checks on the base.
    Baseline(SprintId),
    /// Makes a task's worktree.
    Worktree(TaskId),
    /// Commits what a task's worktree holds, on leaving a visit to a work node.
    Commit {
        /// The task.
        task: TaskId,
        /// The visit.
        visit: u32,
    },
    /// Runs the project's checks, or the criteria's proofs, on a task.
    Checks {
        /// The task.
        task: TaskId,
        /// The visit.
        visit: u32,
    },
    /// Writes the accepted part of a reviewed change, and takes the rejected hunks out of the worktree.
    Part {
        /// The task.
        task: TaskId,
        /// The visit.
        visit: u32,
    },
    /// Merges a task into the sprint's branch.
    Merge {
        /// The task.
        task: TaskId,
        /// Counted from 1.
        number: u32,
    },
    /// Brings the sprint's branch into a task's worktree, with marks where they conflict.
    Conflict {
        /// The task.
        task: TaskId,
        /// Counted from 1.
        number: u32,
    },
    /// Runs the project's checks on what a person chose for a conflict.
    Trial {
        /// The task.
        task: TaskId,
        /// Counted from 1.
        number: u32,
    },
    /// Removes the worktree of a task that is over.
    Clear(TaskId),
    /// Brings the sprint's branch into the base branch.
    Land {
        /// The sprint.
        sprint: SprintId,
        /// Counted from 1.
        number: u32,
    },
    /// Asks a model for the reply of a step.
    Model {
        /// The attempt.
        attempt: AttemptId,
        /// The step.
        step: u32,
    },
    /// Makes a call of a step.
    Tool {
        /// The attempt.
        attempt: AttemptId,
        /// The step.
        step: u32,
        /// Which of its calls, from 0.
        call: u32,
    },
    /// Waits until a decision can no longer be withdrawn.
    Undo {
        /// The gate.
        gate: GateId,
        /// Times it was withdrawn before.
        withdrawn: u32,
    },
    /// Waits until a model may be asked again.
    Retry {
        /// The attempt.
        attempt: AttemptId,
        /// Failed calls so far.
        failures: u32,
    },
    /// Waits until an added task can no longer be taken back.
    Settle(TaskId),
}

impl EffectKey {
    /// The sprint in which it happens.
    #[must_use]
    pub const fn sprint(&self) -> SprintId {
        match self {
            Self::Open(sprint) | Self::Baseline(sprint) | Self::Land { sprint, .. } => *sprint,
            Self::Worktree(task)
            | Self::Commit { task, .. }
            | Self::Checks { task, .. }
            | Self::Part { task, .. }
            | Self::Merge { task, .. }
            | Self::Conflict { task, .. }
            | Self::Trial { task, .. }
            | Self::Settle(task)
            | Self::Clear(task) => task.sprint,
            Self::Model { attempt, .. }
            | Self::Tool { attempt, .. }
            | Self::Retry { attempt, .. } => attempt.work.sprint(),
            Self::Undo { gate, .. } => gate.sprint,
        }
    }

    /// Whether its start is recorded first, because it changes something outside or costs money. Reads and timers are not.
    #[must_use]
    pub const fn is_recorded(&self) -> bool {
        match self {
            Self::Undo { .. }
            | Self::Retry { .. }
            | Self::Settle(_)
            | Self::Baseline(_)
            | Self::Checks { .. }
            | Self::Trial { .. } => false,
            Self::Open(_)
            | Self::Worktree(_)
            | Self::Commit { .. }
            | Self::Part { .. }
            | Self::Merge { .. }
            | Self::Conflict { .. }
            | Self::Clear(_)
            | Self::Land { .. }
            | Self::Model { .. }
            | Self::Tool { .. } => true,
        }
    }
}

/// `s3.t4.a2/5:tool:1`, `s3.t4/merge:1`, `s3/open`.
impl fmt::Display for EffectKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Open(sprint) => write!(f, "{sprint}/open"),
            Self::Baseline(sprint) => write!(f, "{sprint}/baseline"),
            Self::Worktree(task) => write!(f, "{task}/worktree"),
            Self::Commit { task, visit } => write!(f, "{task}/commit:{visit}"),
            Self::Checks { task, visit } => write!(f, "{task}/checks:{visit}"),
            Self::Part { task, visit } => write!(f, "{task}/part:{visit}"),
            Self::Merge { task, number } => write!(f, "{task}/merge:{number}"),
            Self::Conflict { task, number } => write!(f, "{task}/conflict:{number}"),
            Self::Trial { task, number } => write!(f, "{task}/trial:{number}"),
            Self::Clear(task) => write!(f, "{task}/clear"),
            Self::Land { sprint, number } => write!(f, "{sprint}/land:{number}"),
            Self::Model { attempt, step } => write!(f, "{attempt}/{step}:model"),
            Self::Tool {
                attempt,
                step,
                call,
            } => write!(f, "{attempt}/{step}:tool:{call}"),
            Self::Undo { gate, withdrawn } => write!(f, "{gate}/undo:{withdrawn}"),
            Self::Retry { attempt, failures } => write!(f, "{attempt}/retry:{failures}"),
            Self::Settle(task) => write!(f, "{task}/settle"),
        }
    }
}
