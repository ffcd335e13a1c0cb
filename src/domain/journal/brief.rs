//! What a runner needs to know to carry out an effect: everything, taken from the world at the moment of its start, so that nothing is
//! looked up in a world that has moved on.

use std::collections::BTreeMap;

use crate::base::body::Body;
use crate::base::id::{AttemptId, Digest, Oid, SprintId, TaskId, Work};
use crate::base::money::Money;
use crate::base::time::Timestamp;
use crate::domain::agent::{Attempt, End, Nudge, Opening, Role};
use crate::domain::change::Mark;
use crate::domain::change::checks::{CheckResult, CheckSpec};
use crate::domain::change::clash::{Choice, Clash};
use crate::domain::journal::desired::specs;
use crate::domain::journal::{EffectKey, World};
use crate::domain::llm::Tier;
use crate::domain::sprint::trial::{self, TrialEnd};
use crate::domain::sprint::{Ask, Base, GateState, ModelChoice, Planned, Sprint, Task, Verdict};
use crate::domain::workflow::NodeKind;

/// One turn of a conversation, by address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Speech {
    /// What the agent is told as an attempt begins, and which round of work that is.
    Opening(Opening, u32),
    /// A reply of the model: its blocks as JSON.
    Reply(Body),
    /// The results of a reply's calls, in order: id, text, whether it failed, and whether it may be stubbed by now.
    Results(Vec<(String, Body, bool)>),
    /// The same, but long results are stubbed.
    Stubs(Vec<(String, Body, bool)>),
    /// Words between.
    Words(Vec<Nudge>),
}

/// A task as agents and commits speak of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TaskFacts {
    /// Its id.
    pub id: TaskId,
    /// What was planned.
    pub spec: Planned,
    /// Its full branch name.
    pub branch: String,
    /// Where its branch left the sprint's branch.
    pub base: Option<Oid>,
    /// The head of its branch, if anything is committed.
    pub head: Option<Oid>,
    /// A second parent for the next commit.
    pub merging: Option<Oid>,
    /// The last worker's attempt.
    pub attempt: Option<AttemptId>,
    /// Who wrote it, as people call the role.
    pub author: String,
    /// The model that wrote it, printed.
    pub model: String,
    /// What it cost so far.
    pub cost: Money,
    /// What its author says.
    pub summary: String,
    /// Which visit to which node this is.
    pub visit: u32,
}

/// Everything about a call to a model.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModelBrief {
    /// The attempt.
    pub attempt: AttemptId,
    /// The step.
    pub step: u32,
    /// Who speaks.
    pub role: Role,
    /// The tier that is asked.
    pub tier: Tier,
    /// The model that was chosen for it.
    pub choice: ModelChoice,
    /// The sprint's goal.
    pub goal: Body,
    /// The project's instructions.
    pub instructions: Option<Body>,
    /// The task, if it is about one.
    pub task: Option<TaskFacts>,
    /// The task's diff, for a judge.
    pub diff: Option<Body>,
    /// The project's checks.
    pub checks: Vec<CheckSpec>,
    /// What the checks gave on the change, a line each, for a judge.
    pub checked: Vec<String>,
    /// Titles of the tasks that it needs, all merged.
    pub before: Vec<String>,
    /// Rounds of work between two decisions of a person.
    pub max_rounds: u32,
    /// What the judge is called.
    pub judge: String,
    /// For planners: the keys and charges of those who can be given work.
    pub workers: Vec<(String, String)>,
    /// For the summary: what became of the tasks, a line each.
    pub outcomes: Vec<String>,
    /// The conversation so far.
    pub speeches: Vec<Speech>,
    /// How many words from outside it holds; goes into [`BeganModel`](crate::domain::journal::BeganModel).
    pub words: u32,
}

/// A conflict with what a person chose for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resolved {
    /// What was looked at.
    pub clash: Clash,
    /// What was chosen, for each of its files.
    pub choices: Vec<Vec<Choice>>,
}

