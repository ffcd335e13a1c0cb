//! What is to be expected of a plan: what it costs, how long it takes, what speaks against it without forbidding it, what differs from
//! another draft. All of it is computed from the plan and the sprint's rules alone.

use std::collections::{BTreeMap, BTreeSet};

use crate::base::id::Work;
use crate::base::money::Money;
use crate::domain::agent::RoleKind;
use crate::domain::sprint::plan::Fault;
use crate::domain::sprint::{Phase, Plan, PlanEdit, Planned, Setup, Sprint, Task, estimate};

/// What is to be expected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outlook {
    /// What it will cost.
    pub cost: Money,
    /// How long it will take, in milliseconds, without the waits for people; none while the needs cannot be met.
    pub wall_ms: Option<i64>,
    /// The tasks that decide how long it takes, the first first.
    pub critical: Vec<String>,
    /// What a person should know before.
    pub warnings: Vec<Warning>,
}

/// Something that may go wrong, and does not forbid the plan.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Warning {
    /// Two tasks may run side by side and change the same file.
    #[error("{0} and {1} both touch {2}")]
    Touch(String, String, String),
    /// The estimate is higher than the budget.
    #[error("the estimate is over the budget of {0}")]
    OverBudget(Money),
    /// A task will reach its cap.
    #[error("{0}: the estimate of {2} is over its cap of {1}")]
    Cap(String, Money, Money),
}

/// How a task differs from what it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Difference {
    /// It was not there, or was left out.
    Added,
    /// It says something else.
    Changed,
    /// It is left out, or gone.
    Dropped,
}

/// What is to be expected of a plan.
#[must_use]
pub fn outlook(setup: &Setup, plan: &Plan) -> Outlook {
    let ends = ends(setup, plan);
    let wall_ms = ends
        .as_ref()
        .map(|ends| ends.values().copied().max().unwrap_or(0));
    Outlook {
        cost: estimate::plan(setup, plan),
        wall_ms,
        critical: ends.map_or_else(Vec::new, |_| critical(setup, plan)),
        warnings: warnings(setup, plan),
    }
}

/// How long what is open of a running sprint will take, in milliseconds, without the waits for people; none while it does not run or
/// nothing is known.
#[must_use]
pub fn rest_ms(sprint: &Sprint) -> Option<i64> {
    if sprint.phase != Phase::Running || sprint.paused.is_some() {
        return None;
    }
    let open: Vec<&Task> = sprint
        .tasks
        .values()
        .filter(|task| !task.is_over())
        .collect();
    let is_open = |slug: &str| open.iter().any(|task| task.spec.slug == slug);
    let mut plan = sprint.plan.clone();
    plan.tasks = open
        .iter()
        .map(|task| {
            let mut spec = task.spec.clone();
            spec.needs.retain(|need| is_open(need));
            spec
        })
        .collect();
    let ends = ends_of(&sprint.setup, &plan, |spec| {
        let task = open.iter().find(|task| task.spec.slug == spec.slug);
        let calls = task.map_or(0, |task| calls(sprint, task));
        estimate::rest_ms(&sprint.setup, spec, calls)
    })?;
    ends.into_values().max()
}

/// How many calls were made for a task so far.
fn calls(sprint: &Sprint, task: &Task) -> usize {
    let attempts = sprint.attempts.iter();
    let of_task = attempts.filter(|(id, _)| id.work == Work::Task(task.id));
    of_task.map(|(_, attempt)| attempt.steps.len()).sum()
}

/// When each kept task ends, from the start: tasks begin in the plan's order as soon as what they need is done and there is room. None
/// where something never can begin.
fn ends(setup: &Setup, plan: &Plan) -> Option<BTreeMap<String, i64>> {
    ends_of(setup, plan, |task| estimate::wall_ms(setup, task))
}

