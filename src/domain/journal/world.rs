//! The world: the fold of all events. It holds no message texts, so that it stays small in every client.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use serde::{Deserialize, Serialize};

use crate::base::id::{AttemptId, CommandId, GateId, SprintId, TaskId};
use crate::base::money::Money;
use crate::domain::agent::Attempt;
use crate::domain::journal::desired::{Wanted, wanted};
use crate::domain::journal::event::BeganModel;
use crate::domain::journal::{EffectKey, Envelope};
use crate::domain::sprint::{Gate, Sprint, Task};

/// How many accepted commands are remembered, so that a resent one gets the same answer.
const REMEMBERED: usize = 1_000;

/// A part of the world whose wanted effects are computed together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scope {
    /// A sprint without its tasks.
    Sprint(SprintId),
    /// One task.
    Task(TaskId),
}

/// All that is true. Two ways lead on: [`step`](fn@super::step) decides a command and applies what follows, [`absorb`](World::absorb)
/// folds a line that was decided before. After a fold [`settle_all`](World::settle_all) makes the wanted effects.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct World {
    /// The number of the last event.
    pub seq: u64,
    /// Version and process of the last host.
    pub host: Option<(String, u32)>,
    /// All sprints.
    pub sprints: BTreeMap<SprintId, Sprint>,
    /// The one that runs.
    pub active: Option<SprintId>,
    /// Effects that have begun and not ended.
    pub began: BTreeMap<EffectKey, Option<BeganModel>>,
    /// What was spent on each day, in days since 1970-01-01 UTC.
    pub days: BTreeMap<i64, Money>,
    /// What is set aside for calls in flight, over all sprints.
    pub reserved: Money,
    /// The last accepted commands and the number of their last event.
    pub answered: VecDeque<(CommandId, u64)>,
    /// Effects that ought to be running. Derived; recomputed for touched scopes only, by every [`step`](fn@super::step) and by
    /// [`settle`](Self::settle).
    #[serde(skip)]
    pub open: BTreeMap<EffectKey, Wanted>,
    #[serde(skip)]
    keys: BTreeMap<Scope, Vec<EffectKey>>,
    /// Scopes whose wanted effects may be others now.
    #[serde(skip)]
    touched: BTreeSet<Scope>,
    /// Scopes in which something may follow by itself.
    #[serde(skip)]
    restless: BTreeSet<Scope>,
    /// Keys whose wish appeared, changed or went away since somebody asked.
    #[serde(skip)]
    changed: BTreeSet<EffectKey>,
}

/// Two worlds are equal if everything that is not derived is.
impl PartialEq for World {
    fn eq(&self, other: &Self) -> bool {
        self.seq == other.seq
            && self.host == other.host
            && self.active == other.active
            && self.began == other.began
            && self.days == other.days
            && self.reserved == other.reserved
            && self.answered == other.answered
            && self.sprints == other.sprints
    }
}

impl World {
    /// Folds one line of the journal in.
    pub fn absorb(&mut self, envelope: &Envelope) {
        self.apply(&envelope.event, envelope.at);
        self.seq = envelope.seq;
        if let Some(command) = &envelope.cmd {
            self.remember(command.clone(), envelope.seq);
        }
    }

    /// Remembers that a command was accepted.
    pub fn remember(&mut self, command: CommandId, seq: u64) {
        match self.answered.back_mut() {
            Some((last, its_seq)) if *last == command => *its_seq = seq,
            _ => self.answered.push_back((command, seq)),
        }
        if self.answered.len() > REMEMBERED {
            self.answered.pop_front();
        }
    }

    /// The number of the last event of a command that was accepted before.
    #[must_use]
    pub fn answer_to(&self, command: &CommandId) -> Option<u64> {
        self.answered
            .iter()
            .rev()
            .find(|(known, _)| known == command)
            .map(|(_, seq)| *seq)
    }

    /// The sprint that runs, or else the last one.
    #[must_use]
    pub fn current(&self) -> Option<&Sprint> {
        let id = self
            .active
            .or_else(|| self.sprints.last_key_value().map(|(id, _)| *id))?;
        self.sprints.get(&id)
    }

