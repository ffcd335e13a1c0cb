//! A small world for tests: a team of three, cheap models, and words for what people and runners do to it.
//!
//! ```ignore
//! #[cfg(test)]
//! #[path = "../support/world.rs"]
//! mod world;
//! ```
//!
//! A [`Stage`] looks after every step whether the wanted effects are those that a computation from nothing gives. A crate that leaves a
//! part unused says so with `#[expect(dead_code, reason = "…")]` there.

#[path = "words.rs"]
mod words;

pub(crate) use words::*;

use aios::base::body::Body;
use aios::base::id::{AttemptId, CommandId, Digest, GateId, SprintId, TaskId, Work};
use aios::base::time::Timestamp;
use aios::domain::agent::Shape;
use aios::domain::journal::{
    BeganModel, Command, Effect, EffectKey, Event, Input, Refusal, Report, World, step,
};
use aios::domain::presence::Standing;
use aios::domain::security::Actor;
use aios::domain::sprint::gate::Kind;
use aios::domain::sprint::{Gate, Setup, Sprint, Task, Verdict};

/// A world in the hands of a test.
#[derive(Clone, Debug, Default)]
pub(crate) struct Stage {
    /// The world.
    pub(crate) world: World,
    /// All events so far, with their moments.
    pub(crate) log: Vec<(Timestamp, Event)>,
    /// Whether each step is looked over; not where time is measured.
    pub(crate) is_checked: bool,
    now: i64,
    commits: u64,
}

impl Stage {
    /// A world with one sprint under the usual rules, changed by `tune`.
    pub(crate) fn started(tune: impl FnOnce(&mut Setup)) -> Self {
        let mut stage = Self {
            commits: 100,
            is_checked: true,
            ..Self::default()
        };
        stage.start(tune).unwrap();
        stage
    }

    /// One sprint whose plan of these tasks waits for approval.
    pub(crate) fn planned(tune: impl FnOnce(&mut Setup), tasks: &[(&str, &[&str])]) -> Self {
        let mut stage = Self::started(tune);
        stage.end(
            EffectKey::Open(SprintId(1)),
            Report::Opened(base(Vec::new())),
        );
        stage.plan(tasks);
        stage
    }

    /// One sprint whose tasks begin.
    pub(crate) fn running(tune: impl FnOnce(&mut Setup), tasks: &[(&str, &[&str])]) -> Self {
        let mut stage = Self::planned(tune, tasks);
        stage.decide(Kind::Plan, Verdict::Approve).unwrap();
        stage
    }

    /// Another sprint.
    pub(crate) fn start(&mut self, tune: impl FnOnce(&mut Setup)) -> Result<Vec<Event>, Refusal> {
        let mut setup = setup();
        tune(&mut setup);
        self.says(Command::StartSprint {
            goal: Body::Inline("make it so".to_owned()),
            setup: Some(Box::new(setup)),
            base: None,
        })
    }

    /// One command.
    pub(crate) fn take(&mut self, by: Actor, command: Command) -> Result<Vec<Event>, Refusal> {
        self.now += 10;
        let input = Input {
            id: by.is_person().then(|| CommandId(format!("c{}", self.now))),
            by,
            standing: Standing::Owner,
            client: "test".to_owned(),
            at: Timestamp(self.now),
            command,
        };
        if !self.is_checked {
            return step(&mut self.world, &input);
        }
        let before = self.world.clone();
        let result = step(&mut self.world, &input);
        match &result {
            Ok(events) => {
                let at = Timestamp(self.now);
                self.log
                    .extend(events.iter().map(|event| (at, event.clone())));
            }
            Err(_) => assert_eq!(self.world, before, "a refusal changed the world"),
        }
        self.check();
        result
    }

    /// What is wanted must be what a computation from nothing gives.
    pub(crate) fn check(&self) {
        let mut fresh = self.world.clone();
        fresh.settle_all();
        assert_eq!(self.world.open, fresh.open, "the wanted effects are stale");
    }

