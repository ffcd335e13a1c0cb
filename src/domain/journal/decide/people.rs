//! What people ask for beside decisions on gates.

use crate::base::body::Body;
use crate::base::id::{Digest, Oid, SprintId, TaskId, Work};
use crate::base::money::Money;
use crate::domain::agent::{Nudge, Role};
use crate::domain::journal::event::PauseScope;
use crate::domain::journal::{Event, Refusal, World};
use crate::domain::presence::{Party, Standing};
use crate::domain::security::Actor;
use crate::domain::sprint::gate::BudgetScope;
use crate::domain::sprint::{Ask, Closing, Phase, PlanEdit, Reach, Setup, Sprint, Status, Task};

pub(super) fn open_sprint(world: &World, id: SprintId) -> Result<&Sprint, Refusal> {
    let sprint = world
        .sprints
        .get(&id)
        .ok_or_else(|| Refusal::Unknown(id.to_string()))?;
    if sprint.is_closed() {
        Err(Refusal::Over(id.to_string()))
    } else {
        Ok(sprint)
    }
}

pub(super) fn start(
    world: &World,
    goal: &Body,
    (setup, base): (Option<&Setup>, Option<&Oid>),
    by: &Actor,
) -> Result<Vec<Event>, Refusal> {
    let setup = setup.ok_or_else(|| Refusal::NoSetup("the host gave no settings".to_owned()))?;
    if goal.first_line().is_empty() {
        return Err(Refusal::NoSetup("the goal is empty".to_owned()));
    }
    if setup.planner().is_none() {
        return Err(Refusal::NoSetup("the team has no planner".to_owned()));
    }
    setup
        .workflow
        .validate()
        .map_err(|fault| Refusal::NoSetup(fault.to_string()))?;
    if let Some(base) = base.filter(|base| !was_tip(world, base)) {
        return Err(Refusal::Unknown(format!(
            "sprint whose branch stood at {}",
            base.short()
        )));
    }
    let number = world
        .sprints
        .last_key_value()
        .map_or(1, |(last, _)| last.0 + 1);
    Ok(vec![Event::SprintStarted {
        sprint: SprintId(number),
        goal: goal.clone(),
        by: by.clone(),
        setup: Box::new(setup.clone()),
        base: base.cloned(),
    }])
}

/// Whether a sprint's branch stood at a commit: where it began, or at the merge of one of its tasks.
fn was_tip(world: &World, commit: &Oid) -> bool {
    world.sprints.values().any(|sprint| {
        let began = sprint.base.as_ref().map(|base| &base.commit);
        let mut merged = sprint.tasks.values().map(|task| task.merged.as_ref());
        began == Some(commit) || merged.any(|merged| merged == Some(commit))
    })
}

pub(super) fn edit_plan(
    world: &World,
    id: SprintId,
    revision: u32,
    edits: &[PlanEdit],
    by: &Actor,
) -> Result<Vec<Event>, Refusal> {
    let sprint = open_sprint(world, id)?;
    if sprint.phase != Phase::Approving {
        return Err(Refusal::Unknown(format!("plan of {id} to edit")));
    }
    if sprint.plan.revision != revision {
        return Err(Refusal::Stale(format!("the plan of {id}")));
    }
    let plan = sprint
        .plan
        .edited(edits, &sprint.setup.team, sprint.setup.policy.max_tasks)
        .map_err(Refusal::BadEdit)?;
    Ok(vec![Event::PlanEdited {
        sprint: id,
        plan,
        by: by.clone(),
    }])
}

pub(super) fn steer(
    world: &World,
    work: Work,
    text: &Body,
    by: &Actor,
) -> Result<Vec<Event>, Refusal> {
    let sprint = open_sprint(world, work.sprint())?;
    let attempt = sprint
        .last_attempt(work)
        .filter(|attempt| attempt.end.is_none());
    let attempt = attempt.ok_or(Refusal::NobodyThere(work))?;
    let nudge = Nudge::Steer {
        by: by.to_string(),
        text: text.clone(),
    };
    Ok(vec![Event::Nudged {
        attempt: attempt.id,
        nudge,
    }])
}

pub(super) fn pause(
    world: &World,
    scope: PauseScope,
    by: Option<&Actor>,
) -> Result<Vec<Event>, Refusal> {
    let is_paused = match scope {
        PauseScope::Sprint(id) => open_sprint(world, id)?.paused.is_some(),
        PauseScope::Task(id) => {
            let sprint = open_sprint(world, id.sprint)?;
            let task = sprint
                .task(id)
                .ok_or_else(|| Refusal::Unknown(id.to_string()))?;
            if task.is_over() {
                return Err(Refusal::Over(id.to_string()));
            }
            task.is_paused
        }
    };
    Ok(match by {
        Some(by) if !is_paused => vec![Event::Paused {
            scope,
            by: by.clone(),
        }],
        None if is_paused => vec![Event::Resumed { scope }],
        Some(_) | None => Vec::new(),
    })
}

