//! What happened, in the past tense. Events are versioned, carry what was decided together with its inputs, and always apply.

use serde::{Deserialize, Serialize};

use crate::base::body::Body;
use crate::base::id::{AttemptId, CriterionId, Digest, GateId, Oid, SprintId, TaskId};
use crate::base::money::Money;
use crate::base::time::Timestamp;
use crate::domain::agent::{Answer, CallState, End, Nudge, Opening, RoleKind};
use crate::domain::change::checks::CheckResult;
use crate::domain::change::clash::{Choice, Clash};
use crate::domain::change::{FileSummary, Mark, Split};
use crate::domain::cost::Entry;
use crate::domain::journal::EffectKey;
use crate::domain::llm::{CallFailure, Route, Tier};
use crate::domain::presence::{Party, Standing};
use crate::domain::security::Actor;
use crate::domain::sprint::gate::BudgetScope;
use crate::domain::sprint::trial::TrialEnd;
use crate::domain::sprint::{Ask, Base, Closing, Hindrance, Plan, Planned, Setup, Verdict};
use crate::domain::tool::EditFact;
use crate::domain::workflow::Outcome;

/// What is paused or goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum PauseScope {
    /// A whole sprint.
    Sprint(SprintId),
    /// One task.
    Task(TaskId),
}

/// What was known when a model call began.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BeganModel {
    /// Who is asked.
    pub route: Route,
    /// As what tier.
    pub tier: Tier,
    /// The worst case that was set aside.
    pub reserved: Money,
    /// Fingerprint of the request.
    pub fingerprint: Digest,
    /// How many words from outside the request holds; if more came since it was made, it must be made again.
    pub words: u32,
}

/// The end of a model call, good or bad: one ledger entry, and the reservation that it ends.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EndedCall {
    /// What it cost.
    pub entry: Entry,
    /// What had been set aside.
    pub reserved: Money,
}

/// The two sides of a conflict.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sides {
    /// The head of the sprint's branch.
    pub onto: Oid,
    /// The files that do not merge.
    pub paths: Vec<String>,
    /// What a person can look at and solve.
    #[serde(default)]
    pub clash: Option<Clash>,
}

