//! A role: the persona that an agent plays, as its file says. Reading the files is the engine's business.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::domain::llm::Tier;
use crate::domain::tool::ToolName;

/// What a role is for; it bounds the tools that a role may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RoleKind {
    /// Plans and sums up.
    Planner,
    /// Changes files.
    Worker,
    /// Judges changes.
    Judge,
}

impl RoleKind {
    /// Whether a role of this kind may have the tool at all. Plans come from planners only, verdicts from judges only, and who plans
    /// or judges does not edit.
    #[must_use]
    pub const fn may_have(self, tool: ToolName) -> bool {
        match tool {
            ToolName::ReadFile
            | ToolName::ListFiles
            | ToolName::Search
            | ToolName::ReadOutput
            | ToolName::AskHuman
            | ToolName::Message
            | ToolName::Note => true,
            ToolName::EditFile
            | ToolName::WriteFile
            | ToolName::MoveFile
            | ToolName::DeleteFile
            | ToolName::Finish => matches!(self, Self::Worker),
            ToolName::RunCommand | ToolName::ShowDiff => {
                matches!(self, Self::Worker | Self::Judge)
            }
            ToolName::ProposePlan => matches!(self, Self::Planner),
            ToolName::Verdict => matches!(self, Self::Judge),
        }
    }

    /// The tool by which work of this kind ends; a role without it could never be done.
    #[must_use]
    pub const fn closing_tool(self) -> ToolName {
        match self {
            Self::Planner => ToolName::ProposePlan,
            Self::Worker => ToolName::Finish,
            Self::Judge => ToolName::Verdict,
        }
    }
}

impl fmt::Display for RoleKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Planner => "planner",
            Self::Worker => "worker",
            Self::Judge => "judge",
        })
    }
}

/// A member of the team.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Role {
    /// The short name used in plans: `backend`.
    pub key: String,
    /// What people call it: `Marcus`.
    pub name: String,
    /// Its job in a few words.
    pub title: String,
    /// What it is responsible for, in a line.
    pub charge: String,
    /// What it is for.
    pub kind: RoleKind,
    /// The tools that it is offered.
    pub tools: Vec<ToolName>,
    /// The tier of model that it normally runs on.
    pub tier: Tier,
    /// Its own words in the prompt.
    pub prompt: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_has_its_closing_tool_and_no_other() {
        let kinds = [RoleKind::Planner, RoleKind::Worker, RoleKind::Judge];
        for kind in kinds {
            for other in kinds {
                assert_eq!(kind.may_have(other.closing_tool()), kind == other);
            }
        }
    }

    #[test]
    fn only_workers_edit() {
        for tool in ToolName::ALL {
            let edits = tool.access() == crate::domain::tool::Access::Edits;
            if edits {
                assert!(RoleKind::Worker.may_have(tool));
                assert!(!RoleKind::Judge.may_have(tool) && !RoleKind::Planner.may_have(tool));
            }
        }
    }
}
