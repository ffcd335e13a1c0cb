//! What follows from a state by itself: the moves that nobody has to ask for. Looked for in touched scopes only, one event at a time,
//! until nothing more follows.

mod attempt;
mod budget;
mod task;

use crate::base::id::{AttemptId, Work};
use crate::base::time::Timestamp;
use crate::domain::agent::{End, Opening, RoleKind};
use crate::domain::journal::decide::can_go_on;
use crate::domain::journal::{Event, Scope, World};
use crate::domain::security::Actor;
use crate::domain::sprint::{Ask, Closing, GateState, Phase, Sprint, Status};

/// The next event that follows in a scope, if any. `at` is the moment of the command that it follows from.
pub(super) fn consequences(world: &World, scope: Scope, at: Timestamp) -> Option<Event> {
    match scope {
        Scope::Sprint(id) => {
            let sprint = world.sprints.get(&id)?;
            if sprint.is_closed() {
                next_sprint(world)
            } else {
                of_sprint(sprint).or_else(|| budget::of_sprint(world, sprint, at))
            }
        }
        Scope::Task(id) => {
            let sprint = world.sprints.get(&id.sprint)?;
            let task = sprint.task(id)?;
            (sprint.phase == Phase::Running && !task.is_over())
                .then(|| task::of_task(sprint, task))
                .flatten()
                .or_else(|| budget::of_task(sprint, task))
        }
    }
}

fn next_sprint(world: &World) -> Option<Event> {
    if world.active.is_some() {
        return None;
    }
    let queued = world
        .sprints
        .values()
        .find(|sprint| sprint.phase == Phase::Queued);
    queued.map(|sprint| Event::SprintOpening(sprint.id))
}

fn of_sprint(sprint: &Sprint) -> Option<Event> {
    match sprint.phase {
        Phase::Queued | Phase::Opening | Phase::Closed(_) => None,
        Phase::Planning => planning(sprint),
        Phase::Approving => approving(sprint),
        Phase::Running => running(sprint),
        Phase::Summing => summing(sprint),
        Phase::Landing => landing(sprint),
    }
}

/// The planner begins, goes on after a rejection, or is stuck.
fn planning(sprint: &Sprint) -> Option<Event> {
    let work = Work::Plan(sprint.id);
    let last = sprint.last_attempt(work);
    let open = |opening, continues| {
        let planner = sprint.setup.planner()?;
        Some(Event::AttemptOpened {
            attempt: sprint.next_attempt(work),
            role: planner.key.clone(),
            kind: RoleKind::Planner,
            tier: planner.tier,
            continues,
            opening,
        })
    };
    match (last, &sprint.replan) {
        (None, _) => open(Opening::Plan, None),
        (Some(last), Some(why)) => match &last.end {
            Some(end) if can_go_on(end) && !why.is_empty() => {
                open(Opening::PlanRejected(why.clone()), Some(last.id))
            }
            _ => open(Opening::Plan, None),
        },
        (Some(last), None) => match &last.end {
            None => attempt::of_attempt(sprint, last),
            Some(end) if !is_asked(sprint, work) => Some(stuck(sprint, work, end)),
            Some(_) => None,
        },
    }
}

fn approving(sprint: &Sprint) -> Option<Event> {
    if !sprint.setup.policy.plan && sprint.plan.faults.is_empty() {
        return Some(Event::PlanApproved {
            sprint: sprint.id,
            revision: sprint.plan.revision,
            by: Actor::System,
        });
    }
    let is_open = sprint
        .gates_about(Work::Plan(sprint.id))
        .any(|gate| matches!(gate.ask, Ask::Plan { .. }));
    let ask = Ask::Plan {
        revision: sprint.plan.revision,
        digest: sprint.plan.digest(),
    };
    (!is_open).then(|| Event::GateOpened {
        gate: sprint.next_gate(),
        work: Work::Plan(sprint.id),
        ask,
    })
}

