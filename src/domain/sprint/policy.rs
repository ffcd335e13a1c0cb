//! What is settled when a sprint starts. It stands in the event, so that a changed setting never changes a replay.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::base::money::Money;
use crate::domain::agent::Role;
use crate::domain::cost::Price;
use crate::domain::llm::{Route, Tier};
use crate::domain::tool::grant::CommandPolicy;
use crate::domain::workflow::Workflow;

/// The rules of a sprint.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Policy {
    /// The sprint's budget; none is no limit.
    pub budget: Option<Money>,
    /// The most that one task may cost before a person is asked.
    pub task_budget: Option<Money>,
    /// The most that one call may reserve.
    pub request_budget: Option<Money>,
    /// The most that a day may cost, over all sprints.
    pub day_budget: Option<Money>,
    /// Tasks in work at once.
    pub agents_max: u32,
    /// Tasks in a plan before a fault is reported.
    pub max_tasks: u32,
    /// Whether a command of an agent needs a person's yes.
    pub commands: CommandPolicy,
    /// Whether a person reviews each change.
    pub review: bool,
    /// Whether a person approves the plan.
    pub plan: bool,
    /// Whether a person approves the merge into the base branch.
    pub merge: bool,
    /// How long a decision with an outward effect can be withdrawn, in milliseconds.
    pub undo_ms: i64,
    /// The worktrees of tasks stay when they are done, too.
    #[serde(default)]
    pub keeps_worktrees: bool,
    /// The models are simulated, and so is the money.
    pub simulated: bool,
    /// Percent of a budget from which on a person is asked before its end.
    #[serde(default = "usual")]
    pub ask_at_percent: u32,
}

const fn usual() -> u32 {
    crate::domain::sprint::nearing::USUAL
}

/// A model that was chosen for a tier.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ModelChoice {
    /// Who.
    pub route: Route,
    /// What it costs.
    pub price: Price,
    /// The price is known; if not, `price` is the dearest one known.
    pub is_priced: bool,
    /// Tokens of its context window.
    pub window: u64,
    /// Tokens that it may write at once.
    pub max_output: u64,
}

/// Everything that a sprint is given at its start.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Setup {
    /// The rules.
    pub policy: Policy,
    /// The team.
    pub team: Vec<Role>,
    /// The path of its tasks.
    pub workflow: Workflow,
    /// The model for each tier.
    pub models: BTreeMap<Tier, ModelChoice>,
    /// The model where a tier has none.
    pub fallback: ModelChoice,
    /// What savings are counted against.
    pub baseline: Price,
    /// The head of branch names: `aios`.
    pub prefix: String,
}

impl Setup {
    /// The first planner of the team.
    #[must_use]
    pub fn planner(&self) -> Option<&Role> {
        self.team
            .iter()
            .find(|role| role.kind == crate::domain::agent::RoleKind::Planner)
    }

    /// Those of the team who do tasks.
    pub fn workers(&self) -> impl Iterator<Item = &Role> {
        let is_worker = |role: &&Role| role.kind == crate::domain::agent::RoleKind::Worker;
        self.team.iter().filter(is_worker)
    }

    /// The first judge of the team.
    #[must_use]
    pub fn judge(&self) -> Option<&Role> {
        self.team
            .iter()
            .find(|role| role.kind == crate::domain::agent::RoleKind::Judge)
    }
}
