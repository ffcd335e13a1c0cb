//! One attempt: a transcript of replies and answered calls, and what it wants next. It holds addresses of texts, never the texts.

use serde::{Deserialize, Serialize};

use crate::base::body::Body;
use crate::base::id::{AttemptId, Digest};
use crate::base::money::Money;
use crate::base::time::Timestamp;
use crate::base::tokens::TokenUsage;
use crate::domain::agent::{Brake, Looping, RoleKind};
use crate::domain::change::checks::CheckResult;
use crate::domain::llm::{FailureKind, Tier};
use crate::domain::tool::args::{AskHuman, Claim, Message, ProposePlan, Verdict};
use crate::domain::tool::{Access, ToolName};

/// A call as the decider needs to know it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Shape {
    /// Done by the engine at once.
    Work(ToolName),
    /// A command: done by the engine, perhaps after a person's yes.
    Command {
        /// The command line.
        command: String,
        /// Seconds until it is killed.
        timeout_s: u32,
    },
    /// Waits for a person.
    Ask(AskHuman),
    /// Noted for somebody else.
    Message(Message),
    /// Noted.
    Note(String),
    /// Ends a worker's attempt.
    Finish {
        /// For the reviewer.
        summary: String,
        /// What the author claims.
        claims: Vec<Claim>,
    },
    /// Proposes the plan.
    Plan(ProposePlan),
    /// Ends a judge's attempt.
    Verdict(Verdict),
    /// Cannot be made as written; the text says why.
    Bad(String),
}

impl Shape {
    /// What running it can do; bad calls are answered by the decider.
    #[must_use]
    pub const fn access(&self) -> Access {
        match self {
            Self::Work(tool) => tool.access(),
            Self::Command { .. } => Access::Runs,
            Self::Ask(_)
            | Self::Message(_)
            | Self::Note(_)
            | Self::Finish { .. }
            | Self::Plan(_)
            | Self::Verdict(_)
            | Self::Bad(_) => Access::Decides,
        }
    }
}

/// What a call gave, as the transcript keeps it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// The text for the model.
    pub text: Body,
    /// It failed.
    pub is_error: bool,
    /// One line for people.
    pub brief: String,
    /// The exit code of a command.
    pub exit: Option<i32>,
    /// The whole result as a blob, where the text was cut.
    pub rest: Option<Digest>,
}

/// One call of a reply.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallState {
    /// The provider's id.
    pub id: String,
    /// One line for people: `edit_file src/form.rs`.
    pub label: String,
    /// SHA-256 of the tool's name and its arguments.
    pub same: Digest,
    /// What it asks for.
    pub shape: Shape,
    /// What it gave, once it has.
    pub answer: Option<Answer>,
}

/// A word to the agent between a step and the next.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Nudge {
    /// A reply without a call: call the closing tool or go on.
    NoCall,
    /// The loop brake with its evidence.
    Brake(Looping),
    /// A person's words.
    Steer {
        /// Who.
        by: String,
        /// What.
        text: Body,
    },
}

/// A reply and what followed from it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// The reply's blocks as JSON.
    pub reply: Body,
    /// The first line of its text, for lists.
    pub first_line: String,
    /// Its calls in order.
    pub calls: Vec<CallState>,
    /// Words to the agent that follow the results.
    pub nudges: Vec<Nudge>,
    /// Tokens.
    pub usage: TokenUsage,
    /// Cost.
    pub cost: Money,
    /// When the reply was whole.
    pub at: Timestamp,
}

impl Step {
    /// Whether every call has its answer.
    #[must_use]
    pub fn is_answered(&self) -> bool {
        self.calls.iter().all(|call| call.answer.is_some())
    }
}

/// How an attempt ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum End {
    /// A worker says that it is done.
    Finished {
        /// For the reviewer.
        summary: String,
        /// Its claims.
        claims: Vec<Claim>,
    },
    /// A judge has judged.
    Judged(Verdict),
    /// The planner's plan was taken over.
    Planned,
    /// The sprint is summed up.
    Summed(Body),
    /// It got nowhere.
    Looped(Looping),
    /// It stopped without the closing call.
    Silent,
    /// The model could not go on.
    Failed(FailureKind, String),
    /// Its context is full.
    Full,
    /// A person or the sprint's end stopped it.
    Stopped,
}

/// What an attempt wants next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Next {
    /// The model's next reply, of this step.
    Model(u32),
    /// These calls of the last step have no answer yet.
    Answers,
    /// The last reply had no call and nothing was said since.
    Word,
    /// Nothing: it ended.
    Nothing,
}

