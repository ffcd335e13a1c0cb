//! A sprint: a goal, a plan, tasks that walk the workflow, and the decisions that wait for a person.

pub mod addition;
mod asking;
pub mod board;
mod edit;
pub mod estimate;
pub mod gate;
mod headline;
pub mod nearing;
pub mod outlook;
pub mod plan;
mod policy;
pub mod rule;
mod shelf;
mod task;
pub mod trial;

pub use asking::Asking;
pub use edit::PlanEdit;
pub use gate::{Ask, Gate, GateState, Hindrance, Verdict};
pub use headline::headline;
pub use plan::{Criterion, Plan, Planned, Proof};
pub use policy::{ModelChoice, Policy, Setup};
pub use task::{Cause, Change, Provenance, Status, Task};

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::base::body::Body;
use crate::base::id::{AttemptId, Digest, GateId, Oid, SprintId, TaskId, Work};
use crate::base::time::Timestamp;
use crate::domain::agent::{Attempt, Role};
use crate::domain::change::checks::{CheckResult, CheckSpec};
use crate::domain::cost::{Account, Ledger};
use crate::domain::llm::Tier;
use crate::domain::security::Actor;
use crate::domain::sprint::gate::BudgetScope;
use crate::domain::sprint::nearing::Told;
use crate::domain::tool::grant::Scope;
use crate::domain::workflow::{Node, NodeKind};

/// Where a sprint is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Phase {
    /// Waits for the sprint before it.
    Queued,
    /// The base is being looked up.
    Opening,
    /// The planner plans.
    Planning,
    /// The plan waits for a person.
    Approving,
    /// Tasks are worked on.
    Running,
    /// The planner sums up.
    Summing,
    /// The whole waits for a person, or is on its way into the base branch.
    Landing,
    /// It is over.
    Closed(Closing),
}

/// How a sprint ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Closing {
    /// Its branch is in the base branch.
    Landed(Oid),
    /// Its branch was kept apart, by a person's choice or because there was no branch to land on.
    KeptApart,
    /// A person stopped it, or rejected its plan for good.
    Stopped,
    /// It could not go on.
    Failed(String),
}

/// What the base looked like when the sprint opened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Base {
    /// The commit that everything starts from.
    pub commit: Oid,
    /// The full name of the branch that was checked out; none if HEAD was detached.
    pub target: Option<String>,
    /// The sprint's own branch, its full name.
    pub branch: String,
    /// Local changes that the agents do not see.
    pub dirty: Vec<String>,
    /// The project's checks.
    pub checks: Vec<CheckSpec>,
    /// The project's instructions to agents, if it is trusted and has any.
    pub instructions: Option<Body>,
}

/// Everything about one sprint.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sprint {
    /// Its id.
    pub id: SprintId,
    /// What is wanted.
    pub goal: Body,
    /// Who asked for it.
    pub by: Actor,
    /// When.
    pub started_at: Timestamp,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
    /// Where it is.
    pub phase: Phase,
    /// What was settled when it started.
    pub setup: Setup,
    /// The commit that it was asked to start from; none for what is checked out.
    pub from: Option<Oid>,
    /// What it starts from, once that is known.
    pub base: Option<Base>,
    /// The checks on the base, once they ran.
    pub baseline: Option<Vec<CheckResult>>,
    /// The head of the sprint's branch.
    pub tip: Option<Oid>,
    /// The plan as it is now.
    pub plan: Plan,
    /// The draft that was sent back before it, until the plan is approved.
    pub before: Option<Box<Plan>>,
    /// The approved tasks by number.
    pub tasks: BTreeMap<u32, Task>,
    /// All attempts.
    pub attempts: BTreeMap<AttemptId, Attempt>,
    /// All gates by number.
    pub gates: BTreeMap<u32, Gate>,
    /// It was put away when a later sprint began: its conversations are in the journal only.
    pub is_shelved: bool,
    /// Every call.
    pub ledger: Ledger,
    /// The sprint's budget.
    pub account: Account,
    /// Who paused it.
    pub paused: Option<Actor>,
    /// Commands that a person allowed beyond one call, each with its [brief text](rule::brief).
    pub grants: BTreeMap<(Digest, Reach), String>,
    /// Single calls that a person allowed.
    pub allowed: BTreeSet<(AttemptId, u32, u32)>,
    /// Gates that are open, by number.
    pub open: BTreeSet<u32>,
    /// Indexes over them.
    pub asking: Asking,
    /// Tasks that may begin as soon as there is room, by turn and number.
    pub ready: BTreeSet<(u32, u32)>,
    /// Tasks in work, which count against the limit of agents.
    pub busy: BTreeSet<u32>,
    /// Tasks that were sent back to their author and wait for room, by number.
    pub returning: BTreeSet<u32>,
    /// Tasks that are neither done nor dropped.
    pub unfinished: u32,
    /// Tasks that wait to be merged, first come first served.
    pub merging: Vec<u32>,
    /// The planner's summary.
    pub summary: Option<Body>,
    /// Times that the base branch could not take it.
    pub landings: u32,
    /// A try to bring it into the base branch has begun, and what came of it is not known.
    pub is_landing: bool,
    /// Why it could not, the last time.
    pub blocked: Option<String>,
    /// What kept it from there, the last time.
    pub hindrance: Hindrance,
    /// The plan was rejected: why, until the planner begins again.
    pub replan: Option<String>,
    /// What has been settled with people about budgets that come to their end.
    #[serde(default)]
    pub told: BTreeMap<BudgetScope, Told>,
    /// The last attempt of the summary that tasks were added behind, by number: it sums up no longer what was done.
    #[serde(default)]
    pub outrun: u32,
}

