//! What effects report: the only way in which the world gets in. A report that nobody waits for changes nothing, but its money counts.

use crate::base::id::{AttemptId, CriterionId, Oid, SprintId, Work};
use crate::base::time::Timestamp;
use crate::domain::agent::{End, Opening, Rejected};
use crate::domain::change::Mark;
use crate::domain::change::checks::{CheckResult, Judgement, compare};
use crate::domain::journal::decide::model;
use crate::domain::journal::{EffectKey, Event, Refusal, Report, World};
use crate::domain::llm::FailureKind;
use crate::domain::sprint::{Ask, Closing, Hindrance, Sprint, Task};
use crate::domain::tool::EditFact;
use crate::domain::workflow::{NodeKind, Outcome};

/// What an effect's end makes happen.
pub(super) fn report(
    world: &World,
    key: EffectKey,
    report: &Report,
    at: Timestamp,
) -> Result<Vec<Event>, Refusal> {
    let is_begun = world.began.contains_key(&key);
    let wish = world.open.get(&key);
    if !wish.is_some_and(|wish| is_begun || !wish.is_recorded) {
        return late(world, key, report);
    }
    let sprint = world
        .sprints
        .get(&key.sprint())
        .ok_or_else(|| Refusal::Unknown(key.sprint().to_string()))?;
    if let (Report::Failed(why), false) = (report, matches!(key, EffectKey::Trial { .. })) {
        return failed(world, sprint, key, why);
    }
    match key {
        EffectKey::Open(id) => opened(id, report, key),
        EffectKey::Baseline(id) => match report {
            Report::Baseline(results) => Ok(vec![Event::BaselineFinished {
                sprint: id,
                results: results.clone(),
            }]),
            _ => Err(Refusal::NotAwaited(key.to_string())),
        },
        EffectKey::Land { sprint: id, .. } => landed(id, report, key),
        EffectKey::Model { attempt, step } => model::of_model(world, attempt, step, report, at),
        EffectKey::Tool {
            attempt,
            step,
            call,
        } => of_tool(attempt, step, call, report, key),
        EffectKey::Undo { gate, .. } => super::gate::elapsed(world, gate),
        EffectKey::Retry { attempt, .. } => Ok(vec![Event::RetryElapsed(attempt)]),
        EffectKey::Settle(task) => Ok(vec![Event::TaskSettled(task)]),
        EffectKey::Worktree(id)
        | EffectKey::Clear(id)
        | EffectKey::Commit { task: id, .. }
        | EffectKey::Checks { task: id, .. }
        | EffectKey::Part { task: id, .. }
        | EffectKey::Merge { task: id, .. }
        | EffectKey::Conflict { task: id, .. }
        | EffectKey::Trial { task: id, .. } => {
            let task = sprint
                .task(id)
                .ok_or_else(|| Refusal::Unknown(id.to_string()))?;
            of_task(sprint, task, key, report)
        }
    }
}

/// A report of something that is no longer wanted: only what it cost, and that it ended, is kept.
fn late(world: &World, key: EffectKey, report: &Report) -> Result<Vec<Event>, Refusal> {
    let Some(began) = world.began.get(&key) else {
        return Err(Refusal::NotAwaited(key.to_string()));
    };
    Ok(vec![match (key, began) {
        (EffectKey::Model { attempt, step }, Some(began)) => {
            model::late(world, attempt, step, began, report)
        }
        _ => Event::EffectForgotten { key },
    }])
}

