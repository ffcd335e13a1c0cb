//! Events about tasks on their way.

use crate::base::id::{Oid, TaskId};
use crate::base::time::Timestamp;
use crate::domain::agent::{End, Opening};
use crate::domain::journal::{EffectKey, Event, Scope, World};
use crate::domain::sprint::{Cause, Change, Sprint, Status, Task};
use crate::domain::workflow::{NodeKind, Outcome};

impl World {
    pub(super) fn apply_task(&mut self, event: &Event, at: Timestamp) {
        match event {
            Event::NodeEntered { task, node, round } => self.enter(*task, node, *round, at),
            Event::NodeLeft {
                task,
                node,
                outcome,
                feedback,
            } => self.leave(*task, node, *outcome, feedback.as_ref()),
            Event::WorktreePrepared { task: id, base } => {
                self.began.remove(&EffectKey::Worktree(*id));
                if let Some(task) = self.task_mut(*id) {
                    task.has_worktree = true;
                    task.base = Some(base.clone());
                }
            }
            Event::Committed { .. } => self.commit(event),
            Event::ChecksFinished {
                task: id,
                are_proofs,
                results,
                on,
            } => {
                if let Some(task) = self.task_mut(*id) {
                    if *are_proofs {
                        task.proofs = Some(results.clone());
                    } else {
                        task.checks = Some(results.clone());
                        task.checked_on.clone_from(on);
                    }
                }
            }
            Event::Merged { task, commit, .. } => self.merge(*task, commit),
            Event::MergeConflicted { task: id, sides } => {
                self.end_merge(*id);
                if let Some(task) = self.task_mut(*id) {
                    task.conflicts += 1;
                    task.clashing.clone_from(&sides.paths);
                    task.clash.clone_from(&sides.clash);
                    task.brings_conflict = !task.was_brought;
                    task.is_clashing = task.was_brought;
                }
            }
            Event::ConflictBrought { task: id, sides } => {
                if let Some(task) = self.task_mut(*id) {
                    let number = task.conflicts;
                    task.brings_conflict = false;
                    task.was_brought = true;
                    task.merging = Some(sides.onto.clone());
                    self.began
                        .remove(&EffectKey::Conflict { task: *id, number });
                }
            }
            Event::WorktreeRemoved(id) => {
                self.began.remove(&EffectKey::Clear(*id));
                if let Some(task) = self.task_mut(*id) {
                    task.has_worktree = false;
                }
            }
            Event::TaskTaken { task, is_held } => self.take(*task, *is_held),
            Event::ConflictResolved { task: id, gate } => {
                self.take(*id, true);
                self.take(*id, false);
                if let Some(task) = self.task_mut(*id) {
                    task.resolved = Some(*gate);
                }
            }
            Event::TaskRetried(task) => self.retry(*task),
            Event::TaskDropped(task) => self.drop_task(*task),
            Event::TaskOrdered { task, before, .. } => self.order(*task, *before),
            Event::TaskAssigned { task, role, .. } => {
                if let Some(task) = self.task_mut(*task) {
                    task.spec.role.clone_from(role);
                }
            }
            Event::TaskSettled(id) => {
                if let Some(task) = self.task_mut(*id) {
                    task.held_until = None;
                }
                if let Some(sprint) = self.sprint_mut(id.sprint) {
                    sprint.settle_ready(id.number);
                }
            }
            Event::TaskTakenBack { task, .. } => {
                self.drop_task(*task);
                self.leave_out(*task);
            }
            _ => debug_assert!(false, "not an event about a task"),
        }
    }

    fn commit(&mut self, event: &Event) {
        let Event::Committed {
            task: id,
            commit,
            base,
            diff,
            files,
            ..
        } = event
        else {
            return;
        };
        if let Some(task) = self.task_mut(*id) {
            let visit = task.visit;
            task.change = Some(Change {
                commit: commit.clone(),
                base: base.clone(),
                diff: diff.clone(),
                files: files.clone(),
            });
            task.base = Some(base.clone());
            task.merging = None;
            task.is_handed_back = false;
            task.resolved = None;
            self.began.remove(&EffectKey::Commit { task: *id, visit });
            self.began.remove(&EffectKey::Part { task: *id, visit });
        }
    }

