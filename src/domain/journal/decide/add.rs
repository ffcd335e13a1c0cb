//! Tasks that people add to a sprint whose plan is approved, and take back.

use crate::base::id::TaskId;
use crate::domain::journal::decide::people::{open_sprint, ready_task};
use crate::domain::journal::{Command, Event, Input, Refusal, World};
use crate::domain::security::Actor;
use crate::domain::sprint::{Ask, Planned};

/// A task is added. Where the sprint was summed up already, it goes on.
pub(super) fn add(world: &World, input: &Input) -> Result<Vec<Event>, Refusal> {
    let Command::AddTask {
        sprint: id,
        task,
        is_final,
    } = &input.command
    else {
        return Ok(Vec::new());
    };
    let sprint = open_sprint(world, *id)?;
    let spec = Planned {
        title: task.title.trim().to_owned(),
        is_dropped: false,
        ..(**task).clone()
    };
    sprint.with_task(&spec).map_err(|why| Refusal::NoRoom {
        sprint: *id,
        why: why.to_string(),
    })?;
    let number = sprint
        .tasks
        .last_key_value()
        .map_or(1, |(last, _)| last + 1);
    let undo_ms = sprint.setup.policy.undo_ms;
    let asked = sprint.open_gates();
    let asked = asked.filter(|gate| matches!(gate.ask, Ask::Merge { .. }));
    let mut events: Vec<Event> = asked.map(|gate| Event::GateDropped(gate.id)).collect();
    events.push(Event::TaskAdded {
        task: TaskId {
            sprint: *id,
            number,
        },
        spec: Box::new(spec),
        by: input.by.clone(),
        held_until: (undo_ms > 0 && !is_final).then(|| input.at.plus_ms(undo_ms)),
    });
    Ok(events)
}

/// An added task is taken back before it begins.
pub(super) fn take_back(world: &World, id: TaskId, by: &Actor) -> Result<Vec<Event>, Refusal> {
    let (sprint, task) = ready_task(world, id)?;
    if task.added_by.is_none() {
        return Err(Refusal::NotAdded(id));
    }
    if task.visit > 0 {
        return Err(Refusal::Begun(id));
    }
    let mut others = task
        .dependants
        .iter()
        .filter_map(|other| sprint.tasks.get(other));
    if let Some(other) = others.find(|other| !other.is_over()) {
        return Err(Refusal::Needed {
            task: id,
            by: other.id,
        });
    }
    Ok(vec![Event::TaskTakenBack {
        task: id,
        by: by.clone(),
    }])
}
