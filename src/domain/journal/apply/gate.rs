//! Events about decisions.

use std::collections::BTreeMap;

use crate::base::id::{Digest, GateId, SprintId, TaskId, Work};
use crate::base::time::Timestamp;
use crate::domain::change::{Mark, Split};
use crate::domain::journal::{Event, Scope, World};
use crate::domain::sprint::gate::{BudgetScope, Kind};
use crate::domain::sprint::nearing::Told;
use crate::domain::sprint::trial::Trial;
use crate::domain::sprint::{Ask, Cause, Gate, GateState, Sprint, Status, Verdict};

impl World {
    pub(super) fn apply_gate(&mut self, event: &Event, at: Timestamp) {
        match event {
            Event::GateOpened { gate, work, ask } => self.open_gate(*gate, *work, ask, at),
            Event::GateDecided {
                gate: id,
                verdict,
                by,
                effective_at,
                ..
            } => {
                let state = GateState::Pending {
                    verdict: verdict.clone(),
                    by: by.clone(),
                    effective_at: *effective_at,
                };
                if let Some(gate) = self.gate_mut(*id) {
                    gate.state = state;
                }
                self.set_pending(*id, true);
            }
            Event::DecisionWithdrawn { gate: id, .. } => {
                if let Some(gate) = self.gate_mut(*id) {
                    gate.state = GateState::Open;
                    gate.withdrawn += 1;
                }
                self.set_pending(*id, false);
            }
            Event::GateClosed(id) => self.close_gate(*id),
            Event::GateChanged { gate: id, ask } => {
                if let Some(gate) = self.gate_mut(*id) {
                    gate.ask = ask.clone();
                    gate.revision = ask.revision();
                }
            }
            Event::GateDropped(id) => self.drop_gate(*id),
            Event::TrialAsked {
                task,
                gate: id,
                number,
                choices,
                ..
            } => {
                if let Some(task) = self.task_mut(*task) {
                    task.trials = *number;
                }
                if let Some(gate) = self.gate_mut(*id) {
                    gate.try_out(Trial::new(*number, choices));
                }
            }
            Event::TrialEnded {
                task,
                gate: id,
                number,
                end,
            } => {
                self.touch(Scope::Task(*task));
                if let Some(gate) = self.gate_mut(*id) {
                    gate.tried(*number, end);
                }
            }
            Event::HunkMarked {
                gate: id,
                hunk,
                mark,
                ..
            } => {
                if let Some(gate) = self.gate_mut(*id) {
                    gate.marks.insert(*hunk, mark.clone());
                }
            }
            Event::HunkSplit {
                gate: id,
                hunk,
                split,
                ..
            } => {
                if let Some(gate) = self.gate_mut(*id) {
                    cut(gate, *hunk, split);
                }
            }
            _ => debug_assert!(false, "not an event about a gate"),
        }
    }

    /// A question is not asked any more: what waited for it goes on.
    fn drop_gate(&mut self, id: GateId) {
        self.end_gate(id, GateState::Moot);
        if let Some(gate) = self.gate(id) {
            let (work, ask) = (gate.work, gate.ask.clone());
            self.go_on(work, &ask);
            if let (Ask::Conflict { .. }, Some(task)) = (&ask, work.task()) {
                self.merge_again(task);
            }
        }
    }

    fn gate_mut(&mut self, id: GateId) -> Option<&mut Gate> {
        self.sprint_mut(id.sprint)?.gates.get_mut(&id.number)
    }

    fn set_pending(&mut self, id: GateId, is_pending: bool) {
        if let Some(sprint) = self.sprint_mut(id.sprint) {
            sprint.asking.set_pending(id.number, is_pending);
        }
    }

    /// A gate waits for nobody any more.
    pub(super) fn end_gate(&mut self, id: GateId, state: GateState) {
        let Some(sprint) = self.sprint_mut(id.sprint) else {
            return;
        };
        sprint.open.remove(&id.number);
        if let Some(gate) = sprint.gates.get_mut(&id.number) {
            gate.state = state;
            sprint.asking.remove(gate);
        }
    }

    fn open_gate(&mut self, id: GateId, work: Work, ask: &Ask, at: Timestamp) {
        let gate = Gate {
            id,
            work,
            revision: ask.revision(),
            ask: ask.clone(),
            opened_at: at,
            state: GateState::Open,
            marks: BTreeMap::new(),
            splits: BTreeMap::new(),
            withdrawn: 0,
            trials: Vec::new(),
        };
        if let Some(sprint) = self.sprint_mut(id.sprint) {
            let mut gate = gate;
            gate.marks = accepted_before(sprint, &gate);
            sprint.asking.insert(&gate);
            sprint.gates.insert(id.number, gate);
            sprint.open.insert(id.number);
        }
        self.touch_held(id.sprint, ask);
        let kind = ask.kind();
        if matches!(kind, Kind::Conflict | Kind::Fail)
            && let Some(task) = work.task()
        {
            // A task that is stuck takes neither an agent nor a place in the queue of merges.
            self.unqueue(task);
        }
        let Some(task) = work.task().and_then(|task| self.task_mut(task)) else {
            return;
        };
        match kind {
            Kind::Ask | Kind::Tool => task.status = Status::Asking,
            Kind::Diff => {
                task.status = Status::Asking;
                task.gate = Some(id);
                task.reviewed = Some(id);
            }
            Kind::Conflict | Kind::Fail => {
                task.status = Status::Held(Cause::Stuck);
                task.gate = Some(id);
            }
            Kind::Hand => task.gate = Some(id),
            Kind::Plan | Kind::Merge | Kind::Budget | Kind::Key => {}
        }
    }

