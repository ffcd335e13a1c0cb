//! Which effects ought to be running now, as a function of the world. Nothing is ever started imperatively.

use serde::{Deserialize, Serialize};

use crate::base::id::{AttemptId, Work};
use crate::base::time::Timestamp;
use crate::domain::agent::{Attempt, End, Next, Shape};
use crate::domain::change::checks::CheckSpec;
use crate::domain::journal::{EffectKey, Scope, World};
use crate::domain::sprint::trial;
use crate::domain::sprint::{Ask, Cause, GateState, Phase, Proof, Sprint, Status, Task, Verdict};
use crate::domain::tool::Access;
use crate::domain::tool::grant::CommandPolicy;
use crate::domain::workflow::NodeKind;

/// Why a wanted effect may not be started now. One that runs already is left to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Hold {
    /// A person paused it.
    Paused,
    /// A budget is reached.
    Budget,
    /// The provider does not answer, or not us.
    Provider,
    /// The checks on the base have not ended.
    Baseline,
}

/// A wish.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// Why it may not be started now.
    pub hold: Option<Hold>,
    /// Its start is recorded first.
    pub is_recorded: bool,
    /// For waits: until when.
    pub until: Option<Timestamp>,
}

const RECORDED: Wanted = Wanted {
    hold: None,
    is_recorded: true,
    until: None,
};
const READS: Wanted = Wanted {
    hold: None,
    is_recorded: false,
    until: None,
};

/// The wanted effects of one scope.
pub(super) fn wanted(world: &World, scope: Scope) -> Vec<(EffectKey, Wanted)> {
    match scope {
        Scope::Sprint(id) => world.sprints.get(&id).map_or_else(Vec::new, of_sprint),
        Scope::Task(id) => world
            .sprints
            .get(&id.sprint)
            .and_then(|sprint| sprint.task(id).map(|task| of_task(sprint, task)))
            .unwrap_or_default(),
    }
}

fn of_sprint(sprint: &Sprint) -> Vec<(EffectKey, Wanted)> {
    let id = sprint.id;
    let mut wishes = Vec::new();
    for gate in sprint.pending_gates() {
        if let GateState::Pending { effective_at, .. } = gate.state {
            let key = EffectKey::Undo {
                gate: gate.id,
                withdrawn: gate.withdrawn,
            };
            wishes.push((
                key,
                Wanted {
                    until: Some(effective_at),
                    ..READS
                },
            ));
        }
    }
    match sprint.phase {
        Phase::Opening => wishes.push((EffectKey::Open(id), RECORDED)),
        Phase::Planning => of_attempt(sprint, Work::Plan(id), &mut wishes),
        Phase::Summing => of_attempt(sprint, Work::Summary(id), &mut wishes),
        Phase::Landing if is_landing_approved(sprint) => {
            wishes.push((
                EffectKey::Land {
                    sprint: id,
                    number: sprint.landings + 1,
                },
                RECORDED,
            ));
        }
        Phase::Queued | Phase::Approving | Phase::Running | Phase::Landing | Phase::Closed(_) => {}
    }
    let wants_baseline = sprint.base.is_some() && sprint.baseline.is_none() && !sprint.is_closed();
    if wants_baseline {
        wishes.push((EffectKey::Baseline(id), READS));
    }
    with_pause(wishes, sprint.paused.is_some())
}

/// Whether landing was approved more often than the base branch refused it.
fn is_landing_approved(sprint: &Sprint) -> bool {
    let merges = sprint
        .gates
        .values()
        .filter(|gate| matches!(gate.ask, Ask::Merge { .. }));
    let approved = merges
        .filter(|gate| {
            matches!(
                gate.state,
                GateState::Closed {
                    verdict: Verdict::Approve,
                    ..
                }
            )
        })
        .count();
    let waived = usize::from(!sprint.setup.policy.merge);
    approved + waived > sprint.landings as usize
}