/// Ready tasks begin while there is room; when none is left, the sums are drawn.
fn running(sprint: &Sprint) -> Option<Event> {
    if sprint.unfinished == 0 {
        let is_any_merged = sprint
            .tasks
            .values()
            .any(|task| task.status == Status::Done);
        return Some(if is_any_merged {
            Event::SummingBegan(sprint.id)
        } else {
            Event::SprintClosed {
                sprint: sprint.id,
                closing: Closing::Stopped,
            }
        });
    }
    if !sprint.has_room() {
        return None;
    }
    let returning = sprint.returning.first();
    if let Some(task) = returning.and_then(|number| sprint.tasks.get(number)) {
        return task::of_task(sprint, task);
    }
    if sprint.paused.is_some() {
        return None;
    }
    let ready = sprint
        .ready
        .iter()
        .filter_map(|(_, number)| sprint.tasks.get(number));
    let next = ready.into_iter().find(|task| !task.is_paused)?;
    let first = sprint.setup.workflow.first()?;
    Some(Event::NodeEntered {
        task: next.id,
        node: first.id.clone(),
        round: 1,
    })
}

/// A summary is welcome, but its failure stops nothing.
fn summing(sprint: &Sprint) -> Option<Event> {
    let work = Work::Summary(sprint.id);
    let is_of_all = |id: AttemptId| id.number > sprint.outrun;
    match sprint.last_attempt(work).filter(|last| is_of_all(last.id)) {
        None => {
            let planner = sprint.setup.planner()?;
            Some(Event::AttemptOpened {
                attempt: sprint.next_attempt(work),
                role: planner.key.clone(),
                kind: RoleKind::Planner,
                tier: planner.tier,
                continues: None,
                opening: Opening::Summary,
            })
        }
        Some(last) if last.end.is_none() => attempt::of_attempt(sprint, last),
        Some(_) => Some(Event::LandingBegan(sprint.id)),
    }
}

/// A person lets the sprint into the base branch, again after each time that it could not be done.
fn landing(sprint: &Sprint) -> Option<Event> {
    let merges: Vec<_> = sprint
        .gates
        .values()
        .filter(|gate| matches!(gate.ask, Ask::Merge { .. }) && gate.state != GateState::Moot)
        .collect();
    let is_open = merges.iter().any(|gate| gate.state.is_open());
    let waived = usize::from(!sprint.setup.policy.merge);
    if is_open || merges.len() + waived > sprint.landings as usize {
        return None;
    }
    let commit = sprint
        .tip
        .as_ref()
        .map(ToString::to_string)
        .unwrap_or_default();
    let ask = Ask::Merge {
        commit,
        blocked: sprint.blocked.clone(),
    };
    Some(Event::GateOpened {
        gate: sprint.next_gate(),
        work: Work::Summary(sprint.id),
        ask,
    })
}

/// Whether something about this work already waits for a person.
fn is_asked(sprint: &Sprint, work: Work) -> bool {
    sprint
        .gates_about(work)
        .any(|gate| matches!(gate.ask, Ask::Fail { .. }))
}

/// The question to a person when an attempt got nowhere.
fn stuck(sprint: &Sprint, work: Work, end: &End) -> Event {
    let (cause, evidence) = match end {
        End::Looped(sign) => (
            "the agent got nowhere".to_owned(),
            sign.evidence().to_owned(),
        ),
        End::Silent => (
            "the agent stopped without its closing call".to_owned(),
            "it was told once".to_owned(),
        ),
        End::Failed(_, text) => ("the model could not go on".to_owned(), text.clone()),
        End::Full => (
            "the conversation is full".to_owned(),
            "a fresh attempt may fit".to_owned(),
        ),
        End::Stopped => ("the attempt was stopped".to_owned(), String::new()),
        End::Finished { .. } | End::Judged(_) | End::Planned | End::Summed(_) => {
            ("the attempt ended".to_owned(), String::new())
        }
    };
    Event::GateOpened {
        gate: sprint.next_gate(),
        work,
        ask: Ask::Fail { cause, evidence },
    }
}
