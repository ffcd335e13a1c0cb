//! `apply`: the fold. Total: it never fails, never looks at a clock, and ignores what does not fit (which no journal of this program
//! holds).

mod added;
mod attempt;
mod gate;
mod money;
mod sprint;
mod task;

use crate::base::id::{AttemptId, SprintId, TaskId, Work};
use crate::base::time::{DAY_MS, Timestamp};
use crate::domain::agent::Attempt;
use crate::domain::journal::event::{BeganModel, EndedCall};
use crate::domain::journal::{EffectKey, Event, Scope, World};
use crate::domain::sprint::{Sprint, Task};

impl World {
    /// Folds one event in.
    pub fn apply(&mut self, event: &Event, at: Timestamp) {
        match event {
            Event::HostStarted { version, pid } => {
                self.host = Some((version.clone(), *pid));
                // A newer program may know moves that the one before it did not.
                if let Some(active) = self.active {
                    self.touch_all(active);
                }
            }
            Event::SprintStarted { .. }
            | Event::SprintOpening(_)
            | Event::SprintOpened { .. }
            | Event::BaselineFinished { .. }
            | Event::SprintClosed { .. }
            | Event::PlanProposed { .. }
            | Event::PlanEdited { .. }
            | Event::PlanApproved { .. }
            | Event::PlanRejected { .. }
            | Event::SummingBegan(_)
            | Event::LandingBegan(_)
            | Event::LandingBlocked { .. }
            | Event::CommandGranted { .. }
            | Event::CommandRevoked { .. }
            | Event::Paused { .. }
            | Event::Resumed { .. } => self.apply_sprint(event, at),
            Event::BudgetChanged { .. } | Event::TiersChanged { .. } | Event::HalfSpent { .. } => {
                self.apply_money(event, at);
            }
            Event::TaskAdded {
                task,
                spec,
                by,
                held_until,
            } => {
                self.go_on_behind(task.sprint);
                self.add_task(*task, spec, (by, *held_until), at);
            }
            Event::AttemptOpened { .. }
            | Event::ModelReplied { .. }
            | Event::CallFailed { .. }
            | Event::CallLost { .. }
            | Event::ToolReturned { .. }
            | Event::FileEdited { .. }
            | Event::Nudged { .. }
            | Event::TranscriptTrimmed { .. }
            | Event::AttemptEnded { .. }
            | Event::RetryElapsed(_) => self.apply_attempt(event, at),
            Event::NodeEntered { .. }
            | Event::NodeLeft { .. }
            | Event::WorktreePrepared { .. }
            | Event::Committed { .. }
            | Event::ChecksFinished { .. }
            | Event::Merged { .. }
            | Event::MergeConflicted { .. }
            | Event::ConflictBrought { .. }
            | Event::WorktreeRemoved(_)
            | Event::TaskTaken { .. }
            | Event::ConflictResolved { .. }
            | Event::TaskRetried(_)
            | Event::TaskDropped(_)
            | Event::TaskOrdered { .. }
            | Event::TaskSettled(_)
            | Event::TaskTakenBack { .. }
            | Event::TaskAssigned { .. } => self.apply_task(event, at),
            Event::GateOpened { .. }
            | Event::GateDecided { .. }
            | Event::DecisionWithdrawn { .. }
            | Event::GateClosed(_)
            | Event::GateChanged { .. }
            | Event::GateDropped(_)
            | Event::HunkMarked { .. }
            | Event::HunkSplit { .. }
            | Event::TrialAsked { .. }
            | Event::TrialEnded { .. } => self.apply_gate(event, at),
            // Who may do what is true for a line, and a line ends with its host: this is for the record.
            Event::StandingChanged { .. } | Event::PersonRemoved { .. } => {}
            Event::EffectBegan { key, model } => self.begin(*key, model.as_ref()),
            Event::EffectForgotten { key } => {
                self.began.remove(key);
                self.touch(scope_of(key));
            }
            Event::EffectFailed { key, .. } => {
                self.began.remove(key);
                if let EffectKey::Merge { task, .. } = key
                    && let Some(task) = self.task_mut(*task)
                {
                    task.is_merging = false;
                }
                self.touch(scope_of(key));
            }
        }
    }

