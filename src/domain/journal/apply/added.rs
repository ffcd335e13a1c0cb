//! A task that was added to a sprint whose plan is approved.

use std::collections::{BTreeMap, BTreeSet};

use crate::base::id::{SprintId, TaskId, Work};
use crate::base::time::Timestamp;
use crate::domain::agent::End;
use crate::domain::cost::Account;
use crate::domain::journal::{Scope, World};
use crate::domain::security::Actor;
use crate::domain::sprint::{Phase, Planned, Task};

impl World {
    /// There is work again: what was summed up is not all, and the way into the base branch begins later.
    pub(super) fn go_on_behind(&mut self, id: SprintId) {
        let last = self.sprints.get(&id).and_then(|sprint| {
            let is_behind = matches!(sprint.phase, Phase::Summing | Phase::Landing);
            is_behind.then(|| sprint.last_attempt(Work::Summary(id)).map(|last| last.id))
        });
        let Some(last) = last else {
            return;
        };
        if let Some(attempt) = last.and_then(|last| self.attempt_mut(last)) {
            attempt.end.get_or_insert(End::Stopped);
        }
        if let Some(sprint) = self.sprint_mut(id) {
            sprint.outrun = last.map_or(0, |last| last.number);
            sprint.summary = None;
        }
        self.set_phase(id, Phase::Running);
    }

    /// A task beside those of the plan that was approved; the plan shows it, too.
    pub(super) fn add_task(
        &mut self,
        id: TaskId,
        spec: &Planned,
        (by, held_until): (&Actor, Option<Timestamp>),
        at: Timestamp,
    ) {
        let Some(sprint) = self.sprint_mut(id.sprint) else {
            return;
        };
        sprint.plan.revision += 1;
        sprint.plan.tasks.push(spec.clone());
        let numbers: BTreeMap<&str, u32> = sprint
            .tasks
            .iter()
            .map(|(number, task)| (task.spec.slug.as_str(), *number))
            .collect();
        let needs = spec
            .needs
            .iter()
            .filter_map(|need| numbers.get(need.as_str()).copied());
        let needs: BTreeSet<u32> = needs.collect();
        let limit = spec.cap.or(sprint.setup.policy.task_budget);
        let account = Account {
            limit,
            ..Account::default()
        };
        let mut task = Task::new(id, spec.clone(), account, at);
        task.added_by = Some(by.clone());
        task.held_until = held_until;
        for need in &needs {
            if let Some(need) = sprint.tasks.get_mut(need) {
                need.dependants.push(id.number);
                task.unmet += u32::from(!need.is_over());
            }
        }
        task.needs = needs.into_iter().collect();
        sprint.unfinished += 1;
        sprint.tasks.insert(id.number, task);
        sprint.settle_ready(id.number);
        self.touch(Scope::Task(id));
    }
}
