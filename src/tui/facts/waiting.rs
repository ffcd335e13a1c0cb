//! What waits on the person: the open gates of the sprint, in the order in which they are worth an answer.

use std::collections::BTreeSet;

use crate::base::id::{Digest, GateId, Work};
use crate::base::time::Timestamp;
use crate::domain::journal::World;
use crate::domain::sprint::gate::{BudgetScope, Kind};
use crate::domain::sprint::{Ask, Gate, GateState, Sprint};

use super::people::Claims;
use super::snooze::{Back, Snoozes};
use super::{line, role_name, work_label, worker};

/// A waiting item: the view of one open gate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// The gate.
    pub gate: GateId,
    /// What is looked at; a decision names it.
    pub revision: Digest,
    /// What kind it is.
    pub kind: Kind,
    /// What it is about: `t4`, `plan`.
    pub label: String,
    /// Who asks.
    pub who: String,
    /// What is asked, in a line.
    pub text: String,
    /// It stops the team.
    pub stops: bool,
    /// Tasks that cannot move until it is decided.
    pub held: usize,
    /// How long it has waited, in milliseconds.
    pub age_ms: i64,
    /// When it comes back, if the person put it off as it is now.
    pub snoozed: Option<Back>,
    /// Who else has it open.
    pub claimed: Option<String>,
    /// Who handed it to the person.
    pub handed: Option<String>,
}

/// What others at the session have to do with items: who has which open, and who handed which to the person.
#[derive(Clone, Debug, Default)]
pub struct Hands {
    /// Items that somebody else has open.
    pub claimed: Claims,
    /// Items that somebody handed to the person.
    pub handed: Claims,
}

impl Item {
    /// Whether the person put it off.
    pub const fn is_snoozed(&self) -> bool {
        self.snoozed.is_some()
    }

    /// First what stops the team, then what holds tasks, then the rest; what was put off comes last.
    fn tier(&self) -> u8 {
        let tier = match (self.is_snoozed(), self.stops, self.held) {
            (true, _, _) => return 4,
            (false, true, _) => 0,
            (false, false, 1..) => 1,
            (false, false, 0) => 2,
        };
        // What somebody else looks at comes behind the others of its kind and those of the next.
        if self.handed.is_some() {
            // Somebody waits for the person, not for the team.
            tier.min(1)
        } else if self.claimed.is_some() {
            tier + 1
        } else {
            tier
        }
    }
}

/// All items of the current sprint, most pressing first. `snoozes` says what was put off, `hands` what others have
/// to do with them.
pub fn items(world: &World, (snoozes, hands): (&Snoozes, &Hands), now: Timestamp) -> Vec<Item> {
    let Some(sprint) = world.current() else {
        return Vec::new();
    };
    let open = sprint
        .open_gates()
        .filter(|gate| gate.state == GateState::Open);
    let mut items: Vec<Item> = open
        .map(|gate| {
            let handed = hands.handed.get(&gate.id).cloned();
            // Whoever hands an item over often still has it open.
            let claimed = hands.claimed.get(&gate.id).cloned();
            Item {
                claimed: claimed.filter(|_| handed.is_none()),
                handed,
                ..item(sprint, gate, snoozes, now)
            }
        })
        .collect();
    items.sort_by_key(|item| {
        let minutes = item.age_ms / 60_000 + 1;
        let score = i64::try_from(item.held)
            .unwrap_or(i64::MAX)
            .saturating_mul(minutes);
        (
            item.tier(),
            item.handed.is_none(),
            item.claimed.is_some(),
            std::cmp::Reverse(score),
            std::cmp::Reverse(item.age_ms),
            item.gate,
        )
    });
    items
}

/// The last decision of this person that can still be withdrawn.
pub fn withdrawable<'a>(world: &'a World, me: &str) -> Option<&'a Gate> {
    let pending = world
        .current()?
        .open_gates()
        .filter_map(|gate| match &gate.state {
            GateState::Pending {
                by, effective_at, ..
            } if by.to_string() == me => Some((*effective_at, gate)),
            GateState::Pending { .. }
            | GateState::Open
            | GateState::Closed { .. }
            | GateState::Moot => None,
        });
    pending
        .max_by_key(|(effective_at, _)| *effective_at)
        .map(|(_, gate)| gate)
}

