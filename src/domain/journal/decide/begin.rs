//! How effects begin: what a new host finds in flight, and what may start now.

use crate::base::body::Body;
use crate::base::id::{AttemptId, Work};
use crate::base::money::Money;
use crate::base::time::{DAY_MS, Timestamp};
use crate::domain::agent::{Answer, Attempt};
use crate::domain::cost::Refused;
use crate::domain::journal::decide::model::lost;
use crate::domain::journal::event::BeganModel;
use crate::domain::journal::{EffectKey, Event, Refusal, World};
use crate::domain::sprint::gate::BudgetScope;
use crate::domain::sprint::{Ask, Sprint};
use crate::domain::tool::Access;

/// A new host: what was in flight is settled, written off, or forgotten so that it is looked up and done again.
pub(super) fn take_over(world: &World, version: &str, pid: u32) -> Vec<Event> {
    let mut events = vec![Event::HostStarted {
        version: version.to_owned(),
        pid,
    }];
    let found = world.began.iter();
    events.extend(found.map(|(key, model)| abandoned(world, *key, model.as_ref())));
    events
}

/// What becomes of an effect whose host is gone.
fn abandoned(world: &World, key: EffectKey, model: Option<&BeganModel>) -> Event {
    match (key, model) {
        (EffectKey::Model { attempt, step }, Some(model)) => lost(world, attempt, step, model),
        (
            EffectKey::Tool {
                attempt,
                step,
                call,
            },
            _,
        ) if is_not_repeated(world, attempt, step, call) => {
            let text = "interrupted: the program ended while this ran, and its outcome is unknown. Inspect before you retry.";
            Event::ToolReturned {
                attempt,
                step,
                call,
                answer: Answer {
                    text: Body::Inline(text.to_owned()),
                    is_error: true,
                    brief: "interrupted".to_owned(),
                    exit: None,
                    rest: None,
                },
            }
        }
        _ => Event::EffectForgotten { key },
    }
}

fn is_not_repeated(world: &World, attempt: AttemptId, step: u32, call: u32) -> bool {
    let call = world
        .attempt(attempt)
        .and_then(|attempt| attempt.call(step, call));
    call.is_some_and(|call| {
        call.answer.is_none() && matches!(call.shape.access(), Access::Edits | Access::Runs)
    })
}

/// An effect wants to begin: it must be wanted, not held, and paid for.
pub(super) fn begin(
    world: &World,
    key: EffectKey,
    model: Option<&BeganModel>,
    at: Timestamp,
) -> Result<Vec<Event>, Refusal> {
    let wish = world
        .open
        .get(&key)
        .ok_or_else(|| Refusal::NotAwaited(key.to_string()))?;
    if wish.hold.is_some() || world.began.contains_key(&key) {
        return Err(Refusal::Held(key.to_string()));
    }
    if !wish.is_recorded {
        return Ok(Vec::new());
    }
    let sprint = world
        .sprints
        .get(&key.sprint())
        .ok_or_else(|| Refusal::Unknown(key.sprint().to_string()))?;
    if let EffectKey::Model { attempt, .. } = key {
        // A call whose price nobody set aside could spend past any limit.
        let model = model.ok_or_else(|| Refusal::Held(key.to_string()))?;
        // Words that came since the request was made would count as read and never be.
        let words = sprint.attempts.get(&attempt).map(Attempt::words);
        if words != Some(model.words) {
            return Err(Refusal::Stale(key.to_string()));
        }
        if let Some((scope, refused)) = over_budget(world, sprint, attempt.work, model.reserved, at)
        {
            return ask_for_more(sprint, key, attempt.work, scope, refused);
        }
    }
    Ok(vec![Event::EffectBegan {
        key,
        model: model.cloned(),
    }])
}

/// A person is asked for a higher limit, once.
fn ask_for_more(
    sprint: &Sprint,
    key: EffectKey,
    work: Work,
    scope: BudgetScope,
    refused: Refused,
) -> Result<Vec<Event>, Refusal> {
    let mut asked = sprint.gates_about(work).chain(sprint.holding_gates());
    if asked.any(|gate| matches!(&gate.ask, Ask::Budget { scope: known, .. } if *known == scope)) {
        return Err(Refusal::Held(key.to_string()));
    }
    let ask = Ask::Budget {
        scope,
        asked: refused.asked,
        left: refused.left,
        limit: refused.limit,
    };
    // The end takes the place of what was said on the way to it.
    let nearing = sprint
        .nearing(scope)
        .map(|gate| Event::GateDropped(gate.id));
    let opened = Event::GateOpened {
        gate: sprint.next_gate(),
        work,
        ask,
    };
    Ok(nearing.into_iter().chain([opened]).collect())
}

/// The first budget that a reservation does not fit, from the narrowest to the widest.
fn over_budget(
    world: &World,
    sprint: &Sprint,
    work: Work,
    asked: Money,
    at: Timestamp,
) -> Option<(BudgetScope, Refused)> {
    let policy = &sprint.setup.policy;
    if let Some(limit) = policy.request_budget.filter(|limit| asked > *limit) {
        return Some((
            BudgetScope::Request,
            Refused {
                asked,
                left: limit,
                limit,
            },
        ));
    }
    if let Some(task) = work.task().and_then(|task| sprint.task(task))
        && let Err(refused) = task.account.check(asked)
    {
        return Some((BudgetScope::Task(task.id), refused));
    }
    if let Err(refused) = sprint.account.check(asked) {
        return Some((BudgetScope::Sprint, refused));
    }
    let limit = policy.day_budget?;
    let today = world
        .days
        .get(&at.0.div_euclid(DAY_MS))
        .copied()
        .unwrap_or_default();
    let left = (limit - today - world.reserved).max(Money::ZERO);
    (asked > left).then_some((BudgetScope::Day, Refused { asked, left, limit }))
}
