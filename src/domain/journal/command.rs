//! What can be asked of the program, by people and by effects that report back.

use serde::{Deserialize, Serialize};

use crate::base::body::Body;
use crate::base::id::CriterionId;
use crate::base::id::{AttemptId, Digest, GateId, Oid, SprintId, TaskId, Work};
use crate::base::money::Money;
use crate::base::tokens::TokenUsage;
use crate::domain::agent::{Answer, CallState};
use crate::domain::change::checks::CheckResult;
use crate::domain::change::clash::Choice;
use crate::domain::change::{FileSummary, Mark, Split};
use crate::domain::journal::EffectKey;
use crate::domain::journal::event::{BeganModel, PauseScope, Sides};
use crate::domain::llm::CallFailure;
use crate::domain::presence::{Party, Standing};
use crate::domain::sprint::{Base, Hindrance, PlanEdit, Planned, Reach, Setup, Verdict};
use crate::domain::tool::EditFact;

/// Something that is asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Command {
    /// A host takes over. It is followed by what was in flight when the one before ended.
    TakeOver {
        /// Its version.
        version: String,
        /// Its process.
        pid: u32,
    },
    /// Begin a sprint.
    StartSprint {
        /// What is wanted.
        goal: Body,
        /// Under what rules; clients leave it out, and the host fills it in from its settings.
        setup: Option<Box<Setup>>,
        /// The commit that it starts from: one that a sprint's branch stood at. None: what is checked out when its turn comes.
        base: Option<Oid>,
    },
    /// Change the plan.
    EditPlan {
        /// Which sprint.
        sprint: SprintId,
        /// The revision that was looked at.
        revision: u32,
        /// How.
        edits: Vec<PlanEdit>,
    },
    /// Decide on a gate.
    Decide {
        /// Which.
        gate: GateId,
        /// What was looked at.
        revision: Digest,
        /// What.
        verdict: Verdict,
        /// Nobody will want it back: it takes effect at once.
        is_final: bool,
    },
    /// Withdraw a decision.
    Undo {
        /// Of which gate.
        gate: GateId,
    },
    /// Mark hunks of a review.
    Mark {
        /// Which review.
        gate: GateId,
        /// Hunks and their marks.
        marks: Vec<(Digest, Mark)>,
    },
    /// Cut a hunk of a review into pieces that are marked one without the other.
    Split {
        /// Which review.
        gate: GateId,
        /// Which hunk.
        hunk: Digest,
        /// How; no pieces: as a whole again.
        split: Split,
    },
    /// Say something to whoever does some work.
    Steer {
        /// The work.
        work: Work,
        /// What.
        text: Body,
    },
    /// Pause.
    Pause(PauseScope),
    /// Go on.
    Resume(PauseScope),
    /// Set the sprint's budget.
    SetBudget {
        /// Which sprint.
        sprint: SprintId,
        /// The new limit.
        limit: Money,
    },
    /// End a sprint for good.
    Stop(SprintId),
    /// Give a task up.
    DropTask(TaskId),
    /// An effect is about to begin.
    Begin {
        /// Which.
        key: EffectKey,
        /// For model calls.
        model: Option<BeganModel>,
    },
    /// An effect has ended: the only way in which the world gets in.
    Report {
        /// Which.
        key: EffectKey,
        /// With what.
        report: Report,
    },
    /// Let a task that has not begun begin before another that has not.
    Order {
        /// The one that begins earlier.
        task: TaskId,
        /// The one that it is put in front of.
        before: TaskId,
    },
    /// Let the very command of an item run in the sprint without a question: of one that waits, or that was allowed before.
    Allow {
        /// Which item.
        gate: GateId,
        /// What was looked at.
        revision: Digest,
    },
    /// Ask about a command again that was allowed beyond one call.
    Revoke {
        /// In which sprint.
        sprint: SprintId,
        /// Which command.
        command: Digest,
        /// How far it was allowed.
        reach: Reach,
    },
    /// Run the project's checks on what is chosen for a conflict, and write nothing.
    Try {
        /// Which conflict.
        gate: GateId,
        /// What was looked at.
        revision: Digest,
        /// What is chosen in each of its files, in their order.
        choices: Vec<Vec<Choice>>,
    },
    /// Give a task that has not begun to another role of the team.
    Assign {
        /// Which.
        task: TaskId,
        /// The role's key.
        role: String,
    },
    /// Let somebody at a line do more, or less, from now on.
    SetStanding {
        /// The host's number for the line.
        line: u64,
        /// What they may do.
        to: Standing,
        /// Who that is; clients leave it out, and the host fills it in.
        whom: Option<Party>,
    },
    /// Send somebody away: their line is closed.
    Remove {
        /// The host's number for the line.
        line: u64,
        /// Who that is; clients leave it out, and the host fills it in.
        whom: Option<Party>,
    },
    /// Add a task to a sprint whose plan is approved.
    AddTask {
        /// Which sprint.
        sprint: SprintId,
        /// What is to be done.
        task: Box<Planned>,
        /// Nobody will want it back: it may begin at once.
        is_final: bool,
    },
    /// Take a task back that was added, before it begins.
    TakeBack(TaskId),
}