/// How far a granted command reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Reach {
    /// One task.
    Task(TaskId),
    /// The whole sprint.
    Sprint,
}

impl Reach {
    /// The reach of a person's yes for a call of `work`; none for a single call, and for work without a task only the sprint.
    #[must_use]
    pub const fn of(scope: Scope, work: Work) -> Option<Self> {
        match (scope, work.task()) {
            (Scope::Once, _) | (Scope::Task, None) => None,
            (Scope::Task, Some(task)) => Some(Self::Task(task)),
            (Scope::Sprint, _) => Some(Self::Sprint),
        }
    }
}

impl Sprint {
    /// A task by id, if it is of this sprint.
    #[must_use]
    pub fn task(&self, id: TaskId) -> Option<&Task> {
        self.tasks.get(&id.number).filter(|_| id.sprint == self.id)
    }

    /// A gate by id, if it is of this sprint.
    #[must_use]
    pub fn gate(&self, id: GateId) -> Option<&Gate> {
        self.gates.get(&id.number).filter(|_| id.sprint == self.id)
    }

    /// Gates that are open or whose decision can still be withdrawn.
    pub fn open_gates(&self) -> impl Iterator<Item = &Gate> {
        self.open.iter().filter_map(|number| self.gates.get(number))
    }

    /// Open gates about some work.
    pub fn gates_about(&self, work: Work) -> impl Iterator<Item = &Gate> {
        self.asking
            .about(work)
            .filter_map(|number| self.gates.get(&number))
    }

    /// Open gates that hold calls to models of any work: a provider, or a budget that is not one task's.
    pub fn holding_gates(&self) -> impl Iterator<Item = &Gate> {
        self.asking
            .holding()
            .filter_map(|number| self.gates.get(&number))
    }

    /// The open gate that says that a budget comes to its end.
    #[must_use]
    pub fn nearing(&self, scope: BudgetScope) -> Option<&Gate> {
        self.gates.get(&self.asking.nearing(scope)?)
    }

    /// Gates whose decision can still be withdrawn.
    pub fn pending_gates(&self) -> impl Iterator<Item = &Gate> {
        self.asking
            .pending()
            .filter_map(|number| self.gates.get(&number))
    }

    /// Whether there is room for one more task in work.
    #[must_use]
    pub fn has_room(&self) -> bool {
        self.busy.len() < self.setup.policy.agents_max.max(1) as usize
    }

    /// Puts a task among those that may begin, if it may: nothing that it needs is missing, and it cannot be taken back.
    pub fn settle_ready(&mut self, number: u32) {
        let Some(task) = self.tasks.get(&number) else {
            return;
        };
        if task.unmet == 0 && task.status == Status::Ready && task.held_until.is_none() {
            self.ready.insert((task.turn, number));
        }
    }

    /// Takes a task out of those that may begin.
    pub fn unready(&mut self, number: u32) {
        if let Some(task) = self.tasks.get(&number) {
            self.ready.remove(&(task.turn, number));
        }
    }

    /// The role of that key.
    #[must_use]
    pub fn role(&self, key: &str) -> Option<&Role> {
        self.setup.team.iter().find(|role| role.key == key)
    }

    /// The node at which a task is.
    #[must_use]
    pub fn node_of(&self, task: &Task) -> Option<&Node> {
        self.setup.workflow.node(&task.node)
    }

    /// The kind of the node at which a task is.
    #[must_use]
    pub fn kind_of(&self, task: &Task) -> Option<NodeKind> {
        self.node_of(task).map(|node| node.kind)
    }

    /// The last attempt for some work.
    #[must_use]
    pub fn last_attempt(&self, work: Work) -> Option<&Attempt> {
        let first = AttemptId { work, number: 0 };
        let last = AttemptId {
            work,
            number: u32::MAX,
        };
        self.attempts
            .range(first..=last)
            .next_back()
            .map(|(_, attempt)| attempt)
    }

    /// The number that the next attempt for some work gets.
    #[must_use]
    pub fn next_attempt(&self, work: Work) -> AttemptId {
        AttemptId {
            work,
            number: self
                .last_attempt(work)
                .map_or(1, |attempt| attempt.id.number + 1),
        }
    }

    /// The id that the next gate gets.
    #[must_use]
    pub fn next_gate(&self) -> GateId {
        GateId {
            sprint: self.id,
            number: self
                .gates
                .last_key_value()
                .map_or(1, |(number, _)| number + 1),
        }
    }

    /// The model chosen for a tier.
    #[must_use]
    pub fn model(&self, tier: Tier) -> &ModelChoice {
        self.setup.models.get(&tier).unwrap_or(&self.setup.fallback)
    }

    /// Whether it has ended.
    #[must_use]
    pub const fn is_closed(&self) -> bool {
        matches!(self.phase, Phase::Closed(_))
    }

    /// How many tasks are merged, and how many there are without the dropped ones.
    #[must_use]
    pub fn progress(&self) -> (usize, usize) {
        let kept = self
            .tasks
            .values()
            .filter(|task| task.status != Status::Dropped);
        let (done, all) = kept.fold((0, 0), |(done, all), task| {
            (done + usize::from(task.status == Status::Done), all + 1)
        });
        (done, all)
    }
}
