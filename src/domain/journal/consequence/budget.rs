//! The quiet steps of a budget: the half is noted, and from the share that the settings name on a person is asked, at most once a step
//! and with at most one item a budget. What holds the agents at its end takes the item's place.

use crate::base::id::Work;
use crate::base::money::Money;
use crate::base::time::{DAY_MS, Timestamp};
use crate::domain::journal::{Event, World};
use crate::domain::sprint::gate::BudgetScope;
use crate::domain::sprint::nearing::{HALF, step};
use crate::domain::sprint::{Ask, Phase, Sprint, Task};

/// One budget as it is now.
struct Budget {
    scope: BudgetScope,
    /// What an item about it is about.
    work: Work,
    spent: Money,
    limit: Option<Money>,
    day: Option<i64>,
}

/// What follows from the sprint's money, and from the day's.
pub(super) fn of_sprint(world: &World, sprint: &Sprint, at: Timestamp) -> Option<Event> {
    let work = Work::Summary(sprint.id);
    let whole = Budget {
        scope: BudgetScope::Sprint,
        work,
        spent: sprint.account.spent,
        limit: sprint.account.limit,
        day: None,
    };
    let today = at.0.div_euclid(DAY_MS);
    let day = Budget {
        scope: BudgetScope::Day,
        work,
        spent: world.days.get(&today).copied().unwrap_or_default(),
        limit: sprint.setup.policy.day_budget,
        day: Some(today),
    };
    let is_live = spends(sprint);
    next(sprint, &whole, is_live).or_else(|| next(sprint, &day, is_live))
}

/// What follows from a task's money.
pub(super) fn of_task(sprint: &Sprint, task: &Task) -> Option<Event> {
    let cap = Budget {
        scope: BudgetScope::Task(task.id),
        work: Work::Task(task.id),
        spent: task.account.spent,
        limit: task.account.limit,
        day: None,
    };
    next(sprint, &cap, spends(sprint) && !task.is_over())
}

/// Whether a sprint may still spend anything. What waits for the base branch does not.
const fn spends(sprint: &Sprint) -> bool {
    match sprint.phase {
        Phase::Planning | Phase::Approving | Phase::Running | Phase::Summing => true,
        Phase::Queued | Phase::Opening | Phase::Landing | Phase::Closed(_) => false,
    }
}

fn next(sprint: &Sprint, budget: &Budget, is_live: bool) -> Option<Event> {
    let (scope, day) = (budget.scope, budget.day);
    let open = sprint.nearing(scope);
    let ask_at = sprint.setup.policy.ask_at_percent.max(1);
    let limit = budget.limit.filter(|_| is_live);
    let reached = limit.map(|limit| (limit, step(budget.spent.percent_of(limit), ask_at)));
    let told = sprint.told.get(&scope);
    let is_new = |limit: Money, step: u32| {
        let told = told.filter(|told| told.limit == limit && told.day == day);
        told.is_none_or(|told| told.step < step)
    };
    match reached.filter(|(limit, step)| *step > 0 && is_new(*limit, *step)) {
        Some((limit, step)) if step >= ask_at && !is_held(sprint, budget) => {
            ask(sprint, budget, limit, step)
        }
        Some((limit, HALF)) if HALF < ask_at && open.is_none() => Some(Event::HalfSpent {
            sprint: sprint.id,
            scope,
            spent: budget.spent,
            limit,
            day,
        }),
        Some(_) | None => open.map(|gate| Event::GateDropped(gate.id)),
    }
}

/// The item of a step: a new one, or the one that is open rises.
fn ask(sprint: &Sprint, budget: &Budget, limit: Money, step: u32) -> Option<Event> {
    let (scope, day) = (budget.scope, budget.day);
    let asked = Ask::Nearing {
        scope,
        step,
        spent: budget.spent,
        limit,
        day,
    };
    let Some(open) = sprint.nearing(scope) else {
        return Some(Event::GateOpened {
            gate: sprint.next_gate(),
            work: budget.work,
            ask: asked,
        });
    };
    let is_same = matches!(open.ask, Ask::Nearing { step: known, limit: of, day: on, .. } if (known, of, on) == (step, limit, day));
    (!is_same).then_some(Event::GateChanged {
        gate: open.id,
        ask: asked,
    })
}

/// Whether the budget's end is asked about.
fn is_held(sprint: &Sprint, budget: &Budget) -> bool {
    let mut gates = sprint
        .gates_about(budget.work)
        .chain(sprint.holding_gates());
    gates.any(|gate| matches!(gate.ask, Ask::Budget { scope, .. } if scope == budget.scope))
}
