//! What is likely to go wrong or to cost more than it should, said before it does. A risk waits on nobody: it is one line of cause, one of
//! cost, and the keys of the usual cures.

use std::collections::{BTreeMap, BTreeSet};

use crate::base::id::Work;
use crate::base::time::{self, Timestamp};
use crate::domain::journal::World;
use crate::domain::sprint::{Sprint, Status, Task, estimate};
use crate::tui::action::{Action, Place};

use super::agents::{self, State};
use super::{line, task_label, work_label};

/// A limit is near from this share of it on, in percent, if nothing else is set.
pub const NEAR: u32 = 80;
/// A context is nearly full from this share on, in percent.
pub const FULL: u64 = 85;
/// A provider's refusals are a risk when nothing moved for so long, in milliseconds.
const LIMITED_MS: i64 = 5 * 60_000;
/// A reply that takes longer than this is one to look at, in milliseconds.
const SILENT_MS: i64 = 10 * 60_000;

/// One risk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Risk {
    /// What it is about; none for the sprint as a whole.
    pub work: Option<Work>,
    /// What is wrong, in a line.
    pub cause: String,
    /// What it costs or will cost, in a line.
    pub cost: String,
    /// The usual cures.
    pub cures: &'static [Cure],
}

/// What may be done about a risk, and where the key for it works.
pub type Cure = (Action, Place);

const DECIDE: Cure = (Action::WaitingNext, Place::Home);
const TELL: Cure = (Action::Compose, Place::Agents);
const PAUSE: Cure = (Action::Pause, Place::Agents);
const RAISE: Cure = (Action::Budget, Place::Cost);
const HALT: Cure = (Action::PauseAll, Place::Home);

/// All risks of the current sprint, those of the sprint as a whole last. `near` is the percentage of a limit from which on it is said.
pub fn risks(world: &World, now: Timestamp, near: u32) -> Vec<Risk> {
    let Some(sprint) = world.running() else {
        return Vec::new();
    };
    let mut risks = of_agents(world, sprint, now);
    let busy: Vec<&Task> = sprint.tasks.values().filter(|task| is_busy(task)).collect();
    risks.extend(busy.iter().filter_map(|task| near_its_cap(task, near)));
    risks.extend(same_files(&busy));
    risks.extend(over_budget(sprint).or_else(|| near_budget(sprint, near)));
    risks
}

/// How many pieces of work are at risk.
pub fn count(world: &World, now: Timestamp, near: u32) -> usize {
    let risks = risks(world, now, near);
    let works: BTreeSet<Option<Work>> = risks.iter().map(|risk| risk.work).collect();
    works.len()
}

fn is_busy(task: &Task) -> bool {
    !task.is_over() && task.status != Status::Ready
}

fn of_agents(world: &World, sprint: &Sprint, now: Timestamp) -> Vec<Risk> {
    let mut risks = Vec::new();
    for agent in agents::agents(world) {
        let Some(work) = agent.work else { continue };
        let who = format!("{} {}", agent.name, work_label(work));
        let mut say = |cause: String, cost: String, cures: &'static [Cure]| {
            risks.push(Risk {
                work: Some(work),
                cause,
                cost,
                cures,
            });
        };
        let spent = format!("{} so far", agent.cost);
        if agent.state == State::Failed {
            say(format!("{who} cannot go on"), spent.clone(), &[DECIDE]);
        }
        let attempt = agent.attempt.and_then(|id| sprint.attempts.get(&id));
        let Some(attempt) = attempt.filter(|attempt| attempt.end.is_none()) else {
            continue;
        };
        if attempt.was_braked {
            let cause = format!("{who} goes in circles: the same call, the same answer");
            say(cause, spent.clone(), &[TELL, PAUSE]);
        }
        let percent = agents::used(sprint, attempt);
        if percent >= FULL {
            let cause = format!("{who} has {percent}% of its context in use");
            say(
                cause,
                "it begins anew when that is full".to_owned(),
                &[TELL],
            );
        }
        let still = now.since(attempt.active_at);
        if attempt.retry_at.is_some() && still >= LIMITED_MS {
            let cause = format!("{who} is held by its provider for {}", time::age(still));
            say(cause, "nothing is spent".to_owned(), &[PAUSE]);
        } else if agent.state == State::Writing && still >= SILENT_MS {
            let cause = format!("{who} has sent nothing for {}", time::age(still));
            say(cause, spent, &[PAUSE]);
        }
    }
    risks
}