    /// A person's command.
    pub(crate) fn says(&mut self, command: Command) -> Result<Vec<Event>, Refusal> {
        self.take(person("kim"), command)
    }

    /// A runner's command.
    pub(crate) fn runs(&mut self, command: Command) -> Result<Vec<Event>, Refusal> {
        self.take(Actor::Effect, command)
    }

    /// The program ended and begins again.
    pub(crate) fn crash(&mut self) -> Vec<Event> {
        let command = Command::TakeOver {
            version: "0.1.0".to_owned(),
            pid: 7,
        };
        self.take(Actor::System, command).unwrap()
    }

    /// An effect begins.
    pub(crate) fn begin(&mut self, key: EffectKey) -> Result<Vec<Event>, Refusal> {
        let model = match self.world.brief(&key) {
            Some(Effect::Model(brief)) => Some(BeganModel {
                route: brief.choice.route.clone(),
                tier: brief.tier,
                reserved: RESERVED,
                fingerprint: Digest::of(b"request"),
                words: brief.words,
            }),
            _ => None,
        };
        self.runs(Command::Begin { key, model })
    }

    /// An effect that had begun ends.
    pub(crate) fn report(&mut self, key: EffectKey, report: Report) -> Result<Vec<Event>, Refusal> {
        self.runs(Command::Report { key, report })
    }

    /// An effect begins and ends.
    pub(crate) fn end(&mut self, key: EffectKey, report: Report) -> Vec<Event> {
        self.begin(key).unwrap();
        self.report(key, report).unwrap()
    }

    /// The planner proposes these tasks.
    pub(crate) fn plan(&mut self, tasks: &[(&str, &[&str])]) {
        let tasks = tasks.iter().map(|(slug, needs)| planned(slug, needs));
        let key = self.model_of("s1.plan");
        self.end(key, reply(vec![propose(tasks.collect())]));
    }

    /// The call to a model that some work wants now.
    pub(crate) fn model_of(&self, work: &str) -> EffectKey {
        let work: Work = work.parse().unwrap();
        let is_its = |key: &&EffectKey| matches!(key, EffectKey::Model { attempt, .. } if attempt.work == work);
        *self
            .world
            .open
            .keys()
            .find(is_its)
            .unwrap_or_else(|| panic!("{work} wants no model; open: {:?}", self.wanted()))
    }

    /// The printed keys of all wanted effects.
    pub(crate) fn wanted(&self) -> Vec<String> {
        self.world.open.keys().map(ToString::to_string).collect()
    }

    /// A wanted effect by its printed key.
    pub(crate) fn key(&self, printed: &str) -> EffectKey {
        let mut keys = self.world.open.keys();
        *keys
            .find(|key| key.to_string() == printed)
            .unwrap_or_else(|| panic!("{printed} is not wanted, but {:?}", self.wanted()))
    }

    /// A wanted effect of this printed key begins and ends.
    pub(crate) fn do_it(&mut self, printed: &str, report: Report) -> Vec<Event> {
        let key = self.key(printed);
        self.end(key, report)
    }

    /// The agent at this work answers with these calls.
    pub(crate) fn answers(&mut self, work: &str, calls: Vec<Shape>) -> Vec<Event> {
        let key = self.model_of(work);
        self.end(key, reply(calls))
    }

    /// The task's worktree is made.
    pub(crate) fn prepare(&mut self, task: &str) {
        let tip = self.world.sprints[&SprintId(1)].tip.clone().unwrap();
        self.do_it(&format!("{task}/worktree"), Report::Worktree { base: tip });
    }

    /// The task's author is done, and its work is committed with these hunks.
    pub(crate) fn work(&mut self, task: &str, hunks: &[u64]) {
        if !self.task(task).has_worktree {
            self.prepare(task);
        }
        self.answers(task, vec![finish()]);
        self.commit(task, hunks);
    }

