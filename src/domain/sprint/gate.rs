//! A decision that waits for a person. A waiting item is a view of an open gate and nothing else.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::base::id::{AttemptId, Digest, GateId, TaskId, Work};
use crate::base::money::Money;
use crate::base::time::Timestamp;
use crate::domain::change::clash::{Choice, Clash};
use crate::domain::change::{Comment, Mark, Split};
use crate::domain::llm::FailureKind;
use crate::domain::security::Actor;
use crate::domain::sprint::nearing;
use crate::domain::sprint::trial::Trial;
use crate::domain::tool::grant::Scope;

/// What keeps a sprint from its base branch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Hindrance {
    /// The branch is checked out, with changes that are not committed.
    Dirty,
    /// The branch moved, and both changed the same lines.
    Conflict,
    /// The branch no longer holds the commit that the sprint began on, or is gone.
    Rewritten,
    /// Something else, which another try may not meet.
    #[default]
    Other,
}

/// What is asked.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Ask {
    /// Approve the plan.
    Plan {
        /// Its revision.
        revision: u32,
        /// Its hash.
        digest: Digest,
    },
    /// Answer an agent's question.
    Question {
        /// Who asks.
        attempt: AttemptId,
        /// In which step.
        step: u32,
        /// By which call.
        call: u32,
        /// What.
        question: String,
        /// Answers to choose from, the likeliest first.
        options: Vec<String>,
    },
    /// Allow a command.
    Tool {
        /// Who wants it.
        attempt: AttemptId,
        /// In which step.
        step: u32,
        /// By which call.
        call: u32,
        /// The whole command.
        command: String,
        /// Why a person is asked.
        why: String,
    },
    /// Review a change.
    Diff {
        /// The commit that is reviewed, as text.
        commit: String,
        /// Its hunks.
        hunks: Vec<Digest>,
        /// Lines added and removed.
        lines: (u32, u32),
    },
    /// Let the whole sprint into the base branch.
    Merge {
        /// The head of the sprint's branch, as text.
        commit: String,
        /// Why an earlier try did not work.
        blocked: Option<String>,
    },
    /// A conflict that the author could not solve.
    Conflict {
        /// The files.
        paths: Vec<String>,
        /// What a person can look at and solve; none where only the checks of the merged tree failed, and in old journals.
        #[serde(default)]
        clash: Option<Clash>,
    },
    /// A budget is reached.
    Budget {
        /// Whose: the sprint's, a task's, a day's, a single call's.
        scope: BudgetScope,
        /// What the next call could cost.
        asked: Money,
        /// What is left.
        left: Money,
        /// The limit.
        limit: Money,
    },
    /// Something went wrong for good.
    Fail {
        /// What, for people.
        cause: String,
        /// What came of the attempts, for people.
        evidence: String,
    },
    /// A provider does not let us in, or is not there.
    Key {
        /// Which.
        provider: String,
        /// How.
        kind: FailureKind,
        /// What it said.
        text: String,
    },
    /// A task is in a person's hands; the text says where.
    Hand {
        /// What to do, and how to go on.
        text: String,
    },
    /// A budget comes to its end; nothing is held.
    Nearing {
        /// Whose.
        scope: BudgetScope,
        /// The step that was reached, in percent.
        step: u32,
        /// What was spent at that time.
        spent: Money,
        /// The limit.
        limit: Money,
        /// For a day's budget: the day, counted from 1970-01-01 UTC.
        day: Option<i64>,
    },
}

/// Whose budget it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum BudgetScope {
    /// One call.
    Request,
    /// One task.
    Task(TaskId),
    /// The sprint.
    Sprint,
    /// All sprints of the day (UTC).
    Day,
}

/// What a person decides.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Verdict {
    /// Yes: the plan, the change as a whole, the merge, the solved conflict, the work done by hand; to go on with the budget as it is.
    Approve,
    /// No, and why.
    Reject(String),
    /// The answer to a question.
    Answer(String),
    /// The command may run.
    Allow(Scope),
    /// The review as marked: taken if every hunk is accepted, else sent back.
    Send,
    /// A new limit for the budget.
    Raise(Money),
    /// A limit for the sprint's budget, and everything that begins from now on works on the economy tier.
    Cheaper(Money),
    /// A new limit for the sprint's budget, to finish what is in review; all other tasks are given up.
    Finish(Money),
    /// The review as marked, and words about its lines: it goes back with them.
    Return(Vec<Comment>),
    /// Try again.
    Retry,
    /// Into a person's hands.
    TakeOver,
    /// Give the task up; stop the sprint where it is about the sprint.
    Drop,
    /// The conflict is solved: what is chosen in each of its files, in their order.
    Resolve(Vec<Vec<Choice>>),
}