pub(super) fn set_budget(world: &World, id: SprintId, limit: Money) -> Result<Vec<Event>, Refusal> {
    let sprint = open_sprint(world, id)?;
    if limit < sprint.account.spent {
        return Err(Refusal::BudgetTooLow(sprint.account.spent));
    }
    let mut events = vec![Event::BudgetChanged {
        sprint: id,
        scope: BudgetScope::Sprint,
        limit,
    }];
    let answered = sprint.holding_gates().filter(|gate| {
        matches!(gate.ask, Ask::Budget { scope: BudgetScope::Sprint, asked, .. } if asked <= limit - sprint.account.spent)
    });
    events.extend(answered.map(|gate| Event::GateDropped(gate.id)));
    Ok(events)
}

pub(super) fn stop(world: &World, id: SprintId) -> Result<Vec<Event>, Refusal> {
    if open_sprint(world, id)?.is_landing {
        return Err(Refusal::Landing(id));
    }
    Ok(vec![Event::SprintClosed {
        sprint: id,
        closing: Closing::Stopped,
    }])
}

pub(super) fn drop_task(world: &World, id: TaskId) -> Result<Vec<Event>, Refusal> {
    let (_, task) = open_task(world, id)?;
    if task.is_merging {
        return Err(Refusal::Merging(id));
    }
    Ok(vec![Event::TaskDropped(id)])
}

pub(super) fn revoke(
    world: &World,
    id: SprintId,
    (command, reach): (Digest, Reach),
    by: &Actor,
) -> Result<Vec<Event>, Refusal> {
    let sprint = open_sprint(world, id)?;
    let text = sprint
        .grants
        .get(&(command, reach))
        .ok_or_else(|| Refusal::Unknown(format!("rule for command {}", command.short())))?;
    Ok(vec![Event::CommandRevoked {
        sprint: id,
        command,
        reach,
        text: text.clone(),
        by: by.clone(),
    }])
}

/// A task that is not over.
fn open_task(world: &World, id: TaskId) -> Result<(&Sprint, &Task), Refusal> {
    let sprint = open_sprint(world, id.sprint)?;
    let task = sprint
        .task(id)
        .ok_or_else(|| Refusal::Unknown(id.to_string()))?;
    if task.is_over() {
        return Err(Refusal::Over(id.to_string()));
    }
    Ok((sprint, task))
}

/// A task that waits for its beginning.
pub(super) fn ready_task(world: &World, id: TaskId) -> Result<(&Sprint, &Task), Refusal> {
    let (sprint, task) = open_task(world, id)?;
    if task.status == Status::Ready {
        Ok((sprint, task))
    } else {
        Err(Refusal::Begun(id))
    }
}

pub(super) fn order(
    world: &World,
    id: TaskId,
    before: TaskId,
    by: &Actor,
) -> Result<Vec<Event>, Refusal> {
    let (_, task) = ready_task(world, id)?;
    let (_, other) = ready_task(world, before)?;
    if id.sprint != before.sprint {
        return Err(Refusal::Unknown(format!("{before} in {}", id.sprint)));
    }
    if task.needs.contains(&before.number) {
        return Err(Refusal::Needs {
            task: id,
            need: before,
        });
    }
    if task.turn <= other.turn {
        return Ok(Vec::new());
    }
    Ok(vec![Event::TaskOrdered {
        task: id,
        before,
        by: by.clone(),
    }])
}

pub(super) fn assign(
    world: &World,
    id: TaskId,
    role: &str,
    by: &Actor,
) -> Result<Vec<Event>, Refusal> {
    let (sprint, task) = ready_task(world, id)?;
    // Begun anew after a failure: its worktree holds what the one before left there.
    if task.visit > 0 {
        return Err(Refusal::Begun(id));
    }
    let workers: Vec<&Role> = sprint.setup.workers().collect();
    if !workers.iter().any(|worker| worker.key == role) {
        let keys: Vec<&str> = workers.iter().map(|worker| worker.key.as_str()).collect();
        return Err(Refusal::NoWorker {
            role: role.to_owned(),
            team: keys.join(", "),
        });
    }
    if task.spec.role == role {
        return Ok(Vec::new());
    }
    Ok(vec![Event::TaskAssigned {
        task: id,
        role: role.to_owned(),
        by: by.clone(),
    }])
}

fn party((line, whom): (u64, Option<&Party>)) -> Result<(u64, Party), Refusal> {
    let unknown = || Refusal::Unknown(format!("line {line} at this session"));
    Ok((line, whom.cloned().ok_or_else(unknown)?))
}

pub(super) fn set_standing(
    line: (u64, Option<&Party>),
    to: Standing,
    by: &Actor,
) -> Result<Vec<Event>, Refusal> {
    let (line, whom) = party(line)?;
    Ok(vec![Event::StandingChanged {
        line,
        whom,
        to,
        by: by.clone(),
    }])
}

pub(super) fn remove(line: (u64, Option<&Party>), by: &Actor) -> Result<Vec<Event>, Refusal> {
    let (line, whom) = party(line)?;
    Ok(vec![Event::PersonRemoved {
        line,
        whom,
        by: by.clone(),
    }])
}