/// An effect with all that it needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Look up the base and make the sprint's branch.
    Open {
        /// The sprint.
        sprint: SprintId,
        /// The full name of its branch.
        branch: String,
        /// The commit that it starts from; none for what is checked out.
        from: Option<Oid>,
    },
    /// Run the checks on the base.
    Baseline {
        /// The sprint.
        sprint: SprintId,
        /// The commit.
        base: Oid,
        /// The checks.
        specs: Vec<CheckSpec>,
    },
    /// Make a worktree.
    Worktree {
        /// Its task.
        task: TaskFacts,
        /// Where its branch begins.
        start: Oid,
    },
    /// Commit what a worktree holds.
    Commit {
        /// Its task.
        task: TaskFacts,
        /// A conflict that a person solved: that is committed, not what the worktree holds.
        resolved: Option<Resolved>,
    },
    /// Run checks or proofs.
    Checks {
        /// On which task.
        task: TaskFacts,
        /// Which.
        specs: Vec<CheckSpec>,
        /// The sprint's head.
        on: Option<Oid>,
    },
    /// Keep the accepted hunks only.
    Part {
        /// Of which task.
        task: TaskFacts,
        /// The diff that was reviewed.
        diff: Body,
        /// Hunks that were cut, and the lines before which.
        cuts: BTreeMap<Digest, Vec<u32>>,
        /// The hunks, or pieces of hunks, to keep.
        accepted: Vec<Digest>,
    },
    /// Merge into the sprint's branch.
    Merge {
        /// Which task.
        task: TaskFacts,
        /// The sprint's branch.
        into: String,
        /// Its head.
        onto: Oid,
        /// Checks to run on the result, if the head moved since the task's checks ran.
        specs: Vec<CheckSpec>,
        /// What was red on the base.
        known_red: Vec<String>,
        /// A person is asked about a conflict, so that it must be told as a whole.
        is_asked: bool,
        /// Names this merge in its commit.
        key: EffectKey,
    },
    /// Bring the sprint's branch into a worktree.
    Conflict {
        /// Whose.
        task: TaskFacts,
        /// The sprint's head.
        onto: Oid,
    },
    /// Run checks on what a person chose for a conflict.
    Trial {
        /// Whose conflict.
        task: TaskFacts,
        /// Which test of it.
        number: u32,
        /// What was chosen.
        chosen: Resolved,
        /// The checks.
        specs: Vec<CheckSpec>,
        /// Files that the checks ran on before, with what they gave.
        known: Vec<(Oid, Vec<CheckResult>)>,
    },
    /// Remove a worktree.
    Clear {
        /// Whose.
        task: TaskFacts,
    },
    /// Bring the sprint's branch into the base branch.
    Land {
        /// The sprint.
        sprint: SprintId,
        /// What it started from.
        base: Base,
        /// The head of its branch.
        commit: Oid,
        /// The goal in a line, for the merge commit.
        title: String,
        /// What the person was told when they were asked last.
        known: Option<String>,
    },
    /// Ask a model.
    Model(Box<ModelBrief>),
    /// Make a call.
    Tool {
        /// The attempt.
        attempt: AttemptId,
        /// The task whose worktree it works in; none for planners, who read the base.
        task: Option<TaskFacts>,
        /// The reply that holds the call.
        reply: Body,
        /// The call's id there.
        call: String,
        /// The base commit of the sprint.
        base: Option<Oid>,
    },
    /// Wait.
    Wait {
        /// Until when.
        until: Timestamp,
    },
}