/// What an effect gave.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Report {
    /// The base is known.
    Opened(Base),
    /// The sprint cannot begin; the text says why and what to do.
    NotOpened(String),
    /// The checks ran on the base.
    Baseline(Vec<CheckResult>),
    /// The worktree is there.
    Worktree {
        /// Its base.
        base: Oid,
    },
    /// It is committed.
    Committed {
        /// The head of the branch.
        commit: Oid,
        /// What the diff is against.
        base: Oid,
        /// The diff.
        diff: Body,
        /// Its files.
        files: Vec<FileSummary>,
        /// What was brought in.
        merged: Option<Oid>,
    },
    /// Checks or proofs ran.
    Checked {
        /// What they gave.
        results: Vec<CheckResult>,
        /// The sprint's head at that time.
        on: Option<Oid>,
    },
    /// It is merged.
    Merged {
        /// The head before.
        onto: Oid,
        /// The head afterwards.
        commit: Oid,
    },
    /// It does not merge; without paths: it merges, but the merged tree fails the checks.
    Conflicted(Sides),
    /// The conflict is in the worktree.
    Brought(Sides),
    /// The checks ran on what a person chose for a conflict.
    Tried {
        /// The files that came of it.
        tree: Oid,
        /// What the checks gave.
        results: Vec<CheckResult>,
    },
    /// The worktree is gone.
    Cleared,
    /// The base branch has it.
    Landed(Oid),
    /// There is no branch to land on.
    NoTarget,
    /// The base branch cannot take it now; the text says what to do.
    LandBlocked(Hindrance, String),
    /// A model answered.
    Replied {
        /// Its blocks as JSON.
        reply: Body,
        /// The first line of its text.
        first_line: String,
        /// Its calls.
        calls: Vec<CallState>,
        /// Tokens.
        usage: TokenUsage,
        /// How long it took.
        latency_ms: u64,
    },
    /// A model did not answer.
    CallFailed {
        /// How.
        failure: CallFailure,
        /// How long it took.
        latency_ms: u64,
    },
    /// A call was made.
    Tool {
        /// What it gave.
        answer: Answer,
        /// What it changed.
        edits: Vec<EditFact>,
        /// What for.
        criterion: Option<CriterionId>,
    },
    /// A wait is over.
    Elapsed,
    /// The effect could not be done; the text says why and what to do.
    Failed(String),
}

