//! How cards move on the board: mostly by themselves. What a person can do about it is done; else it is said what the card waits for.

use crate::base::id::Work;
use crate::domain::journal::{Command, PauseScope};
use crate::domain::sprint::board::{Column, column};
use crate::domain::sprint::{Ask, Cause, Gate, GateState, Sprint, Status, Task};
use crate::tui::facts::task_label;
use crate::tui::theme::Token;

use super::Intent;

/// How many tasks are in work, and how many may be at once.
pub(super) fn work_in_progress(sprint: &Sprint) -> (usize, usize) {
    let most = sprint.setup.policy.agents_max.max(1) as usize;
    (sprint.busy.len(), most)
}

/// Why a task that is not begun waits; none if it does not.
pub(super) fn waits(sprint: &Sprint, task: &Task) -> Option<String> {
    if task.is_paused {
        return Some("paused: p lets it go on".to_owned());
    }
    if task.status != Status::Ready {
        return None;
    }
    let unmet = task.needs.iter().filter_map(|need| sprint.tasks.get(need));
    let unmet: Vec<String> = unmet
        .filter(|need| need.status != Status::Done)
        .map(|need| task_label(need.id))
        .collect();
    if !unmet.is_empty() {
        return Some(format!("waits for {}", unmet.join(", ")));
    }
    if sprint.paused.is_some() {
        return Some("the sprint is paused: P lets it go on".to_owned());
    }
    let (busy, most) = work_in_progress(sprint);
    (!sprint.has_room()).then(|| format!("waits for room: {busy} of {most} are at work"))
}

/// The question about a task that is open.
fn gate<'a>(sprint: &'a Sprint, task: &Task) -> Option<&'a Gate> {
    let mut open = sprint.gates_about(Work::Task(task.id));
    open.find(|gate| gate.state == GateState::Open)
}

/// A person wants the card one column further.
pub(super) fn further(sprint: &Sprint, task: &Task) -> Vec<Intent> {
    if task.is_paused || task.status == Status::Held(Cause::Paused) {
        let go_on = Command::Resume(PauseScope::Task(task.id));
        return vec![Intent::Submit(Box::new(go_on))];
    }
    if let Some(gate) = gate(sprint, task) {
        return vec![Intent::OpenItem(gate.id)];
    }
    let why = match column(sprint, task) {
        Some(Column::Ready) => waits(sprint, task).unwrap_or_else(|| "it begins now".to_owned()),
        Some(Column::Running) => "the checks run when its agent is done".to_owned(),
        Some(Column::Check) => "QA begins when the checks are green".to_owned(),
        Some(Column::Qa) => "the review begins when QA accepts it".to_owned(),
        Some(Column::Review) => "it is being merged".to_owned(),
        Some(Column::Done) => "it is merged".to_owned(),
        None => "it was given up".to_owned(),
    };
    vec![say(task, &why)]
}

/// A person wants the card one column back.
pub(super) fn back(sprint: &Sprint, task: &Task) -> Vec<Intent> {
    let review = gate(sprint, task).filter(|gate| matches!(gate.ask, Ask::Diff { .. }));
    if let Some(gate) = review {
        return vec![
            Intent::OpenItem(gate.id),
            Intent::Say(
                Token::Info,
                "x and a reason, then S: that sends it back".to_owned(),
            ),
        ];
    }
    let why = match column(sprint, task) {
        Some(Column::Ready) => "it has not begun; d gives it up",
        Some(Column::Running) => "it is at work; p holds it, i tells its agent something",
        Some(Column::Check | Column::Qa) => "it goes back by itself if it does not pass",
        Some(Column::Review) => "it is being merged",
        Some(Column::Done) | None => "it is over; another sprint can change it",
    };
    vec![say(task, why)]
}

fn say(task: &Task, why: &str) -> Intent {
    Intent::Say(Token::Info, format!("{}: {why}", task_label(task.id)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::fixture;

    #[test]
    fn cards_move_where_the_flow_allows_and_else_it_is_said_why() {
        let mut story = fixture::running();
        let said = |story: &fixture::Story, number: u32, way: fn(&Sprint, &Task) -> Vec<Intent>| {
            let sprint = story.world.current().unwrap();
            way(sprint, &sprint.tasks[&number])
        };
        let info = |text: &str| vec![Intent::Say(Token::Info, text.to_owned())];
        assert_eq!(said(&story, 2, further), info("t2: waits for t1"));
        assert_eq!(
            said(&story, 2, back),
            info("t2: it has not begun; d gives it up")
        );
        // A question, a review: they are what moves the card.
        assert_eq!(
            said(&story, 3, further),
            [Intent::OpenItem(fixture::gate(3))]
        );
        assert_eq!(
            said(&story, 1, further),
            [Intent::OpenItem(fixture::gate(2))]
        );
        assert_eq!(said(&story, 1, back).len(), 2);
        let scope = PauseScope::Task(fixture::task(2));
        let by = fixture::person();
        story.then(1, crate::domain::journal::Event::Paused { scope, by });
        assert_eq!(
            said(&story, 2, further),
            [Intent::Submit(Box::new(Command::Resume(scope)))]
        );
    }
}