/// Where a gate is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum GateState {
    /// Nobody has decided.
    Open,
    /// Decided, and can still be withdrawn.
    Pending {
        /// What.
        verdict: Verdict,
        /// By whom.
        by: Actor,
        /// When it takes effect.
        effective_at: Timestamp,
    },
    /// Decided for good.
    Closed {
        /// What.
        verdict: Verdict,
        /// By whom.
        by: Actor,
    },
    /// No longer asked.
    Moot,
}

impl GateState {
    /// Whether something still depends on a person: open or withdrawable.
    #[must_use]
    pub const fn is_open(&self) -> bool {
        match self {
            Self::Open | Self::Pending { .. } => true,
            Self::Closed { .. } | Self::Moot => false,
        }
    }
}

/// A gate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gate {
    /// Its id.
    pub id: GateId,
    /// What it is about.
    pub work: Work,
    /// What is asked.
    pub ask: Ask,
    /// Hash of all that is shown; a decision must name it.
    pub revision: Digest,
    /// When it was opened.
    pub opened_at: Timestamp,
    /// Where it is.
    pub state: GateState,
    /// Marks on hunks, or on the pieces of those that were cut.
    pub marks: BTreeMap<Digest, Mark>,
    /// Hunks that were cut.
    pub splits: BTreeMap<Digest, Split>,
    /// Times that a decision was withdrawn; makes timers unique.
    pub withdrawn: u32,
    /// Results of a conflict that were tested, the last one last.
    pub trials: Vec<Trial>,
}

/// What kind of waiting item a gate is, in the order of the list of kinds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// A plan to approve.
    Plan,
    /// A question to answer.
    Ask,
    /// A change to review.
    Diff,
    /// A merge to let through.
    Merge,
    /// A command to allow.
    Tool,
    /// A budget that is reached.
    Budget,
    /// A conflict to solve.
    Conflict,
    /// A failure to look at.
    Fail,
    /// A key or provider to mend.
    Key,
    /// Something handed over.
    Hand,
}

impl Kind {
    /// The word on lists and cards.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Plan => "PLAN",
            Self::Ask => "ASK",
            Self::Diff => "DIFF",
            Self::Merge => "MERGE",
            Self::Tool => "TOOL",
            Self::Budget => "BUDGET",
            Self::Conflict => "CONFLICT",
            Self::Fail => "FAIL",
            Self::Key => "KEY",
            Self::Hand => "HAND",
        }
    }

    /// Whether it stops the whole sprint, as far as the kind tells.
    #[must_use]
    const fn stops_all(self) -> bool {
        match self {
            Self::Plan | Self::Merge | Self::Budget | Self::Key => true,
            Self::Ask | Self::Diff | Self::Tool | Self::Conflict | Self::Fail | Self::Hand => false,
        }
    }
}

impl Ask {
    /// The kind of waiting item.
    #[must_use]
    pub const fn kind(&self) -> Kind {
        match self {
            Self::Plan { .. } => Kind::Plan,
            Self::Question { .. } => Kind::Ask,
            Self::Tool { .. } => Kind::Tool,
            Self::Diff { .. } => Kind::Diff,
            Self::Merge { .. } => Kind::Merge,
            Self::Conflict { .. } => Kind::Conflict,
            Self::Budget { .. } | Self::Nearing { .. } => Kind::Budget,
            Self::Fail { .. } => Kind::Fail,
            Self::Key { .. } => Kind::Key,
            Self::Hand { .. } => Kind::Hand,
        }
    }

    /// Whether it stops the whole sprint. The cap of a task holds that task.
    #[must_use]
    pub const fn stops_all(&self) -> bool {
        let is_one_tasks = matches!(
            self,
            Self::Budget {
                scope: BudgetScope::Task(_),
                ..
            }
        );
        self.kind().stops_all() && self.holds() && !is_one_tasks
    }

    /// Whether anything waits for the answer.
    #[must_use]
    pub const fn holds(&self) -> bool {
        !matches!(self, Self::Nearing { .. })
    }

    /// Whether it holds nothing and yet is among the most pressing: money goes towards a cap that is nearly reached.
    #[must_use]
    pub const fn is_pressing(&self) -> bool {
        matches!(self, Self::Nearing { step, .. } if *step >= nearing::PRESSING)
    }