/// Everything that can have happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Event {
    /// A host took over the workspace.
    HostStarted {
        /// Its version.
        version: String,
        /// Its process.
        pid: u32,
    },
    /// Somebody wants something.
    SprintStarted {
        /// Its id.
        sprint: SprintId,
        /// What is wanted.
        goal: Body,
        /// Who.
        by: Actor,
        /// Under what rules.
        setup: Box<Setup>,
        /// The commit that it starts from, where that is not what is checked out.
        #[serde(default)]
        base: Option<Oid>,
    },
    /// A waiting sprint's turn has come.
    SprintOpening(SprintId),
    /// The base is known.
    SprintOpened {
        /// Which.
        sprint: SprintId,
        /// What it starts from.
        base: Base,
    },
    /// The checks ran on the base.
    BaselineFinished {
        /// Which.
        sprint: SprintId,
        /// What they gave.
        results: Vec<CheckResult>,
    },
    /// The sprint is over.
    SprintClosed {
        /// Which.
        sprint: SprintId,
        /// How.
        closing: Closing,
    },
    /// There is a plan, or another one.
    PlanProposed {
        /// Which sprint.
        sprint: SprintId,
        /// The draft.
        plan: Plan,
    },
    /// A person changed the plan.
    PlanEdited {
        /// Which sprint.
        sprint: SprintId,
        /// The changed plan.
        plan: Plan,
        /// Who.
        by: Actor,
    },
    /// The plan's tasks may begin.
    PlanApproved {
        /// Which sprint.
        sprint: SprintId,
        /// Which revision.
        revision: u32,
        /// Who; the program itself where the settings waive the gate.
        by: Actor,
    },
    /// The plan is sent back.
    PlanRejected {
        /// Which sprint.
        sprint: SprintId,
        /// Why.
        why: String,
    },
    /// All tasks are over; the sums are drawn.
    SummingBegan(SprintId),
    /// The sprint's branch is ready for the base branch.
    LandingBegan(SprintId),
    /// The base branch could not take it.
    LandingBlocked {
        /// Which.
        sprint: SprintId,
        /// Why, and what to do.
        why: String,
        /// Of which kind it is; the first logs do not say.
        #[serde(default)]
        hindrance: Hindrance,
    },
    /// An agent begins, or goes on with another's conversation.
    AttemptOpened {
        /// Its id.
        attempt: AttemptId,
        /// The role's key.
        role: String,
        /// What the role is for.
        kind: RoleKind,
        /// The tier.
        tier: Tier,
        /// Whose conversation goes on.
        continues: Option<AttemptId>,
        /// What it is told.
        opening: Opening,
    },
    /// An effect with an outward result begins.
    EffectBegan {
        /// Which.
        key: EffectKey,
        /// For model calls.
        model: Option<BeganModel>,
    },
    /// An effect that had begun is no longer known to run; it is looked up and done again.
    EffectForgotten {
        /// Which.
        key: EffectKey,
    },
    /// An effect could not be done; a person was asked.
    EffectFailed {
        /// Which.
        key: EffectKey,
        /// Why, for people.
        why: String,
    },
    /// A model answered.
    ModelReplied {
        /// Which attempt.
        attempt: AttemptId,
        /// Which step.
        step: u32,
        /// The blocks as JSON.
        reply: Body,
        /// The first line of its text.
        first_line: String,
        /// Its calls.
        calls: Vec<CallState>,
        /// What it cost.
        ended: EndedCall,
    },
    /// A model call gave no reply.
    CallFailed {
        /// Which attempt.
        attempt: AttemptId,
        /// Which step.
        step: u32,
        /// How.
        failure: CallFailure,
        /// Not before this moment again; none if a person must act or the attempt ends.
        retry_at: Option<Timestamp>,
        /// What it cost.
        ended: EndedCall,
    },
    /// A call was in flight when the host ended; its reservation counts as spent.
    CallLost {
        /// Which attempt.
        attempt: AttemptId,
        /// Which step.
        step: u32,
        /// What was set aside, now spent.
        ended: EndedCall,
    },
    /// A call of an agent has its answer.
    ToolReturned {
        /// Which attempt.
        attempt: AttemptId,
        /// Which step.
        step: u32,
        /// Which call.
        call: u32,
        /// What it gave.
        answer: Answer,
    },
    /// A call changed a file.
    FileEdited {
        /// Which attempt.
        attempt: AttemptId,
        /// Which step.
        step: u32,
        /// Which call.
        call: u32,
        /// What for, if the agent said so.
        criterion: Option<CriterionId>,
        /// What.
        edit: EditFact,
    },
    /// A word to an agent.
    Nudged {
        /// Which attempt.
        attempt: AttemptId,
        /// What.
        nudge: Nudge,
    },
    /// Old results of a conversation are stubbed from now on.
    TranscriptTrimmed {
        /// Which attempt.
        attempt: AttemptId,
        /// Steps before this one.
        upto: u32,
    },
    /// An attempt is over.
    AttemptEnded {
        /// Which.
        attempt: AttemptId,
        /// How.
        end: End,
    },
    /// A task enters a node.
    NodeEntered {
        /// Which.
        task: TaskId,
        /// Where.
        node: String,
        /// Which round of work it is.
        round: u32,
    },
    /// A task leaves a node.
    NodeLeft {
        /// Which.
        task: TaskId,
        /// Where it was.
        node: String,
        /// With what.
        outcome: Outcome,
        /// Words for the author, if it goes back.
        feedback: Option<Opening>,
    },
    /// A task has its worktree.
    WorktreePrepared {
        /// Which.
        task: TaskId,
        /// Its base.
        base: Oid,
    },
    /// What the worktree holds is committed.
    Committed {
        /// Which.
        task: TaskId,
        /// The head of its branch.
        commit: Oid,
        /// The base that the diff is against.
        base: Oid,
        /// The diff.
        diff: Body,
        /// Its files.
        files: Vec<FileSummary>,
        /// The commit that was brought in, if one was.
        merged: Option<Oid>,
    },
    /// Checks or proofs ran on a task.
    ChecksFinished {
        /// Which.
        task: TaskId,
        /// They were the criteria's proofs.
        are_proofs: bool,
        /// What they gave.
        results: Vec<CheckResult>,
        /// The sprint's head at that time.
        on: Option<Oid>,
    },
    /// A task is in the sprint's branch.
    Merged {
        /// Which.
        task: TaskId,
        /// The head before.
        onto: Oid,
        /// The head afterwards.
        commit: Oid,
    },
    /// A task does not merge.
    MergeConflicted {
        /// Which.
        task: TaskId,
        /// With what.
        sides: Sides,
    },
    /// The sprint's branch is brought into the worktree, with marks where they conflict.
    ConflictBrought {
        /// Which.
        task: TaskId,
        /// With what.
        sides: Sides,
    },
    /// The worktree is gone.
    WorktreeRemoved(TaskId),
    /// A person took a task over, or gave it back.
    TaskTaken {
        /// Which.
        task: TaskId,
        /// Into a person's hands, or out of them.
        is_held: bool,
    },
    /// A task begins anew after a person's decision.
    TaskRetried(TaskId),
    /// A task is given up.
    TaskDropped(TaskId),
    /// Something waits for a person.
    GateOpened {
        /// Its id.
        gate: GateId,
        /// What it is about.
        work: crate::base::id::Work,
        /// What is asked.
        ask: Ask,
    },
    /// A person decided.
    GateDecided {
        /// Which.
        gate: GateId,
        /// What.
        verdict: Verdict,
        /// Who.
        by: Actor,
        /// On what.
        revision: Digest,
        /// From which client.
        client: String,
        /// How long it had waited, in milliseconds.
        latency_ms: i64,
        /// When it takes effect.
        effective_at: Timestamp,
    },
    /// A decision was withdrawn in time.
    DecisionWithdrawn {
        /// Which.
        gate: GateId,
        /// Who.
        by: Actor,
    },
    /// A decision took effect.
    GateClosed(GateId),
    /// It is no longer asked.
    GateDropped(GateId),
    /// A person marked a hunk.
    HunkMarked {
        /// In which review.
        gate: GateId,
        /// Which hunk.
        hunk: Digest,
        /// How.
        mark: Mark,
        /// Who.
        by: Actor,
    },
    /// A person cut a hunk into pieces, or made it whole again.
    HunkSplit {
        /// In which review.
        gate: GateId,
        /// Which hunk.
        hunk: Digest,
        /// How; no pieces: as a whole again.
        split: Split,
        /// Who.
        by: Actor,
    },
    /// A command was allowed beyond one call.
    CommandGranted {
        /// In which sprint.
        sprint: SprintId,
        /// Which command.
        command: Digest,
        /// How far.
        reach: crate::domain::sprint::Reach,
        /// The command as a line; the first logs do not say.
        #[serde(default)]
        text: String,
    },
    /// A budget has another limit.
    BudgetChanged {
        /// In which sprint.
        sprint: SprintId,
        /// Whose.
        scope: BudgetScope,
        /// The new limit.
        limit: Money,
    },
    /// What begins from now on works on another tier.
    TiersChanged {
        /// In which sprint.
        sprint: SprintId,
        /// Which tier.
        tier: Tier,
    },
    /// Something is paused.
    Paused {
        /// What.
        scope: PauseScope,
        /// Who.
        by: Actor,
    },
    /// Something goes on.
    Resumed {
        /// What.
        scope: PauseScope,
    },
    /// A wait is over.
    RetryElapsed(AttemptId),
    /// A command is asked about again, although it was allowed.
    CommandRevoked {
        /// In which sprint.
        sprint: SprintId,
        /// Which command.
        command: Digest,
        /// How far it had been allowed.
        reach: crate::domain::sprint::Reach,
        /// The command as a line.
        text: String,
        /// Who.
        by: Actor,
    },
    /// A person put a task that has not begun in front of another.
    TaskOrdered {
        /// Which.
        task: TaskId,
        /// In front of which.
        before: TaskId,
        /// Who.
        by: Actor,
    },
    /// A person gave a task that has not begun to another role.
    TaskAssigned {
        /// Which.
        task: TaskId,
        /// The role's key.
        role: String,
        /// Who.
        by: Actor,
    },
    /// A person wants the checks to run on what they chose for a conflict.
    TrialAsked {
        /// Whose conflict.
        task: TaskId,
        /// The gate that asks about it.
        gate: GateId,
        /// Counted through the task, from 1.
        number: u32,
        /// What is chosen in each file.
        choices: Vec<Vec<Choice>>,
        /// Who.
        by: Actor,
    },
    /// The checks ran on it, or could not.
    TrialEnded {
        /// Whose conflict.
        task: TaskId,
        /// The gate that asks about it.
        gate: GateId,
        /// Which test.
        number: u32,
        /// How.
        end: TrialEnd,
    },
    /// A person solved a conflict: the sprint's branch is brought into the task's, as was chosen.
    ConflictResolved {
        /// Whose.
        task: TaskId,
        /// The gate that holds the choices.
        gate: GateId,
    },
    /// Somebody at a line may do more, or less, from now on.
    StandingChanged {
        /// The host's number for the line.
        line: u64,
        /// Who that is.
        whom: Party,
        /// What they may do.
        to: Standing,
        /// Who decided so.
        by: Actor,
    },
    /// Somebody was sent away.
    PersonRemoved {
        /// The host's number for the line.
        line: u64,
        /// Who that was.
        whom: Party,
        /// Who decided so.
        by: Actor,
    },
    /// A person added a task to a sprint whose plan was approved.
    TaskAdded {
        /// Its id.
        task: TaskId,
        /// What it is.
        spec: Box<Planned>,
        /// Who.
        by: Actor,
        /// Until when it can be taken back; it does not begin before.
        held_until: Option<Timestamp>,
    },
    /// An added task may begin.
    TaskSettled(TaskId),
    /// An added task was taken back before it began.
    TaskTakenBack {
        /// Which.
        task: TaskId,
        /// Who.
        by: Actor,
    },
    /// The half of a budget is spent.
    HalfSpent {
        /// In which sprint.
        sprint: SprintId,
        /// Whose.
        scope: BudgetScope,
        /// What was spent.
        spent: Money,
        /// The limit.
        limit: Money,
        /// For a day's budget: the day, counted from 1970-01-01 UTC.
        day: Option<i64>,
    },
    /// What a gate asks is another thing now: a person looks again.
    GateChanged {
        /// Which.
        gate: GateId,
        /// What is asked.
        ask: Ask,
    },
}
