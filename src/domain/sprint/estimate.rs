//! Estimates of money, made by code: the calls that a task of a given complexity takes, at the price of its tier. Without a history of
//! its own the program says that it guesses.

use crate::base::money::Money;
use crate::base::tokens::TokenUsage;
use crate::domain::llm::Tier;
use crate::domain::sprint::{Plan, Planned, Setup, Sprint};

/// Calls of an attempt by complexity 1 to 5; a guess, replaced by the mean of the own history when there is one.
const CALLS: [i64; 5] = [6, 9, 13, 18, 25];
/// Calls of a judge.
const JUDGE_CALLS: i64 = 5;
/// How long a call takes together with what it asks for; a guess too.
const CALL_MS: i64 = 25_000;
/// Tokens of one call: a prompt mostly from the cache, and a short reply.
const CALL: TokenUsage = TokenUsage {
    input: 1_500,
    output: 450,
    cache_read: 9_000,
    cache_write: 1_200,
};

/// The tier that a task runs on: a person's choice, else its role's.
#[must_use]
pub fn tier(setup: &Setup, task: &Planned) -> Tier {
    let of_role = setup
        .team
        .iter()
        .find(|role| role.key == task.role)
        .map_or(Tier::Standard, |role| role.tier);
    task.tier.unwrap_or(of_role)
}

/// What a task will cost at its tier: its own work and the judge's.
#[must_use]
pub fn task(setup: &Setup, planned: &Planned) -> Money {
    let at = |tier: Tier| setup.models.get(&tier).unwrap_or(&setup.fallback).price;
    let work = Money(
        at(tier(setup, planned))
            .cost(&CALL)
            .0
            .saturating_mul(calls(planned)),
    );
    let judge = setup.judge().map_or(Money::ZERO, |judge| {
        Money(at(judge.tier).cost(&CALL).0.saturating_mul(JUDGE_CALLS))
    });
    work + judge
}

fn calls(planned: &Planned) -> i64 {
    let place = usize::from(planned.complexity.clamp(1, 5) - 1);
    CALLS.get(place).copied().unwrap_or(13)
}

/// How long a task will take with all its calls and checks, in milliseconds, without the waits for people.
#[must_use]
pub fn wall_ms(setup: &Setup, planned: &Planned) -> i64 {
    let judge = setup.judge().map_or(0, |_| JUDGE_CALLS);
    (calls(planned) + judge) * CALL_MS
}

/// How long a task will still take after so many calls, in milliseconds. It takes another call at least.
#[must_use]
pub fn rest_ms(setup: &Setup, planned: &Planned, calls: usize) -> i64 {
    let made = i64::try_from(calls).unwrap_or(i64::MAX);
    let made = made.saturating_mul(CALL_MS);
    wall_ms(setup, planned).saturating_sub(made).max(CALL_MS)
}

/// What all kept tasks of a plan will cost.
#[must_use]
pub fn plan(setup: &Setup, plan: &Plan) -> Money {
    plan.kept().map(|planned| task(setup, planned)).sum()
}

/// What the sprint will have cost at its end if all that is open works on `tier` from now on.
#[must_use]
pub fn forecast_at(sprint: &Sprint, tier: Tier) -> Money {
    let open = sprint.tasks.values().filter(|task| !task.is_over());
    let rest = open.map(|open| {
        let planned = Planned {
            tier: Some(tier.min(self::tier(&sprint.setup, &open.spec))),
            ..open.spec.clone()
        };
        (task(&sprint.setup, &planned) - open.account.spent).max(Money::ZERO)
    });
    sprint.account.spent + rest.sum()
}

/// What the sprint will have cost at its end: what is spent, and for every task that is not over the mean of those that are (or the
/// estimate, before any is).
#[must_use]
pub fn forecast(sprint: &Sprint) -> Money {
    let over: Vec<Money> = sprint
        .tasks
        .values()
        .filter(|task| task.is_over())
        .map(|task| task.account.spent)
        .collect();
    let mean = (!over.is_empty())
        .then(|| Money(over.iter().copied().sum::<Money>().0 / over.len() as i64));
    let open = sprint.tasks.values().filter(|task| !task.is_over());
    let rest = open.map(|open| {
        let whole = mean.unwrap_or_else(|| task(&sprint.setup, &open.spec));
        (whole - open.account.spent).max(Money::ZERO)
    });
    sprint.account.spent + rest.sum()
}