    /// The sprint that runs.
    #[must_use]
    pub fn running(&self) -> Option<&Sprint> {
        self.current().filter(|sprint| !sprint.is_closed())
    }

    /// A task.
    #[must_use]
    pub fn task(&self, id: TaskId) -> Option<&Task> {
        self.sprints.get(&id.sprint)?.task(id)
    }

    /// A gate.
    #[must_use]
    pub fn gate(&self, id: GateId) -> Option<&Gate> {
        self.sprints.get(&id.sprint)?.gate(id)
    }

    /// An attempt.
    #[must_use]
    pub fn attempt(&self, id: AttemptId) -> Option<&Attempt> {
        self.sprints.get(&id.work.sprint())?.attempts.get(&id)
    }

    /// Whether an effect may run that was asked to begin: it has begun, or its start is not recorded. A beginning that runs into a
    /// budget is accepted, because it opens a gate, and yet the effect may not run.
    #[must_use]
    pub fn may_run(&self, key: &EffectKey) -> bool {
        let is_free = self.open.get(key).is_some_and(|wish| !wish.is_recorded);
        is_free || self.began.contains_key(key)
    }

    /// Notes that a scope may want other effects now, and that something may follow in it.
    pub(super) fn touch(&mut self, scope: Scope) {
        self.touched.insert(scope);
        self.restless.insert(scope);
    }

    /// Notes that a whole sprint may want other effects now.
    pub(super) fn touch_all(&mut self, id: SprintId) {
        self.touch(Scope::Sprint(id));
        let Some(sprint) = self.sprints.get(&id) else {
            return;
        };
        let begun = sprint
            .tasks
            .values()
            .filter(|task| !task.is_over())
            .filter(|task| !task.node.is_empty() || task.held_until.is_some());
        for task in begun {
            self.touched.insert(Scope::Task(task.id));
            self.restless.insert(Scope::Task(task.id));
        }
    }

    /// The next scope in which something may follow; it counts as looked at.
    pub(super) fn next_restless(&mut self) -> Option<Scope> {
        self.restless.pop_first()
    }

    /// Computes the wanted effects of the touched scopes anew.
    pub(super) fn recompute(&mut self) {
        for scope in std::mem::take(&mut self.touched) {
            let before: BTreeMap<EffectKey, Wanted> = self
                .keys
                .remove(&scope)
                .unwrap_or_default()
                .into_iter()
                .filter_map(|key| self.open.remove(&key).map(|wish| (key, wish)))
                .collect();
            let now: BTreeMap<EffectKey, Wanted> = wanted(self, scope).into_iter().collect();
            self.changed.extend(
                before
                    .iter()
                    .filter(|(key, wish)| now.get(key) != Some(wish))
                    .map(|(key, _)| *key),
            );
            self.changed
                .extend(now.keys().filter(|key| !before.contains_key(key)));
            if !now.is_empty() {
                self.keys.insert(scope, now.keys().copied().collect());
            }
            self.open.extend(now);
        }
    }

    /// The keys whose wish appeared, changed or went away since this was last called. [`open`](Self::open) is up to date
    /// afterwards; after a [`step`](fn@super::step) it is so anyway, so that several steps can be settled at once.
    pub fn settle(&mut self) -> BTreeSet<EffectKey> {
        self.recompute();
        std::mem::take(&mut self.changed)
    }

    /// Computes all wanted effects from nothing: after a snapshot was loaded or a log folded, and in tests.
    pub fn settle_all(&mut self) {
        self.open.clear();
        self.keys.clear();
        let sprints: Vec<SprintId> = self.sprints.keys().copied().collect();
        for id in sprints {
            self.touched.insert(Scope::Sprint(id));
            let tasks = self
                .sprints
                .get(&id)
                .into_iter()
                .flat_map(|sprint| sprint.tasks.values());
            self.touched.extend(tasks.map(|task| Scope::Task(task.id)));
        }
        self.settle();
        self.restless.clear();
    }
}