    fn merge(&mut self, id: TaskId, commit: &Oid) {
        self.end_merge(id);
        if let Some(task) = self.task_mut(id) {
            task.merged = Some(commit.clone());
        }
        let mut stuck = Vec::new();
        if let Some(sprint) = self.sprint_mut(id.sprint) {
            sprint.tip = Some(commit.clone());
            let tasks = sprint.tasks.values();
            stuck.extend(tasks.filter(|task| is_stuck(task)).map(|task| task.id));
        }
        // What conflicts with the head before may not do so with this one.
        for task in stuck {
            self.touch(Scope::Task(task));
        }
    }

    /// A conflict that is not asked about any more is met anew, in the queue of merges.
    pub(super) fn merge_again(&mut self, id: TaskId) {
        let Some(task) = self.task_mut(id).filter(|task| is_stuck(task)) else {
            return;
        };
        task.status = Status::Running;
        task.gate = None;
        task.is_clashing = false;
        if let Some(sprint) = self.sprint_mut(id.sprint) {
            sprint.merging.push(id.number);
        }
    }

    /// Begins anew: what was found out stays, what was tried does not count any more.
    fn retry(&mut self, id: TaskId) {
        self.stop_attempt(id);
        self.unqueue(id);
        if let Some(task) = self.task_mut(id) {
            task.status = Status::Ready;
            task.round = 0;
            task.is_fresh = true;
            task.left = None;
            task.gate = None;
            task.brings_conflict = false;
            task.was_brought = false;
            task.is_clashing = false;
            task.is_handed_back = false;
            task.resolved = None;
            task.node.clear();
        }
        if let Some(sprint) = self.sprint_mut(id.sprint) {
            let turn = sprint.tasks.get(&id.number).map(|task| task.turn);
            sprint.ready.extend(turn.map(|turn| (turn, id.number)));
        }
    }

    fn drop_task(&mut self, id: TaskId) {
        if self.task(id).is_none_or(Task::is_over) {
            return;
        }
        self.stop_attempt(id);
        self.unqueue(id);
        if let Some(task) = self.task_mut(id) {
            task.status = Status::Dropped;
            task.left = None;
        }
        self.free_dependants(id);
        self.moot_gates(id);
    }

    /// The plan is without a task that was taken back.
    fn leave_out(&mut self, id: TaskId) {
        let Some(sprint) = self.sprint_mut(id.sprint) else {
            return;
        };
        let slug = sprint
            .tasks
            .get(&id.number)
            .map(|task| task.spec.slug.clone());
        for task in &mut sprint.plan.tasks {
            task.is_dropped |= Some(&task.slug) == slug.as_ref();
        }
        sprint.plan.revision += 1;
    }

    /// Puts a task in front of another: those in between each take the turn behind theirs.
    fn order(&mut self, id: TaskId, before: TaskId) {
        let Some(sprint) = self.sprint_mut(id.sprint) else {
            return;
        };
        let turn_of = |id: TaskId| sprint.task(id).map(|task| task.turn);
        let (Some(from), Some(to)) = (turn_of(id), turn_of(before)) else {
            return;
        };
        if from <= to {
            return;
        }
        for (number, task) in &mut sprint.tasks {
            let turn = match task.turn {
                turn if turn == from => to,
                turn if (to..from).contains(&turn) => turn + 1,
                _ => continue,
            };
            if sprint.ready.remove(&(task.turn, *number)) {
                sprint.ready.insert((turn, *number));
            }
            task.turn = turn;
        }
    }

    fn enter(&mut self, id: TaskId, node: &str, round: u32, at: Timestamp) {
        let Some(task) = self.task_mut(id) else {
            return;
        };
        node.clone_into(&mut task.node);
        task.visit += 1;
        task.round = round;
        task.since = at;
        task.left = None;
        task.gate = None;
        task.attempt = None;
        task.status = Status::Running;
        let Some(sprint) = self.sprint_mut(id.sprint) else {
            return;
        };
        sprint.unready(id.number);
        sprint.returning.remove(&id.number);
        match sprint.setup.workflow.node(node).map(|node| node.kind) {
            Some(NodeKind::Merge) => {
                sprint.busy.remove(&id.number);
                sprint.merging.push(id.number);
            }
            Some(NodeKind::Review) => {
                sprint.busy.remove(&id.number);
            }
            Some(NodeKind::Work | NodeKind::Checks | NodeKind::Judge | NodeKind::Proofs) => {
                sprint.busy.insert(id.number);
            }
            None => {}
        }
    }

