//! The world in the words of the interface: who is at work, what waits, what happened. Read from the world each time; nothing
//! is kept, and nothing is painted.

pub mod agents;
pub mod alike;
pub mod events;
pub mod next;
pub mod people;
pub mod risks;
pub mod since;
pub mod snooze;
pub mod subject;
pub mod waiting;

use crate::base::id::{TaskId, Work};
use crate::base::text::SafeText;
use crate::domain::sprint::gate::{BudgetScope, Kind};
use crate::domain::sprint::{Ask, Closing, Gate, Phase, Sprint};
use crate::tui::theme::Token;

/// Foreign text as one safe line.
pub fn line(text: &str) -> String {
    SafeText::line(text).into_string()
}

/// A task as people call it within its sprint: `t4`.
pub fn task_label(id: TaskId) -> String {
    format!("t{}", id.number)
}

/// What work is called: `t4`, `plan`, `sum`.
pub fn work_label(work: Work) -> String {
    match work {
        Work::Plan(_) => "plan".to_owned(),
        Work::Summary(_) => "sum".to_owned(),
        Work::Task(id) => task_label(id),
    }
}

/// What a gate is about, as people call it: `t4`, `plan`, and for money of more than a task `s1` or `day`.
pub fn gate_label(gate: &Gate) -> String {
    match &gate.ask {
        Ask::Nearing {
            scope: BudgetScope::Day,
            ..
        } => "day".to_owned(),
        Ask::Nearing {
            scope: BudgetScope::Sprint,
            ..
        } => gate.id.sprint.to_string(),
        _ => work_label(gate.work),
    }
}

/// Who asks at a gate, or whose work it is about; the program itself about money of more than a task.
pub fn asker(sprint: &Sprint, gate: &Gate) -> String {
    match (&gate.ask, gate.work.task()) {
        (Ask::Nearing { .. }, None) => "aios".to_owned(),
        _ => worker(sprint, gate.work),
    }
}

/// What the role of this key is called.
pub fn role_name(sprint: &Sprint, key: &str) -> String {
    line(sprint.role(key).map_or(key, |role| &role.name))
}

/// Where the sprint is, in a few words.
pub fn phase(sprint: &Sprint) -> String {
    match &sprint.phase {
        Phase::Queued => "waits for the sprint before it".to_owned(),
        Phase::Opening => "looks at the base".to_owned(),
        Phase::Planning => "the planner plans".to_owned(),
        Phase::Approving => "the plan waits for you".to_owned(),
        Phase::Running if sprint.paused.is_some() => "paused".to_owned(),
        Phase::Running => "tasks are in work".to_owned(),
        Phase::Summing => "the planner sums up".to_owned(),
        Phase::Landing => "ready for the base branch".to_owned(),
        Phase::Closed(Closing::Landed(commit)) => format!("landed as {}", commit.short()),
        Phase::Closed(Closing::KeptApart) => "ended, its branch kept apart".to_owned(),
        Phase::Closed(Closing::Stopped) => "stopped".to_owned(),
        Phase::Closed(Closing::Failed(why)) => format!("failed: {}", line(why)),
    }
}

/// Who does this work now, or did it last: the name of the role.
pub fn worker(sprint: &Sprint, work: Work) -> String {
    let last = sprint.last_attempt(work);
    // A judge's attempt that is over says nothing about whose work it is.
    if let Some(attempt) = last.filter(|attempt| attempt.end.is_none() || work.task().is_none()) {
        return role_name(sprint, &attempt.role);
    }
    match work.task().and_then(|id| sprint.task(id)) {
        Some(task) => role_name(sprint, &task.spec.role),
        None => sprint
            .setup
            .planner()
            .map_or_else(String::new, |role| line(&role.name)),
    }
}

/// What follows an amount of a sprint whose models, and so whose money, are simulated.
pub fn simulated(sprint: &Sprint) -> &'static str {
    if sprint.setup.policy.simulated {
        " simulated"
    } else {
        ""
    }
}

/// The mark of a kind of waiting item.
pub const fn mark(kind: Kind) -> &'static str {
    match kind {
        Kind::Plan => "P",
        Kind::Ask => "?",
        Kind::Diff => "±",
        Kind::Merge => "↑",
        Kind::Tool => "!",
        Kind::Budget => "$",
        Kind::Conflict => "≠",
        Kind::Fail => "✗",
        Kind::Key => "K",
        Kind::Hand => "@",
    }
}

/// The token of a kind of waiting item's mark.
pub const fn mark_token(kind: Kind) -> Token {
    match kind {
        Kind::Fail | Kind::Conflict => Token::Fail,
        Kind::Plan
        | Kind::Ask
        | Kind::Diff
        | Kind::Merge
        | Kind::Tool
        | Kind::Budget
        | Kind::Key
        | Kind::Hand => Token::Need,
    }
}

/// `12,345` tokens in at most five cells: `950`, `61k`, `4.1M`.
pub fn count(number: u64) -> String {
    match number {
        0..1_000 => number.to_string(),
        1_000..10_000 => format!("{}.{}k", number / 1_000, number % 1_000 / 100),
        10_000..1_000_000 => format!("{}k", number / 1_000),
        1_000_000..10_000_000 => {
            format!("{}.{}M", number / 1_000_000, number % 1_000_000 / 100_000)
        }
        _ => format!("{}M", number / 1_000_000),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_stay_short() {
        let shown = [0, 999, 1_250, 61_999, 999_999, 4_120_000, 88_000_000].map(count);
        assert_eq!(shown, ["0", "999", "1.2k", "61k", "999k", "4.1M", "88M"]);
    }
}
