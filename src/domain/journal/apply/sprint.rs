//! Events about a sprint as a whole.

use std::collections::{BTreeMap, BTreeSet};

use crate::base::body::Body;
use crate::base::id::{Digest, GateId, SprintId, TaskId, Work};
use crate::base::time::Timestamp;
use crate::domain::agent::End;
use crate::domain::cost::{Account, Ledger};
use crate::domain::journal::event::PauseScope;
use crate::domain::journal::{EffectKey, Event, Scope, World};
use crate::domain::security::Actor;
use crate::domain::sprint::{
    Ask, Asking, Base, GateState, Hindrance, Phase, Plan, Reach, Setup, Sprint, Task,
};

impl World {
    pub(super) fn apply_sprint(&mut self, event: &Event, at: Timestamp) {
        match event {
            Event::SprintStarted {
                sprint,
                goal,
                by,
                setup,
                base,
            } => {
                self.start(*sprint, goal, by, setup, at);
                if let Some(sprint) = self.sprint_mut(*sprint) {
                    sprint.from.clone_from(base);
                }
            }
            Event::SprintOpening(id) => {
                self.active = Some(*id);
                self.shelve_before(*id);
                self.set_phase(*id, Phase::Opening);
            }
            Event::SprintOpened { sprint, base } => self.open_sprint(*sprint, base),
            Event::BaselineFinished {
                sprint: id,
                results,
            } => {
                if let Some(sprint) = self.sprint_mut(*id) {
                    sprint.baseline = Some(results.clone());
                }
                self.touch_all(*id);
            }
            Event::SprintClosed {
                sprint: id,
                closing,
            } => {
                self.close(*id, at);
                self.set_phase(*id, Phase::Closed(closing.clone()));
            }
            Event::PlanProposed { sprint, plan } => self.propose(*sprint, plan),
            Event::PlanEdited {
                sprint: id, plan, ..
            } => self.edit_plan(*id, plan),
            Event::PlanApproved { sprint, .. } => self.approve(*sprint, at),
            Event::PlanRejected { sprint: id, why } => {
                if let Some(sprint) = self.sprint_mut(*id) {
                    sprint.replan = Some(why.clone());
                    sprint.phase = Phase::Planning;
                }
            }
            Event::SummingBegan(id) => self.set_phase(*id, Phase::Summing),
            Event::LandingBegan(id) => self.set_phase(*id, Phase::Landing),
            Event::LandingBlocked {
                sprint,
                why,
                hindrance,
            } => self.block_landing(*sprint, why, *hindrance),
            Event::CommandGranted {
                sprint: id,
                command,
                reach,
                text,
            } => {
                if let Some(sprint) = self.sprint_mut(*id) {
                    sprint.grants.insert((*command, *reach), text.clone());
                }
                self.touch_reach(*id, *reach);
            }
            Event::CommandRevoked {
                sprint: id,
                command,
                reach,
                ..
            } => self.revoke(*id, (*command, *reach)),
            Event::Paused { scope, by } => self.pause(*scope, Some(by)),
            Event::Resumed { scope } => self.pause(*scope, None),
            _ => debug_assert!(false, "not an event about a sprint"),
        }
    }

    /// A command is asked about again. One that runs was allowed when it began, and runs to its end.
    fn revoke(&mut self, id: SprintId, rule: (Digest, Reach)) {
        let running = self.began.keys().filter_map(|key| match key {
            EffectKey::Tool {
                attempt,
                step,
                call,
            } if attempt.work.sprint() == id => Some((*attempt, *step, *call)),
            _ => None,
        });
        let running: Vec<_> = running.collect();
        if let Some(sprint) = self.sprint_mut(id) {
            sprint.grants.remove(&rule);
            sprint.allowed.extend(running);
        }
        self.touch_reach(id, rule.1);
    }

    fn touch_reach(&mut self, id: SprintId, reach: Reach) {
        match reach {
            Reach::Task(task) => self.touch(Scope::Task(task)),
            Reach::Sprint => self.touch_all(id),
        }
    }

