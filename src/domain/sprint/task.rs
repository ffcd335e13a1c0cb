//! One task on its way through the workflow. Its whole state is (node, status) and what was found out on the way.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::base::body::Body;
use crate::base::id::{AttemptId, CriterionId, Digest, GateId, Oid, TaskId};
use crate::base::time::Timestamp;
use crate::domain::agent::Opening;
use crate::domain::change::FileSummary;
use crate::domain::change::checks::CheckResult;
use crate::domain::change::clash::Clash;
use crate::domain::cost::Account;
use crate::domain::security::Actor;
use crate::domain::sprint::Planned;
use crate::domain::tool::args::Verdict;
use crate::domain::workflow::Outcome;

/// Why a task is held.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Cause {
    /// A person paused it.
    Paused,
    /// A person took it over by hand.
    TakenOver,
    /// It could not go on by itself, and a person was asked.
    Stuck,
}

/// What a task is doing in its node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Status {
    /// Not begun.
    Ready,
    /// In work.
    Running,
    /// Waits for a person's answer or review.
    Asking,
    /// May not go on.
    Held(Cause),
    /// Merged.
    Done,
    /// Given up by a person.
    Dropped,
}

/// What was committed of a task, without texts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// The head of the task's branch.
    pub commit: Oid,
    /// Its base: where the branch left the sprint's branch.
    pub base: Oid,
    /// The diff from base to commit, as git prints it.
    pub diff: Body,
    /// Its files and hunks.
    pub files: Vec<FileSummary>,
}

/// Who changed a file, when and what for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Provenance {
    /// In which attempt.
    pub attempt: AttemptId,
    /// In which step.
    pub step: u32,
    /// By which of its calls.
    pub call: u32,
    /// For which criterion, if the agent said so.
    pub criterion: Option<CriterionId>,
    /// Content hash afterwards.
    pub after: Option<Digest>,
    /// Lines added.
    pub added: u32,
    /// Lines removed.
    pub removed: u32,
}

/// One task.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Task {
    /// Its id.
    pub id: TaskId,
    /// What it is.
    pub spec: Planned,
    /// When it is its turn: of those that may begin, the one with the smallest begins first. It is its number until a person puts it
    /// elsewhere, and no other task of the sprint has it.
    pub turn: u32,
    /// Tasks that it needs, by number.
    pub needs: Vec<u32>,
    /// Tasks that need it, by number.
    pub dependants: Vec<u32>,
    /// Needs that are not merged yet.
    pub unmet: u32,
    /// Where it is; empty before it begins.
    pub node: String,
    /// What it does there.
    pub status: Status,
    /// How many nodes it has entered; makes the keys of effects unique.
    pub visit: u32,
    /// How often work was entered since a person last decided.
    pub round: u32,
    /// It has its worktree.
    pub has_worktree: bool,
    /// Where its branch left the sprint's branch.
    pub base: Option<Oid>,
    /// A commit that must become a parent of the next one: the sprint's branch, brought in to solve a conflict.
    pub merging: Option<Oid>,
    /// What is committed.
    pub change: Option<Change>,
    /// The last results of the project's checks on it.
    pub checks: Option<Vec<CheckResult>>,
    /// The last results of its proofs.
    pub proofs: Option<Vec<CheckResult>>,
    /// The sprint's head when the checks ran.
    pub checked_on: Option<Oid>,
    /// The judge's last word.
    pub verdict: Option<Verdict>,
    /// The gate at which it waits.
    pub gate: Option<GateId>,
    /// The last review that was opened of it.
    pub reviewed: Option<GateId>,
    /// Why it is sent back, for the author's next attempt.
    pub feedback: Option<Opening>,
    /// With what it left its node, until it enters the next.
    pub left: Option<Outcome>,
    /// The attempt of this visit.
    pub attempt: Option<AttemptId>,
    /// The next attempt begins anew, one tier up.
    pub is_fresh: bool,
    /// A person worked on it by hand and gave it back.
    pub is_handed_back: bool,
    /// The sprint's branch must be brought into its worktree, because it does not merge.
    pub brings_conflict: bool,
    /// Its author was given a conflict to solve since a person last decided on one.
    pub was_brought: bool,
    /// It conflicts again after its author solved a conflict.
    pub is_clashing: bool,
    /// A try to merge it has begun, and what came of it is not known.
    pub is_merging: bool,
    /// It was paused by a person.
    pub is_paused: bool,
    /// The files of the last conflict; none where only the checks of the merged tree failed.
    pub clashing: Vec<String>,
    /// What a person can look at of the last conflict.
    #[serde(default)]
    pub clash: Option<Clash>,
    /// Conflicts that it has met.
    pub conflicts: u32,
    /// Tries to merge it.
    pub merges: u32,
    /// Results of its conflicts that a person had tested; makes the keys of effects unique.
    pub trials: u32,
    /// The merge commit.
    pub merged: Option<Oid>,
    /// Who changed which file, in order.
    pub edits: BTreeMap<String, Vec<Provenance>>,
    /// What it may cost and has cost.
    pub account: Account,
    /// When it last entered a node.
    pub since: Timestamp,
    /// The gate at which a person solved its conflict; the next commit is made as was chosen there.
    #[serde(default)]
    pub resolved: Option<GateId>,
    /// Who added it after the plan was approved.
    #[serde(default)]
    pub added_by: Option<Actor>,
    /// Until when who added it can take it back; it does not begin before.
    #[serde(default)]
    pub held_until: Option<Timestamp>,
}

impl Task {
    /// A task as the plan has it, before anything happened.
    #[must_use]
    pub fn new(id: TaskId, spec: Planned, account: Account, at: Timestamp) -> Self {
        Self {
            id,
            turn: id.number,
            spec,
            needs: Vec::new(),
            dependants: Vec::new(),
            unmet: 0,
            node: String::new(),
            status: Status::Ready,
            visit: 0,
            round: 0,
            has_worktree: false,
            base: None,
            merging: None,
            change: None,
            checks: None,
            proofs: None,
            checked_on: None,
            verdict: None,
            gate: None,
            reviewed: None,
            feedback: None,
            left: None,
            attempt: None,
            is_fresh: false,
            is_handed_back: false,
            brings_conflict: false,
            was_brought: false,
            is_clashing: false,
            is_merging: false,
            is_paused: false,
            clashing: Vec::new(),
            clash: None,
            conflicts: 0,
            merges: 0,
            trials: 0,
            merged: None,
            edits: BTreeMap::new(),
            account,
            since: at,
            resolved: None,
            added_by: None,
            held_until: None,
        }
    }

    /// Whether nothing more happens to it.
    #[must_use]
    pub const fn is_over(&self) -> bool {
        match self.status {
            Status::Done | Status::Dropped => true,
            Status::Ready | Status::Running | Status::Asking | Status::Held(_) => false,
        }
    }

    /// How many of its criteria are proven by a command, and how many it has.
    #[must_use]
    pub fn proven(&self) -> (usize, usize) {
        let green = self.proofs.as_ref().map_or(0, |proofs| {
            proofs.iter().filter(|proof| proof.passed()).count()
        });
        (green, self.spec.criteria.len())
    }

    /// The branch's short name below the prefix: `s3.t4`.
    #[must_use]
    pub fn branch(&self, prefix: &str) -> String {
        format!("refs/heads/{prefix}/{}", self.id)
    }
}