    /// An effect runs from now on; what it may cost is set aside.
    fn begin(&mut self, key: EffectKey, model: Option<&BeganModel>) {
        self.began.insert(key, model.cloned());
        let Some(sprint) = self.sprints.get_mut(&key.sprint()) else {
            return;
        };
        match (key, model) {
            (EffectKey::Model { attempt, .. }, Some(model)) => {
                self.reserved += model.reserved;
                sprint.account.reserve(model.reserved);
                if let Some(task) = task_of(sprint, attempt.work) {
                    task.account.reserve(model.reserved);
                }
            }
            (EffectKey::Merge { task, .. }, _) => {
                if let Some(task) = sprint.tasks.get_mut(&task.number) {
                    task.is_merging = true;
                }
            }
            (EffectKey::Land { .. }, _) => sprint.is_landing = true,
            _ => {}
        }
    }

    fn sprint_mut(&mut self, id: SprintId) -> Option<&mut Sprint> {
        self.touch(Scope::Sprint(id));
        self.sprints.get_mut(&id)
    }

    fn task_mut(&mut self, id: TaskId) -> Option<&mut Task> {
        self.touch(Scope::Task(id));
        self.sprints.get_mut(&id.sprint)?.tasks.get_mut(&id.number)
    }

    fn attempt_mut(&mut self, id: AttemptId) -> Option<&mut Attempt> {
        self.touch(scope_of_work(id.work));
        self.sprints
            .get_mut(&id.work.sprint())?
            .attempts
            .get_mut(&id)
    }

    /// Ends a model call: its reservation is settled and it stands in the ledger.
    fn settle_call(&mut self, attempt: AttemptId, step: u32, ended: &EndedCall, at: Timestamp) {
        self.began.remove(&EffectKey::Model { attempt, step });
        let day = at.0.div_euclid(DAY_MS);
        *self.days.entry(day).or_default() += ended.entry.cost;
        self.reserved = self.reserved - ended.reserved;
        let Some(sprint) = self.sprints.get_mut(&attempt.work.sprint()) else {
            return;
        };
        let role = sprint
            .attempts
            .get(&attempt)
            .map_or("", |attempt| attempt.role.as_str())
            .to_owned();
        sprint
            .ledger
            .add(&ended.entry, &role, &attempt.work.to_string(), day);
        sprint.account.settle(ended.reserved, ended.entry.cost);
        if let Some(task) = task_of(sprint, attempt.work) {
            task.account.settle(ended.reserved, ended.entry.cost);
        }
        if let Some(attempt) = sprint.attempts.get_mut(&attempt) {
            attempt.cost += ended.entry.cost;
            attempt.active_at = at;
        }
        self.touch(scope_of_work(attempt.work));
        // Its budget may have come to a step.
        self.touch(Scope::Sprint(attempt.work.sprint()));
    }
}

fn task_of(sprint: &mut Sprint, work: Work) -> Option<&mut Task> {
    sprint.tasks.get_mut(&work.task()?.number)
}

/// The scope whose wanted effects some work belongs to.
pub(super) const fn scope_of_work(work: Work) -> Scope {
    match work {
        Work::Plan(sprint) | Work::Summary(sprint) => Scope::Sprint(sprint),
        Work::Task(task) => Scope::Task(task),
    }
}

/// The scope that a key is wanted by.
pub(super) const fn scope_of(key: &EffectKey) -> Scope {
    match key {
        EffectKey::Open(sprint) | EffectKey::Baseline(sprint) | EffectKey::Land { sprint, .. } => {
            Scope::Sprint(*sprint)
        }
        EffectKey::Worktree(task)
        | EffectKey::Commit { task, .. }
        | EffectKey::Checks { task, .. }
        | EffectKey::Part { task, .. }
        | EffectKey::Merge { task, .. }
        | EffectKey::Conflict { task, .. }
        | EffectKey::Trial { task, .. }
        | EffectKey::Settle(task)
        | EffectKey::Clear(task) => Scope::Task(*task),
        EffectKey::Model { attempt, .. }
        | EffectKey::Tool { attempt, .. }
        | EffectKey::Retry { attempt, .. } => scope_of_work(attempt.work),
        EffectKey::Undo { gate, .. } => Scope::Sprint(gate.sprint),
    }
}
