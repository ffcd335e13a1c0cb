//! What agents may call: the tools' names, their arguments, and what a call gave. The work itself is done in the engine; whether a
//! call may run is decided with [`grant`].

pub mod args;
pub mod grant;
mod outcome;
pub mod risk;

pub use args::{BadCall, Call, parse};
pub use outcome::{EditFact, Outcome};

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Every tool there is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ToolName {
    /// Reads a file, or lines of it.
    ReadFile,
    /// Lists files below a folder, .gitignore honoured.
    ListFiles,
    /// Searches the files' text with a regular expression.
    Search,
    /// Replaces one exact, unique text in a file.
    EditFile,
    /// Writes a whole file.
    WriteFile,
    /// Moves or renames a file.
    MoveFile,
    /// Deletes a file.
    DeleteFile,
    /// Runs a shell command in the sandbox.
    RunCommand,
    /// Reads more of an earlier result.
    ReadOutput,
    /// Shows the task's changes so far as a diff.
    ShowDiff,
    /// Asks the person a question and waits.
    AskHuman,
    /// Leaves a message for another agent or the person, without waiting.
    Message,
    /// Writes a note to the task's record.
    Note,
    /// Ends the attempt of a worker.
    Finish,
    /// Proposes the sprint's plan. The planner's only.
    ProposePlan,
    /// Judges a task against its criteria and ends the attempt. The judge's only.
    Verdict,
}

impl ToolName {
    /// All of them, in the order in which they are offered.
    pub const ALL: [Self; 16] = [
        Self::ReadFile,
        Self::ListFiles,
        Self::Search,
        Self::EditFile,
        Self::WriteFile,
        Self::MoveFile,
        Self::DeleteFile,
        Self::RunCommand,
        Self::ReadOutput,
        Self::ShowDiff,
        Self::AskHuman,
        Self::Message,
        Self::Note,
        Self::Finish,
        Self::ProposePlan,
        Self::Verdict,
    ];

    /// As models write it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ReadFile => "read_file",
            Self::ListFiles => "list_files",
            Self::Search => "search",
            Self::EditFile => "edit_file",
            Self::WriteFile => "write_file",
            Self::MoveFile => "move_file",
            Self::DeleteFile => "delete_file",
            Self::RunCommand => "run_command",
            Self::ReadOutput => "read_output",
            Self::ShowDiff => "show_diff",
            Self::AskHuman => "ask_human",
            Self::Message => "message",
            Self::Note => "note",
            Self::Finish => "finish",
            Self::ProposePlan => "propose_plan",
            Self::Verdict => "verdict",
        }
    }

    /// What running it can do.
    #[must_use]
    pub const fn access(self) -> Access {
        match self {
            Self::ReadFile | Self::ListFiles | Self::Search | Self::ReadOutput | Self::ShowDiff => {
                Access::Reads
            }
            Self::EditFile | Self::WriteFile | Self::MoveFile | Self::DeleteFile => Access::Edits,
            Self::RunCommand => Access::Runs,
            Self::AskHuman
            | Self::Message
            | Self::Note
            | Self::Finish
            | Self::ProposePlan
            | Self::Verdict => Access::Decides,
        }
    }
}

impl fmt::Display for ToolName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for ToolName {
    type Err = BadCall;
    fn from_str(text: &str) -> Result<Self, BadCall> {
        let found = Self::ALL.into_iter().find(|tool| tool.as_str() == text);
        found.ok_or_else(|| BadCall::UnknownTool(text.chars().take(64).collect()))
    }
}

/// What a tool can do, which decides what a crash in its middle means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Changes nothing: run again after a crash.
    Reads,
    /// Changes files of the worktree: not repeated after a crash.
    Edits,
    /// Starts a program: not repeated after a crash.
    Runs,
    /// Answered by the decider itself, without an effect.
    Decides,
}