    /// Puts away the sprints before one that begins. Sprints begin in their order, so those before it are closed.
    fn shelve_before(&mut self, id: SprintId) {
        let before = self.sprints.range_mut(..id).rev();
        let closed = before
            .map(|(_, sprint)| sprint)
            .take_while(|sprint| !sprint.is_shelved);
        closed
            .filter(|sprint| sprint.is_closed())
            .for_each(Sprint::shelve);
    }

    pub(super) fn set_phase(&mut self, id: SprintId, phase: Phase) {
        if let Some(sprint) = self.sprint_mut(id) {
            sprint.phase = phase;
        }
        self.touch_all(id);
    }

    fn start(&mut self, id: SprintId, goal: &Body, by: &Actor, setup: &Setup, at: Timestamp) {
        let is_next = self.active.is_none();
        let sprint = Sprint {
            id,
            goal: goal.clone(),
            by: by.clone(),
            started_at: at,
            ended_at: None,
            phase: if is_next {
                Phase::Opening
            } else {
                Phase::Queued
            },
            account: Account {
                limit: setup.policy.budget,
                ..Account::default()
            },
            setup: setup.clone(),
            from: None,
            base: None,
            baseline: None,
            tip: None,
            plan: Plan::default(),
            before: None,
            tasks: BTreeMap::new(),
            attempts: BTreeMap::new(),
            gates: BTreeMap::new(),
            is_shelved: false,
            ledger: Ledger::default(),
            paused: None,
            grants: BTreeMap::new(),
            allowed: BTreeSet::new(),
            open: BTreeSet::new(),
            asking: Asking::default(),
            ready: BTreeSet::new(),
            busy: BTreeSet::new(),
            returning: BTreeSet::new(),
            unfinished: 0,
            merging: Vec::new(),
            summary: None,
            landings: 0,
            is_landing: false,
            blocked: None,
            hindrance: Hindrance::Other,
            replan: None,
            told: BTreeMap::new(),
            outrun: 0,
        };
        if is_next {
            self.active = Some(id);
            self.shelve_before(id);
        }
        self.sprints.insert(id, sprint);
        self.touch(Scope::Sprint(id));
    }

    fn open_sprint(&mut self, id: SprintId, base: &Base) {
        self.began.remove(&EffectKey::Open(id));
        if let Some(sprint) = self.sprint_mut(id) {
            sprint.tip = Some(base.commit.clone());
            sprint.base = Some(base.clone());
            sprint.baseline = base.checks.is_empty().then(Vec::new);
            sprint.phase = Phase::Planning;
        }
    }

    fn propose(&mut self, id: SprintId, plan: &Plan) {
        let Some(sprint) = self.sprint_mut(id) else {
            return;
        };
        let before = std::mem::replace(&mut sprint.plan, plan.clone());
        sprint.before = (before.revision > 0).then(|| Box::new(before));
        sprint.phase = Phase::Approving;
        let planning = sprint
            .attempts
            .values_mut()
            .filter(|attempt| attempt.id.work == Work::Plan(id));
        for attempt in planning.filter(|attempt| attempt.end.is_none()) {
            attempt.end = Some(End::Planned);
        }
    }

    /// The plan's tasks may begin. A gate about it that is still open was overtaken by an edit that left nothing to ask.
    fn approve(&mut self, id: SprintId, at: Timestamp) {
        let Some(sprint) = self.sprint_mut(id) else {
            return;
        };
        make_tasks(sprint, at);
        let overtaken: Vec<GateId> = sprint
            .gates_about(Work::Plan(id))
            .filter(|gate| gate.ask.holds())
            .map(|gate| gate.id)
            .collect();
        for gate in overtaken {
            self.end_gate(gate, GateState::Moot);
        }
    }