fn near_its_cap(task: &Task, near: u32) -> Option<Risk> {
    let (limit, percent) = (task.account.limit?, task.account.percent()?);
    (percent >= near).then(|| Risk {
        work: Some(Work::Task(task.id)),
        cause: format!("{} has used {percent}% of its cap", task_label(task.id)),
        cost: format!("{} of {limit}", task.account.spent),
        cures: &[TELL, PAUSE],
    })
}

/// Two tasks in work changed one file: the second to merge will meet a conflict.
fn same_files(busy: &[&Task]) -> Vec<Risk> {
    let mut seen: BTreeMap<&str, &Task> = BTreeMap::new();
    let mut told = BTreeSet::new();
    let mut risks = Vec::new();
    for task in busy {
        let files = task.change.iter().flat_map(|change| &change.files);
        for file in files {
            let Some(other) = seen.insert(file.path.as_str(), task) else {
                continue;
            };
            if other.id != task.id && told.insert((other.id, task.id)) {
                let (one, two) = (task_label(other.id), task_label(task.id));
                risks.push(Risk {
                    work: Some(Work::Task(task.id)),
                    cause: format!("{one} and {two} both change {}", line(&file.path)),
                    cost: "the second to merge may conflict".to_owned(),
                    cures: &[TELL],
                });
            }
        }
    }
    risks
}

fn near_budget(sprint: &Sprint, near: u32) -> Option<Risk> {
    let (limit, percent) = (sprint.account.limit?, sprint.account.percent()?);
    (percent >= near).then(|| Risk {
        work: None,
        cause: format!("{} has used {percent}% of its budget", sprint.id),
        cost: format!("{} of {limit}", sprint.account.spent),
        cures: &[RAISE, HALT],
    })
}

fn over_budget(sprint: &Sprint) -> Option<Risk> {
    let limit = sprint.account.limit?;
    let end = estimate::forecast(sprint);
    (end > limit).then(|| Risk {
        work: None,
        cause: format!("{} ends at about {end}, over its budget", sprint.id),
        cost: format!("{} of {limit} spent", sprint.account.spent),
        cures: &[RAISE, HALT],
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::money::Money;
    use crate::tui::fixture;

    fn causes(world: &World) -> Vec<String> {
        let risks = risks(world, fixture::NOW, NEAR).into_iter();
        risks.map(|risk| risk.cause).collect()
    }

    #[test]
    fn a_quiet_sprint_is_not_at_risk() {
        assert_eq!(causes(&fixture::running().world), [""; 0]);
    }

    #[test]
    fn caps_budgets_circles_and_shared_files_are_told() {
        let mut world = fixture::running().world;
        let sprint = world.sprints.values_mut().next_back().unwrap();
        sprint.account.limit = Some(Money::cents(60));
        let change = sprint.tasks[&1].change.clone();
        let third = sprint.tasks.get_mut(&3).unwrap();
        third.change = change;
        third.account.limit = Some(third.account.spent + Money::cents(1));
        let attempt = sprint.attempts.get_mut(&fixture::attempt(3)).unwrap();
        attempt.was_braked = true;
        let causes = causes(&world);
        assert_eq!(causes.len(), 4, "{causes:?}");
        for (cause, expected) in causes.iter().zip([
            "Alex t3 goes in circles",
            "t3 has used 80% of its cap",
            "t1 and t3 both change",
            "s1 ends at about",
        ]) {
            assert!(cause.contains(expected), "{causes:?}");
        }
        assert_eq!(count(&world, fixture::NOW, NEAR), 2);
        let sprint = world.sprints.values_mut().next_back().unwrap();
        sprint.account.limit = Some(Money::dollars(20));
        sprint.account.spent = Money::dollars(3);
        assert!(
            !risks(&world, fixture::NOW, NEAR)
                .iter()
                .any(|risk| risk.work.is_none())
        );
        let early = risks(&world, fixture::NOW, 15);
        assert!(
            early
                .iter()
                .any(|risk| risk.cause == "s1 has used 15% of its budget")
        );
    }
}