impl World {
    /// The effect of a wanted key, with all that it needs; none if the world does not know it any more.
    #[must_use]
    pub fn brief(&self, key: &EffectKey) -> Option<Effect> {
        let sprint = self.sprints.get(&key.sprint())?;
        let task = |id: &TaskId| sprint.task(*id).map(|task| facts(sprint, task));
        Some(match key {
            EffectKey::Open(id) => Effect::Open {
                sprint: *id,
                branch: format!("refs/heads/{}/{id}", sprint.setup.prefix),
                from: sprint.from.clone(),
            },
            EffectKey::Baseline(id) => {
                let base = sprint.base.as_ref()?;
                Effect::Baseline {
                    sprint: *id,
                    base: base.commit.clone(),
                    specs: base.checks.clone(),
                }
            }
            EffectKey::Worktree(id) => Effect::Worktree {
                task: task(id)?,
                start: sprint.tip.clone()?,
            },
            EffectKey::Commit { task: id, .. } => commit(sprint, sprint.task(*id)?),
            EffectKey::Clear(id) => Effect::Clear { task: task(id)? },
            EffectKey::Checks { task: id, .. } => Effect::Checks {
                specs: specs(sprint, sprint.task(*id)?),
                task: task(id)?,
                on: sprint.tip.clone(),
            },
            EffectKey::Part { task: id, .. } => {
                let of = sprint.task(*id)?;
                let gate = sprint.gate(of.gate?)?;
                let kept =
                    |hunk: &Digest| !matches!(gate.marks.get(hunk), Some(Mark::Rejected { .. }));
                let change = of.change.as_ref()?;
                let hunks = change
                    .files
                    .iter()
                    .flat_map(|file| file.hunks.iter().map(|hunk| hunk.key));
                let cuts = gate.splits.iter();
                Effect::Part {
                    accepted: hunks
                        .flat_map(|hunk| gate.pieces(hunk))
                        .filter(kept)
                        .collect(),
                    cuts: cuts
                        .map(|(hunk, split)| (*hunk, split.cuts.clone()))
                        .collect(),
                    diff: change.diff.clone(),
                    task: task(id)?,
                }
            }
            EffectKey::Merge { task: id, .. } => merge(sprint, sprint.task(*id)?, *key)?,
            EffectKey::Conflict { task: id, .. } => Effect::Conflict {
                task: task(id)?,
                onto: sprint.tip.clone()?,
            },
            EffectKey::Trial { task: id, number } => trial(sprint, sprint.task(*id)?, *number)?,
            EffectKey::Land { sprint: id, .. } => Effect::Land {
                sprint: *id,
                base: sprint.base.clone()?,
                commit: sprint.tip.clone()?,
                title: sprint.goal.first_line(),
                known: sprint.blocked.clone(),
            },
            EffectKey::Model { attempt, step } => Effect::Model(Box::new(model(
                sprint,
                sprint.attempts.get(attempt)?,
                *step,
            )?)),
            EffectKey::Tool {
                attempt,
                step,
                call,
            } => {
                let of = sprint.attempts.get(attempt)?;
                Effect::Tool {
                    attempt: *attempt,
                    task: attempt.work.task().and_then(|id| task(&id)),
                    reply: of.steps.get(*step as usize)?.reply.clone(),
                    call: of.call(*step, *call)?.id.clone(),
                    base: sprint.base.as_ref().map(|base| base.commit.clone()),
                }
            }
            EffectKey::Undo { .. } | EffectKey::Retry { .. } | EffectKey::Settle(_) => {
                Effect::Wait {
                    until: self.open.get(key)?.until?,
                }
            }
        })
    }
}

fn commit(sprint: &Sprint, task: &Task) -> Effect {
    let gate = task.resolved.and_then(|gate| sprint.gate(gate));
    let resolved = gate.and_then(|gate| match (&gate.ask, &gate.state) {
        (
            Ask::Conflict {
                clash: Some(clash), ..
            },
            GateState::Closed {
                verdict: Verdict::Resolve(choices),
                ..
            },
        ) => Some(Resolved {
            clash: clash.clone(),
            choices: choices.clone(),
        }),
        _ => None,
    });
    let mut task = facts(sprint, task);
    if let Some(resolved) = &resolved {
        task.merging = Some(resolved.clash.onto.clone());
    }
    Effect::Commit { task, resolved }
}