/// Why a command is refused. The texts are for people.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub enum Refusal {
    /// Agents and effects do not decide.
    #[error("only a person may do that")]
    NotAPerson,
    /// No such thing.
    #[error("there is no {0}")]
    Unknown(String),
    /// It is over.
    #[error("{0} is over")]
    Over(String),
    /// Somebody was first.
    #[error("{gate} was already decided by {by}")]
    AlreadyDecided {
        /// Which gate.
        gate: GateId,
        /// By whom.
        by: String,
    },
    /// What was looked at has changed.
    #[error("{0} changed since you looked: look again")]
    Stale(String),
    /// The plan has faults.
    #[error("the plan has faults: {0}")]
    FaultyPlan(String),
    /// That verdict is none for this kind of gate.
    #[error("{0} does not take that answer")]
    WrongVerdict(GateId),
    /// Hunks are marked rejected.
    #[error("{0} hunks are rejected: send the review, or take the marks back")]
    MarkedRejected(usize),
    /// Hunks are not marked.
    #[error("{0} hunks have no mark yet")]
    Unmarked(usize),
    /// The time is over.
    #[error("the decision on {0} has taken effect and cannot be withdrawn")]
    TooLate(GateId),
    /// What a merge gives must be known before a task can be given up.
    #[error("{0} is being merged: wait for its end")]
    Merging(TaskId),
    /// What a landing gives must be known before a sprint can be ended.
    #[error("{0} is on its way into the base branch: wait for its end")]
    Landing(SprintId),
    /// Nobody works there.
    #[error("nobody works on {0} now")]
    NobodyThere(Work),
    /// A report or a start that nobody waits for.
    #[error("{0} is not awaited")]
    NotAwaited(String),
    /// It may not begin now.
    #[error("{0} is held")]
    Held(String),
    /// The attempt named is not open.
    #[error("attempt {0} is over")]
    AttemptOver(AttemptId),
    /// The host lacks the settings for it.
    #[error("a sprint cannot start: {0}")]
    NoSetup(String),
    /// An edit that does not fit.
    #[error("{0}")]
    BadEdit(String),
    /// A limit that is lower than what is spent.
    #[error("a budget cannot be lower than what is spent: {0}")]
    BudgetTooLow(Money),
    /// The journal takes nothing more.
    #[error("nothing can be written: {0}")]
    ReadOnly(String),
    /// What is asked can only be done to a task before it begins.
    #[error("{0} has begun")]
    Begun(TaskId),
    /// A task cannot begin before one that it needs.
    #[error("{task} needs {need} and cannot begin before it")]
    Needs {
        /// Which.
        task: TaskId,
        /// What it needs.
        need: TaskId,
    },
    /// Tasks are for workers of the team only.
    #[error("{role} does no tasks; those who do: {team}")]
    NoWorker {
        /// The role as given.
        role: String,
        /// The keys of the roles that do tasks.
        team: String,
    },
    /// No rule for a command that destroys, publishes, reaches out or touches secrets.
    #[error("the command of {0} is too risky for a rule: answer it each time")]
    TooRisky(GateId),
    /// A result cannot be tested without checks.
    #[error("the project has no checks, so nothing can be tested")]
    NothingToTest,
    /// No task can be added, or not this one.
    #[error("{sprint} takes no such task: {why}")]
    NoRoom {
        /// To which sprint.
        sprint: SprintId,
        /// Why.
        why: String,
    },
    /// Only what a person added is taken back; the rest is given up.
    #[error("{0} was not added after the approval: drop it instead")]
    NotAdded(TaskId),
    /// What others need stays.
    #[error("{by} needs {task}: drop that first")]
    Needed {
        /// Which.
        task: TaskId,
        /// What needs it.
        by: TaskId,
    },
    /// The client said that it would only look.
    #[error("this client only looks on: attach without --view to decide")]
    LooksOnly,
    /// Who asks may not do this.
    #[error("{has}: ask {ask}")]
    Below {
        /// What they may do.
        has: Standing,
        /// What it takes.
        needs: Standing,
        /// Who may do it.
        ask: String,
    },
    /// Somebody always owns the session.
    #[error("nobody else here is owner: make somebody owner first")]
    LastOwner,
    /// Nobody sends themselves away.
    #[error("that is your own line: q leaves")]
    Yourself,
    /// They attached to look only, and only they can change that.
    #[error("{0} attached with --view: only they can change that")]
    OwnWill(String),
}
