//! What differs between two worlds of the same session: then and now.

use std::collections::BTreeMap;

use crate::base::money::Money;
use crate::domain::journal::World;
use crate::domain::sprint::board::{Column, column};
use crate::domain::sprint::{GateState, Sprint, Task};

use super::{agents, events, phase, task_label, work_label};

/// One thing that differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// What.
    pub what: String,
    /// As it was.
    pub then: String,
    /// As it is.
    pub now: String,
}

/// A world in figures.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Figures {
    /// Tasks that are merged.
    pub done: usize,
    /// Tasks that are not dropped.
    pub all: usize,
    /// Agents that had or have work.
    pub agents: usize,
    /// What the sprint has spent.
    pub spent: Money,
}

impl Figures {
    /// The figures of a world's current sprint.
    pub fn of(world: &World) -> Self {
        let Some(sprint) = world.current() else {
            return Self::default();
        };
        let (done, all) = sprint.progress();
        let ran: std::collections::BTreeSet<&str> = sprint
            .attempts
            .values()
            .map(|attempt| attempt.role.as_str())
            .collect();
        Self {
            done,
            all,
            agents: ran.len(),
            spent: sprint.account.spent,
        }
    }
}

/// A number in groups of three: `8 291`.
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(' ');
        }
        text.push(digit);
    }
    text
}

/// A length of time in its two largest parts: `4m 56s`.
pub fn long_age(ms: i64) -> String {
    let seconds = ms.max(0) / 1_000;
    let (minutes, hours) = (seconds / 60, seconds / 3_600);
    match seconds {
        0..60 => format!("{seconds}s"),
        60..3_600 => format!("{minutes}m {}s", seconds % 60),
        3_600..86_400 => format!("{hours}h {}m", minutes % 60),
        _ => format!("{}d {}h", hours / 24, hours % 24),
    }
}

/// What differs, tasks first.
pub fn differences(then: &World, now: &World) -> Vec<Difference> {
    let mut found = Vec::new();
    let mut differ = |what: String, then: String, now: String| {
        if then != now {
            found.push(Difference { what, then, now });
        }
    };
    let none = || "-".to_owned();
    let (before, after) = (then.current(), now.current());
    let id = |sprint: Option<&Sprint>| sprint.map_or_else(none, |sprint| sprint.id.to_string());
    differ("sprint".to_owned(), id(before), id(after));
    // Of two sprints only the one that was is compared with what became of it.
    let after = before
        .and_then(|before| now.sprints.get(&before.id))
        .or(after);
    let stands = |sprint: Option<&Sprint>, number: &u32| {
        let placed = sprint.and_then(|sprint| Some((sprint, sprint.tasks.get(number)?)));
        placed.map_or_else(none, |(sprint, task)| place(sprint, task))
    };
    for (number, task) in after.iter().flat_map(|sprint| &sprint.tasks) {
        differ(
            task_label(task.id),
            stands(before, number),
            stands(after, number),
        );
    }
    let at_phase = |sprint: Option<&Sprint>| sprint.map_or_else(none, phase);
    differ("stage".to_owned(), at_phase(before), at_phase(after));
    let spent = |sprint: Option<&Sprint>| {
        sprint
            .map_or(Money::ZERO, |sprint| sprint.account.spent)
            .to_string()
    };
    differ("spent".to_owned(), spent(before), spent(after));
    let revision = |sprint: Option<&Sprint>| {
        sprint.map_or_else(none, |sprint| sprint.plan.revision.to_string())
    };
    differ("plan draft".to_owned(), revision(before), revision(after));
    let gate = |sprint: Option<&Sprint>, number: &u32| {
        let state = sprint.and_then(|sprint| Some(&sprint.gates.get(number)?.state));
        match state {
            None => none(),
            Some(GateState::Open) => "waits".to_owned(),
            Some(GateState::Pending { verdict, .. } | GateState::Closed { verdict, .. }) => {
                events::decided(verdict).0
            }
            Some(GateState::Moot) => "needs nobody".to_owned(),
        }
    };
    for (number, asked) in after.iter().flat_map(|sprint| &sprint.gates) {
        let what = format!("{} {}", asked.ask.kind().word(), work_label(asked.work));
        differ(what, gate(before, number), gate(after, number));
    }
    let team = |world: &World| -> BTreeMap<String, &str> {
        let all = agents::agents(world).into_iter();
        all.map(|agent| (agent.name, agent.state.word())).collect()
    };
    let (was, is) = (team(then), team(now));
    for (name, state) in &is {
        differ(
            name.clone(),
            was.get(name).unwrap_or(&"-").to_string(),
            (*state).to_owned(),
        );
    }
    found
}

/// The column of a task.
fn place(sprint: &Sprint, task: &Task) -> String {
    column(sprint, task)
        .map_or("dropped", Column::title)
        .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::fixture;

    #[test]
    fn tasks_money_gates_and_agents_are_compared() {
        let (then, now) = (fixture::approving().world, fixture::running().world);
        assert_eq!(differences(&now, &now), []);
        let said: Vec<String> = differences(&then, &now)
            .into_iter()
            .map(|found| format!("{} {} {}", found.what, found.then, found.now))
            .collect();
        for expected in [
            "t1 - REVIEW",
            "t2 - READY",
            "stage the plan waits for you tasks are in work",
            "spent $0.00 $0.20",
            "PLAN plan waits approved",
            "DIFF t1 - waits",
            "Alex idle asks",
        ] {
            assert!(
                said.iter().any(|line| line == expected),
                "{expected}: {said:?}"
            );
        }
    }

    #[test]
    fn numbers_and_ages_for_people() {
        let shown = [0, 999, 8_412, 1_234_567].map(grouped);
        assert_eq!(shown, ["0", "999", "8 412", "1 234 567"]);
        let shown = [900, 296_000, 8_000_000, 180_000_000].map(long_age);
        assert_eq!(shown, ["0s", "4m 56s", "2h 13m", "2d 2h"]);
    }
}
