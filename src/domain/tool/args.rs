//! The arguments of every tool, as its schema in assets/tools promises them. Unknown fields are errors: a misspelt field is a mistake
//! that the model should hear of.

use serde::{Deserialize, Serialize};

use crate::domain::tool::ToolName;

/// A call that cannot be made as it was written. The texts are for the model.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub enum BadCall {
    /// There is no such tool.
    #[error("there is no tool named {0}: use one of those that you were given")]
    UnknownTool(String),
    /// The tool exists, but this role does not have it.
    #[error("this role does not have the tool {0}: use one of those that you were given")]
    NotOffered(ToolName),
    /// The arguments are not JSON, or not of the schema.
    #[error("the arguments of {tool} do not fit its schema: {why}")]
    BadArguments {
        /// The tool.
        tool: ToolName,
        /// What is wrong and where.
        why: String,
    },
}

/// A call whose arguments were read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Call {
    /// `read_file`
    ReadFile(ReadFile),
    /// `list_files`
    ListFiles(ListFiles),
    /// `search`
    Search(Search),
    /// `edit_file`
    EditFile(EditFile),
    /// `write_file`
    WriteFile(WriteFile),
    /// `move_file`
    MoveFile(MoveFile),
    /// `delete_file`
    DeleteFile(DeleteFile),
    /// `run_command`
    RunCommand(RunCommand),
    /// `read_output`
    ReadOutput(ReadOutput),
    /// `show_diff`
    ShowDiff(ShowDiff),
    /// `ask_human`
    AskHuman(AskHuman),
    /// `message`
    Message(Message),
    /// `note`
    Note(Note),
    /// `finish`
    Finish(Finish),
    /// `propose_plan`
    ProposePlan(ProposePlan),
    /// `verdict`
    Verdict(Verdict),
}

/// Reads a file of the worktree.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReadFile {
    /// Relative to the worktree.
    pub path: String,
    /// First line wanted, from 1.
    #[serde(default)]
    pub from_line: Option<u32>,
    /// How many lines at most.
    #[serde(default)]
    pub lines: Option<u32>,
}

/// Lists files.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ListFiles {
    /// A folder relative to the worktree; the worktree itself if left out.
    #[serde(default)]
    pub path: Option<String>,
    /// A glob such as `**/*.rs` that names must match.
    #[serde(default)]
    pub glob: Option<String>,
}

/// Searches text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Search {
    /// A regular expression of the regex crate.
    pub pattern: String,
    /// A folder or file to look in.
    #[serde(default)]
    pub path: Option<String>,
    /// A glob that file names must match.
    #[serde(default)]
    pub glob: Option<String>,
}

/// Replaces one text by another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EditFile {
    /// Relative to the worktree.
    pub path: String,
    /// The text to be replaced; must occur exactly once.
    pub old: String,
    /// What stands there afterwards.
    pub new: String,
    /// The criterion served, `c2` or `none`.
    #[serde(default)]
    pub criterion: Option<String>,
}

/// Writes a whole file, new or not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WriteFile {
    /// Relative to the worktree.
    pub path: String,
    /// All of its text.
    pub content: String,
    /// Whether it may be started as a program; unchanged (new files: no) if left out.
    #[serde(default)]
    pub executable: Option<bool>,
    /// The criterion served, `c2` or `none`.
    #[serde(default)]
    pub criterion: Option<String>,
}

/// Moves a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MoveFile {
    /// Where it is.
    pub from: String,
    /// Where it should be; nothing may be there.
    pub to: String,
    /// The criterion served, `c2` or `none`.
    #[serde(default)]
    pub criterion: Option<String>,
}

/// Deletes a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeleteFile {
    /// Relative to the worktree.
    pub path: String,
    /// The criterion served, `c2` or `none`.
    #[serde(default)]
    pub criterion: Option<String>,
}

/// Runs a command by `/bin/sh -c` at the top of the worktree.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RunCommand {
    /// The command line.
    pub command: String,
    /// Seconds until it is killed, 1 to 600; 120 if left out.
    #[serde(default)]
    pub timeout_s: Option<u32>,
    /// The criterion served, `c2` or `none`.
    #[serde(default)]
    pub criterion: Option<String>,
}

/// Reads more of an earlier result that was cut.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReadOutput {
    /// The handle that the cut result named.
    pub handle: String,
    /// First line wanted, from 1.
    #[serde(default)]
    pub from_line: Option<u32>,
    /// How many lines at most.
    #[serde(default)]
    pub lines: Option<u32>,
}

/// Shows the task's change so far.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ShowDiff {
    /// Only this file.
    #[serde(default)]
    pub path: Option<String>,
}

/// Asks the person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AskHuman {
    /// One question.
    pub question: String,
    /// Answers to choose from, the likeliest first; may be empty.
    #[serde(default)]
    pub options: Vec<String>,
}

/// Leaves a message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Message {
    /// A role's key, or `human`.
    pub to: String,
    /// What to say.
    pub text: String,
}