/// An effect that could not be done: a person is asked, and the effect is held by the gate.
fn failed(
    world: &World,
    sprint: &Sprint,
    key: EffectKey,
    why: &str,
) -> Result<Vec<Event>, Refusal> {
    let mut events = Vec::new();
    if let (EffectKey::Model { attempt, step }, Some(Some(began))) = (key, world.began.get(&key)) {
        events.push(model::lost(world, attempt, step, began));
    }
    events.push(Event::EffectFailed {
        key,
        why: why.to_owned(),
    });
    match key {
        EffectKey::Open(id) => events.push(Event::SprintClosed {
            sprint: id,
            closing: Closing::Failed(why.to_owned()),
        }),
        EffectKey::Land { sprint: id, .. } => events.push(Event::LandingBlocked {
            sprint: id,
            why: why.to_owned(),
            hindrance: Hindrance::Other,
        }),
        EffectKey::Baseline(id) => events.push(Event::BaselineFinished {
            sprint: id,
            results: Vec::new(),
        }),
        EffectKey::Clear(task) => events.push(Event::WorktreeRemoved(task)),
        EffectKey::Worktree(task)
        | EffectKey::Commit { task, .. }
        | EffectKey::Checks { task, .. }
        | EffectKey::Part { task, .. }
        | EffectKey::Merge { task, .. }
        | EffectKey::Conflict { task, .. } => events.push(Event::GateOpened {
            gate: sprint.next_gate(),
            work: Work::Task(task),
            ask: Ask::Fail {
                cause: format!("{key} failed"),
                evidence: why.to_owned(),
            },
        }),
        EffectKey::Model { attempt, .. } | EffectKey::Tool { attempt, .. } => {
            events.push(Event::AttemptEnded {
                attempt,
                end: End::Failed(FailureKind::Malformed, why.to_owned()),
            });
        }
        // A test that could not be run is told where it was asked for.
        EffectKey::Trial { .. } => {}
        // A wait that cannot be kept is over.
        EffectKey::Undo { gate, .. } => return super::gate::elapsed(world, gate),
        EffectKey::Retry { attempt, .. } => return Ok(vec![Event::RetryElapsed(attempt)]),
        EffectKey::Settle(task) => return Ok(vec![Event::TaskSettled(task)]),
    }
    Ok(events)
}

fn opened(id: SprintId, report: &Report, key: EffectKey) -> Result<Vec<Event>, Refusal> {
    match report {
        Report::Opened(base) => Ok(vec![Event::SprintOpened {
            sprint: id,
            base: base.clone(),
        }]),
        Report::NotOpened(why) => Ok(vec![Event::SprintClosed {
            sprint: id,
            closing: Closing::Failed(why.clone()),
        }]),
        _ => Err(Refusal::NotAwaited(key.to_string())),
    }
}

fn landed(id: SprintId, report: &Report, key: EffectKey) -> Result<Vec<Event>, Refusal> {
    match report {
        Report::Landed(commit) => Ok(vec![Event::SprintClosed {
            sprint: id,
            closing: Closing::Landed(commit.clone()),
        }]),
        Report::NoTarget => Ok(vec![Event::SprintClosed {
            sprint: id,
            closing: Closing::KeptApart,
        }]),
        Report::LandBlocked(hindrance, why) => Ok(vec![Event::LandingBlocked {
            sprint: id,
            why: why.clone(),
            hindrance: *hindrance,
        }]),
        _ => Err(Refusal::NotAwaited(key.to_string())),
    }
}

fn of_tool(
    attempt: AttemptId,
    step: u32,
    call: u32,
    report: &Report,
    key: EffectKey,
) -> Result<Vec<Event>, Refusal> {
    let Report::Tool {
        answer,
        edits,
        criterion,
    } = report
    else {
        return Err(Refusal::NotAwaited(key.to_string()));
    };
    let edited = |edit: &EditFact| {
        let criterion: Option<CriterionId> = *criterion;
        Event::FileEdited {
            attempt,
            step,
            call,
            criterion,
            edit: edit.clone(),
        }
    };
    let mut events: Vec<Event> = edits.iter().map(edited).collect();
    events.push(Event::ToolReturned {
        attempt,
        step,
        call,
        answer: answer.clone(),
    });
    Ok(events)
}