fn trial(sprint: &Sprint, task: &Task, number: u32) -> Option<Effect> {
    let gate = sprint.gate(task.gate?)?;
    let Ask::Conflict { clash, .. } = &gate.ask else {
        return None;
    };
    let trial = trial::running(sprint, task).filter(|trial| trial.number == number)?;
    let known = gate.trials.iter().filter_map(|trial| match &trial.end {
        Some(TrialEnd::Ran { tree, results }) => Some((tree.clone(), results.clone())),
        Some(TrialEnd::Broke(_)) | None => None,
    });
    Some(Effect::Trial {
        task: facts(sprint, task),
        number,
        chosen: Resolved {
            clash: clash.clone()?,
            choices: trial.choices.clone(),
        },
        specs: trial::checks(sprint).to_vec(),
        known: known.collect(),
    })
}

fn merge(sprint: &Sprint, task: &Task, key: EffectKey) -> Option<Effect> {
    let onto = sprint.tip.clone()?;
    let base = sprint.base.as_ref()?;
    let has_moved = task.checked_on.as_ref() != Some(&onto) || task.base.as_ref() != Some(&onto);
    let known_red = sprint
        .baseline
        .iter()
        .flatten()
        .filter(|check| !check.passed());
    Some(Effect::Merge {
        task: facts(sprint, task),
        into: base.branch.clone(),
        onto,
        specs: if has_moved {
            base.checks.clone()
        } else {
            Vec::new()
        },
        known_red: known_red.map(|check| check.spec.command.clone()).collect(),
        is_asked: task.was_brought,
        key,
    })
}

fn facts(sprint: &Sprint, task: &Task) -> TaskFacts {
    let first = AttemptId {
        work: Work::Task(task.id),
        number: 0,
    };
    let last = AttemptId {
        number: u32::MAX,
        ..first
    };
    let workers = sprint
        .attempts
        .range(first..=last)
        .rev()
        .map(|(_, attempt)| attempt);
    let attempt = workers
        .into_iter()
        .find(|attempt| attempt.role == task.spec.role);
    let role = sprint.role(&task.spec.role);
    let summary = match attempt.and_then(|attempt| attempt.end.as_ref()) {
        Some(End::Finished { summary, .. }) => summary.clone(),
        _ => String::new(),
    };
    TaskFacts {
        id: task.id,
        spec: task.spec.clone(),
        branch: task.branch(&sprint.setup.prefix),
        base: task.base.clone(),
        head: task.change.as_ref().map(|change| change.commit.clone()),
        merging: task.merging.clone(),
        attempt: attempt.map(|attempt| attempt.id),
        author: role.map_or_else(|| task.spec.role.clone(), |role| role.name.clone()),
        model: attempt
            .map(|attempt| sprint.model(attempt.tier).route.to_string())
            .unwrap_or_default(),
        cost: task.account.spent,
        summary,
        visit: task.visit,
    }
}