    fn close_gate(&mut self, id: GateId) {
        let Some(gate) = self.gate(id) else {
            return;
        };
        let GateState::Pending { verdict, by, .. } = gate.state.clone() else {
            return;
        };
        let (work, ask) = (gate.work, gate.ask.clone());
        let is_allowed = matches!(verdict, Verdict::Allow(_));
        self.end_gate(id, GateState::Closed { verdict, by });
        if let (
            Ask::Tool {
                attempt,
                step,
                call,
                ..
            },
            true,
            Some(sprint),
        ) = (&ask, is_allowed, self.sprint_mut(id.sprint))
        {
            sprint.allowed.insert((*attempt, *step, *call));
        }
        if let Ask::Nearing {
            scope,
            step,
            limit,
            day,
            ..
        } = ask
        {
            self.settle_step(id.sprint, scope, Told { limit, step, day });
        }
        self.go_on(work, &ask);
    }

    /// A person was told how far a budget is spent.
    pub(super) fn settle_step(&mut self, id: SprintId, scope: BudgetScope, told: Told) {
        if let Some(sprint) = self.sprint_mut(id) {
            sprint.told.insert(scope, told);
        }
    }

    /// What waited for a gate goes on, now that it is not asked any more.
    fn go_on(&mut self, work: Work, ask: &Ask) {
        match ask {
            Ask::Tool { .. } | Ask::Question { .. } | Ask::Diff { .. } => {
                if let Some(task) = work.task().and_then(|id| self.task_mut(id))
                    && task.status == Status::Asking
                {
                    task.status = Status::Running;
                }
            }
            Ask::Key { .. } => {
                if let Some(sprint) = self.sprint_mut(work.sprint()) {
                    let waiting = sprint.attempts.values_mut();
                    for attempt in waiting.filter(|attempt| attempt.end.is_none()) {
                        attempt.failures = 0;
                        attempt.retry_at = None;
                        attempt.is_barred = false;
                    }
                }
            }
            Ask::Budget { .. }
            | Ask::Plan { .. }
            | Ask::Merge { .. }
            | Ask::Conflict { .. }
            | Ask::Fail { .. }
            | Ask::Nearing { .. }
            | Ask::Hand { .. } => {}
        }
        self.touch_held(work.sprint(), ask);
    }

    /// Touches all that a gate holds beyond the work that it is about.
    fn touch_held(&mut self, sprint: SprintId, ask: &Ask) {
        match ask {
            Ask::Budget {
                scope: BudgetScope::Task(task),
                ..
            } => self.touch(Scope::Task(*task)),
            Ask::Budget { .. } | Ask::Key { .. } => self.touch_all(sprint),
            Ask::Plan { .. }
            | Ask::Question { .. }
            | Ask::Tool { .. }
            | Ask::Diff { .. }
            | Ask::Merge { .. }
            | Ask::Conflict { .. }
            | Ask::Fail { .. }
            | Ask::Nearing { .. }
            | Ask::Hand { .. } => {}
        }
    }

    /// Whatever is asked about a task that is given up needs no answer. What holds the whole sprint still does.
    pub(super) fn moot_gates(&mut self, id: TaskId) {
        let Some(sprint) = self.sprint_mut(id.sprint) else {
            return;
        };
        let about: Vec<GateId> = sprint
            .gates_about(Work::Task(id))
            .filter(|gate| match &gate.ask {
                Ask::Key { .. } => false,
                Ask::Budget { scope, .. } | Ask::Nearing { scope, .. } => {
                    *scope == BudgetScope::Task(id)
                }
                Ask::Plan { .. }
                | Ask::Question { .. }
                | Ask::Tool { .. }
                | Ask::Diff { .. }
                | Ask::Merge { .. }
                | Ask::Conflict { .. }
                | Ask::Fail { .. }
                | Ask::Hand { .. } => true,
            })
            .map(|gate| gate.id)
            .collect();
        for gate in about {
            self.end_gate(gate, GateState::Moot);
        }
    }
}

/// Marks are about content: what a person accepted in the review before and finds unchanged in this one is still accepted.
fn accepted_before(sprint: &Sprint, gate: &Gate) -> BTreeMap<Digest, Mark> {
    let Ask::Diff { hunks, .. } = &gate.ask else {
        return BTreeMap::new();
    };
    let task = gate.work.task().and_then(|task| sprint.task(task));
    let before = task.and_then(|task| sprint.gate(task.reviewed?));
    let marks = before.map(|gate| &gate.marks).into_iter().flatten();
    marks
        .filter(|(hunk, mark)| **mark == Mark::Accepted && hunks.contains(hunk))
        .map(|(hunk, mark)| (*hunk, mark.clone()))
        .collect()
}

/// A hunk in pieces loses its mark; pieces that are as they were keep theirs.
fn cut(gate: &mut Gate, hunk: Digest, split: &Split) {
    let before = gate.pieces(hunk);
    if split.pieces.is_empty() {
        gate.splits.remove(&hunk);
    } else {
        gate.splits.insert(hunk, split.clone());
    }
    let after = gate.pieces(hunk);
    gate.marks
        .retain(|key, _| !before.contains(key) || after.contains(key));
}
