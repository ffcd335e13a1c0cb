//! What follows for a task on its way.

use crate::base::id::{AttemptId, Digest, Work};
use crate::domain::agent::{Attempt, End, Opening, RoleKind};
use crate::domain::journal::Event;
use crate::domain::journal::desired::{current, specs};
use crate::domain::sprint::{Ask, Cause, GateState, Sprint, Status, Task, estimate};
use crate::domain::workflow::{NodeKind, Outcome};

/// Conversations of a task that may grow too long one after the other before a person is asked.
const MOST_FULL: usize = 3;

pub(super) fn of_task(sprint: &Sprint, task: &Task) -> Option<Event> {
    match task.status {
        Status::Done | Status::Dropped | Status::Ready | Status::Asking => {
            return in_attempt(sprint, task);
        }
        Status::Held(Cause::Stuck) => return outdated(sprint, task),
        Status::Held(Cause::TakenOver) => return handing(sprint, task),
        Status::Running | Status::Held(Cause::Paused) => {}
    }
    if let Some(outcome) = task.left {
        return follow(sprint, task, outcome);
    }
    let left = |outcome, feedback| Event::NodeLeft {
        task: task.id,
        node: task.node.clone(),
        outcome,
        feedback,
    };
    match sprint.kind_of(task)? {
        NodeKind::Work => work(sprint, task),
        NodeKind::Judge => judge(sprint, task),
        NodeKind::Checks | NodeKind::Proofs => specs(sprint, task)
            .is_empty()
            .then(|| left(Outcome::Passed, None)),
        NodeKind::Review => {
            let files = task.change.as_ref().map_or(&[][..], |change| &change.files);
            match task.gate {
                Some(_) => None,
                None if !sprint.setup.policy.review || files.is_empty() => {
                    Some(left(Outcome::Accepted, None))
                }
                None => Some(review(sprint, task)),
            }
        }
        NodeKind::Merge => (task.is_clashing && task.gate.is_none()).then(|| {
            let ask = Ask::Conflict {
                paths: task.clashing.clone(),
                clash: task.clash.clone(),
            };
            Event::GateOpened {
                gate: sprint.next_gate(),
                work: Work::Task(task.id),
                ask,
            }
        }),
    }
}

/// A conflict with a head that the sprint's branch has left is not asked about any more: a person decides on what is there now.
fn outdated(sprint: &Sprint, task: &Task) -> Option<Event> {
    let gate = sprint.gate(task.gate?)?;
    let Ask::Conflict {
        clash: Some(clash), ..
    } = &gate.ask
    else {
        return None;
    };
    let is_left = gate.state == GateState::Open && sprint.tip.as_ref() != Some(&clash.onto);
    is_left.then_some(Event::GateDropped(gate.id))
}

/// A task that asks goes on inside its attempt: other calls, a second question.
fn in_attempt(sprint: &Sprint, task: &Task) -> Option<Event> {
    (task.status == Status::Asking)
        .then(|| {
            current(sprint, task).and_then(|attempt| super::attempt::of_attempt(sprint, attempt))
        })
        .flatten()
}

/// From a node to the next: another round of work only while rounds are left.
fn follow(sprint: &Sprint, task: &Task, outcome: Outcome) -> Option<Event> {
    let next = sprint.setup.workflow.follow(&task.node, outcome)?;
    let is_work = next.kind == NodeKind::Work;
    if is_work && task.round >= sprint.setup.workflow.max_rounds {
        let cause = format!("{} rounds did not get it done", task.round);
        let evidence = task.feedback.as_ref().map(evidence).unwrap_or_default();
        return task
            .gate
            .is_none_or(|gate| sprint.gate(gate).is_none_or(|gate| !gate.state.is_open()))
            .then(|| Event::GateOpened {
                gate: sprint.next_gate(),
                work: Work::Task(task.id),
                ask: Ask::Fail { cause, evidence },
            });
    }
    if sprint.returning.contains(&task.id.number) && !sprint.has_room() {
        return None;
    }
    let round = if is_work { task.round + 1 } else { task.round };
    Some(Event::NodeEntered {
        task: task.id,
        node: next.id.clone(),
        round,
    })
}

/// What the last round failed on, for a person.
fn evidence(opening: &Opening) -> String {
    match opening {
        Opening::ChecksFailed(red) | Opening::ProofsFailed(red) => {
            let lines: Vec<String> = red
                .iter()
                .map(|check| format!("{} exit {}", check.spec.command, check.exit))
                .collect();
            lines.join("; ")
        }
        Opening::Judged(verdict) => verdict.summary.clone(),
        Opening::Conflict(paths) => format!("conflict in {}", paths.join(", ")),
        Opening::Changes(_, words) => words.clone(),
        Opening::Plan
        | Opening::PlanRejected(_)
        | Opening::Task
        | Opening::Again(_)
        | Opening::Judge
        | Opening::Summary => String::new(),
    }
}