/// As [`ends`], where `wall_ms` says how long a task takes.
fn ends_of(
    setup: &Setup,
    plan: &Plan,
    wall_ms: impl Fn(&Planned) -> i64,
) -> Option<BTreeMap<String, i64>> {
    let mut lanes = vec![0_i64; setup.policy.agents_max.max(1) as usize];
    let mut left: Vec<&Planned> = plan.kept().collect();
    let mut ends: BTreeMap<String, i64> = BTreeMap::new();
    while !left.is_empty() {
        let free_at = lanes.iter().copied().min().unwrap_or(0);
        let begins = |task: &Planned| {
            let needs = task.needs.iter().map(|need| ends.get(need).copied());
            let needs: Option<Vec<i64>> = needs.collect();
            needs.map(|needs| needs.into_iter().max().unwrap_or(0).max(free_at))
        };
        // The earliest; of equals the first of the plan.
        let ready = left.iter().enumerate();
        let ready = ready.filter_map(|(place, task)| Some((begins(task)?, place)));
        let (at, place) = ready.min()?;
        let task = left.remove(place);
        let end = at + wall_ms(task);
        ends.insert(task.slug.clone(), end);
        if let Some(lane) = lanes.iter_mut().min() {
            *lane = end;
        }
    }
    Some(ends)
}

/// The chain of needs that takes longest. The plan has no circle.
fn critical(setup: &Setup, plan: &Plan) -> Vec<String> {
    let mut chains: BTreeMap<&str, (i64, Vec<String>)> = BTreeMap::new();
    let mut left: Vec<&Planned> = plan.kept().collect();
    while !left.is_empty() {
        let count = left.len();
        left.retain(|task| {
            let needs: Option<Vec<_>> = task
                .needs
                .iter()
                .map(|need| chains.get(need.as_str()))
                .collect();
            let Some(needs) = needs else {
                return true;
            };
            let longest = needs.into_iter().max_by_key(|(wall, _)| *wall);
            let (before, mut chain) = longest.cloned().unwrap_or_default();
            chain.push(task.slug.clone());
            let wall = before + estimate::wall_ms(setup, task);
            chains.insert(&task.slug, (wall, chain));
            false
        });
        if left.len() == count {
            break;
        }
    }
    let longest = chains.into_values().max_by_key(|(wall, _)| *wall);
    longest.map_or_else(Vec::new, |(_, chain)| chain)
}

fn warnings(setup: &Setup, plan: &Plan) -> Vec<Warning> {
    let mut found = Vec::new();
    let limit = setup.policy.budget;
    found.extend(
        limit
            .filter(|limit| estimate::plan(setup, plan) > *limit)
            .map(Warning::OverBudget),
    );
    for task in plan.kept() {
        let cost = estimate::task(setup, task);
        let cap = task.cap.or(setup.policy.task_budget);
        let cap = cap.filter(|cap| *cap < cost);
        found.extend(cap.map(|cap| Warning::Cap(task.slug.clone(), cap, cost)));
    }
    let kept: Vec<&Planned> = plan.kept().collect();
    for (place, first) in kept.iter().enumerate() {
        for second in kept.iter().skip(place + 1) {
            let is_ordered = needs(plan, first, second) || needs(plan, second, first);
            let shared = shared(first, second).filter(|_| !is_ordered);
            found.extend(shared.map(|path| {
                Warning::Touch(first.slug.clone(), second.slug.clone(), path.to_owned())
            }));
        }
    }
    found
}

/// Whether a task needs another, directly or not.
fn needs(plan: &Plan, task: &Planned, other: &Planned) -> bool {
    let mut seen = BTreeSet::new();
    let mut open: Vec<&str> = task.needs.iter().map(String::as_str).collect();
    while let Some(slug) = open.pop() {
        if slug == other.slug {
            return true;
        }
        if seen.insert(slug) {
            let found = plan.kept().find(|known| known.slug == slug);
            open.extend(
                found
                    .into_iter()
                    .flat_map(|task| task.needs.iter().map(String::as_str)),
            );
        }
    }
    false
}

