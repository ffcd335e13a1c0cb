//! What will likely ask the person next, as far as the sprint's own past tells it.

use crate::base::id::{TaskId, Work};
use crate::base::time::{self, Timestamp};
use crate::domain::journal::World;
use crate::domain::sprint::gate::Kind;
use crate::domain::sprint::{Phase, Sprint, Status};
use crate::domain::workflow::NodeKind;

use super::{agents, task_label};

/// What is said where nothing waits: who works, and what comes next if that can be known.
pub fn nothing_waits(world: &World, now: Timestamp) -> String {
    let agents = agents::agents(world);
    let running = agents.iter().filter(|agent| agent.state.is_running());
    let who = match running.count() {
        1 => "1 agent runs.".to_owned(),
        count => format!("{count} agents run."),
    };
    let next = likely(world, now).map_or_else(String::new, |next| format!(" Next likely: {next}."));
    format!("Nothing waits on you. {who}{next}")
}

/// What will ask next: the plan, the review of the task that is nearest to it, the merge.
fn likely(world: &World, now: Timestamp) -> Option<String> {
    let sprint = world.current().filter(|sprint| sprint.paused.is_none())?;
    let policy = &sprint.setup.policy;
    match sprint.phase {
        Phase::Planning => policy.plan.then(|| "the plan".to_owned()),
        Phase::Summing => policy.merge.then(|| "the merge of the sprint".to_owned()),
        Phase::Running if policy.review => review(sprint, now),
        Phase::Running
        | Phase::Queued
        | Phase::Opening
        | Phase::Approving
        | Phase::Landing
        | Phase::Closed(_) => None,
    }
}

/// The task that will be reviewed next. When is said only for a first review, and only if other tasks have had theirs.
fn review(sprint: &Sprint, now: Timestamp) -> Option<String> {
    let usual = usual_ms(sprint);
    let near = |kind: NodeKind| match kind {
        NodeKind::Proofs => Some(0_u8),
        NodeKind::Judge => Some(1),
        NodeKind::Checks => Some(2),
        NodeKind::Work => Some(3),
        NodeKind::Review | NodeKind::Merge => None,
    };
    let nearest = sprint
        .tasks
        .values()
        .filter(|task| task.status == Status::Running && !task.is_paused)
        .filter_map(|task| {
            let rank = sprint.kind_of(task).and_then(near)?;
            let is_first = task.reviewed.is_none();
            let begun = begun(sprint, task.id).filter(|_| is_first);
            let left = begun.and_then(|begun| Some(usual? - now.since(begun)));
            Some((rank, left.filter(|left| *left > 0), task.id))
        })
        .min_by_key(|(rank, left, id)| (*rank, left.unwrap_or(i64::MAX), *id));
    let (_, left, id) = nearest?;
    let label = task_label(id);
    Some(match left {
        Some(left) => format!("review of {label} in ~{} min", time::minutes(left)),
        None => format!("review of {label}"),
    })
}

/// How long the tasks of this sprint took from their beginning to their first review: the middle one.
fn usual_ms(sprint: &Sprint) -> Option<i64> {
    let mut firsts = std::collections::BTreeMap::new();
    for gate in sprint.gates.values() {
        if let (Kind::Diff, Some(task)) = (gate.ask.kind(), gate.work.task()) {
            firsts.entry(task).or_insert(gate.opened_at);
        }
    }
    let took = firsts
        .into_iter()
        .filter_map(|(task, opened)| Some(opened.since(begun(sprint, task)?)));
    let mut took: Vec<i64> = took.collect();
    took.sort_unstable();
    took.get(took.len() / 2).copied()
}

/// When the first attempt at a task was opened.
fn begun(sprint: &Sprint, task: TaskId) -> Option<Timestamp> {
    let of_task = sprint.attempts.iter();
    let mut of_task = of_task.filter(|(id, _)| id.work == Work::Task(task));
    of_task.next().map(|(_, attempt)| attempt.opened_at)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::journal::Event;
    use crate::tui::fixture;

    #[test]
    fn a_review_is_foretold_by_those_that_were() {
        let mut story = fixture::running();
        story.decided(
            1,
            3,
            crate::domain::sprint::Verdict::Answer("optional".to_owned()),
        );
        let said = nothing_waits(&story.world, fixture::NOW);
        assert!(said.starts_with("Nothing waits on you. "), "{said}");
        let sprint = story.world.current().unwrap();
        let usual = usual_ms(sprint);
        assert!(usual.is_some_and(|usual| usual > 0), "{usual:?}");
        let next = likely(&story.world, fixture::NOW);
        assert!(
            next.as_ref()
                .is_some_and(|next| next.starts_with("review of t")),
            "{next:?}"
        );
        // Long after the usual time no time is said.
        let late = fixture::NOW.plus_ms(86_400_000);
        assert!(likely(&story.world, late).is_some_and(|next| !next.contains("min")));
    }

    #[test]
    fn nothing_is_foretold_of_a_sprint_that_is_paused_or_plans_by_itself() {
        let mut story = fixture::running();
        let scope = crate::domain::journal::PauseScope::Sprint(fixture::SPRINT);
        story.then(
            1,
            Event::Paused {
                scope,
                by: fixture::person(),
            },
        );
        assert_eq!(likely(&story.world, fixture::NOW), None);
        assert_eq!(likely(&World::default(), fixture::NOW), None);
    }
}