fn work(sprint: &Sprint, task: &Task) -> Option<Event> {
    if !task.has_worktree || task.is_handed_back {
        return None;
    }
    match current(sprint, task) {
        None => open(sprint, task, false),
        Some(attempt) => match &attempt.end {
            None => super::attempt::of_attempt(sprint, attempt),
            Some(End::Finished { .. }) => None,
            Some(End::Full) if is_hopeless(sprint, attempt) => {
                Some(super::stuck(sprint, Work::Task(task.id), &End::Full))
            }
            Some(End::Full) => open(sprint, task, true),
            Some(end) => Some(super::stuck(sprint, Work::Task(task.id), end)),
        },
    }
}

/// Opens the role's next attempt: the same conversation goes on, but the last round begins anew and one tier up.
fn open(sprint: &Sprint, task: &Task, is_full: bool) -> Option<Event> {
    let role = sprint.role(&task.spec.role)?;
    let work = Work::Task(task.id);
    let max = sprint.setup.workflow.max_rounds;
    let is_last_round = max > 1 && task.round == max;
    let before = last_of_worker(sprint, work);
    let is_fresh = task.is_fresh || is_last_round || is_full || before.is_none();
    let tier = estimate::tier(&sprint.setup, &task.spec);
    let opening = match (&task.feedback, before) {
        (Some(feedback), _) => feedback.clone(),
        (None, None) => Opening::Task,
        (None, Some(_)) if is_full => {
            Opening::Again("The conversation before this one grew too long.".to_owned())
        }
        (None, Some(_)) => Opening::Again("A person asked for another try.".to_owned()),
    };
    Some(Event::AttemptOpened {
        attempt: sprint.next_attempt(work),
        role: role.key.clone(),
        kind: RoleKind::Worker,
        tier: if task.is_fresh || is_last_round {
            tier.up()
        } else {
            tier
        },
        continues: before.filter(|_| !is_fresh).map(|attempt| attempt.id),
        opening,
    })
}

/// Whether attempt after attempt grew too long, so that another one would as well.
fn is_hopeless(sprint: &Sprint, attempt: &Attempt) -> bool {
    let first = AttemptId {
        number: 0,
        ..attempt.id
    };
    let last = sprint.attempts.range(first..=attempt.id).rev();
    let full = last.take_while(|(_, attempt)| attempt.end == Some(End::Full));
    full.count() >= MOST_FULL
}

fn last_of_worker(sprint: &Sprint, work: Work) -> Option<&Attempt> {
    let first = AttemptId { work, number: 0 };
    let last = AttemptId {
        work,
        number: u32::MAX,
    };
    sprint
        .attempts
        .range(first..=last)
        .rev()
        .map(|(_, attempt)| attempt)
        .find(|attempt| attempt.kind == RoleKind::Worker)
}

fn judge(sprint: &Sprint, task: &Task) -> Option<Event> {
    let left = |outcome, feedback| Event::NodeLeft {
        task: task.id,
        node: task.node.clone(),
        outcome,
        feedback,
    };
    let Some(judge) = sprint.setup.judge() else {
        return Some(left(Outcome::Accepted, None));
    };
    match current(sprint, task) {
        None => Some(Event::AttemptOpened {
            attempt: sprint.next_attempt(Work::Task(task.id)),
            role: judge.key.clone(),
            kind: RoleKind::Judge,
            tier: judge.tier,
            continues: None,
            opening: Opening::Judge,
        }),
        Some(attempt) => match &attempt.end {
            None => super::attempt::of_attempt(sprint, attempt),
            Some(End::Judged(verdict)) if verdict.accepted => Some(left(Outcome::Accepted, None)),
            Some(End::Judged(verdict)) => Some(left(
                Outcome::Rejected,
                Some(Opening::Judged(verdict.clone())),
            )),
            Some(end) => Some(super::stuck(sprint, Work::Task(task.id), end)),
        },
    }
}

fn review(sprint: &Sprint, task: &Task) -> Event {
    let change = task.change.as_ref();
    let files = change.map_or(&[][..], |change| &change.files);
    let hunks: Vec<Digest> = files
        .iter()
        .flat_map(|file| file.hunks.iter().map(|hunk| hunk.key))
        .collect();
    let lines = files.iter().fold((0, 0), |(added, removed), file| {
        (added + file.added, removed + file.removed)
    });
    let commit = change
        .map(|change| change.commit.to_string())
        .unwrap_or_default();
    Event::GateOpened {
        gate: sprint.next_gate(),
        work: Work::Task(task.id),
        ask: Ask::Diff {
            commit,
            hunks,
            lines,
        },
    }
}

/// A task in a person's hands: the item says how to give it back.
fn handing(sprint: &Sprint, task: &Task) -> Option<Event> {
    let is_asked = task
        .gate
        .and_then(|gate| sprint.gate(gate))
        .is_some_and(|gate| gate.state.is_open());
    let text = format!(
        "{} is in your hands: edit its worktree, then approve to go on with the checks",
        task.id
    );
    (!is_asked).then(|| Event::GateOpened {
        gate: sprint.next_gate(),
        work: Work::Task(task.id),
        ask: Ask::Hand { text },
    })
}
