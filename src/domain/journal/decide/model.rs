//! How calls to models end, in what they gave and in money.

use crate::base::id::AttemptId;
use crate::base::time::Timestamp;
use crate::base::tokens::TokenUsage;
use crate::domain::agent::End;
use crate::domain::cost::{Entry, Settlement};
use crate::domain::journal::event::{BeganModel, EndedCall};
use crate::domain::journal::{EffectKey, Event, Refusal, Report, World};
use crate::domain::llm::{CallFailure, FailureKind};
use crate::domain::sprint::Ask;

/// A model that fails this often in a row is a person's business.
const MOST_FAILURES: u32 = 4;

/// The ledger entry of a call, at the price that stood when the sprint began.
fn ended(
    world: &World,
    attempt: AttemptId,
    began: &BeganModel,
    usage: TokenUsage,
    latency_ms: u64,
) -> EndedCall {
    let sprint = world.sprints.get(&attempt.work.sprint());
    let choice = sprint.map(|sprint| sprint.model(began.tier));
    let price = choice.map(|choice| choice.price).unwrap_or_default();
    let baseline = sprint
        .map(|sprint| sprint.setup.baseline)
        .unwrap_or_default();
    let uncached = TokenUsage {
        input: usage.prompt(),
        output: usage.output,
        ..TokenUsage::default()
    };
    let is_priced = choice.is_none_or(|choice| choice.is_priced);
    let entry = Entry {
        route: began.route.clone(),
        tier: began.tier,
        usage,
        price,
        cost: price.cost(&usage),
        baseline: baseline.cost(&uncached),
        settlement: if is_priced {
            Settlement::Exact
        } else {
            Settlement::Unpriced
        },
        latency_ms,
    };
    EndedCall {
        entry,
        reserved: began.reserved,
    }
}

/// A call of which nobody knows what it cost: all that was set aside counts as spent.
pub(super) fn lost(world: &World, attempt: AttemptId, step: u32, began: &BeganModel) -> Event {
    let ended = ended(world, attempt, began, TokenUsage::default(), 0);
    let entry = Entry {
        cost: began.reserved,
        settlement: Settlement::Lost,
        ..ended.entry
    };
    Event::CallLost {
        attempt,
        step,
        ended: EndedCall { entry, ..ended },
    }
}

/// A call whose reply nobody wants any more: only its money counts.
pub(super) fn late(
    world: &World,
    attempt: AttemptId,
    step: u32,
    began: &BeganModel,
    report: &Report,
) -> Event {
    let (usage, latency_ms) = match report {
        Report::Replied {
            usage, latency_ms, ..
        } => (*usage, *latency_ms),
        // A call that was cut off in its middle has cost something, and nobody was told what.
        Report::CallFailed {
            failure,
            latency_ms,
        } if failure.kind != FailureKind::Cut || failure.usage != TokenUsage::default() => {
            (failure.usage, *latency_ms)
        }
        _ => return lost(world, attempt, step, began),
    };
    Event::CallLost {
        attempt,
        step,
        ended: ended(world, attempt, began, usage, latency_ms),
    }
}

pub(super) fn of_model(
    world: &World,
    attempt: AttemptId,
    step: u32,
    report: &Report,
    at: Timestamp,
) -> Result<Vec<Event>, Refusal> {
    let key = EffectKey::Model { attempt, step };
    let awaited = || Refusal::NotAwaited(key.to_string());
    let began = world
        .began
        .get(&key)
        .and_then(Option::as_ref)
        .ok_or_else(awaited)?;
    match report {
        Report::Replied {
            reply,
            first_line,
            calls,
            usage,
            latency_ms,
        } => Ok(vec![Event::ModelReplied {
            attempt,
            step,
            reply: reply.clone(),
            first_line: first_line.clone(),
            calls: calls.clone(),
            ended: ended(world, attempt, began, *usage, *latency_ms),
        }]),
        Report::CallFailed {
            failure,
            latency_ms,
        } => {
            let ended = ended(world, attempt, began, failure.usage, *latency_ms);
            Ok(call_failed(world, attempt, step, failure, ended, at))
        }
        _ => Err(awaited()),
    }
}

fn call_failed(
    world: &World,
    attempt: AttemptId,
    step: u32,
    failure: &CallFailure,
    ended: EndedCall,
    at: Timestamp,
) -> Vec<Event> {
    let failures = world.attempt(attempt).map_or(0, |attempt| attempt.failures) + 1;
    let provider = ended.entry.route.provider.clone();
    let is_retried = failure.kind.is_transient() && failures < MOST_FAILURES;
    let wait = failure.retry_after_ms.map_or_else(
        || 1_000_i64 << failures.min(6),
        |ms| ms.min(3_600_000) as i64,
    );
    let retry_at = is_retried.then(|| at.plus_ms(wait));
    let mut events = vec![Event::CallFailed {
        attempt,
        step,
        failure: failure.clone(),
        retry_at,
        ended,
    }];
    if is_retried {
        return events;
    }
    match failure.kind {
        FailureKind::BadRequest | FailureKind::Malformed | FailureKind::Cut => {
            events.push(Event::AttemptEnded {
                attempt,
                end: End::Failed(failure.kind, failure.text.clone()),
            });
        }
        FailureKind::ContextOverflow => events.push(Event::AttemptEnded {
            attempt,
            end: End::Full,
        }),
        FailureKind::Unreachable
        | FailureKind::RateLimited
        | FailureKind::Overloaded
        | FailureKind::Auth
        | FailureKind::NoCredit
        | FailureKind::UnknownModel => {
            let Some(sprint) = world.sprints.get(&attempt.work.sprint()) else {
                return events;
            };
            let is_known = sprint.holding_gates().any(
                |gate| matches!(&gate.ask, Ask::Key { provider: known, .. } if *known == provider),
            );
            if !is_known {
                let ask = Ask::Key {
                    provider,
                    kind: failure.kind,
                    text: failure.text.clone(),
                };
                events.push(Event::GateOpened {
                    gate: sprint.next_gate(),
                    work: attempt.work,
                    ask,
                });
            }
        }
    }
    events
}