fn of_task(sprint: &Sprint, task: &Task) -> Vec<(EffectKey, Wanted)> {
    let mut wishes = Vec::new();
    if task.status == Status::Done && task.has_worktree && !sprint.setup.policy.keeps_worktrees {
        wishes.push((EffectKey::Clear(task.id), RECORDED));
    }
    if sprint.phase != Phase::Running || task.is_over() || task.left.is_some() {
        return wishes;
    }
    if let Some(until) = task.held_until {
        let until = Some(until);
        wishes.push((EffectKey::Settle(task.id), Wanted { until, ..READS }));
    }
    if let Some(kind) = sprint.kind_of(task) {
        match task.status {
            Status::Running | Status::Asking | Status::Held(Cause::Paused) => {
                at_node(sprint, task, kind, &mut wishes);
            }
            Status::Ready
            | Status::Held(Cause::TakenOver | Cause::Stuck)
            | Status::Done
            | Status::Dropped => {}
        }
    }
    if let Some(trial) = trial::running(sprint, task) {
        let key = EffectKey::Trial {
            task: task.id,
            number: trial.number,
        };
        let hold = sprint.baseline.is_none().then_some(Hold::Baseline);
        wishes.push((key, Wanted { hold, ..READS }));
    }
    with_pause(wishes, sprint.paused.is_some() || task.is_paused)
}

fn at_node(sprint: &Sprint, task: &Task, kind: NodeKind, wishes: &mut Vec<(EffectKey, Wanted)>) {
    let id = task.id;
    if !task.has_worktree {
        wishes.push((EffectKey::Worktree(id), RECORDED));
        return;
    }
    match kind {
        NodeKind::Work => {
            let is_finished = matches!(
                current(sprint, task).and_then(|attempt| attempt.end.as_ref()),
                Some(End::Finished { .. })
            );
            if is_finished || task.is_handed_back {
                wishes.push((
                    EffectKey::Commit {
                        task: id,
                        visit: task.visit,
                    },
                    RECORDED,
                ));
            } else {
                of_attempt(sprint, Work::Task(id), wishes);
            }
        }
        NodeKind::Judge => of_attempt(sprint, Work::Task(id), wishes),
        NodeKind::Checks => {
            let hold = sprint.baseline.is_none().then_some(Hold::Baseline);
            wishes.push((
                EffectKey::Checks {
                    task: id,
                    visit: task.visit,
                },
                Wanted { hold, ..READS },
            ));
        }
        NodeKind::Proofs => wishes.push((
            EffectKey::Checks {
                task: id,
                visit: task.visit,
            },
            READS,
        )),
        NodeKind::Review if is_sent_back(sprint, task) => {
            wishes.push((
                EffectKey::Part {
                    task: id,
                    visit: task.visit,
                },
                RECORDED,
            ));
        }
        NodeKind::Merge if task.brings_conflict => {
            wishes.push((
                EffectKey::Conflict {
                    task: id,
                    number: task.conflicts,
                },
                RECORDED,
            ));
        }
        NodeKind::Merge if sprint.merging.first() == Some(&id.number) && task.gate.is_none() => {
            wishes.push((
                EffectKey::Merge {
                    task: id,
                    number: task.merges + 1,
                },
                RECORDED,
            ));
        }
        NodeKind::Review | NodeKind::Merge => {}
    }
}

/// The attempt of the task's present visit.
pub(super) fn current<'a>(sprint: &'a Sprint, task: &Task) -> Option<&'a Attempt> {
    sprint.attempts.get(&task.attempt?)
}

/// Whether the review was closed with some hunks rejected.
fn is_sent_back(sprint: &Sprint, task: &Task) -> bool {
    let gate = task.gate.and_then(|gate| sprint.gate(gate));
    gate.is_some_and(|gate| {
        matches!(
            gate.state,
            GateState::Closed {
                verdict: Verdict::Send | Verdict::Return(_),
                ..
            }
        )
    })
}

fn of_attempt(sprint: &Sprint, work: Work, wishes: &mut Vec<(EffectKey, Wanted)>) {
    let attempt = match work.task().and_then(|task| sprint.task(task)) {
        Some(task) => current(sprint, task),
        None => sprint.last_attempt(work),
    };
    let Some(attempt) = attempt else { return };
    match attempt.next() {
        Next::Model(step) => wishes.push(of_reply(sprint, attempt, step)),
        Next::Answers => of_calls(sprint, attempt, wishes),
        Next::Word | Next::Nothing => {}
    }
}

/// The next reply, or the wait before it is asked for again.
fn of_reply(sprint: &Sprint, attempt: &Attempt, step: u32) -> (EffectKey, Wanted) {
    let id = attempt.id;
    if attempt.retry_at.is_some() {
        let key = EffectKey::Retry {
            attempt: id,
            failures: attempt.failures,
        };
        let until = attempt.retry_at;
        return (key, Wanted { until, ..READS });
    }
    let hold = model_hold(sprint, attempt);
    (
        EffectKey::Model { attempt: id, step },
        Wanted { hold, ..RECORDED },
    )
}