/// A hunk that a person rejected.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rejected {
    /// The file.
    pub path: String,
    /// The hunk's first line there.
    pub line: u32,
    /// Why; may be empty.
    pub reason: String,
}

/// Why an attempt begins: what it is told first. The words come from assets/prompts; here is what they are filled with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Opening {
    /// Plan the goal.
    Plan,
    /// The plan was rejected.
    PlanRejected(String),
    /// Do the task.
    Task,
    /// Do the task; others tried before, and this came of it.
    Again(String),
    /// Checks that were green are red.
    ChecksFailed(Vec<CheckResult>),
    /// Proofs are red.
    ProofsFailed(Vec<CheckResult>),
    /// The judge rejects.
    Judged(Verdict),
    /// The person wants changes: rejected hunks, and words about the whole.
    Changes(Vec<Rejected>, String),
    /// These files conflict with what was merged meanwhile; the marks are in the worktree.
    Conflict(Vec<String>),
    /// Judge the change.
    Judge,
    /// Sum up the sprint.
    Summary,
}

/// One visit of an agent to a node.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attempt {
    /// Its id.
    pub id: AttemptId,
    /// The role's key.
    pub role: String,
    /// What the role is for.
    pub kind: RoleKind,
    /// The tier that it runs on.
    pub tier: Tier,
    /// The attempt whose conversation this one goes on with.
    pub continues: Option<AttemptId>,
    /// What it is told at first: why it is there.
    pub opening: Opening,
    /// Words that came before the first reply was asked for.
    pub told: Vec<Nudge>,
    /// Replies so far.
    pub steps: Vec<Step>,
    /// Words that came while a reply was on its way.
    pub inbox: Vec<Nudge>,
    /// Steps before this one have their long results stubbed.
    pub trimmed_upto: u32,
    /// How it ended, once it has.
    pub end: Option<End>,
    /// When it began.
    pub opened_at: Timestamp,
    /// When something last happened.
    pub active_at: Timestamp,
    /// Failed calls to the model in a row.
    pub failures: u32,
    /// Do not call the model before.
    pub retry_at: Option<Timestamp>,
    /// Its provider does not let it go on until a person has seen to that.
    pub is_barred: bool,
    /// What it cost so far.
    pub cost: Money,
    /// Signs of a loop.
    pub brake: Brake,
    /// It was shown the evidence of a loop once.
    pub was_braked: bool,
}

impl Attempt {
    /// What it wants next.
    #[must_use]
    pub fn next(&self) -> Next {
        if self.end.is_some() {
            return Next::Nothing;
        }
        match self.steps.last() {
            None => Next::Model(0),
            Some(step) if !step.is_answered() => Next::Answers,
            Some(step) if step.calls.is_empty() && step.nudges.is_empty() => Next::Word,
            Some(_) => Next::Model(self.steps.len() as u32),
        }
    }

    /// A call of a step.
    #[must_use]
    pub fn call(&self, step: u32, call: u32) -> Option<&CallState> {
        self.steps.get(step as usize)?.calls.get(call as usize)
    }

    /// Calls of the last step that have no answer, with their places.
    pub fn unanswered(&self) -> impl Iterator<Item = (u32, &CallState)> {
        let calls = self.steps.last().map_or(&[][..], |step| &step.calls);
        calls
            .iter()
            .enumerate()
            .filter(|(_, call)| call.answer.is_none())
            .map(|(place, call)| (place as u32, call))
    }

    /// Tokens of the conversation as the last reply left it.
    #[must_use]
    pub fn context(&self) -> u64 {
        self.steps.last().map_or(0, |step| step.usage.total())
    }

    /// Adds words: behind the last reply, or before the first one.
    pub fn hear(&mut self, words: impl IntoIterator<Item = Nudge>) {
        match self.steps.last_mut() {
            Some(step) => step.nudges.extend(words),
            None => self.told.extend(words),
        }
    }

    /// How many words from outside the conversation holds that its next request is made of.
    #[must_use]
    pub fn words(&self) -> u32 {
        let between = self.steps.iter().map(|step| step.nudges.len());
        (self.told.len() + between.sum::<usize>()) as u32
    }

    /// How often it was told to call its closing tool.
    #[must_use]
    pub fn nudged_for_silence(&self) -> usize {
        self.steps
            .iter()
            .flat_map(|step| &step.nudges)
            .filter(|nudge| matches!(nudge, Nudge::NoCall))
            .count()
    }
}