    /// Hash of all that is asked.
    #[must_use]
    pub fn revision(&self) -> Digest {
        // Plain enums of strings and numbers always serialise.
        Digest::of(&serde_json::to_vec(self).unwrap_or_default())
    }

    /// Whether `verdict` is an answer to this at all.
    #[must_use]
    pub const fn takes(&self, verdict: &Verdict) -> bool {
        match self {
            Self::Plan { .. } | Self::Merge { .. } => {
                matches!(
                    verdict,
                    Verdict::Approve | Verdict::Reject(_) | Verdict::Drop
                )
            }
            Self::Hand { .. } => matches!(verdict, Verdict::Approve | Verdict::Drop),
            Self::Question { .. } => matches!(verdict, Verdict::Answer(_)),
            Self::Tool { .. } => matches!(verdict, Verdict::Allow(_) | Verdict::Reject(_)),
            Self::Diff { .. } => matches!(
                verdict,
                Verdict::Approve
                    | Verdict::Reject(_)
                    | Verdict::Send
                    | Verdict::Return(_)
                    | Verdict::Drop
            ),
            Self::Conflict { clash, .. } => match verdict {
                Verdict::Retry | Verdict::TakeOver | Verdict::Drop => true,
                Verdict::Resolve(_) => clash.is_some(),
                _ => false,
            },
            Self::Fail { .. } => {
                matches!(verdict, Verdict::Retry | Verdict::TakeOver | Verdict::Drop)
            }
            Self::Budget { scope, .. } => match verdict {
                Verdict::Raise(_) | Verdict::Drop => true,
                Verdict::Cheaper(_) | Verdict::Finish(_) => matches!(scope, BudgetScope::Sprint),
                _ => false,
            },
            Self::Nearing { scope, .. } => match verdict {
                Verdict::Approve | Verdict::Raise(_) | Verdict::Drop => true,
                Verdict::Cheaper(_) => matches!(scope, BudgetScope::Sprint),
                _ => false,
            },
            Self::Key { .. } => matches!(verdict, Verdict::Retry | Verdict::Drop),
        }
    }
}

impl Gate {
    /// What can be marked: the hunks of a change, a cut one as its pieces.
    pub fn hunks(&self) -> impl Iterator<Item = Digest> {
        let whole = match &self.ask {
            Ask::Diff { hunks, .. } => hunks.as_slice(),
            _ => &[],
        };
        whole.iter().flat_map(|hunk| self.pieces(*hunk))
    }

    /// The pieces of a hunk, or itself.
    #[must_use]
    pub fn pieces(&self, hunk: Digest) -> Vec<Digest> {
        match self.splits.get(&hunk) {
            Some(split) => split.pieces.iter().map(|piece| piece.key).collect(),
            None => vec![hunk],
        }
    }

    /// Accepted, rejected and open hunks.
    #[must_use]
    pub fn marked(&self) -> (usize, usize, usize) {
        self.hunks()
            .fold((0, 0, 0), |(accepted, rejected, open), hunk| {
                match self.marks.get(&hunk) {
                    Some(Mark::Accepted) => (accepted + 1, rejected, open),
                    Some(Mark::Rejected { .. }) => (accepted, rejected + 1, open),
                    Some(Mark::Open) | None => (accepted, rejected, open + 1),
                }
            })
    }

    /// The words about lines that it was decided with.
    #[must_use]
    pub fn comments(&self) -> &[Comment] {
        match &self.state {
            GateState::Pending {
                verdict: Verdict::Return(comments),
                ..
            }
            | GateState::Closed {
                verdict: Verdict::Return(comments),
                ..
            } => comments,
            _ => &[],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_revision_follows_what_is_shown() {
        let ask = |commit: &str| Ask::Merge {
            commit: commit.to_owned(),
            blocked: None,
        };
        assert_eq!(ask("a").revision(), ask("a").revision());
        assert_ne!(ask("a").revision(), ask("b").revision());
    }

    #[test]
    fn a_question_takes_only_an_answer() {
        let attempt = "s1.t1.a1".parse().unwrap();
        let ask = Ask::Question {
            attempt,
            step: 0,
            call: 0,
            question: String::new(),
            options: Vec::new(),
        };
        assert!(ask.takes(&Verdict::Answer("yes".to_owned())));
        assert!(!ask.takes(&Verdict::Approve));
    }
}