/// Reads run side by side; everything else waits until all calls before it are answered.
fn of_calls(sprint: &Sprint, attempt: &Attempt, wishes: &mut Vec<(EffectKey, Wanted)>) {
    let step = (attempt.steps.len() as u32).saturating_sub(1);
    for (place, (call, state)) in attempt.unanswered().enumerate() {
        let key = EffectKey::Tool {
            attempt: attempt.id,
            step,
            call,
        };
        match state.shape.access() {
            Access::Reads => wishes.push((key, READS)),
            Access::Edits if place == 0 => wishes.push((key, RECORDED)),
            Access::Runs if place == 0 && may_run(sprint, attempt.id, step, call, &state.shape) => {
                wishes.push((key, RECORDED));
            }
            Access::Edits | Access::Runs | Access::Decides => return,
        }
        if state.shape.access() != Access::Reads {
            return;
        }
    }
}

/// Whether a command may run: by the sprint's policy, by a grant, or by a person's yes to this very call.
pub(super) fn may_run(
    sprint: &Sprint,
    attempt: AttemptId,
    step: u32,
    call: u32,
    shape: &Shape,
) -> bool {
    let Shape::Command { command, .. } = shape else {
        return true;
    };
    match sprint.setup.policy.commands {
        CommandPolicy::Sandboxed | CommandPolicy::Accepted => true,
        CommandPolicy::Ask => {
            let digest = crate::base::id::Digest::of(command.as_bytes());
            let granted = |reach| sprint.grants.contains_key(&(digest, reach));
            sprint.allowed.contains(&(attempt, step, call))
                || granted(crate::domain::sprint::Reach::Sprint)
                || attempt
                    .work
                    .task()
                    .is_some_and(|task| granted(crate::domain::sprint::Reach::Task(task)))
        }
    }
}

/// Whether an open gate holds this attempt's calls to the model.
fn model_hold(sprint: &Sprint, attempt: &Attempt) -> Option<Hold> {
    if attempt.is_barred {
        return Some(Hold::Provider);
    }
    let provider = &sprint.model(attempt.tier).route.provider;
    let gates = sprint.gates_about(attempt.id.work);
    gates
        .chain(sprint.holding_gates())
        .find_map(|gate| match &gate.ask {
            Ask::Budget { .. } => Some(Hold::Budget),
            Ask::Key {
                provider: broken, ..
            } => (broken == provider).then_some(Hold::Provider),
            Ask::Plan { .. }
            | Ask::Question { .. }
            | Ask::Tool { .. }
            | Ask::Diff { .. }
            | Ask::Merge { .. }
            | Ask::Conflict { .. }
            | Ask::Fail { .. }
            | Ask::Hand { .. }
            | Ask::Nearing { .. } => None,
        })
}

fn with_pause(mut wishes: Vec<(EffectKey, Wanted)>, is_paused: bool) -> Vec<(EffectKey, Wanted)> {
    if is_paused {
        for (key, wish) in &mut wishes {
            // A wait costs nothing and must not be lost.
            if !matches!(
                key,
                EffectKey::Undo { .. } | EffectKey::Retry { .. } | EffectKey::Settle(_)
            ) {
                wish.hold = Some(Hold::Paused);
            }
        }
    }
    wishes
}

/// The checks that run in a node: the project's, or the task's proofs.
#[must_use]
pub(super) fn specs(sprint: &Sprint, task: &Task) -> Vec<CheckSpec> {
    use crate::domain::change::checks::CheckKind;
    match sprint.kind_of(task) {
        Some(NodeKind::Checks) => sprint
            .base
            .as_ref()
            .map(|base| base.checks.clone())
            .unwrap_or_default(),
        Some(NodeKind::Proofs) => {
            let proofs = task
                .spec
                .criteria
                .iter()
                .enumerate()
                .filter_map(|(place, criterion)| match &criterion.proof {
                    Proof::Command(command) => Some(CheckSpec {
                        kind: CheckKind::Proof,
                        command: command.clone(),
                        timeout_s: 300,
                        source: format!("c{}", place + 1),
                    }),
                    Proof::Human => None,
                });
            proofs.collect()
        }
        Some(NodeKind::Work | NodeKind::Judge | NodeKind::Review | NodeKind::Merge) | None => {
            Vec::new()
        }
    }
}