fn of_task(
    sprint: &Sprint,
    task: &Task,
    key: EffectKey,
    report: &Report,
) -> Result<Vec<Event>, Refusal> {
    let left = |outcome, feedback| Event::NodeLeft {
        task: task.id,
        node: task.node.clone(),
        outcome,
        feedback,
    };
    Ok(match (key, report) {
        (EffectKey::Worktree(_), Report::Worktree { base }) => vec![Event::WorktreePrepared {
            task: task.id,
            base: base.clone(),
        }],
        (EffectKey::Clear(_), Report::Cleared) => vec![Event::WorktreeRemoved(task.id)],
        (
            EffectKey::Commit { .. } | EffectKey::Part { .. },
            Report::Committed {
                commit,
                base,
                diff,
                files,
                merged,
            },
        ) => {
            let committed = Event::Committed {
                task: task.id,
                commit: commit.clone(),
                base: base.clone(),
                diff: diff.clone(),
                files: files.clone(),
                merged: merged.clone(),
            };
            let outcome = match key {
                EffectKey::Part { .. } => left(Outcome::Changes, Some(rejected(sprint, task))),
                _ => left(Outcome::Done, None),
            };
            vec![committed, outcome]
        }
        (EffectKey::Checks { .. }, Report::Checked { results, on }) => {
            checked(sprint, task, results, on.clone())
        }
        (EffectKey::Merge { .. }, Report::Merged { onto, commit }) => {
            let merged = Event::Merged {
                task: task.id,
                onto: onto.clone(),
                commit: commit.clone(),
            };
            vec![merged, left(Outcome::Merged, None)]
        }
        (EffectKey::Merge { .. }, Report::Conflicted(sides)) => vec![Event::MergeConflicted {
            task: task.id,
            sides: sides.clone(),
        }],
        (EffectKey::Conflict { .. }, Report::Brought(sides)) => {
            let brought = Event::ConflictBrought {
                task: task.id,
                sides: sides.clone(),
            };
            let words = Opening::Conflict(sides.paths.clone());
            vec![brought, left(Outcome::Conflict, Some(words))]
        }
        (EffectKey::Trial { .. }, _) => super::trial::ended(sprint, task, key, report)?,
        _ => return Err(Refusal::NotAwaited(key.to_string())),
    })
}

fn checked(sprint: &Sprint, task: &Task, results: &[CheckResult], on: Option<Oid>) -> Vec<Event> {
    let are_proofs = sprint.kind_of(task) == Some(NodeKind::Proofs);
    let baseline: &[CheckResult] = if are_proofs {
        &[]
    } else {
        sprint.baseline.as_deref().unwrap_or_default()
    };
    let finished = Event::ChecksFinished {
        task: task.id,
        are_proofs,
        results: results.to_vec(),
        on,
    };
    let (outcome, feedback) = match compare(baseline, results) {
        Judgement::NothingToCheck | Judgement::Passed { .. } => (Outcome::Passed, None),
        Judgement::Failed(red) if are_proofs => (Outcome::Failed, Some(Opening::ProofsFailed(red))),
        Judgement::Failed(red) => (Outcome::Failed, Some(Opening::ChecksFailed(red))),
    };
    vec![
        finished,
        Event::NodeLeft {
            task: task.id,
            node: task.node.clone(),
            outcome,
            feedback,
        },
    ]
}

/// The rejected hunks of a closed review, with where they were, and the words about lines that it was sent with.
fn rejected(sprint: &Sprint, task: &Task) -> Opening {
    let Some(gate) = task.gate.and_then(|gate| sprint.gate(gate)) else {
        return Opening::Changes(Vec::new(), String::new());
    };
    let files = task.change.iter().flat_map(|change| &change.files);
    let hunks = files.flat_map(|file| {
        let pieces = file.hunks.iter().flat_map(|hunk| {
            let split = gate.splits.get(&hunk.key);
            split.map_or(std::slice::from_ref(hunk), |split| &split.pieces)
        });
        pieces.map(move |hunk| (file, hunk))
    });
    let rejected = hunks.filter_map(|(file, hunk)| match gate.marks.get(&hunk.key)? {
        Mark::Rejected { reason } => Some(Rejected {
            path: file.path.clone(),
            line: hunk.new_start,
            reason: reason.clone(),
        }),
        Mark::Accepted | Mark::Open => None,
    });
    Opening::Changes(rejected.collect(), super::gate::told(gate.comments()))
}