    fn leave(&mut self, id: TaskId, node: &str, outcome: Outcome, feedback: Option<&Opening>) {
        let Some(sprint) = self.sprint_mut(id.sprint) else {
            return;
        };
        let workflow = &sprint.setup.workflow;
        let kind = workflow.node(node).map(|node| node.kind);
        let is_back = workflow
            .follow(node, outcome)
            .is_some_and(|next| next.kind != NodeKind::Merge && next.kind != NodeKind::Review);
        if is_back && !sprint.busy.contains(&id.number) {
            sprint.returning.insert(id.number);
        }
        let is_end = outcome == Outcome::Merged;
        if let Some(task) = self.task_mut(id) {
            // Rounds count from the last decision of a person.
            if outcome == Outcome::Changes
                || (kind == Some(NodeKind::Review) && task.gate.is_some())
            {
                task.round = 0;
            }
            task.left = (!is_end).then_some(outcome);
            task.feedback = feedback.cloned();
            task.status = if is_end {
                Status::Done
            } else {
                Status::Running
            };
        }
        if kind == Some(NodeKind::Merge) {
            self.pass_queue(id);
        }
        if is_end {
            self.free_dependants(id);
        }
    }

    /// Takes a task out of everything that it could wait in.
    pub(super) fn unqueue(&mut self, id: TaskId) {
        if let Some(sprint) = self.sprint_mut(id.sprint) {
            sprint.busy.remove(&id.number);
            sprint.unready(id.number);
            sprint.returning.remove(&id.number);
        }
        self.pass_queue(id);
    }

    /// Takes a task out of the queue of merges; the next one may go.
    fn pass_queue(&mut self, id: TaskId) {
        let Some(sprint) = self.sprint_mut(id.sprint) else {
            return;
        };
        let Some(place) = sprint
            .merging
            .iter()
            .position(|number| *number == id.number)
        else {
            return;
        };
        sprint.merging.remove(place);
        if let (0, Some(number)) = (place, sprint.merging.first().copied()) {
            self.touch(Scope::Task(TaskId {
                sprint: id.sprint,
                number,
            }));
        }
    }

    fn free_dependants(&mut self, id: TaskId) {
        let Some(sprint) = self.sprint_mut(id.sprint) else {
            return;
        };
        sprint.unfinished = sprint.unfinished.saturating_sub(1);
        sprint.busy.remove(&id.number);
        let dependants = sprint
            .tasks
            .get(&id.number)
            .map(|task| task.dependants.clone())
            .unwrap_or_default();
        for number in dependants {
            free(sprint, number);
        }
    }

    fn end_merge(&mut self, id: TaskId) {
        let Some(task) = self.task_mut(id) else {
            return;
        };
        task.merges += 1;
        task.is_merging = false;
        let number = task.merges;
        self.began.remove(&EffectKey::Merge { task: id, number });
    }

    fn take(&mut self, id: TaskId, is_held: bool) {
        if is_held {
            self.stop_attempt(id);
            self.unqueue(id);
        }
        let Some(sprint) = self.sprint_mut(id.sprint) else {
            return;
        };
        let first = sprint
            .setup
            .workflow
            .first()
            .map(|node| node.id.clone())
            .unwrap_or_default();
        if !is_held {
            sprint.busy.insert(id.number);
        }
        let Some(task) = self.task_mut(id) else {
            return;
        };
        task.gate = None;
        task.left = None;
        task.resolved = None;
        if is_held {
            task.node = first;
            task.visit += 1;
            task.attempt = None;
            task.brings_conflict = false;
            task.was_brought = false;
            task.is_clashing = false;
            task.status = Status::Held(Cause::TakenOver);
        } else {
            task.round = 0;
            task.is_handed_back = true;
            task.status = Status::Running;
        }
    }

    fn stop_attempt(&mut self, id: TaskId) {
        let attempt = self.task(id).and_then(|task| task.attempt);
        if let Some(attempt) = attempt.and_then(|attempt| self.attempt_mut(attempt)) {
            attempt.end.get_or_insert(End::Stopped);
        }
    }
}

/// Whether it waits for a person because it conflicts.
fn is_stuck(task: &Task) -> bool {
    task.status == Status::Held(Cause::Stuck) && task.is_clashing
}

fn free(sprint: &mut Sprint, number: u32) {
    let Some(task) = sprint.tasks.get_mut(&number) else {
        return;
    };
    task.unmet = task.unmet.saturating_sub(1);
    sprint.settle_ready(number);
}