/// A path that both may change, as the closer of the two globs says it.
fn shared<'a>(first: &'a Planned, second: &'a Planned) -> Option<&'a str> {
    let pairs = first
        .touches
        .iter()
        .flat_map(|one| second.touches.iter().map(move |two| (one, two)));
    let mut meeting = pairs.filter(|(one, two)| meet(one, two));
    let (one, two) = meeting.next()?;
    Some(if two.len() > one.len() { two } else { one })
}

/// Whether two globs may name the same file. What stands before the first wildcard decides, so that it errs towards yes.
fn meet(one: &str, two: &str) -> bool {
    let fixed = |glob: &str| glob.find(['*', '?', '[', '{']).unwrap_or(glob.len());
    let (one_fixed, two_fixed) = (fixed(one), fixed(two));
    let open = |glob: &str, fixed: usize| fixed < glob.len();
    let (a, b) = (
        one.get(..one_fixed).unwrap_or(one),
        two.get(..two_fixed).unwrap_or(two),
    );
    match (open(one, one_fixed), open(two, two_fixed)) {
        (false, false) => a == b,
        (true, false) => b.starts_with(a),
        (false, true) => a.starts_with(b),
        (true, true) => a.starts_with(b) || b.starts_with(a),
    }
}

impl Fault {
    /// A change that mends it, if the program knows one that a person would not have to think of.
    #[must_use]
    pub fn cure(&self, setup: &Setup, plan: &Plan) -> Option<PlanEdit> {
        match self {
            Self::Need(slug, lost) => {
                let task = plan.kept().find(|task| task.slug == *slug)?;
                let needs = task.needs.iter().filter(|need| *need != lost);
                Some(PlanEdit::Needs {
                    slug: slug.clone(),
                    needs: needs.cloned().collect(),
                })
            }
            Self::Role { slug, .. } => {
                let worker = setup.team.iter().find(|role| role.kind == RoleKind::Worker);
                Some(PlanEdit::Role {
                    slug: slug.clone(),
                    role: worker?.key.clone(),
                })
            }
            Self::Empty
            | Self::TooMany(..)
            | Self::Slug(_)
            | Self::Twice(_)
            | Self::Circle(_)
            | Self::NoCriterion(_)
            | Self::Criterion(..)
            | Self::NoTitle(_)
            | Self::Complexity(_)
            | Self::Unreadable(_) => None,
        }
    }
}

impl Warning {
    /// A change that takes it away, if there is one.
    #[must_use]
    pub fn cure(&self, plan: &Plan) -> Option<PlanEdit> {
        match self {
            Self::Touch(first, second, _) => {
                let task = plan.kept().find(|task| task.slug == *second)?;
                let mut needs = task.needs.clone();
                needs.push(first.clone());
                Some(PlanEdit::Needs {
                    slug: second.clone(),
                    needs,
                })
            }
            Self::Cap(slug, _, cost) => Some(PlanEdit::Cap {
                slug: slug.clone(),
                cap: Some(Money(cost.0 + cost.0 / 2)),
            }),
            Self::OverBudget(_) => None,
        }
    }
}

/// How the tasks of `after` differ from those of `before`, by slug. Order is no difference.
#[must_use]
pub fn differences(before: &Plan, after: &Plan) -> BTreeMap<String, Difference> {
    let in_before = |slug: &str| before.kept().find(|task| task.slug == slug);
    let in_after = |slug: &str| after.kept().any(|task| task.slug == slug);
    let kept = after.kept().filter_map(|task| match in_before(&task.slug) {
        None => Some((task.slug.clone(), Difference::Added)),
        Some(old) if old != task => Some((task.slug.clone(), Difference::Changed)),
        Some(_) => None,
    });
    let gone = before.kept().filter(|task| !in_after(&task.slug));
    kept.chain(gone.map(|task| (task.slug.clone(), Difference::Dropped)))
        .collect()
}