    fn block_landing(&mut self, id: SprintId, why: &str, hindrance: Hindrance) {
        self.forget_landing(id);
        if let Some(sprint) = self.sprint_mut(id) {
            sprint.landings += 1;
            sprint.blocked = Some(why.to_owned());
            sprint.hindrance = hindrance;
            sprint.is_landing = false;
        }
    }

    fn forget_landing(&mut self, id: SprintId) {
        self.began.retain(|key, _| !matches!(key, EffectKey::Land { sprint, .. } | EffectKey::Open(sprint) if *sprint == id));
    }

    fn close(&mut self, id: SprintId, at: Timestamp) {
        self.forget_landing(id);
        if self.active == Some(id) {
            self.active = None;
        }
        let Some(sprint) = self.sprint_mut(id) else {
            return;
        };
        sprint.ended_at = Some(at);
        sprint.ready.clear();
        sprint.busy.clear();
        sprint.returning.clear();
        sprint.merging.clear();
        sprint.is_landing = false;
        sprint.asking = Asking::default();
        for number in std::mem::take(&mut sprint.open) {
            if let Some(gate) = sprint.gates.get_mut(&number) {
                gate.state = GateState::Moot;
            }
        }
        for attempt in sprint
            .attempts
            .values_mut()
            .filter(|attempt| attempt.end.is_none())
        {
            attempt.end = Some(End::Stopped);
        }
    }

    fn edit_plan(&mut self, id: SprintId, plan: &Plan) {
        let Some(sprint) = self.sprint_mut(id) else {
            return;
        };
        sprint.plan = plan.clone();
        let about: Vec<u32> = sprint
            .gates_about(Work::Plan(id))
            .map(|gate| gate.id.number)
            .collect();
        for number in about {
            if let Some(gate) = sprint.gates.get_mut(&number)
                && matches!(gate.ask, Ask::Plan { .. })
            {
                gate.ask = Ask::Plan {
                    revision: plan.revision,
                    digest: plan.digest(),
                };
                gate.revision = gate.ask.revision();
            }
        }
    }

    fn pause(&mut self, scope: PauseScope, by: Option<&Actor>) {
        match scope {
            PauseScope::Sprint(id) => {
                if let Some(sprint) = self.sprint_mut(id) {
                    sprint.paused = by.cloned();
                }
                self.touch_all(id);
            }
            PauseScope::Task(id) => {
                if let Some(task) = self.task_mut(id) {
                    task.is_paused = by.is_some();
                }
                self.touch(Scope::Sprint(id.sprint));
            }
        }
    }
}

/// Makes the plan's kept tasks, numbered from 1 in its order.
fn make_tasks(sprint: &mut Sprint, at: Timestamp) {
    sprint.phase = Phase::Running;
    sprint.before = None;
    let limit = sprint.setup.policy.task_budget;
    let kept: Vec<_> = sprint.plan.kept().cloned().collect();
    let numbers: BTreeMap<String, u32> = kept
        .iter()
        .zip(1..)
        .map(|(task, number)| (task.slug.clone(), number))
        .collect();
    for (spec, number) in kept.into_iter().zip(1..) {
        let id = TaskId {
            sprint: sprint.id,
            number,
        };
        let limit = spec.cap.or(limit);
        let mut task = Task::new(
            id,
            spec,
            Account {
                limit,
                ..Account::default()
            },
            at,
        );
        let needs: BTreeSet<u32> = task
            .spec
            .needs
            .iter()
            .filter_map(|need| numbers.get(need).copied())
            .collect();
        task.unmet = needs.len() as u32;
        task.needs = needs.iter().copied().collect();
        if needs.is_empty() {
            sprint.ready.insert((task.turn, number));
        }
        sprint.unfinished += 1;
        sprint.tasks.insert(number, task);
    }
    let needs: Vec<(u32, u32)> = sprint
        .tasks
        .values()
        .flat_map(|task| task.needs.iter().map(|need| (*need, task.id.number)))
        .collect();
    for (need, dependant) in needs {
        if let Some(task) = sprint.tasks.get_mut(&need) {
            task.dependants.push(dependant);
        }
    }
}