fn model(sprint: &Sprint, attempt: &Attempt, step: u32) -> Option<ModelBrief> {
    let task = attempt.id.work.task().and_then(|id| sprint.task(id));
    let is_judging = task.is_some_and(|task| sprint.kind_of(task) == Some(NodeKind::Judge));
    Some(ModelBrief {
        attempt: attempt.id,
        step,
        role: sprint.role(&attempt.role)?.clone(),
        tier: attempt.tier,
        choice: sprint.model(attempt.tier).clone(),
        goal: sprint.goal.clone(),
        instructions: sprint
            .base
            .as_ref()
            .and_then(|base| base.instructions.clone()),
        task: task.map(|task| facts(sprint, task)),
        diff: task
            .filter(|_| is_judging)
            .and_then(|task| task.change.as_ref())
            .map(|change| change.diff.clone()),
        checks: sprint
            .base
            .as_ref()
            .map(|base| base.checks.clone())
            .unwrap_or_default(),
        checked: task
            .and_then(|task| task.checks.as_ref())
            .into_iter()
            .flatten()
            .map(check_line)
            .collect(),
        before: task.map(|task| before(sprint, task)).unwrap_or_default(),
        max_rounds: sprint.setup.workflow.max_rounds,
        judge: sprint
            .setup
            .judge()
            .map_or_else(String::new, |judge| judge.name.clone()),
        workers: sprint
            .setup
            .workers()
            .map(|role| (role.key.clone(), role.charge.clone()))
            .collect(),
        outcomes: match attempt.id.work {
            Work::Summary(_) => outcomes(sprint),
            Work::Plan(_) | Work::Task(_) => Vec::new(),
        },
        speeches: speeches(sprint, attempt),
        words: attempt.words(),
    })
}

fn outcomes(sprint: &Sprint) -> Vec<String> {
    let line = |task: &Task| {
        let (proven, criteria) = task.proven();
        let change = task.change.iter().flat_map(|change| &change.files);
        let (added, removed) = change.fold((0, 0), |(added, removed), file| {
            (added + file.added, removed + file.removed)
        });
        format!(
            "{} {}: {:?}, {proven} of {criteria} criteria proven, +{added} -{removed}, {}",
            task.id, task.spec.title, task.status, task.account.spent
        )
    };
    sprint.tasks.values().map(line).collect()
}

fn check_line(check: &CheckResult) -> String {
    let word = if check.passed() { "green" } else { "red" };
    format!("{word}: {}", check.spec.command)
}

/// Titles of the tasks that a task needs.
fn before(sprint: &Sprint, task: &Task) -> Vec<String> {
    let needs = task
        .needs
        .iter()
        .filter_map(|number| sprint.tasks.get(number));
    needs
        .map(|need| format!("{}: {}", need.id, need.spec.title))
        .collect()
}

/// Which round of work an attempt is: the how manieth of its role.
fn round_of(sprint: &Sprint, attempt: &Attempt) -> u32 {
    let first = AttemptId {
        number: 0,
        ..attempt.id
    };
    let until = sprint.attempts.range(first..=attempt.id);
    until
        .filter(|(_, other)| other.role == attempt.role)
        .count() as u32
}

/// The conversation of an attempt, begun by the attempts that it goes on from.
fn speeches(sprint: &Sprint, attempt: &Attempt) -> Vec<Speech> {
    let mut chain = vec![attempt];
    while let Some(before) = chain
        .last()
        .and_then(|last| last.continues)
        .and_then(|id| sprint.attempts.get(&id))
    {
        chain.push(before);
    }
    let mut speeches = Vec::new();
    for attempt in chain.into_iter().rev() {
        speeches.push(Speech::Opening(
            attempt.opening.clone(),
            round_of(sprint, attempt),
        ));
        if !attempt.told.is_empty() {
            speeches.push(Speech::Words(attempt.told.clone()));
        }
        for (step, number) in attempt.steps.iter().zip(0..) {
            speeches.push(Speech::Reply(step.reply.clone()));
            if !step.calls.is_empty() {
                let results = step.calls.iter().map(|call| match &call.answer {
                    Some(answer) => (call.id.clone(), answer.text.clone(), answer.is_error),
                    None => (
                        call.id.clone(),
                        Body::Inline("Taken over by the program.".to_owned()),
                        false,
                    ),
                });
                let results = results.collect();
                speeches.push(if number < attempt.trimmed_upto {
                    Speech::Stubs(results)
                } else {
                    Speech::Results(results)
                });
            }
            if !step.nudges.is_empty() {
                speeches.push(Speech::Words(step.nudges.clone()));
            }
        }
    }
    speeches
}
