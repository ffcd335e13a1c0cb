//! Whether a call may run by itself. A grant decides only about *asking*; safety is the sandbox's.

use serde::{Deserialize, Serialize};

/// What happens to a command of an agent, fixed when a sprint starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CommandPolicy {
    /// Runs in the sandbox without a question.
    Sandboxed,
    /// There is no sandbox: every command waits for a person.
    Ask,
    /// There is no sandbox, and a named person accepted that commands run without it.
    Accepted,
}

/// How far a person's yes reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// This call only.
    Once,
    /// The same command again in this task.
    Task,
    /// The same command again in this sprint.
    Sprint,
}
