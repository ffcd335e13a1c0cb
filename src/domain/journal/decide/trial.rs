//! Results of a conflict that are tested before anybody decides.

use crate::base::id::{Digest, GateId};
use crate::domain::change::clash::{Choice, name_of};
use crate::domain::journal::decide::gate::{check_choices, open_gate};
use crate::domain::journal::{EffectKey, Event, Refusal, Report, World};
use crate::domain::security::Actor;
use crate::domain::sprint::trial::{self, TrialEnd};
use crate::domain::sprint::{Ask, Sprint, Task};

/// A person wants a result tested. One that is or was tested already is not tested again.
pub(super) fn ask(
    world: &World,
    (id, revision): (GateId, Digest),
    choices: &[Vec<Choice>],
    by: &Actor,
) -> Result<Vec<Event>, Refusal> {
    let (sprint, gate) = open_gate(world, id)?;
    let Ask::Conflict { clash, .. } = &gate.ask else {
        return Err(Refusal::WrongVerdict(id));
    };
    if gate.revision != revision {
        return Err(Refusal::Stale(id.to_string()));
    }
    check_choices(sprint, gate, clash.as_ref(), choices)?;
    if trial::checks(sprint).is_empty() {
        return Err(Refusal::NothingToTest);
    }
    let task = gate.work.task().and_then(|task| sprint.task(task));
    let task = task.ok_or(Refusal::WrongVerdict(id))?;
    let known = gate.trial_of(name_of(choices));
    if known.is_some_and(trial::Trial::is_enough) {
        return Ok(Vec::new());
    }
    Ok(vec![Event::TrialAsked {
        task: task.id,
        gate: id,
        number: task.trials + 1,
        choices: choices.to_vec(),
        by: by.clone(),
    }])
}

/// What a test gave.
pub(super) fn ended(
    sprint: &Sprint,
    task: &Task,
    key: EffectKey,
    report: &Report,
) -> Result<Vec<Event>, Refusal> {
    let awaited = || Refusal::NotAwaited(key.to_string());
    let number = trial::running(sprint, task).ok_or_else(awaited)?.number;
    let end = match report {
        Report::Tried { tree, results } => TrialEnd::Ran {
            tree: tree.clone(),
            results: results.clone(),
        },
        Report::Failed(why) => TrialEnd::Broke(why.clone()),
        _ => return Err(awaited()),
    };
    Ok(vec![Event::TrialEnded {
        task: task.id,
        gate: task.gate.ok_or_else(awaited)?,
        number,
        end,
    }])
}
