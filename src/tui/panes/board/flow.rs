//! How cards move on the board: mostly by themselves. What a person can do about it is done; else it is said what the card waits for.

use crate::base::id::{TaskId, Work};
use crate::domain::agent::Role;
use crate::domain::journal::{Command, PauseScope};
use crate::domain::sprint::board::{Column, column};
use crate::domain::sprint::{Ask, Cause, Gate, GateState, Sprint, Status, Task};
use crate::tui::action::Action;
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
    if task.held_until.is_some() {
        return Some("begins when it can no longer be taken back".to_owned());
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
    open.find(|gate| gate.state == GateState::Open && gate.ask.holds())
}

/// A person wants the card one column further.
pub(super) fn further(sprint: &Sprint, task: &Task) -> Vec<Intent> {
    if task.is_paused || task.status == Status::Held(Cause::Paused) {
        return submit(Command::Resume(PauseScope::Task(task.id)));
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

/// A person wants a task to begin earlier, or later, than its neighbour among those that have not begun.
pub(super) fn reorder(action: Action, ready: &[TaskId], task: &Task) -> Vec<Intent> {
    let Some(place) = ready.iter().position(|id| *id == task.id) else {
        return vec![say(
            task,
            "it has begun: only what has not can be put elsewhere",
        )];
    };
    let is_earlier = action == Action::TaskEarlier;
    let (first, second) = if is_earlier {
        (place.checked_sub(1), Some(place))
    } else {
        (Some(place), place.checked_add(1))
    };
    let at = |place: Option<usize>| ready.get(place?).copied();
    match (at(first), at(second)) {
        (Some(before), Some(task)) => submit(Command::Order { task, before }),
        _ if is_earlier => vec![say(task, "it is the first already")],
        _ => vec![say(task, "it is the last already")],
    }
}

/// A person wants another role to do a task: the next of the team that does tasks.
pub(super) fn assign(sprint: &Sprint, task: &Task) -> Vec<Intent> {
    if task.status != Status::Ready || task.visit > 0 {
        return vec![say(task, "it has begun; i tells its agent something")];
    }
    let workers: Vec<&Role> = sprint.setup.workers().collect();
    let now = workers.iter().position(|role| role.key == task.spec.role);
    let next = now.map_or(0, |place| (place + 1) % workers.len());
    match workers.get(next) {
        Some(role) if role.key != task.spec.role => submit(Command::Assign {
            task: task.id,
            role: role.key.clone(),
        }),
        Some(_) | None => vec![say(task, "nobody else of the team does tasks")],
    }
}

fn submit(command: Command) -> Vec<Intent> {
    vec![Intent::Submit(Box::new(command))]
}

fn say(task: &Task, why: &str) -> Intent {
    Intent::Say(Token::Info, format!("{}: {why}", task_label(task.id)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::fixture;

    #[test]
    fn what_has_not_begun_is_put_among_its_neighbours() {
        let story = fixture::running();
        let sprint = story.world.current().unwrap();
        let ready = [2, 4, 6].map(fixture::task);
        let put = |number: u32, action| reorder(action, &ready, &sprint.tasks[&number]);
        let order = |task, before| {
            submit(Command::Order {
                task: fixture::task(task),
                before: fixture::task(before),
            })
        };
        assert_eq!(put(4, Action::TaskEarlier), order(4, 2));
        assert_eq!(put(4, Action::TaskLater), order(6, 4));
        let said = |number, action| match &put(number, action)[..] {
            [Intent::Say(_, text)] => text.clone(),
            other => panic!("{other:?}"),
        };
        assert_eq!(said(2, Action::TaskEarlier), "t2: it is the first already");
        assert_eq!(said(6, Action::TaskLater), "t6: it is the last already");
        assert!(said(1, Action::TaskLater).contains("it has begun"));
    }

    #[test]
    fn a_task_goes_to_the_next_who_does_tasks_until_it_begins() {
        let story = fixture::running();
        let sprint = story.world.current().unwrap();
        let mut task = sprint.tasks[&2].clone();
        let mut seen = Vec::new();
        for _ in 0..3 {
            let given = assign(sprint, &task);
            let [Intent::Submit(command)] = &given[..] else {
                panic!("{given:?}");
            };
            let Command::Assign { role, .. } = &**command else {
                panic!("{command:?}");
            };
            seen.push(role.clone());
            task.spec.role.clone_from(role);
        }
        // The judge and the planner are left out.
        assert_eq!(seen, ["devops", "frontend", "backend"]);
        let begun = assign(sprint, &sprint.tasks[&1]);
        assert!(matches!(&begun[..], [Intent::Say(_, text)] if text.contains("has begun")));
    }

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
