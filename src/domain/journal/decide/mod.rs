//! `decide`: what a command makes happen, or why not. Pure; what follows by itself is [`consequence`](super::consequence)'s.

mod add;
mod begin;
mod gate;
mod model;
mod people;
mod report;
mod trial;

pub(in crate::domain::journal) use gate::{can_go_on, standing_for};

use crate::domain::journal::{Command, Event, Input, Refusal, World, needs};
use crate::domain::security::Actor;

/// The events of a command, without their consequences.
pub(super) fn decide(world: &World, input: &Input) -> Result<Vec<Event>, Refusal> {
    let may = match &input.command {
        Command::TakeOver { .. } => matches!(input.by, Actor::System),
        Command::Begin { .. } | Command::Report { .. } => matches!(input.by, Actor::Effect),
        Command::StartSprint { .. }
        | Command::EditPlan { .. }
        | Command::Decide { .. }
        | Command::Undo { .. }
        | Command::Mark { .. }
        | Command::Split { .. }
        | Command::Try { .. }
        | Command::Steer { .. }
        | Command::Pause(_)
        | Command::Resume(_)
        | Command::SetBudget { .. }
        | Command::Stop(_)
        | Command::DropTask(_)
        | Command::Order { .. }
        | Command::Allow { .. }
        | Command::Revoke { .. }
        | Command::Assign { .. }
        | Command::SetStanding { .. }
        | Command::Remove { .. }
        | Command::AddTask { .. }
        | Command::TakeBack(_) => input.by.is_person(),
    };
    if !may {
        return Err(Refusal::NotAPerson);
    }
    let needs = needs(world, &input.command);
    if input.by.is_person() && input.standing < needs {
        return Err(Refusal::Below {
            has: input.standing,
            needs,
            ask: needs.anybody().to_owned(),
        });
    }
    match &input.command {
        Command::TakeOver { version, pid } => Ok(begin::take_over(world, version, *pid)),
        Command::Begin { key, model } => begin::begin(world, *key, model.as_ref(), input.at),
        Command::Report { key, report } => report::report(world, *key, report, input.at),
        Command::StartSprint { goal, setup, base } => {
            people::start(world, goal, (setup.as_deref(), base.as_ref()), &input.by)
        }
        Command::EditPlan {
            sprint,
            revision,
            edits,
        } => people::edit_plan(world, *sprint, *revision, edits, &input.by),
        Command::Decide { .. } => gate::decide(world, input),
        Command::Undo { gate } => gate::undo(world, *gate, input),
        Command::Mark { gate, marks } => gate::mark(world, *gate, marks, &input.by),
        Command::Split { gate, hunk, split } => {
            gate::split(world, *gate, (*hunk, split), &input.by)
        }
        Command::Try {
            gate,
            revision,
            choices,
        } => trial::ask(world, (*gate, *revision), choices, &input.by),
        Command::Steer { work, text } => people::steer(world, *work, text, &input.by),
        Command::Pause(scope) => people::pause(world, *scope, Some(&input.by)),
        Command::Resume(scope) => people::pause(world, *scope, None),
        Command::SetBudget { sprint, limit } => people::set_budget(world, *sprint, *limit),
        Command::Stop(sprint) => people::stop(world, *sprint),
        Command::DropTask(task) => people::drop_task(world, *task),
        Command::Allow { gate, revision } => gate::allow(world, (*gate, *revision), input),
        Command::Revoke {
            sprint,
            command,
            reach,
        } => people::revoke(world, *sprint, (*command, *reach), &input.by),
        Command::Order { task, before } => people::order(world, *task, *before, &input.by),
        Command::Assign { task, role } => people::assign(world, *task, role, &input.by),
        Command::SetStanding { line, to, whom } => {
            people::set_standing((*line, whom.as_ref()), *to, &input.by)
        }
        Command::Remove { line, whom } => people::remove((*line, whom.as_ref()), &input.by),
        Command::AddTask { .. } => add::add(world, input),
        Command::TakeBack(task) => add::take_back(world, *task, &input.by),
    }
}