    /// What a worktree holds is committed.
    pub(crate) fn commit(&mut self, task: &str, hunks: &[u64]) {
        let visit = self.task(task).visit;
        self.commits += 1;
        let base = self.task(task).base.clone().unwrap();
        let report = committed(oid(self.commits), base, hunks);
        self.do_it(&format!("{task}/commit:{visit}"), report);
    }

    /// The task is done and accepted by the judge: its review is open.
    pub(crate) fn reach_review(&mut self, task: &str, hunks: &[u64]) {
        self.work(task, hunks);
        self.answers(task, vec![judge(true)]);
    }

    /// The task is merged.
    pub(crate) fn merge(&mut self, task: &str) -> Vec<Event> {
        let number = self.task(task).merges + 1;
        let onto = self.world.sprints[&SprintId(1)].tip.clone().unwrap();
        self.commits += 1;
        let commit = oid(self.commits);
        self.do_it(
            &format!("{task}/merge:{number}"),
            Report::Merged { onto, commit },
        )
    }

    /// A task that has not begun is worked on and judged, without looking for its keys among all others.
    pub(crate) fn work_at(&mut self, id: TaskId) {
        let attempt = |number| AttemptId {
            work: Work::Task(id),
            number,
        };
        let model = |number| EffectKey::Model {
            attempt: attempt(number),
            step: 0,
        };
        self.end(EffectKey::Worktree(id), Report::Worktree { base: oid(1) });
        self.end(model(1), reply(vec![finish()]));
        self.end(
            EffectKey::Commit { task: id, visit: 1 },
            committed(oid(2), oid(1), &[1]),
        );
        self.end(model(2), reply(vec![judge(true)]));
    }

    /// The open gate of a kind; there must be one.
    pub(crate) fn gate(&self, kind: Kind) -> &Gate {
        let mut sprints = self.world.sprints.values();
        let gate =
            sprints.find_map(|sprint| sprint.open_gates().find(|gate| gate.ask.kind() == kind));
        gate.unwrap_or_else(|| panic!("no {} is open, but {:?}", kind.word(), self.waiting()))
    }

    /// The kinds of all open gates.
    pub(crate) fn waiting(&self) -> Vec<&'static str> {
        let gates = self.world.sprints.values().flat_map(Sprint::open_gates);
        gates.map(|gate| gate.ask.kind().word()).collect()
    }

    /// A person decides on the gate of a kind, for good.
    pub(crate) fn decide(&mut self, kind: Kind, verdict: Verdict) -> Result<Vec<Event>, Refusal> {
        let gate = self.gate(kind).id;
        self.decide_on(gate, verdict, true)
    }

    /// A person decides on a gate as it is now.
    pub(crate) fn decide_on(
        &mut self,
        gate: GateId,
        verdict: Verdict,
        is_final: bool,
    ) -> Result<Vec<Event>, Refusal> {
        let revision = self.world.gate(gate).unwrap().revision;
        self.says(Command::Decide {
            gate,
            revision,
            verdict,
            is_final,
        })
    }

    /// A task by its printed id.
    pub(crate) fn task(&self, printed: &str) -> &Task {
        let id: TaskId = printed.parse().unwrap();
        self.world.task(id).unwrap()
    }

    /// The last attempt of some work.
    pub(crate) fn attempt(&self, work: &str) -> &aios::domain::agent::Attempt {
        let work: Work = work.parse().unwrap();
        self.world.sprints[&work.sprint()]
            .last_attempt(work)
            .unwrap()
    }

    /// An attempt's id.
    pub(crate) fn attempt_id(&self, work: &str) -> AttemptId {
        self.attempt(work).id
    }

    /// The first sprint.
    pub(crate) fn sprint(&self) -> &Sprint {
        &self.world.sprints[&SprintId(1)]
    }
}