fn item(sprint: &Sprint, gate: &Gate, snoozes: &Snoozes, now: Timestamp) -> Item {
    Item {
        gate: gate.id,
        revision: gate.revision,
        kind: gate.ask.kind(),
        label: work_label(gate.work),
        who: who(sprint, gate),
        text: text(sprint, gate),
        stops: gate.ask.stops_all(),
        held: held(sprint, gate),
        age_ms: now.since(gate.opened_at),
        snoozed: snoozes.of(gate.id, gate.revision, now),
        claimed: None,
        handed: None,
    }
}

fn who(sprint: &Sprint, gate: &Gate) -> String {
    match &gate.ask {
        Ask::Question { attempt, .. } | Ask::Tool { attempt, .. } => {
            let role = sprint
                .attempts
                .get(attempt)
                .map_or("", |attempt| attempt.role.as_str());
            role_name(sprint, role)
        }
        Ask::Plan { .. }
        | Ask::Diff { .. }
        | Ask::Merge { .. }
        | Ask::Conflict { .. }
        | Ask::Budget { .. }
        | Ask::Fail { .. }
        | Ask::Key { .. }
        | Ask::Hand { .. } => worker(sprint, gate.work),
    }
}

/// The item in one line.
pub fn text(sprint: &Sprint, gate: &Gate) -> String {
    match &gate.ask {
        Ask::Plan { revision, .. } => {
            let tasks = sprint.plan.kept().count();
            format!(
                "draft {revision}: {tasks} tasks for “{}”",
                line(&sprint.goal.first_line())
            )
        }
        Ask::Question { question, .. } => line(question),
        Ask::Tool { command, .. } => format!("wants to run: {}", line(command)),
        Ask::Diff {
            hunks,
            lines: (added, removed),
            ..
        } => {
            let title = gate
                .work
                .task()
                .and_then(|id| sprint.task(id))
                .map_or("", |task| &task.spec.title);
            format!(
                "{} · {} hunks +{added} -{removed}",
                line(title),
                hunks.len()
            )
        }
        Ask::Merge {
            blocked: Some(why), ..
        } => line(why),
        Ask::Merge { blocked: None, .. } => {
            let (done, all) = sprint.progress();
            format!("{done} of {all} tasks are ready for the base branch")
        }
        Ask::Conflict { paths, .. } if paths.is_empty() => {
            "merges, but the checks fail on what comes of it".to_owned()
        }
        Ask::Conflict { paths, .. } => format!("clashes in {}", line(&paths.join(", "))),
        Ask::Budget {
            scope,
            asked,
            left,
            limit,
        } => {
            format!(
                "{} of {limit} reached: {left} left, the next call may cost {asked}",
                budget(*scope)
            )
        }
        Ask::Fail { cause, .. } => line(cause),
        Ask::Key { provider, text, .. } => format!("{}: {}", line(provider), line(text)),
        Ask::Hand { text } => line(text),
    }
}

/// Whose budget it is, in words.
pub fn budget(scope: BudgetScope) -> String {
    match scope {
        BudgetScope::Request => "the cap of one call".to_owned(),
        BudgetScope::Task(id) => format!("the cap of {}", super::task_label(id)),
        BudgetScope::Sprint => "the sprint's budget".to_owned(),
        BudgetScope::Day => "the day's budget".to_owned(),
    }
}

/// How many tasks cannot move until the gate is decided: all open ones for what stops the sprint, else the gate's task and those
/// that need it, directly or not.
pub fn held(sprint: &Sprint, gate: &Gate) -> usize {
    if gate.ask.stops_all() {
        return sprint.tasks.values().filter(|task| !task.is_over()).count();
    }
    let Work::Task(id) = gate.work else {
        return 0;
    };
    let (mut seen, mut open) = (BTreeSet::new(), vec![id.number]);
    while let Some(number) = open.pop() {
        let Some(task) = sprint.tasks.get(&number).filter(|task| !task.is_over()) else {
            continue;
        };
        if seen.insert(number) {
            open.extend(&task.dependants);
        }
    }
    seen.len()
}