/// Writes a note.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Note {
    /// What to keep.
    pub text: String,
}

/// Ends the attempt.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Finish {
    /// What was done, for the reviewer.
    pub summary: String,
    /// What the author claims of each criterion; the program proves it by itself.
    #[serde(default)]
    pub criteria: Vec<Claim>,
}

/// A claim about a criterion.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Claim {
    /// `c2`.
    pub id: String,
    /// Whether it is met.
    pub done: bool,
    /// How, in a sentence.
    #[serde(default)]
    pub how: String,
}

/// Proposes a plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProposePlan {
    /// The plan in a sentence or two.
    #[serde(default)]
    pub summary: String,
    /// The tasks in order.
    pub tasks: Vec<PlannedTask>,
}

/// One task of a proposed plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlannedTask {
    /// A short unique name of letters, digits and `-`.
    pub slug: String,
    /// What is to be done, in a line.
    pub title: String,
    /// The key of the role that does it.
    pub role: String,
    /// What the author needs to know beyond the title.
    #[serde(default)]
    pub detail: String,
    /// Slugs of tasks that must be merged before.
    #[serde(default)]
    pub needs: Vec<String>,
    /// When it is done.
    pub criteria: Vec<PlannedCriterion>,
    /// Globs of the paths that it is expected to change.
    #[serde(default)]
    pub touches: Vec<String>,
    /// 1 (trivial) to 5 (hard).
    pub complexity: u8,
}

/// One acceptance criterion of a proposed task.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlannedCriterion {
    /// What must be true.
    pub text: String,
    /// A shell command whose exit code 0 proves it, or `human`.
    pub proof: String,
}

/// Judges a task.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Verdict {
    /// Whether the change meets every criterion.
    pub accepted: bool,
    /// Why, for the author and the reviewer.
    pub summary: String,
    /// What must change, most important first; empty when accepted.
    #[serde(default)]
    pub findings: Vec<String>,
}

/// Reads a call by its tool's name and its arguments as JSON text.
///
/// # Errors
/// [`BadCall`] says what is wrong, in words for the model.
pub fn parse(name: &str, json: &str) -> Result<(ToolName, Call), BadCall> {
    let tool: ToolName = name.parse()?;
    let call = match tool {
        ToolName::ReadFile => read(tool, json).map(Call::ReadFile),
        ToolName::ListFiles => read(tool, json).map(Call::ListFiles),
        ToolName::Search => read(tool, json).map(Call::Search),
        ToolName::EditFile => read(tool, json).map(Call::EditFile),
        ToolName::WriteFile => read(tool, json).map(Call::WriteFile),
        ToolName::MoveFile => read(tool, json).map(Call::MoveFile),
        ToolName::DeleteFile => read(tool, json).map(Call::DeleteFile),
        ToolName::RunCommand => read(tool, json).map(Call::RunCommand),
        ToolName::ReadOutput => read(tool, json).map(Call::ReadOutput),
        ToolName::ShowDiff => read(tool, json).map(Call::ShowDiff),
        ToolName::AskHuman => read(tool, json).map(Call::AskHuman),
        ToolName::Message => read(tool, json).map(Call::Message),
        ToolName::Note => read(tool, json).map(Call::Note),
        ToolName::Finish => read(tool, json).map(Call::Finish),
        ToolName::ProposePlan => read(tool, json).map(Call::ProposePlan),
        ToolName::Verdict => read(tool, json).map(Call::Verdict),
    };
    call.map(|call| (tool, call))
}

fn read<T: serde::de::DeserializeOwned>(tool: ToolName, json: &str) -> Result<T, BadCall> {
    serde_json::from_str(json).map_err(|error| BadCall::BadArguments {
        tool,
        why: error.to_string(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_are_read_by_name() {
        let (tool, call) = parse(
            "edit_file",
            r#"{"path":"a.rs","old":"x","new":"y","criterion":"c1"}"#,
        )
        .unwrap();
        assert_eq!(tool, ToolName::EditFile);
        assert!(matches!(
            call,
            Call::EditFile(EditFile {
                criterion: Some(_),
                ..
            })
        ));
    }

    #[test]
    fn mistakes_are_named() {
        let unknown = parse("rm", "{}").unwrap_err().to_string();
        assert!(
            unknown.starts_with("there is no tool named rm: use one"),
            "{unknown}"
        );
        let misspelt = parse("read_file", r#"{"path":"a","line":3}"#)
            .unwrap_err()
            .to_string();
        assert!(misspelt.contains("unknown field `line`"), "{misspelt}");
        let broken = parse("finish", "{\"summary\":").unwrap_err().to_string();
        assert!(
            broken.starts_with("the arguments of finish do not fit its schema: EOF"),
            "{broken}"
        );
    }

    #[test]
    fn every_tool_reads_back_from_its_name() {
        for tool in ToolName::ALL {
            assert_eq!(tool.as_str().parse::<ToolName>().unwrap(), tool);
        }
    }
}
